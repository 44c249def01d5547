"""What earlier reports say of an attribute; pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.contracts.inspection import InspectionAnswer, NoteContent
from alert_responder.contracts.primitives import SEVERITIES

SHOWN = 10
"""How many of the newest reports the answer names."""


class EarlierReport(BaseModel):
    """What Review noted under the attribute.

    Attributes
    ----------
    sk
        The report's id, a ULID: ids sort by the time their reports were opened.
    expires_at
        When the report is past [s since the epoch]; DynamoDB deletes it some time later.
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
        The stored items, as they were read.
    complete
        Whether there are no others.
    """

    items: Sequence[dict[str, Any]]
    complete: bool


def counted(items: Iterable[dict[str, Any]], report_id: str, now: int) -> list[EarlierReport]:
    """Keep what counts: other reports than the one that asks, not expired [now: s], and legible; by id."""
    found = []
    for item in items:
        try:
            earlier = EarlierReport.model_validate(item)
        except ValidationError:
            continue  # Of another version of AlertResponder.
        if earlier.sk != report_id and earlier.expires_at > now:
            found.append(earlier)
    return sorted(found, key=lambda earlier: earlier.sk)


def answer(newest: Page, oldest: Page, report_id: str, now: int) -> InspectionAnswer | None:
    """Sum up what was read.

    Parameters
    ----------
    newest, oldest
        Both ends of the attribute's partition; the same page where it holds everything.
    report_id
        The report that asks, which does not count.
    now
        The time [s since the epoch].

    Returns
    -------
    InspectionAnswer or None
        One note. Its number is exact where one page holds everything, else it says that it is the least. None: no
        other report that has not expired has the attribute, as far as was read.
    """
    recent, first_ones = counted(newest.items, report_id, now), counted(oldest.items, report_id, now)
    every = sorted({earlier.sk: earlier for earlier in [*first_ones, *recent]}.values(), key=lambda each: each.sk)
    if not every:
        return None
    # The oldest items may all have expired without being deleted yet: what comes behind them was not read then.
    first_is_known = newest.complete or bool(first_ones)
    severities = Counter(earlier.severity for earlier in every)
    data = {
        "reports": len(every),
        "more_reports": not newest.complete,
        "severities": {severity: severities[severity] for severity in _ordered(severities)},
        "first_opened_at": every[0].created_at,
        "first_is_exact": first_is_known,
        "last_opened_at": every[-1].created_at,
        "newest": [_shown(earlier) for earlier in reversed(every[-SHOWN:])],
    }
    text = _text(every, severities, complete=newest.complete, first_is_known=first_is_known)
    note = NoteContent(type="note", title="Seen before", text=text, data=data, source="AlertResponder")
    return InspectionAnswer(contents=(note,))


def _text(every: Sequence[EarlierReport], severities: Counter[str], *, complete: bool, first_is_known: bool) -> str:
    number = len(every)
    reports = f"{number} other report{'' if number == 1 else 's'}"
    rated = ", ".join(f"{severities[severity]} {severity}" for severity in _ordered(severities))
    counted_as = f"In {reports}: {rated}." if complete else f"In at least {reports}; of those read: {rated}."
    first = f"{every[0].created_at}{'' if first_is_known else ' or earlier'}"
    return f"{counted_as} First opened {first}, last opened {every[-1].created_at}."


def _ordered(severities: Counter[str]) -> list[str]:
    known = [severity for severity in reversed(SEVERITIES) if severities[severity]]
    return [*known, *sorted(severities.keys() - set(SEVERITIES))]


def _shown(earlier: EarlierReport) -> dict[str, Any]:
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
