"""Activities in the findings of a report, the most telling first. Texts are hostile, as in the report."""

from collections.abc import Iterable
from typing import NamedTuple

from alert_responder.contracts.inspection import Activity, NoteContent
from alert_responder.contracts.report import Finding
from alert_responder.domain.sanitize import ellipsize

MOST_TELLING = 3
"""Number of activities that messages show."""

NOT_KNOWN = "not known"
"""What is shown as "new or usual" without a baseline."""

_LONGEST = 150
"""Maximum length of a value in a sentence [characters], so that no value displaces the others."""

_BASIS = 300
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


def new_or_usual(activity: Activity) -> str:
    """State whether the activity is new or usual, and on what that is based."""
    word = {None: NOT_KNOWN, False: "new", True: "usual"}[activity.usual]
    return f"{word}: {ellipsize(activity.basis, _BASIS)}" if activity.basis else word


def how_often(activity: Activity) -> str:
    """Write how often it was seen; empty if the inspector did not count."""
    return "" if activity.count is None else ellipsize(f"{activity.count:,}", 30)


def what(activity: Activity) -> str:
    """Write service, action and target."""
    target = f"on {activity.target}" if activity.target else ""
    return " ".join(filter(None, (activity.service_name, activity.action, target)))


def sentence(activity: Activity) -> str:
    """Describe an activity in one line: who, what, from where, when, how often, and whether that is new."""
    short = activity.model_copy(
        update={
            name: ellipsize(getattr(activity, name), _LONGEST)
            for name in ("service_name", "remote_addr", "principal", "action", "target")
        }
    )
    parts = (
        short.principal,
        what(short),
        f"from {short.remote_addr}" if short.remote_addr else "",
        f"at {ellipsize(activity.last_seen, 40)}" if activity.last_seen else "",
    )
    described = " ".join(filter(None, parts))
    times = "" if activity.count is None else f"{how_often(activity)} time{'' if activity.count == 1 else 's'}"
    known = "" if activity.usual is None else new_or_usual(activity)
    return ", ".join(filter(None, (described, times, known)))
