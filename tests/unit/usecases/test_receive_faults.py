"""After any fault between two calls, each alert is in one report, and each open round is started once."""

import itertools
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.records import Event
from alert_responder.errors import DependencyError
from alert_responder.store import items, keys
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.store.table import Key, Update
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.intake import take_in
from alert_responder.usecases.receive import Receiver
from tests.fakes.memory import Crash, Faults, MemoryTable, MemoryWorkflow
from tests.fakes.plugins import MemoryArchive

WINDOW = 1000
NOW = 100_000


class World:
    """A table, a workflow, and a new receptor for each delivery."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.workflow = MemoryWorkflow()
        self._ids = itertools.count(1)

    def receive(self, events: Sequence[Event], faults: Faults | None = None) -> Faults:
        """Deliver a batch once, to a receptor that may fail."""
        faults = faults or Faults()
        self.table.faults = self.workflow.faults = faults
        store = ReportStore(self.table, Retention(1))
        receiver = Receiver(store, self.workflow, lambda: NOW, self._new_id, WINDOW, ReportCaps(MemoryArchive))
        try:
            take_in(receiver, events)
        finally:
            self.table.faults = self.workflow.faults = Faults()
        return faults

    def settle_all(self) -> None:
        """Settle every open report."""
        for key, item in list(self.table.items.items()):
            if key.sk == "head" and item["state"] == "open":
                self.table.write(Update(key, assign={"state": "settled"}, remove=("open_shard",)))

    def reports(self) -> set[frozenset[str]]:
        """Return the events of each report."""
        found: dict[str, set[str]] = {}
        for key, item in self.table.items.items():
            if key.sk.startswith(keys.GROUPS):
                found.setdefault(key.pk, set()).update(event_id for event_id, _ in items.read_group(item).events)
        return {frozenset(events) for events in found.values()}

    def check(self, events: Sequence[Event]) -> None:
        """Check that each event is in one report, and that each open round is started once."""
        reports = self.reports()
        assert sorted(event_id for report in reports for event_id in report) == sorted(e.event_id for e in events)
        names = [(report_id, round_) for report_id, round_, _ in self.workflow.started]
        assert len(names) == len(set(names))
        for key, item in self.table.items.items():
            if key.sk == "head" and item["state"] == "open":
                head = items.read_head(item)
                assert head.started == head.round
                assert (head.report_id, head.round) in names

    def _new_id(self, milliseconds: int) -> str:
        return ulid(milliseconds, next(self._ids).to_bytes(10, "big"))


def event(number: int, arrival: int, key: str = "a") -> Event:
    return Event(f"e{number}", arrival, str(number), Alert(detector="d", rule_id="r", alert_key=key))


BATCH = [event(1, 0), event(2, 10), event(3, 999), event(4, 1000), event(5, 1500), event(6, 2500), event(7, 20, "b")]
CLEAN = {frozenset({"e1", "e2", "e3"}), frozenset({"e4", "e5"}), frozenset({"e6"}), frozenset({"e7"})}


def test_a_window_begins_at_the_first_arrival_after_the_last_window() -> None:
    world = World()
    world.receive(BATCH)
    assert world.reports() == CLEAN
    world.check(BATCH)


@pytest.mark.parametrize("cut", range(1, len(BATCH)))
def test_a_batch_that_is_cut_anywhere_and_repeated_stores_the_same(cut: int) -> None:
    world = World()
    for part in (BATCH[:cut], BATCH[cut:], BATCH):
        world.receive(part)
    world.settle_all()
    world.receive(BATCH)
    assert world.reports() == CLEAN
    world.check(BATCH)


def test_a_crash_before_any_call_and_a_second_delivery_store_the_same() -> None:
    for call in range(1, World().receive(BATCH).calls + 1):
        world = World()
        with pytest.raises(Crash):
            world.receive(BATCH, Faults(crash_before=call))
        world.receive(BATCH)
        assert world.reports() == CLEAN, f"crash before call {call}"
        world.check(BATCH)


def test_a_lost_response_of_any_call_and_a_second_delivery_store_the_same() -> None:
    for call in range(1, World().receive(BATCH).calls + 1):
        world = World()
        with pytest.raises(DependencyError):
            world.receive(BATCH, Faults(lose_after=call))
        world.receive(BATCH)
        assert world.reports() == CLEAN, f"response of call {call} lost"
        world.check(BATCH)


def test_a_late_alert_goes_to_the_report_that_owns_its_arrival() -> None:
    world = World()
    world.receive(BATCH)
    late = [event(8, 500), event(9, 1999)]
    world.receive(late)
    assert {frozenset({"e1", "e2", "e3", "e8"}), frozenset({"e4", "e5", "e9"})} <= world.reports()


def test_an_alert_in_a_settled_report_starts_the_next_round() -> None:
    world = World()
    world.receive([event(1, 0)])
    world.settle_all()
    world.receive([event(2, 5)])
    (head,) = [items.read_head(item) for key, item in world.table.items.items() if key.sk == "head"]
    assert (head.state, head.round, head.started, head.revision) == ("open", 2, 2, 2)


def test_an_expired_report_takes_no_more_alerts() -> None:
    world = World()
    world.receive([event(1, 0)])
    for key in list(world.table.items):
        world.table.write(Update(key, assign={"expires_at": NOW // 1000}))
    world.receive([event(2, 5)])
    assert world.reports() == {frozenset({"e1"}), frozenset({"e2"})}


def test_the_number_of_calls_per_alert_falls_as_a_storm_grows() -> None:
    """This is the purpose of aggregation."""
    storm = [event(number, number) for number in range(500)]
    assert World().receive(storm).calls <= 0.1 * 500
    distinct = [event(number, number, key=f"k{number}") for number in range(500)]
    assert World().receive(distinct).calls <= 5 * 500


@given(
    arrivals=st.lists(st.integers(0, 5 * WINDOW), min_size=1, max_size=8),
    deliveries=st.lists(st.lists(st.integers(0, 7), max_size=8), max_size=5),
    strikes=st.lists(st.tuples(st.booleans(), st.integers(1, 30)), max_size=5),
)
def test_any_deliveries_end_with_each_alert_in_one_report(
    arrivals: list[int], deliveries: list[list[int]], strikes: list[tuple[bool, int]]
) -> None:
    events = [event(number, arrival) for number, arrival in enumerate(arrivals)]
    world = World()
    for batch, strike in itertools.zip_longest(deliveries, strikes):
        crash, call = strike or (False, 0)
        faults = Faults(crash_before=call) if crash else Faults(lose_after=call)
        with suppress(Crash, DependencyError):
            world.receive([events[index % len(events)] for index in batch or []], faults)
    world.receive(events)
    world.check(events)


def test_the_records_of_a_report_are_in_one_partition() -> None:
    world = World()
    world.receive([event(1, 0)])
    partitions = {key.pk for key in world.table.items if key != Key(key.pk, "window")}
    assert len(partitions) == 1
