"""A quota is shared by all runners; a reservation takes one read and one write."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.quota import SPAN_SECONDS
from alert_responder.errors import ConditionFailedError
from alert_responder.store.keys import quota
from alert_responder.store.quotas import Quotas, Reserved
from alert_responder.store.table import Item, Key, Put, Table, Update
from tests.fakes.memory import Crash, Faults, Interleaved, MemoryTable
from tests.fakes.meter import Meter, MeteredTable
from tests.unit.adapters.test_table_contract import create_table

FAR = 10**15
NEXT = SPAN_SECONDS * 1000


@pytest.fixture(params=["dynamodb", "memory"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client)
        yield DynamoDBTable(client, "table")


def test_runners_share_a_quota_and_inspectors_do_not(table: Table) -> None:
    one, other = Quotas(table), Quotas(table)
    assert one.reserve("virustotal", "R1", 4, 3, 0, FAR) == Reserved((0, 0, 0), None)
    assert other.reserve("virustotal", "R2", 4, 3, 500, FAR) == Reserved((0, NEXT, NEXT), None)
    assert other.reserve("whois", "R2", 4, 1, 700, FAR) == Reserved((0,), None)
    assert one.reserve("virustotal", "R2", 4, 3, 900, FAR) == Reserved((), NEXT), "it holds half a minute's worth"
    assert one.reserve("virustotal", "R1", 4, 3, 900, FAR) == Reserved((NEXT, NEXT), NEXT)
    assert one.reserve("virustotal", "R3", 4, 1, 900, FAR) == Reserved((2 * NEXT,), None)


def test_slots_that_an_earlier_version_granted_count(table: Table) -> None:
    table.write(Put(quota("i"), {"granted": [[0, 3], [NEXT // 1000, 4]], "writes": 7}))
    assert Quotas(table).reserve("i", "R1", 4, 2, 500, FAR) == Reserved((2 * NEXT, 2 * NEXT), None)


def test_a_reservation_costs_one_read_and_one_write_and_a_refusal_one_read() -> None:
    meter = Meter()
    quotas = Quotas(MeteredTable(MemoryTable(), meter))
    assert quotas.reserve("i", "R1", 4, 10, 0, 10_000) == Reserved((0, 0, 0, 0), None)
    assert meter.requests == {"GetItem": 1, "PutItem": 1}
    assert quotas.reserve("i", "R1", 4, 10, 0, 10_000) == Reserved((), None)
    assert meter.requests == {"GetItem": 2, "PutItem": 1}


def test_a_concurrent_reservation_fails_and_reserves_nothing(table: Table) -> None:
    class Overtaken:
        """Has another runner reserve between the read and the write."""

        def __init__(self) -> None:
            self.overtake: Callable[[], Any] | None = lambda: Quotas(table).reserve("i", "R1", 4, 1, 0, FAR)

        def get(self, key: Key) -> Item | None:
            found = table.get(key)
            if self.overtake:
                self.overtake()
            return found

        def write(self, action: Put | Update) -> None:
            table.write(action)

    overtaken: Any = Overtaken()
    quotas = Quotas(overtaken)
    for _ in range(2):
        with pytest.raises(ConditionFailedError):
            quotas.reserve("i", "R1", 4, 1, 0, FAR)
    overtaken.overtake = None
    assert quotas.reserve("i", "R1", 4, 3, 0, FAR).times == (0, 0, NEXT), "two are the others'"


@pytest.mark.parametrize("call", [1, 2])
def test_a_reservation_whose_response_is_lost_stays_unused(call: int) -> None:
    table = MemoryTable(Faults(lose_after=call))
    with pytest.raises(Exception, match="lost"):
        Quotas(table).reserve("i", "R1", 4, 2, 0, FAR)
    table.faults = Faults()
    expected = (0, 0, 0, 0) if call == 1 else (0, 0, NEXT, NEXT)
    assert Quotas(table).reserve("i", "R2", 4, 4, 0, FAR).times == expected


def test_a_runner_that_dies_before_the_write_reserves_nothing() -> None:
    table = MemoryTable(Faults(crash_before=2))
    with pytest.raises(Crash):
        Quotas(table).reserve("i", "R1", 1, 1, 0, FAR)
    table.faults = Interleaved(99, lambda: None)
    assert Quotas(table).reserve("i", "R1", 1, 1, 0, FAR).times == (0,)


class LockedTable(MemoryTable):
    """A table for threads, with atomic calls as in DynamoDB."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Item | None:
        with self._lock:
            return super().get(key)

    def write(self, action: Put | Update) -> None:
        with self._lock:
            super().write(action)


@pytest.mark.parametrize("per_minute", [1, 4, 30])
def test_concurrent_reservations_stay_within_the_quota(per_minute: int) -> None:
    table = LockedTable()

    def runner(number: int) -> list[int]:
        """Reserve as one runner with an inaccurate clock, until it has all its slots."""
        quotas, found = Quotas(table), list[int]()
        for round_ in range(10):
            now = 1_000_000 + round_ * 7_000 + number * 37
            while True:
                with suppress(ConditionFailedError):
                    report = f"{number} {round_} {len(found)}"
                    found += quotas.reserve("i", report, per_minute, 1, now, FAR).times
                    if len(found) == (1 + number % 3) * (round_ + 1):
                        break
        return found

    with ThreadPoolExecutor(16) as executor:
        times = [time // 1000 for found in executor.map(runner, range(16)) for time in found]
    assert len(times) == sum(10 * (1 + number % 3) for number in range(16))
    for start in sorted(set(times)):
        assert sum(start <= second < start + SPAN_SECONDS for second in times) <= per_minute
