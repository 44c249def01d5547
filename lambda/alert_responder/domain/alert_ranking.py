"""Which of many alerts are the worst, by their detectors' severities and outcomes."""

import heapq
from collections.abc import Iterable

from alert_responder.contracts.alert import AttemptOutcome
from alert_responder.domain.severities import rank

SHOWN_WORST = 5
"""Number of worst alerts that a report shows in addition to the oldest and the newest."""

RankedBy = tuple[str, str | None, AttemptOutcome | None]
"""Detector, severity and outcome of an alert."""

_BY_OUTCOME: dict[AttemptOutcome | None, int] = {"success": 0, None: 1, "failure": 2}

SortKey = tuple[tuple[int, float, str], int]
"""Sorts alerts by severity and outcome, the worst first."""


def sort_key(detector: str, severity: str | None, outcome: AttemptOutcome | None) -> SortKey:
    """Return the sort key of alerts, worst first: by severity, then successful attempts before failed ones."""
    return rank(detector, severity), _BY_OUTCOME[outcome]


def worst_alerts(alerts: Iterable[RankedBy], most: int = SHOWN_WORST) -> list[int]:
    """Find the worst of some alerts.

    Returns
    -------
    list
        Their positions, worst first and the earliest of equal ones first, without alerts of the mildest rank.
    """
    ranked = list(alerts)
    known = {each: sort_key(*each) for each in set(ranked)}
    mildest = max(known.values(), default=None)
    worse = [place for place, each in enumerate(ranked) if known[each] != mildest]
    return heapq.nsmallest(most, worse, key=lambda place: (known[ranked[place]], place))
