"""The data from which a report is compiled, and which of its alerts are shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from alert_responder.domain.alert_ranking import SHOWN_WORST, RankedBy, worst_alerts
from alert_responder.domain.directory import Directory
from alert_responder.domain.lookup_plan import Agenda, KnownAttribute, Limits
from alert_responder.domain.memory_limits import Answers, Bodies
from alert_responder.domain.records import DeliveryRecord, FindingState, GroupSummary, Head, LookupRecord
from alert_responder.domain.skipped_attributes import Unasked

SHOWN_ALERTS = 10
"""Number of oldest and of newest alerts that are shown whole, in addition to the worst."""

SHOWN_SKIPPED = 100
"""Maximum number of listed lookups that a limit cut off; the notes contain their number."""

Arrival = tuple[int, str, str]
"""Arrival [ms], event id and group id of an alert."""


class Material(NamedTuple):
    """All data of a report, as read from the table.

    Attributes
    ----------
    groups, counted
        Groups with their alerts, at least one, and groups whose alerts are only counted.
    bodies
        The whole alerts that are shown.
    answers
        The answers to `lookups`.
    unasked
        Attributes that match an inspector's filters, but are not sent to it.
    called_local
        Number of public addresses and domains that no inspector is asked about, because alerts call them local.
    first_planned, now
        When the round was first planned and when the report is compiled [ms].
    states
        The states of the detectors' findings; None if they are unknown.
    directory
        The directory of accounts; None if there is none, or if it could not be read.
    directory_fault
        Why it could not be read.
    """

    head: Head
    groups: Sequence[GroupSummary]
    counted: Sequence[GroupSummary]
    lookups: Sequence[LookupRecord]
    known: Sequence[KnownAttribute]
    agenda: Agenda
    limits: Limits
    bodies: Bodies
    answers: Answers
    deliveries: Sequence[DeliveryRecord]
    first_planned: int | None
    now: int
    unasked: Sequence[Unasked] = ()
    called_local: int = 0
    states: Mapping[str, FindingState] | None = None
    directory: Directory | None = None
    directory_fault: str | None = None


def arrivals(groups: Iterable[GroupSummary]) -> list[Arrival]:
    """List every alert once, oldest first; of several groups with it, one that has it whole is preferred."""
    first: dict[str, tuple[bool, Arrival]] = {}
    for group in groups:
        for event_id, arrival in group.events:
            entry = (not group.is_whole, (arrival, event_id, group.group_id))
            first[event_id] = min(first.get(event_id, entry), entry)
    return sorted(arrival for _, arrival in first.values())


def shown_alerts(ordered: Sequence[Arrival], groups: Sequence[GroupSummary]) -> list[Arrival]:
    """Return the alerts that a report shows whole: the oldest, the newest, and the worst of the others.

    Verified alerts with an attribute that none before them has come first: no number of claims displaces one.
    """
    most = 2 * SHOWN_ALERTS + SHOWN_WORST
    if len(ordered) <= most:
        return list(ordered)
    place_of = {event_id: place for place, (_, event_id, _) in enumerate(ordered)}
    ranked_by: dict[int, RankedBy] = {
        place_of[group.events[head.event][0]]: (head.detector, head.severity, head.outcome)
        for group in groups
        for head in group.heads
        if head.event is not None
    }
    verified = {
        group.events[head.event][0]
        for group in groups
        for head in group.heads
        if head.verified and head.event is not None
    }
    places = sorted(ranked_by)
    worst = [ordered[places[index]] for index in worst_alerts((ranked_by[place] for place in places), len(places))]
    trusted = [each for each in ordered if each[1] in verified]
    if len(trusted) >= most:
        return _picked(trusted, worst, SHOWN_ALERTS, SHOWN_WORST)
    others = [each for each in ordered if each[1] not in verified]
    # The others share what is left in the same proportion.
    ends = SHOWN_ALERTS * (most - len(trusted)) // most
    return sorted([*trusted, *_picked(others, worst, ends, most - len(trusted) - 2 * ends)])


def _picked(alerts: Sequence[Arrival], worst: Iterable[Arrival], ends: int, between: int) -> list[Arrival]:
    """Return the oldest and the newest of some alerts, and the worst of those between them, in order."""
    found = dict.fromkeys((*alerts[:ends], *alerts[len(alerts) - ends :]))
    candidates = set(alerts)
    others = [each for each in worst if each in candidates and each not in found]
    return sorted([*found, *others[:between]])
