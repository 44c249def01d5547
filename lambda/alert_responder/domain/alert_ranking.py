"""Which of many alerts are the worst, by what their detectors say of them."""

import heapq
from collections.abc import Iterable

from alert_responder.contracts.alert import AttemptOutcome
from alert_responder.domain.severities import rank

SHOWN_WORST = 5
"""Alerts that a report shows for being the worst, beside the oldest and the newest."""

Said = tuple[str, str | None, AttemptOutcome | None]
"""Detector, severity and outcome of an alert."""

_BY_OUTCOME: dict[AttemptOutcome | None, int] = {"success": 0, None: 1, "failure": 2}

_Gravity = tuple[tuple[int, float, str], int]


def gravity(detector: str, severity: str | None, outcome: AttemptOutcome | None) -> _Gravity:
    """Return what alerts are ordered by, from the worst on: by severity, then what came about before what did not."""
    return rank(detector, severity), _BY_OUTCOME[outcome]


def gravest(alerts: Iterable[Said], most: int = SHOWN_WORST) -> list[int]:
    """Find the worst of some alerts.

    Returns
    -------
    list
        Their places, from the worst on and of equal ones the earliest; none that is as mild as any.
    """
    said = list(alerts)
    known = {each: gravity(*each) for each in set(said)}
    mildest = max(known.values(), default=None)
    worse = [place for place, each in enumerate(said) if known[each] != mildest]
    return heapq.nsmallest(most, worse, key=lambda place: (known[said[place]], place))
