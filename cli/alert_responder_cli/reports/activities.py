"""The activities in a published report, and the lookups and sources that state why they found none."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from alert_responder.contracts.inspection import Activity, NoteContent
from alert_responder.contracts.report import Finding
from alert_responder.domain.activities import sightings


class ReportedActivity(Activity):
    """An activity, and the lookup that returned it; source: of the content."""

    inspector: str
    attribute_type: str
    attribute_value: str
    source: str


class Unanswered(BaseModel, frozen=True):
    """A lookup without findings that has a reason, or a source of logs that did not answer beside others.

    Attributes
    ----------
    reason
        Why; it begins with the name of the source, unless it is about the whole lookup.
    """

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
        Lookups without findings, such as failed ones, that have a reason; and sources of logs that did not answer.
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
                outcome=outcome,
                reason=reason,
            )
            for each in findings
            for outcome, reason in _reasons(each)
        ),
        truncated=report["truncated"],
    )


_NOTE = "Logs that did not answer"
"""Title of the note with the sources that did not answer beside others (`alert_responder_plugins.logs.summary`)."""

_OUTCOMES = {"failed": "error", "no_data": "empty", "throttled": "throttled"}


class _Missing(BaseModel):
    """A row of the note."""

    source: str
    kind: Literal["failed", "no_data", "throttled"]
    reason: str


def _reasons(finding: Finding) -> Iterator[tuple[str, str]]:
    """Return why a part of a lookup found nothing, as outcomes and reasons; the reason of the lookup has the rest."""
    rest = finding.reason or ""
    for row in _missing(finding):
        reason = f"{row.source}: {row.reason}"
        rest = rest.replace(reason, "")
        yield _OUTCOMES[row.kind], reason
    if rest.strip():
        yield finding.outcome, rest.strip()


def _missing(finding: Finding) -> Iterator[_Missing]:
    for content in finding.contents:
        if isinstance(content, NoteContent) and content.title == _NOTE and isinstance(content.data, list):
            for row in content.data:
                try:
                    yield _Missing.model_validate(row)
                except ValidationError:
                    continue


def _findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Read the findings; those of another version that cannot be read are left out."""
    for each in report["findings"]:
        try:
            yield Finding.model_validate(each, extra="ignore")
        except ValidationError:
            continue
