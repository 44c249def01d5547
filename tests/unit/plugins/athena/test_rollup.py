"""Counting days: each once, the missing ones made up for, within the budget."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, ReadTimeoutError

from alert_responder.store.table import Item, Key
from alert_responder_cli.aws.in_memory import MemoryTable
from alert_responder_plugins.athena.client import Athena
from alert_responder_plugins.athena.rollup import DAYS_PER_RUN, RollupRun
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.logs.budget import Budget
from tests.unit.plugins.athena.builders import NOW, ROLLUP, SOURCES, PreparedAthena, moving_clock

GB = 1_000_000_000


class StrictTable(MemoryTable):
    """Refuses a range that ends before it begins, as DynamoDB does."""

    def query(self, pk: str, first: str, last: str) -> list[Item]:
        assert first <= last, "ValidationException"
        return super().query(pk, first, last)


def run(
    client: Any,
    table: MemoryTable,
    *,
    days: int = 0,
    daily: int = 500 * GB,
    seconds: float = 850,
    sources: Sequence[Source] = SOURCES[:1],
    created: datetime = NOW - timedelta(days=400),
) -> RollupRun:
    clock, sleep = moving_clock()

    def now() -> Any:
        return NOW + timedelta(days=days)

    return RollupRun(
        name="athena",
        sources=sources,
        rollup=ROLLUP,
        created=created,
        athena=Athena(lambda: client, "security", None),
        budget=lambda cutoff: Budget(table, "athena", daily, cutoff, now),
        table=table,
        deadline=Deadline(seconds, clock, sleep),
        now=now,
    )


def test_missing_days_are_counted_once_the_latest_first() -> None:
    client, table = PreparedAthena(), MemoryTable()
    first = run(client, table).run()
    assert [one.day for one in first] == ["2026-11-26", "2026-11-25", "2026-11-24", "2026-11-23"]
    assert [one.failure for one in first] == [""] * DAYS_PER_RUN
    again = run(client, table).run()
    assert [one.day for one in again] == ["2026-11-22", "2026-11-21", "2026-11-20", "2026-11-19"]
    for _ in range(10):
        run(client, table).run()
    assert len(client.queries) == 30
    assert [one.day for one in run(client, table, days=1).run()] == ["2026-11-27"]
    assert all(query.startswith('INSERT INTO "security"."rollup"') for query in client.queries)
    assert "\"timestamp\" IN ('2026/11/26', '2026/11/27')" in client.queries[0]
    assert "eventtime >= '2026-11-26T00:00:00' AND eventtime < '2026-11-27T00:00:00'" in client.queries[0]


def test_a_failed_day_is_counted_by_the_next_run() -> None:
    table = MemoryTable()
    [one, *_] = run(PreparedAthena("FAILED", "TABLE_NOT_FOUND"), table).run()
    assert "does not exist" in one.failure
    assert run(PreparedAthena(), table).run()[0].day == one.day


def test_the_budget_of_the_day_ends_a_run() -> None:
    client, table = PreparedAthena(scanned=9 * GB), MemoryTable()
    counted = run(client, table, daily=25 * GB).run()
    assert [one.failure for one in counted] == [
        "",
        "",
        "the rest of max_gb_per_day (UTC) is less than the limit of this query, which is reserved before it starts.",
    ]
    assert len(client.queries) == 2


def test_a_query_that_takes_too_long_is_stopped_and_stays_reserved() -> None:
    client, table = PreparedAthena("RUNNING"), MemoryTable()
    [one] = run(client, table, seconds=60).run()
    assert one.failure == "The query was stopped, because its time was over."
    assert client.calls.count("stop_query_execution") == 1
    assert table.items[Key("budget/athena/2026-11-27", "bytes")]["bytes"] == 10 * GB


def test_a_source_without_a_baseline_is_not_counted() -> None:
    client = PreparedAthena()
    sources = (replace(SOURCES[0], name="a", baseline_days=0), replace(SOURCES[1], baseline_days=1))
    assert [one.source for one in run(client, StrictTable(), sources=sources).run()] == ["flows"]


def test_days_are_counted_again_into_a_new_table() -> None:
    """The list of counted days outlives `terraform destroy`, the counts do not."""
    table = MemoryTable()
    before = run(PreparedAthena(), table).run()
    assert run(PreparedAthena(), table).run()[0].day != before[0].day
    again = run(PreparedAthena(), table, created=NOW + timedelta(hours=1), days=1).run()
    assert [one.day for one in again][1:] == [one.day for one in before][:3]


@pytest.mark.parametrize(("error", "counted"), [(ReadTimeoutError, 10 * GB), (ConnectTimeoutError, 0)])
def test_a_query_whose_start_may_have_succeeded_is_counted(error: type[BotoCoreError], counted: int) -> None:
    client, table = PreparedAthena(start_error=error(endpoint_url="https://athena")), MemoryTable()
    [one, *_] = run(client, table).run()
    assert one.failure == f"Athena did not answer athena:StartQueryExecution ({error.__name__})."
    starts = client.calls.count("start_query_execution")
    assert table.items[Key("budget/athena/2026-11-27", "bytes")]["bytes"] == starts * counted
