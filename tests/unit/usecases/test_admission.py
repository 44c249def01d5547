"""Alerts above `max_new_reports_per_hour` go to one overflow report of their detector and hour."""

import itertools
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert
from alert_responder.domain.admission import HOUR_MS, NO_LIMITS, AdmissionLimits
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.records import Event, Head
from alert_responder.errors import DependencyError
from alert_responder.store import items, keys
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.store.table import Key
from alert_responder.usecases.admission import Admission
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.intake import take_in
from alert_responder.usecases.receive import Receiver, StoredAlerts
from tests.fakes.memory import Crash, Faults, MemoryTable, MemoryWorkflow
from tests.fakes.plugins import MemoryArchive

WINDOW = 3 * HOUR_MS
NOON = 500_000 * HOUR_MS
NOW = NOON + 5 * HOUR_MS


def event(number: int, key: str, arrival: int = NOON, detector: str = "edr", value: str = "") -> Event:
    alert = {"detector": detector, "rule_id": "beacon", "alert_key": key, "rule_name": f"Beacon {key}"}
    attributes = [{"type": "domain", "value": value, "key": "name"}] if value else []
    return Event(f"e{number}", arrival, str(number), Alert.model_validate({**alert, "attributes": attributes}))


def flood(count: int, arrival: int = NOON, first: int = 0) -> list[Event]:
    """Build alerts of different keys, one millisecond apart."""
    return [event(number, f"host{number}", arrival + number) for number in range(first, first + count)]


class World:
    """A table, a workflow, and receptors with different limits."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.workflow = MemoryWorkflow()
        self.stored: list[StoredAlerts] = []
        self._ids = itertools.count(1)

    def receive(self, events: Sequence[Event], limits: AdmissionLimits, faults: Faults | None = None) -> Faults:
        """Deliver a batch to a new receptor, which may fail."""
        faults = faults or Faults()
        self.table.faults = self.workflow.faults = faults
        store = ReportStore(self.table, Retention(1))
        receiver = Receiver(
            store, self.workflow, lambda: NOW, self._new_id, WINDOW, ReportCaps(MemoryArchive), Admission(limits)
        )
        try:
            take_in(receiver, events, self.stored.append)
        finally:
            self.table.faults = self.workflow.faults = Faults()
        return faults

    def heads(self) -> list[Head]:
        return [items.read_head(item) for key, item in sorted(self.table.items.items()) if key.sk == "head"]

    def homes(self) -> dict[str, set[str]]:
        """Return the reports of each event."""
        found: dict[str, set[str]] = {}
        for key, item in self.table.items.items():
            if key.sk.startswith(keys.GROUPS):
                for event_id, _ in items.read_group(item).events:
                    found.setdefault(event_id, set()).add(keys.report_id_of(key.pk))
        return found

    def overflowed(self) -> dict[tuple[str, int], set[str]]:
        """Return the events of each overflow report, by its scope and hour."""
        homes = self.homes()
        return {
            (head.overflow.scope, head.ends // HOUR_MS - 1): {e for e, of in homes.items() if head.report_id in of}
            for head in self.heads()
            if head.overflow
        }

    def check(self, events: Iterable[Event]) -> None:
        """Check that each event is in one report, and that each report is complete and started."""
        homes = self.homes()
        assert homes.keys() == {each.event_id for each in events}
        assert all(len(reports) == 1 for reports in homes.values()), homes
        started = {(report_id, round_) for report_id, round_, _ in self.workflow.started}
        for head in self.heads():
            assert (head.report_id, head.round) in started
            groups = [key for key in self.table.items if key.pk == keys.report(head.report_id) and "alerts/" in key.sk]
            assert head.revision == len(groups)

    def _new_id(self, milliseconds: int) -> str:
        return ulid(milliseconds, next(self._ids).to_bytes(10, "big"))


def names(numbers: Iterable[int]) -> set[str]:
    return {f"e{number}" for number in numbers}


@pytest.mark.parametrize("limit", [1, 7, 39, 40, 165])
def test_as_many_reports_open_in_an_hour_as_the_limit_allows(limit: int) -> None:
    world, events = World(), flood(200)
    world.receive(events, AdmissionLimits(limit, None))
    assert len(world.heads()) == limit + 1
    assert world.overflowed() == {("detector", NOON // HOUR_MS): names(range(limit, 200))}
    world.check(events)


def test_without_limits_each_key_has_its_report() -> None:
    world, events = World(), flood(60)
    world.receive(events, NO_LIMITS)
    assert len(world.heads()) == 60
    assert not [key for key in world.table.items if key.pk.startswith("admission/")]


def test_each_detector_has_its_own_limit_and_overflow_report() -> None:
    world = World()
    events = [event(number, f"{number}", detector=f"d{number % 2}") for number in range(8)]
    world.receive(events, AdmissionLimits(3, 100))
    assert sorted(len(found) for found in world.homes().values()) == [1] * 8
    assert [head.overflow.limit for head in world.heads() if head.overflow] == [3, 3]
    assert len({head.alert_id for head in world.heads()}) == 8


def test_many_detectors_share_the_limit_and_the_overflow_report_of_the_installation() -> None:
    world = World()
    events = [event(number, "k", NOON + number, f"detector {number}") for number in range(30)]
    world.receive(events, AdmissionLimits(5, 10))
    assert world.overflowed() == {("installation", NOON // HOUR_MS): names(range(10, 30))}
    assert len(world.heads()) == 11
    world.check(events)


def test_a_detector_beyond_its_own_limit_keeps_its_overflow_report_when_the_installation_is_full() -> None:
    world = World()
    mine = [event(number, f"{number}", NOON + number) for number in range(4)]
    others = [event(number, "k", NOON + number, f"d{number}") for number in range(4, 12)]
    world.receive([*mine, *others], AdmissionLimits(2, 6))
    # In another process, which knows of nothing that is full.
    later = [event(20, "other", NOON + 20, "one more"), event(21, "new", NOON + 21)]
    world.receive(later, AdmissionLimits(2, 6))
    hour = NOON // HOUR_MS
    assert world.overflowed() == {
        ("detector", hour): names([2, 3, 21]),
        ("installation", hour): names([*range(8, 12), 20]),
    }


def test_the_arrival_of_an_alert_decides_its_hour() -> None:
    """The clock of the receptor is five hours ahead."""
    world = World()
    events = [*flood(3, NOON), *flood(3, NOON + HOUR_MS, first=3)]
    world.receive(list(reversed(events)), AdmissionLimits(2, None))
    hour = NOON // HOUR_MS
    assert world.overflowed() == {("detector", hour): names([2]), ("detector", hour + 1): names([5])}


LIMITS = [AdmissionLimits(1, None), AdmissionLimits(100, 100), NO_LIMITS]


@pytest.mark.parametrize("changed", LIMITS)
@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_a_redelivery_with_another_limit_changes_nothing(changed: AdmissionLimits, order: slice) -> None:
    world, events = World(), flood(12)
    world.receive(events, AdmissionLimits(4, None))
    before = world.homes()
    world.receive(events[order], changed)
    for one in events[order]:
        world.receive([one], changed)
    assert world.homes() == before
    assert len(world.heads()) == 5


def test_alerts_of_a_key_without_a_report_join_the_overflow_report_until_the_hour_ends() -> None:
    world, one = World(), AdmissionLimits(1, None)
    world.receive([event(0, "a")], one)
    world.receive([event(1, "b", NOON + 10)], one)
    same_hour = [event(2, "b", NOON + HOUR_MS - 1), event(3, "b", NOON + 5)]
    world.receive(same_hour, NO_LIMITS)
    assert world.overflowed() == {("detector", NOON // HOUR_MS): names([1, 2, 3])}
    # It comes again in the next hour, in which there is room, and then alerts of the first hour come late.
    world.receive([event(4, "b", NOON + HOUR_MS)], one)
    world.receive([event(5, "b", NOON + 20), event(1, "b", NOON + 10)], one)
    assert world.overflowed() == {("detector", NOON // HOUR_MS): names([1, 2, 3, 5])}
    assert len(world.heads()) == 3


def test_a_key_can_be_in_overflow_reports_of_several_hours() -> None:
    """Its alerts are found in each of them, and in the report before, however late they are delivered again."""
    world, one = World(), AdmissionLimits(1, None)
    own = event(0, "b", NOON)
    others = [event(10 + hour, f"a{hour}", NOON + hour * HOUR_MS) for hour in range(3, 6)]
    world.receive([own], one)
    world.receive(others, one)
    late = [event(hour, "b", NOON + hour * HOUR_MS + 10) for hour in range(3, 6)]
    for each in late:
        world.receive([each], one)
    before = world.homes()
    assert sorted(world.overflowed().values(), key=sorted) == [names([3]), names([4]), names([5])]
    again = [own, *others, *late]
    for each in again:
        world.receive([each], NO_LIMITS)
    world.receive(again, one)
    assert world.homes() == before
    assert len(before["e0"] | before["e3"] | before["e4"] | before["e5"]) == 4


def test_one_delivery_can_contain_alerts_of_several_hours() -> None:
    """Both hours have the same keys: in the second hour, a new decision is made about each."""
    world = World()
    events = [event(number, f"{number % 3}", NOON + number // 3 * HOUR_MS) for number in range(12)]
    world.receive(events, AdmissionLimits(1, None))
    world.check(events)
    overflowed = world.overflowed()
    # The first key's report takes its alerts for three hours; one key has its own report in each of the hours.
    assert [len(found) for _, found in sorted(overflowed.items())] == [2, 1]
    before = world.homes()
    world.receive(events, NO_LIMITS)
    assert world.homes() == before


def test_a_decision_that_has_expired_is_made_again() -> None:
    """As for every report, expired records are treated as missing."""
    world, one = World(), AdmissionLimits(1, None)
    world.receive(flood(3), one)
    for item in world.table.items.values():
        item["expires_at"] = NOW // 1000
    late = event(9, "host2", NOON + 50)
    world.receive([late], NO_LIMITS)
    assert len(world.homes()["e9"]) == 1
    assert len([head for head in world.heads() if head.ends == NOON + 50 + WINDOW]) == 1


def test_a_flood_of_keys_takes_few_calls() -> None:
    world, events = World(), flood(2_000)
    calls = world.receive(events, AdmissionLimits(10, None)).calls
    # A read of each key's window, and a transaction for 40 of them.
    assert calls <= 2_000 + 2_000 / 40 * 5 + 100
    again = world.receive(events, AdmissionLimits(10, None)).calls
    assert again <= 2_000 + 2_000 / 1_000 * 6 + 100
    assert world.overflowed() == {("detector", NOON // HOUR_MS): names(range(10, 2_000))}


BATCH = [*flood(6), event(6, "host5", NOON + HOUR_MS), event(7, "x", detector="other"), event(8, "host0", NOON + 9)]
FEW = AdmissionLimits(2, 3)


def test_a_crash_before_any_call_and_a_second_delivery_store_the_same() -> None:
    for call in range(1, World().receive(BATCH, FEW).calls + 1):
        world = World()
        with pytest.raises(Crash):
            world.receive(BATCH, FEW, Faults(crash_before=call))
        world.receive(BATCH, FEW)
        world.check(BATCH)
        assert len(world.heads()) == 5, f"crash before call {call}"


def test_a_lost_response_of_any_call_and_a_second_delivery_store_the_same() -> None:
    for call in range(1, World().receive(BATCH, FEW).calls + 1):
        world = World()
        with suppress(DependencyError):
            world.receive(BATCH, FEW, Faults(lose_after=call))
        world.receive(BATCH, FEW)
        world.check(BATCH)
        assert len(world.heads()) == 5, f"response of call {call} lost"


class Between(Faults):
    """Has other receptors store alerts before one call."""

    def __init__(self, world: World, before: int, events: Sequence[Event], limits: AdmissionLimits) -> None:
        super().__init__()
        self._world, self._before, self._events, self._limits = world, before, events, limits

    def call(self, do: Any) -> Any:
        """Make a call, after those of the others."""
        self.calls += 1
        if self.calls == self._before:
            self._world.receive(self._events, self._limits)
            self._world.table.faults = self._world.workflow.faults = self
        return do()


@pytest.mark.parametrize("others", [BATCH, BATCH[3:5], [event(20, "more"), event(21, "host4")]])
@pytest.mark.parametrize("limits", [FEW, NO_LIMITS])
def test_another_receptor_can_store_alerts_between_any_two_calls(others: list[Event], limits: AdmissionLimits) -> None:
    for call in range(1, World().receive(BATCH, FEW).calls + 1):
        world = World()
        world.receive(BATCH, FEW, Between(world, call, others, limits))
        world.check([*BATCH, *others])
        if limits == FEW:
            opened = [head for head in world.heads() if not head.overflow]
            assert len(opened) == 4, f"before call {call}"
        assert len({head.alert_id for head in world.heads() if head.overflow}) == len(world.overflowed())


@given(
    alerts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 1)), min_size=1, max_size=10),
    deliveries=st.lists(
        st.tuples(
            st.lists(st.integers(0, 9), max_size=8),
            st.sampled_from([None, 1, 2]),
            st.sampled_from([None, 1, 3]),
            st.booleans(),
            st.integers(0, 30),
        ),
        max_size=5,
    ),
)
def test_any_deliveries_with_any_limits_end_with_each_alert_in_one_report(
    alerts: list[tuple[int, int, int]],
    deliveries: list[tuple[list[int], int | None, int | None, bool, int]],
) -> None:
    events = [
        event(number, f"k{key}", NOON + at * HOUR_MS // 2, f"d{detector}")
        for number, (key, at, detector) in enumerate(alerts)
    ]
    world = World()
    for batch, per_detector, per_installation, crash, call in deliveries:
        faults = Faults(crash_before=call) if crash else Faults(lose_after=call)
        with suppress(Crash, DependencyError):
            limits = AdmissionLimits(per_detector, per_installation)
            world.receive([events[index % len(events)] for index in batch], limits, faults)
    world.receive(events, AdmissionLimits(1, 1))
    world.check(events)


def test_counters_are_items_of_the_hour_that_expire() -> None:
    world = World()
    world.receive(flood(500), AdmissionLimits(500, 2_000))
    counted = {key: item["opened"] for key, item in world.table.items.items() if key.pk.startswith("admission/")}
    of_installation = {key: n for key, n in counted.items() if "/installation/" in key.pk}
    assert sum(of_installation.values()) == sum(counted.values()) // 2 == 500
    assert len(of_installation) > 1, "all threads would wait for one item"
    assert all(key.pk.startswith(f"admission/{NOON // HOUR_MS}/") for key in counted)
    assert {item["expires_at"] for key, item in world.table.items.items() if key in counted} == {
        (NOON + HOUR_MS) // 1000 + 86_400
    }
    assert Key("nothing", "else") not in counted
