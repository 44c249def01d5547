"""Summarise earlier reports with an attribute. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.contracts.inspection import InspectionAnswer, NoteContent
from alert_responder.contracts.primitives import SEVERITIES

MAX_SHOWN = 10
"""Maximum number of reports in the answer, the newest."""


class EarlierReport(BaseModel):
    """A report's item in the partition of an attribute.

    Attributes
    ----------
    sk
        Id of the report, a ULID, which sorts by the time of opening.
    expires_at
        Expiry of the report [s since the epoch]; DynamoDB deletes the item later.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    sk: str
    severity: str
    title: str
    created_at: str
    updated_at: str
    alert_count: int
    expires_at: int
    detector: str = ""
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One read of a partition.

    Attributes
    ----------
    items
        The items as read.
    complete
        Whether all items were read.
    """

    items: Sequence[dict[str, Any]]
    complete: bool


def unexpired(items: Iterable[dict[str, Any]], report_id: str, now: int) -> list[EarlierReport]:
    """Return the other reports that have not expired [now: s] and can be read, by id."""
    reports = []
    for item in items:
        try:
            earlier = EarlierReport.model_validate(item)
        except ValidationError:
            continue  # Written by another version of AlertResponder.
        if earlier.sk != report_id and earlier.expires_at > now:
            reports.append(earlier)
    return sorted(reports, key=lambda earlier: earlier.sk)


def answer(newest: Page, oldest: Page, report_id: str, now: int) -> InspectionAnswer | None:
    """Summarise the reports that were read.

    Parameters
    ----------
    newest, oldest
        Both ends of the attribute's partition; the same page if it contains all items.
    report_id
        The report of the lookup, which is not counted.
    now
        Current time [s since the epoch].

    Returns
    -------
    InspectionAnswer or None
        One note, whose number of reports is exact if one page contains all items, and a minimum otherwise. None if no
        other unexpired report was found.
    """
    recent, first_ones = unexpired(newest.items, report_id, now), unexpired(oldest.items, report_id, now)
    every = sorted({earlier.sk: earlier for earlier in [*first_ones, *recent]}.values(), key=lambda each: each.sk)
    if not every:
        return None
    # If all of the oldest items have expired but are not deleted yet, the items after them were not read.
    first_is_known = newest.complete or bool(first_ones)
    severities = Counter(earlier.severity for earlier in every)
    data = {
        "reports": len(every),
        "more_reports": not newest.complete,
        "severities": {severity: severities[severity] for severity in _ordered(severities)},
        "first_opened_at": every[0].created_at,
        "first_is_exact": first_is_known,
        "last_opened_at": every[-1].created_at,
        "newest": [_as_data(earlier) for earlier in reversed(every[-MAX_SHOWN:])],
    }
    text = _text(every, severities, complete=newest.complete, first_is_known=first_is_known)
    note = NoteContent(type="note", title="Seen before", text=text, data=data, source="AlertResponder")
    return InspectionAnswer(contents=(note,))


def _text(every: Sequence[EarlierReport], severities: Counter[str], *, complete: bool, first_is_known: bool) -> str:
    number = len(every)
    reports = f"{number} other report{'' if number == 1 else 's'}"
    rated = ", ".join(f"{severities[severity]} {severity}" for severity in _ordered(severities))
    counted_as = f"In {reports}: {rated}." if complete else f"In at least {reports}; those read: {rated}."
    first = f"{every[0].created_at}{'' if first_is_known else ' or earlier'}"
    return f"{counted_as} First opened {first}, last opened {every[-1].created_at}."


def _ordered(severities: Counter[str]) -> list[str]:
    known = [severity for severity in reversed(SEVERITIES) if severities[severity]]
    return [*known, *sorted(severities.keys() - set(SEVERITIES))]


def _as_data(earlier: EarlierReport) -> dict[str, Any]:
    return {
        "report_id": earlier.sk,
        "severity": earlier.severity,
        "title": earlier.title,
        "detector": earlier.detector,
        "rule_id": earlier.rule_id,
        "opened_at": earlier.created_at,
        "updated_at": earlier.updated_at,
        "alerts": earlier.alert_count,
    }
