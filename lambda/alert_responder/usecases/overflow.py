"""Store alerts above `max_new_reports_per_hour` in the overflow report of their hour, many alert ids at once."""

from collections.abc import Sequence, Set
from typing import NamedTuple

from alert_responder.domain.aggregation import new_head, overflow_window
from alert_responder.domain.records import Event, Head, Window
from alert_responder.errors import ConditionFailedError, DependencyError
from alert_responder.store.admission import Link, keep, link
from alert_responder.store.reports import StoredGroup, pack_groups
from alert_responder.store.table import Action, Condition
from alert_responder.store.windows import Windows
from alert_responder.usecases.receive import (
    MAX_RACES,
    Deferred,
    Note,
    Receiver,
    StoredAlerts,
    opening_meta,
    round_after,
)
from alert_responder.usecases.start_round import start_current_round, start_round

MOST_ALERT_IDS = 40
"""Alert ids in a transaction: two actions for each, and those of the report, are at most 100."""

MOST_EVENTS = 1_000
"""Alerts packed at once; those that do not fit the group are packed again."""


class _Waiting(NamedTuple):
    event: Event
    of: Deferred


class OverflowReceiver:
    """Stores alerts that were not admitted, and the decision about them in the same transaction.

    Parameters
    ----------
    receiver
        The receiver that deferred them.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._store = receiver.store
        self._windows = Windows(receiver.store)

    def receive(self, deferred: Sequence[Deferred], note: Note = lambda _: None) -> list[Event]:
        """Store deferred events.

        Parameters
        ----------
        deferred
            At least one; all for the same report.
        note
            See `Receiver.receive`.

        Returns
        -------
        list
            Events that must be received again: they arrived after the hour, or another decision about their alert id
            was stored meanwhile.

        Raises
        ------
        DependencyError
            A call failed; some of the events may be stored.
        """
        report = deferred[0].report
        ends = None if isinstance(report, str) else report.ends
        every = sorted(
            (_Waiting(event, each) for each in deferred for event in each.events),
            key=lambda one: (one.event.arrival, one.event.event_id),
        )
        waiting = [one for one in every if ends is None or one.event.arrival < ends]
        left = [one.event for one in every if ends is not None and one.event.arrival >= ends]
        linked = {each.alert_id for each in deferred} if isinstance(report, str) else set[str]()
        races = 0
        while waiting:
            some = _some(waiting, linked)
            group = pack_groups([one.event for one in some])[0]
            members = [one for one in some if one.event.event_id in group.event_ids]
            moved = self._put(deferred[0], group, members, linked, note)
            if moved is None:
                linked |= {one.of.alert_id for one in members}
                waiting = [one for one in waiting if one.event.event_id not in group.event_ids]
                continue
            races += 1
            if races >= MAX_RACES:
                raise DependencyError("too many concurrent writers of one report")
            left += [one.event for one in waiting if one.of.alert_id in moved]
            waiting = [one for one in waiting if one.of.alert_id not in moved]
        return left

    def _put(
        self, deferred: Deferred, group: StoredGroup, members: Sequence[_Waiting], linked: Set[str], note: Note
    ) -> set[str] | None:
        """Store a group; return None, or, if nothing was stored, the alert ids with another decision."""
        receiver, report, now = self._receiver, deferred.report, self._receiver.clock()
        if isinstance(report, str):
            head = self._store.head(report, now)
            if head is None:
                return {one.of.alert_id for one in members}
            return self._join(head, group, [], note)
        newest, unchanged = self._windows.newest(report.alert_id, now)
        head = self._store.head(newest.report_id, now) if newest else None
        if head:
            return self._join(head, group, _links(members, linked, head.report_id, report.ends), note)
        events = [one.event for one in members]
        report_id = receiver.new_id(events[0].arrival)
        window = overflow_window(events, report_id, report.ends)
        head = new_head(window, report.alert_id, receiver.admission.overflow(report))
        links = _links(members, linked, report_id, report.ends)
        return self._open(head, window, unchanged, group, events[0], links, note)

    def _open(
        self,
        head: Head,
        window: Window,
        unchanged: Condition,
        group: StoredGroup,
        first: Event,
        links: Sequence[Link],
        note: Note,
    ) -> set[str] | None:
        meta = opening_meta(head, first, len(group.event_ids))
        try:
            self._store.open(window, unchanged, head, group, meta, self._actions(links))
        except ConditionFailedError as error:
            return _moved(links, error)
        note(_stored(head, group, opened=True))
        start_round(head, self._store, self._receiver.workflow)
        return None

    def _join(self, head: Head, group: StoredGroup, links: Sequence[Link], note: Note) -> set[str] | None:
        fitting = self._receiver.caps.fit(head, group)
        if fitting is None:
            if not self._store.note_more(head):
                return set()
            start_current_round(head.report_id, self._receiver.clock(), self._store, self._receiver.workflow)
            return None
        try:
            joined = self._store.join(head, fitting, self._actions(links))
        except ConditionFailedError as error:
            return _moved(links, error)
        if joined:
            note(_stored(head, group, opened=False))
        # Also if the group was already stored, as in `Receiver`.
        start_current_round(head.report_id, self._receiver.clock(), self._store, self._receiver.workflow)
        return None

    def _actions(self, links: Sequence[Link]) -> list[Action]:
        retention = self._store.retention
        return [*link(links, retention), *keep(((each.alert_id, each.newest) for each in links), retention)]


def _some(waiting: Sequence[_Waiting], linked: Set[str]) -> list[_Waiting]:
    """Select the first events, with at most as many unlinked alert ids as fit a transaction."""
    alert_ids: set[str] = set()
    some: list[_Waiting] = []
    for one in waiting[:MOST_EVENTS]:
        if one.of.alert_id not in linked:
            alert_ids.add(one.of.alert_id)
        if len(alert_ids) > MOST_ALERT_IDS:
            break
        some.append(one)
    return some


def _links(members: Sequence[_Waiting], linked: Set[str], report_id: str, ends: int) -> list[Link]:
    """Build the links of alert ids without one, each from its first event on."""
    first = {one.of.alert_id: one for one in reversed(members) if one.of.alert_id not in linked}
    return [
        Link(alert_id, overflow_window([one.event], report_id, ends, one.of.newest), one.of.newest, one.of.unchanged)
        for alert_id, one in sorted(first.items())
    ]


def _moved(links: Sequence[Link], error: ConditionFailedError) -> set[str]:
    """Return the alert ids whose link failed; empty if only the report has changed."""
    return {each.alert_id for position, each in enumerate(links) if position in error.failed}


def _stored(head: Head, group: StoredGroup, *, opened: bool) -> StoredAlerts:
    round_ = head.round if opened else round_after(head)
    return StoredAlerts(head.report_id, head.alert_id, round_, opened, len(group.event_ids), overflow=True)
