"""Limits on a report's data in memory, where JSON may take 24 times the size of its text."""

import heapq
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from alert_responder.contracts.inspection import Activity
from alert_responder.domain.activities import MOST_TELLING, telling_rank
from alert_responder.domain.essence import essence, has_verdict, short_activity

MAX_WEIGHT = 50_000_000
"""Maximum memory for answers, and for bodies of alerts [bytes]. Both exist twice while a report is written, in addition
to 110 MB of the function itself: together they stay below 60 % of its 1,024 MB."""

_VALUE_BYTES = 64
"""Memory of a list, an object or an element, in addition to its text [bytes, CPython 3.11 to 3.13]."""


class Answers(NamedTuple):
    """Inspectors' answers, by task.

    Attributes
    ----------
    shortened
        Tasks whose answers were reduced to type, verdict and source of each content, and the three most telling
        activities.
    activities_left_out
        Number of activities that these answers lost.
    """

    contents: Mapping[str, tuple[Mapping[str, Any], ...]]
    shortened: frozenset[str]
    activities_left_out: int = 0


class Bodies(NamedTuple):
    """Whole alerts by event id; JSON of `contracts.alert.Alert`.

    Attributes
    ----------
    left_out
        Number of alerts without their bodies.
    """

    alerts: Mapping[str, Mapping[str, Any]]
    left_out: int


def fitting_answers(answers: Iterable[tuple[str, bytes]], room: int = MAX_WEIGHT) -> Answers:
    """Read answers one by one, and keep the details of as many as fit in memory.

    Parameters
    ----------
    answers
        Task ids and JSON of lists of `contracts.inspection.Content`, which are read one by one.
    room
        Maximum weight of all answers, see `weight`.

    Returns
    -------
    Answers
        If not all details fit, the heaviest answers are reduced, those without a verdict first.
    """
    kept: dict[str, tuple[Mapping[str, Any], ...]] = {}
    plain: list[tuple[int, str]] = []
    rated: list[tuple[int, str]] = []
    shortened: set[str] = set()
    left_out = 0
    for task_id, text in answers:
        contents = tuple(json.loads(text))
        kept[task_id] = contents
        heapq.heappush(rated if has_verdict(contents) else plain, (-weight(text), task_id))
        room -= weight(text)
        while room < 0 and (plain or rated):
            size, heaviest = heapq.heappop(plain or rated)
            activities = [one for content in kept[heaviest] for one in content.get("activities", ())]
            telling = [short_activity(one) for one in heapq.nsmallest(MOST_TELLING, activities, key=_telling_rank)]
            kept[heaviest] = essence(kept[heaviest], telling)
            room -= size + (weight(json.dumps(telling).encode()) if telling else 0)
            shortened.add(heaviest)
            left_out += len(activities) - len(telling)
    return Answers(kept, frozenset(shortened), left_out)


def fitting_bodies(alerts: Iterable[Mapping[str, Any]], room: int = MAX_WEIGHT) -> Bodies:
    """Keep the bodies of as many alerts as fit in memory; the heaviest are left out.

    Parameters
    ----------
    alerts
        See `domain.aggregation.alert_bodies`; they are read one by one.
    room
        Maximum weight of all bodies, see `weight`.
    """
    kept: dict[str, Mapping[str, Any]] = {}
    by_size: list[tuple[int, str]] = []
    left_out = 0
    for each in alerts:
        event_id = str(each["event_id"])
        if event_id in kept:  # It was delivered twice, in different groups.
            continue
        # Also if it is unknown: an alert has no origin of its own.
        kept[event_id] = {**each["alert"], "origin": each.get("origin")}
        size = weight(json.dumps(each["alert"].get("body")).encode())
        heapq.heappush(by_size, (-size, event_id))
        room -= size
        while room < 0:
            size, heaviest = heapq.heappop(by_size)
            room -= size
            kept[heaviest] = {**kept[heaviest], "body": None}
            left_out += 1
    return Bodies(kept, left_out)


def _telling_rank(activity: Mapping[str, Any]) -> tuple[int, bool, int]:
    return telling_rank(Activity.model_validate(activity))


def weight(text: bytes) -> int:
    """Estimate the memory of parsed JSON [bytes]; the estimate is never much too low."""
    return len(text) + _VALUE_BYTES * (text.count(b"{") + text.count(b"[") + text.count(b","))
