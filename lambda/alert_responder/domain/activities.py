"""Activities in the findings of a report, the most telling first."""

from collections.abc import Iterable
from typing import NamedTuple

from alert_responder.contracts.inspection import Activity, NoteContent
from alert_responder.contracts.report import Finding

MOST_TELLING = 3
"""Number of activities that messages show."""

_NO_ERRORS = frozenset({"accepted", "noerror"})
_FIRST_ERROR = 400


class Sighting(NamedTuple):
    """An activity in a finding; `source` is that of the content."""

    finding: Finding
    source: str
    activity: Activity


def telling_rank(activity: Activity) -> tuple[int, bool, int]:
    """Return a key that sorts the most telling first: new, no baseline, usual; then errors; then the most frequent."""
    novelty = {False: 0, None: 1, True: 2}[activity.usual]
    return novelty, not failed(activity), -(activity.count or 0)


def most_telling_first(activities: Iterable[Activity]) -> list[Activity]:
    """Sort activities by `telling_rank`; equal ones keep their order."""
    return sorted(activities, key=telling_rank)


def sightings(findings: Iterable[Finding]) -> list[Sighting]:
    """List the activities in findings, the most telling first; of equal activities, only that of the first finding."""
    found: dict[Activity, Sighting] = {}
    for finding in findings:
        for content in finding.contents:
            for activity in () if isinstance(content, NoteContent) else content.activities:
                found.setdefault(activity, Sighting(finding, content.source or "", activity))
    return sorted(found.values(), key=lambda sighting: telling_rank(sighting.activity))


def failed(activity: Activity) -> bool:
    """Check whether the action ends with an error in parentheses: a code, or a status of HTTP from 400."""
    _, opening, end = activity.action.rpartition("(")
    error = end[:-1].strip()
    if not opening or not end.endswith(")") or not error:
        return False
    return int(error) >= _FIRST_ERROR if error.isdecimal() and len(error) == 3 else error.lower() not in _NO_ERRORS
