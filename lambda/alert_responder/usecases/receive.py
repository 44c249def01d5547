"""Store alerts in reports: each in exactly one, however often and with whatever other alerts it is delivered."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.admission import NO_LIMITS, Surplus, title
from alert_responder.domain.aggregation import new_head, open_window
from alert_responder.domain.records import Event, Head, Meta, Window
from alert_responder.errors import ConditionFailedError, DependencyError
from alert_responder.store.admission import count, keep
from alert_responder.store.reports import ReportStore, StoredGroup, pack_groups
from alert_responder.store.table import Condition
from alert_responder.store.tries import TryStore
from alert_responder.store.windows import Windows
from alert_responder.usecases.admission import Admission
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.ports import Clock, Identifiers, Workflow
from alert_responder.usecases.start_round import start_current_round, start_round

MAX_RACES = 40
"""Lost races after which a group is returned to the stream; each time another writer has made progress."""


class StoredAlerts(NamedTuple):
    """A group of alerts that was stored in a report.

    Attributes
    ----------
    round
        The first round that can plan them.
    opened
        Whether the group opened the report.
    overflow
        Whether the report is an overflow report.
    """

    report_id: str
    alert_id: str
    round: int
    opened: bool
    alerts: int
    overflow: bool = False


class Deferred(NamedTuple):
    """Alerts of one alert id for an overflow report, which are stored together with those of other alert ids.

    Attributes
    ----------
    report
        The id of the overflow report, if the decision is stored; otherwise the hour and limit of the overflow report,
        for the alerts that arrived in that hour.
    newest, unchanged
        The newest window of the alert id, and the condition that it is as it was read.
    """

    alert_id: str
    events: tuple[Event, ...]
    report: str | Surplus
    newest: Window | None
    unchanged: Condition


Note = Callable[[StoredAlerts], object]


class Receiver:
    """Stores the alerts of one alert id and starts the rounds of their reports.

    Each call may fail, be repeated, or take effect although its response is lost: storing the same events again, in any
    grouping, changes nothing.

    Parameters
    ----------
    caps
        Limits what a report holds; None: no limit.
    admission
        Limits the new reports in an hour; None: no limit.
    """

    def __init__(
        self,
        store: ReportStore,
        workflow: Workflow,
        clock: Clock,
        new_id: Identifiers,
        window_ms: int,
        caps: ReportCaps | None = None,
        admission: Admission | None = None,
    ) -> None:
        self.store = store
        self.workflow = workflow
        self.clock = clock
        self.new_id = new_id
        self.caps = caps or ReportCaps(None)
        self.admission = admission or Admission(NO_LIMITS)
        self.tries = TryStore(store.table)
        self._windows = Windows(store)
        self._window_ms = window_ms

    def receive(
        self,
        alert_id: str,
        events: Sequence[Event],
        note: Note = lambda _: None,
        packed: Sequence[StoredGroup] = (),
    ) -> list[Deferred]:
        """Store events of one alert id, except those that belong to an overflow report.

        Parameters
        ----------
        events
            At least one, by arrival.
        note
            Is called with each group as soon as it is stored; not with a group that was stored before.
        packed
            The events as groups, if they were packed before.

        Returns
        -------
        list
            Events that are not stored: `usecases.overflow` stores them together with those of other alert ids.

        Raises
        ------
        DependencyError
            A call failed; some of the events may be stored.
        """
        remaining, races = list(events), 0
        deferred: list[Deferred] = []
        while remaining:
            now = self.clock()
            newest, unchanged = self._windows.newest(alert_id, now)
            owners = self._windows.owners(alert_id, [event.arrival for event in remaining], newest, now)
            first = tuple(event for event, owner in zip(remaining, owners, strict=True) if owner == owners[0])
            known_to_overflow = newest is not None and newest.overflow and newest.report_id == owners[0]
            head = self.store.head(owners[0], now) if owners[0] and not known_to_overflow else None
            stored: set[str] | Surplus
            if owners[0] and (known_to_overflow or (head and head.overflow)):
                deferred.append(Deferred(alert_id, first, owners[0], newest, unchanged))
                stored = {event.event_id for event in first}
            elif head:
                stored = self._join(head, _first_group(first, packed), note)
            else:
                stored = self._open(alert_id, first, newest, unchanged, note, packed)
            if isinstance(stored, Surplus):
                # All remaining events are after the newest window: whether the later ones belong to the same report
                # is known when it has stored the first.
                return [*deferred, Deferred(alert_id, tuple(remaining), stored, newest, unchanged)]
            if not stored:
                races += 1
                if races >= MAX_RACES:
                    raise DependencyError("too many concurrent writers of one report")
            remaining = [event for event in remaining if event.event_id not in stored]
        return deferred

    def _open(
        self,
        alert_id: str,
        events: Sequence[Event],
        newest: Window | None,
        unchanged: Condition,
        note: Note,
        packed: Sequence[StoredGroup],
    ) -> set[str] | Surplus:
        """Open a report if it is admitted; return the ids of the stored events, or the overflow report for them."""
        detector, arrival = events[0].alert.detector, events[0].arrival
        refused = self.admission.counters(detector, arrival)
        if isinstance(refused, Surplus):
            return refused
        report_id = self.new_id(arrival)
        window, inside = open_window(events, report_id, self._window_ms, newest)
        group = _first_group(inside, packed)
        head = new_head(window, alert_id)
        meta = opening_meta(head, inside[0], len(group.summary.events))
        kept = keep([(alert_id, newest)], self.store.retention)
        while True:
            counters = self.admission.counters(detector, arrival)
            if isinstance(counters, Surplus):
                return counters
            try:
                counted = count(counters, self.store.retention)
                self.store.open(window, unchanged, head, group, meta, [*counted, *kept])
            except ConditionFailedError as error:
                full = [counter for position, counter in enumerate(counters) if position in error.failed]
                if full:
                    self.admission.refused(detector, full)
                if len(full) < len(error.failed):
                    return set()
            else:
                break
        note(StoredAlerts(report_id, alert_id, head.round, opened=True, alerts=len(group.event_ids)))
        start_round(head, self.store, self.workflow)
        return group.event_ids

    def _join(self, head: Head, group: StoredGroup, note: Note) -> set[str]:
        fitting = self.caps.fit(head, group)
        if fitting is None:
            if not self.store.note_more(head):
                return set()
            start_current_round(head.report_id, self.clock(), self.store, self.workflow)
            return group.event_ids
        try:
            joined = self.store.join(head, fitting)
        except ConditionFailedError:
            return set()
        if joined:
            round_ = round_after(head)
            note(StoredAlerts(head.report_id, head.alert_id, round_, opened=False, alerts=len(group.event_ids)))
        # Also if the group was already stored: the process that stored it may have died before it started the round.
        start_current_round(head.report_id, self.clock(), self.store, self.workflow)
        return group.event_ids


def _first_group(events: Sequence[Event], packed: Sequence[StoredGroup]) -> StoredGroup:
    """Return the first events as a group: a packed one, unless a window ends within it."""
    ids = [(event.event_id, event.arrival) for event in events]
    for group in packed:
        if list(group.summary.events) == ids[: len(group.summary.events)]:
            return group
    return pack_groups(events)[0]


def round_after(head: Head) -> int:
    """Return the first round that can plan a group that joined a report."""
    return head.round if head.state == "open" else head.round + 1


def opening_meta(head: Head, first: Event, alert_count: int) -> Meta:
    """Return the meta of a new report."""
    alert, opened = first.alert, format_rfc3339(head.opened)
    return Meta(
        report_id=head.report_id,
        alert_id=head.alert_id,
        title=title(head.overflow, alert.detector, head.ends) if head.overflow else alert.rule_name,
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
