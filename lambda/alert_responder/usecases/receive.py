"""Put alerts into reports: each into exactly one, however often and in whatever company it is delivered."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from alert_responder.domain.aggregation import new_head, open_window
from alert_responder.domain.records import Event, Head, Meta, Window
from alert_responder.domain.times import rfc3339
from alert_responder.errors import ConditionFailedError, DependencyError
from alert_responder.store.reports import ReportStore, StoredGroup, pack_groups
from alert_responder.store.table import Condition
from alert_responder.store.tries import TryStore
from alert_responder.usecases.ensure import ensure_report, ensure_started
from alert_responder.usecases.ports import Clock, Identifiers, Workflow

MAX_RACES = 40
"""Lost races after which a group is given back to the stream: others have made progress each time."""


class Stored(NamedTuple):
    """A group of alerts that a report has taken in.

    Attributes
    ----------
    round
        The report's round that will look at them, or a later one.
    opened
        Whether the group has opened the report.
    """

    report_id: str
    round: int
    opened: bool
    alerts: int


_Note = Callable[[Stored], object]


class Receiver:
    """Stores the alerts of one alert id and sees to it that their reports are worked on.

    Every call may fail, be repeated, or have happened although its response was lost: calling again with the same
    events, in any grouping, changes nothing in the end.

    Attributes
    ----------
    tries
        Counts how often records were begun to be read.
    clock
        Tells the time [ms since the epoch].
    """

    def __init__(
        self, store: ReportStore, workflow: Workflow, clock: Clock, new_id: Identifiers, window_ms: int
    ) -> None:
        self.tries = TryStore(store.table)
        self.clock = clock
        self._store = store
        self._workflow = workflow
        self._new_id = new_id
        self._window_ms = window_ms

    def receive(
        self,
        alert_id: str,
        events: Sequence[Event],
        note: _Note = lambda _: None,
        packed: Sequence[StoredGroup] = (),
    ) -> None:
        """Store events of one alert id.

        Parameters
        ----------
        events
            At least one, by arrival.
        packed
            The same as groups, where somebody has packed them before.
        note
            Is told of each group as soon as it is stored; not of one that was stored already.

        Raises
        ------
        DependencyError
            When something could not be stored or started; some of the events may be stored already.
        """
        remaining, races = list(events), 0
        while remaining:
            now = self.clock()
            newest, unchanged = self._store.window(alert_id, now)
            owners = self._store.owners([event.arrival for event in remaining], newest, now)
            mine = [event for event, owner in zip(remaining, owners, strict=True) if owner == owners[0]]
            head = self._store.head(owners[0], now) if owners[0] else None
            stored = (
                self._join(head, _first_group(mine, packed), note)
                if head
                else self._open(alert_id, mine, newest, unchanged, note, packed)
            )
            if not stored:
                races += 1
                if races >= MAX_RACES:
                    raise DependencyError("too many concurrent writers of one report")
            remaining = [event for event in remaining if event.event_id not in stored]

    def _open(
        self,
        alert_id: str,
        events: Sequence[Event],
        newest: Window | None,
        unchanged: Condition,
        note: _Note,
        packed: Sequence[StoredGroup],
    ) -> set[str]:
        report_id = self._new_id(events[0].arrival)
        window, inside = open_window(events, report_id, self._window_ms, newest)
        group = _first_group(inside, packed)
        head = new_head(window, alert_id)
        try:
            self._store.open(window, unchanged, head, group, _opening_meta(head, inside[0], len(group.summary.events)))
        except ConditionFailedError:
            return set()
        note(Stored(report_id, head.round, opened=True, alerts=len(group.event_ids)))
        ensure_started(head, self._store, self._workflow)
        return group.event_ids

    def _join(self, head: Head, group: StoredGroup, note: _Note) -> set[str]:
        try:
            joined = self._store.join(head, group)
        except ConditionFailedError:
            return set()
        if joined:
            round_ = head.round if head.state == "open" else head.round + 1
            note(Stored(head.report_id, round_, opened=False, alerts=len(group.event_ids)))
        # Also when the group was there already: whoever stored it may have died before it started the round.
        ensure_report(head.report_id, self.clock(), self._store, self._workflow)
        return group.event_ids


def _first_group(events: Sequence[Event], packed: Sequence[StoredGroup]) -> StoredGroup:
    """Return the first events as a group: one that was packed before, unless a window ends within it."""
    ids = [(event.event_id, event.arrival) for event in events]
    for group in packed:
        if list(group.summary.events) == ids[: len(group.summary.events)]:
            return group
    return pack_groups(events)[0]


def _opening_meta(head: Head, first: Event, alert_count: int) -> Meta:
    alert, opened = first.alert, rfc3339(head.opened)
    return Meta(
        report_id=head.report_id,
        alert_id=head.alert_id,
        title=alert.rule_name,
        detector=alert.detector,
        rule_id=alert.rule_id,
        alert_key=alert.alert_key,
        created_at=opened,
        updated_at=opened,
        severity="unclassified",
        reason="The report has not been reviewed yet.",
        alert_count=alert_count,
        round=1,
    )
