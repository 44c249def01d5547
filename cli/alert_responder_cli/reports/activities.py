"""The activities in a published report, and the lookups that state why they found none."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from alert_responder.contracts.inspection import Activity
from alert_responder.contracts.report import Finding
from alert_responder.domain.activities import sightings


class ReportedActivity(Activity):
    """An activity, and the lookup that returned it; source: of the content."""

    inspector: str
    attribute_type: str
    attribute_value: str
    source: str


class Unanswered(BaseModel, frozen=True):
    """A lookup without findings that has a reason."""

    inspector: str
    attribute_type: str
    attribute_value: str
    outcome: str
    reason: str


class ReportedActivities(BaseModel, frozen=True):
    """The activities of a report.

    Attributes
    ----------
    round
        The round; None: none is published.
    activities
        The most telling first.
    without_activities
        Lookups without findings, such as failed ones, that have a reason.
    truncated
        Whether the report exceeded 5 MB, so that only the most telling activities may be left.
    """

    report_id: str
    round: int | None
    activities: tuple[ReportedActivity, ...] = ()
    without_activities: tuple[Unanswered, ...] = ()
    truncated: bool = False


def reported_activities(report_id: str, report: Mapping[str, Any] | None) -> ReportedActivities:
    """Read the activities of a published round; None: none is published."""
    if report is None:
        return ReportedActivities(report_id=report_id, round=None)
    findings = list(_findings(report))
    return ReportedActivities(
        report_id=report_id,
        round=report["round"],
        activities=tuple(
            ReportedActivity(
                **each.activity.model_dump(),
                inspector=each.finding.inspector,
                attribute_type=each.finding.attribute_type,
                attribute_value=each.finding.attribute_value,
                source=each.source,
            )
            for each in sightings(findings)
        ),
        without_activities=tuple(
            Unanswered(
                inspector=each.inspector,
                attribute_type=each.attribute_type,
                attribute_value=each.attribute_value,
                outcome=each.outcome,
                reason=each.reason,
            )
            for each in findings
            if not each.contents and each.reason
        ),
        truncated=report["truncated"],
    )


def _findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Read the findings; those of another version that cannot be read are left out."""
    for each in report["findings"]:
        try:
            yield Finding.model_validate(each, extra="ignore")
        except ValidationError:
            continue
