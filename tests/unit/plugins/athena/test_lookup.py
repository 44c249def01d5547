"""Outcomes of lookups: failures, the budget, the deadline, and the number of calls."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from alert_responder.errors import DependencyError
from alert_responder.plugin import InspectionAnswer
from alert_responder.store.table import Action, Key
from alert_responder_cli.aws.in_memory import MemoryTable
from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.custom_queries import CustomQuery
from alert_responder_plugins.athena.query import MAX_QUERY, result_columns
from alert_responder_plugins.athena.rows import read_row
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.logs.budget import Budget
from alert_responder_plugins.logs.summary import QueryFacts, SourceAnswer, combined, contents_of
from alert_responder_plugins.logs.windows import around
from tests.unit.plugins.athena.builders import NOW, SOURCES, PreparedAthena, custom_query, inspector, moving_clock, task

GB = 1_000_000_000
COUNTER = Key("budget/athena/2026-11-27", "bytes")


class AtomicTable(MemoryTable):
    """Performs one call at a time, as DynamoDB does for one item; moto does not."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()

    def perform(self, do: Callable[[], Any]) -> Any:
        with self._lock:
            return super().perform(do)


class CountedTable(MemoryTable):
    """Counts its calls."""

    calls = 0

    def perform(self, do: Callable[[], Any]) -> Any:
        self.calls += 1
        return super().perform(do)


def error(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "StartQueryExecution")


def look_up(client: Any, table: Any = None, **options: Any) -> InspectionAnswer | None:
    asked = task("username", "alice")
    return inspector(client, table, **options).look_up([asked])[asked.task_id]


def failed(answer: InspectionAnswer | None) -> str:
    assert answer is not None
    assert answer.failed is not None
    assert answer.contents == ()
    return answer.failed


ACTION = "User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: glue:GetTable on resource: y"


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        (
            "TABLE_NOT_FOUND: line 9:8: Table 'awsdatacatalog.security.cloudtrail' does not exist",
            "The table security.cloudtrail does not exist, or the role may not see it.",
        ),
        (
            "COLUMN_NOT_FOUND: line 5:3: Column 'tlsdetails' cannot be resolved or requester is not authorized to",
            "The table security.cloudtrail has no column tlsdetails, or the role may not read it. Check dialect and",
        ),
        (f"Insufficient permissions to execute the query. {ACTION}", "lacks the permission glue:GetTable"),
        ("Insufficient Lake Formation permission(s) on cloudtrail", "lacks the permission SELECT of Lake Formation"),
        ("Access Denied (Service: Amazon S3; Status Code: 403)", "lacks the permission s3:GetObject"),
        ("Access denied when writing output to url: s3://x", "lacks the permission s3:PutObject"),
        ("Query cancelled! : Bytes scanned limit was exceeded", "more than the limit of a query"),
        ("HIVE_BAD_DATA: 'secret' of alice", "The query on security.cloudtrail failed (HIVE_BAD_DATA)."),
    ],
)
def test_failed_queries_say_what_to_change(reason: str, wanted: str) -> None:
    answer = look_up(PreparedAthena("FAILED", reason))
    assert answer is not None
    assert wanted in failed(answer)
    assert "alice" not in failed(answer)
    assert answer.incomplete == (failed(answer) if "limit" in reason else None)


def test_a_query_that_somebody_cancelled() -> None:
    assert "was cancelled" in failed(look_up(PreparedAthena("CANCELLED", "Query was cancelled by user")))


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException"])
def test_throttled_starts(code: str) -> None:
    answer = look_up(PreparedAthena(start_error=error(code)))
    assert answer is not None
    assert answer.throttled == "cloudtrail: Athena throttled athena:StartQueryExecution."


def test_a_full_queue_is_throttled() -> None:
    answer = look_up(PreparedAthena("FAILED", "Query exhausted resources at this scale factor"))
    assert answer is not None
    assert answer.throttled == "cloudtrail: Athena had no capacity for the query on security.cloudtrail."


def test_a_start_without_permission_names_the_action() -> None:
    answer = look_up(PreparedAthena(start_error=error("AccessDeniedException", "no")))
    assert "lacks the permission athena:StartQueryExecution" in failed(answer)


def test_athena_does_not_answer() -> None:
    answer = look_up(PreparedAthena(start_error=ConnectTimeoutError(endpoint_url="https://athena")))
    assert "Athena did not answer athena:StartQueryExecution (ConnectTimeoutError)." in failed(answer)


def test_no_data_in_the_window_is_not_the_same_as_no_event() -> None:
    answer = look_up(PreparedAthena(scanned=0))
    assert answer is not None
    text = answer.unknown or ""
    assert "security.cloudtrail has no data from 2026-11-26T13:00Z to 2026-11-27T14:00Z" in text
    assert "does not mean that nothing happened" in text
    assert look_up(PreparedAthena(scanned=5_000_000)) is None


def test_a_source_that_failed_is_noted_beside_what_others_know() -> None:
    fields = dict.fromkeys(result_columns(SOURCES[0]), "")
    fields |= {"place": "0", "way": "by", "action": "ListBuckets", "times": "2", "last_at": "2026-11-27T12:00:00Z"}
    known = SourceAnswer(
        "cloudtrail",
        contents_of(
            "cloudtrail",
            "calls",
            "username",
            [read_row(SOURCES[0], list(fields), list(fields.values()))],
            around(NOW, NOW, timedelta(hours=24), timedelta(hours=1)),
            QueryFacts("Athena", "q", 1, 0.00005, "https://console.example.com/q", 1),
        ),
    )
    answer = combined([known, SourceAnswer("flows", kind="failed", reason="no such table.")], "Athena")
    assert answer is not None
    assert [content.type for content in answer.contents] == ["user", "note", "note"]
    last = answer.contents[-1]
    assert last.type == "note"
    assert last.text == "flows: no such table."


def test_a_workgroup_without_a_limit_is_refused() -> None:
    client = PreparedAthena(cutoff=None)
    with pytest.raises(SettingsFaultError, match="has no limit of bytes"):
        look_up(client)
    assert client.queries == []


def test_queries_are_stopped_before_the_time_is_over() -> None:
    client, table = PreparedAthena("RUNNING"), MemoryTable()
    answer = look_up(client, table)
    assert answer is not None
    assert answer.throttled == "cloudtrail: the query was stopped, because its time was over."
    assert client.calls.count("stop_query_execution") == 1
    # What it scanned is not known.
    assert table.items[COUNTER]["bytes"] == 10 * GB


def test_no_query_is_started_when_the_time_is_nearly_over() -> None:
    clock, sleep = moving_clock()

    class SlowStarts(PreparedAthena):
        def start_query_execution(self, **request: Any) -> dict[str, Any]:
            sleep(9)
            return super().start_query_execution(**request)

    client, table = SlowStarts(), MemoryTable()
    tasks = [task("username", f"user-{n}", n, NOW - timedelta(days=3 * n)) for n in range(8)]
    answers = inspector(client, table, time=(clock, sleep)).look_up(tasks)

    # Starts end after 9, 18, 27 and 36 of 40 seconds, and 5 are kept.
    assert client.calls.count("start_query_execution") == 4
    assert client.calls.count("stop_query_execution") == 4
    reasons = [answer.throttled if (answer := answers[f"athena/{n}"]) else None for n in range(8)]
    assert reasons == [
        *["cloudtrail: the query was stopped, because its time was over."] * 4,
        *["cloudtrail: the query was not started, because the time was over."] * 4,
    ]
    assert table.items[COUNTER]["bytes"] == 4 * 10 * GB


def test_the_budget_is_settled_by_what_was_scanned() -> None:
    table = MemoryTable()
    look_up(PreparedAthena(scanned=3 * GB), table)
    assert table.items[COUNTER]["bytes"] == 3 * GB
    look_up(PreparedAthena("FAILED", "x", scanned=GB), table)
    assert table.items[COUNTER]["bytes"] == 4 * GB
    look_up(PreparedAthena(start_error=error("TooManyRequestsException")), table)
    assert table.items[COUNTER]["bytes"] == 4 * GB


def test_over_the_budget_nothing_is_started() -> None:
    client, table = PreparedAthena(scanned=5 * GB), MemoryTable()
    for _ in range(3):
        look_up(client, table, daily=20 * GB)
    assert len(client.queries) == 3
    answer = look_up(client, table, daily=20 * GB)
    assert answer is not None
    assert answer.throttled == (
        "cloudtrail: the rest of max_gb_per_day (UTC) is less than the limit of this query, which is reserved before "
        "it starts."
    )
    assert len(client.queries) == 3


def test_a_part_of_the_queries_when_the_budget_allows_no_more() -> None:
    client = PreparedAthena()
    answer = inspector(client, daily=25 * GB).look_up([task("ipaddr", "192.0.2.1")])["athena/0"]
    assert len(client.queries) == 2
    assert answer is not None
    assert answer.throttled is not None
    assert answer.throttled.startswith("names: the rest of max_gb_per_day")


def test_settling_twice_counts_once() -> None:
    table = MemoryTable()
    budget = Budget(table, "athena", 100 * GB, 10 * GB, lambda: NOW)
    reservation = budget.reserve(2)
    budget.settle(reservation, 3 * GB)
    budget.settle(reservation, 3 * GB)
    assert table.items[COUNTER]["bytes"] == 3 * GB


class UnsettledTable(MemoryTable):
    """Fails each transaction, with which budgets are settled."""

    def transact(self, actions: Sequence[Action]) -> None:
        raise DependencyError("the table is throttled")


def test_a_budget_that_cannot_be_settled_loses_no_paid_answer() -> None:
    client, table = PreparedAthena(scanned=3 * GB, rows=(("value",), ("alice",))), UnsettledTable()
    answer = look_up(client, table, sources=(), queries=(custom_query(),))
    assert answer is not None
    assert answer.contents
    assert table.items[COUNTER]["bytes"] == 10 * GB


def test_ten_functions_at_once_keep_the_budget() -> None:
    """Each reserves before it starts: what runs and what was scanned never exceeds the limit."""
    table, lock = AtomicTable(), Lock()
    state = {"running": 0, "scanned": 0, "worst": 0, "granted": 0}

    def function(number: int) -> None:
        budget = Budget(table, "athena", 100 * GB, 10 * GB, lambda: NOW)
        for round_number in range(6):
            reservation = budget.reserve(1 + (number + round_number) % 3)
            with lock:
                state["running"] += reservation.size
                state["granted"] += reservation.queries
                state["worst"] = max(state["worst"], state["running"] + state["scanned"])
            scanned = reservation.queries * 3 * GB
            with lock:
                state["running"] -= reservation.size
                state["scanned"] += scanned
            budget.settle(reservation, scanned)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(function, range(10)))

    assert state["worst"] <= 100 * GB
    assert state["scanned"] >= 30 * GB
    assert table.items[COUNTER]["bytes"] == state["scanned"]


class LongResults(PreparedAthena):
    """Returns each result in two pages, the most that a query allows."""

    def get_query_results(self, **request: Any) -> dict[str, Any]:
        found = super().get_query_results(**request)
        return {"ResultSet": {"Rows": []}} if "NextToken" in request else {**found, "NextToken": "2"}


KINDS = (("ipaddr", "192.0.2.{}"), ("username", "user-{}"), ("domain", "n{}.example"), ("instance", "i-{:017x}"))


@pytest.mark.parametrize("kinds", [KINDS, KINDS[:1], KINDS[1:3], KINDS[::-1]], ids=["mixed", "one", "two", "reversed"])
@pytest.mark.parametrize("windows", [1, 2, 4])
@pytest.mark.parametrize(
    "queries", [(), (custom_query(), replace(custom_query(), name="second"))], ids=["built-in", "custom"]
)
@pytest.mark.parametrize("baseline_days", [0, 30])
def test_calls_depend_on_queries_alone(
    kinds: Sequence[tuple[str, str]], windows: int, queries: Sequence[CustomQuery], baseline_days: int
) -> None:
    """Each query takes a start and two pages; a call of the inspector 3 more: the workgroup, reserving and settling."""
    client, table = LongResults(), CountedTable()
    sources = [replace(source, baseline_days=baseline_days) for source in SOURCES]
    tasks = [
        task(
            kinds[number % len(kinds)][0],
            kinds[number % len(kinds)][1].format(number),
            number,
            NOW - timedelta(days=5 * (number % windows)),
        )
        for number in range(100)
    ]

    answers = inspector(client, table, sources=sources, queries=queries).look_up(tasks)

    assert len(answers) == 100
    assert len(client.queries) <= windows * (len(sources) + len(queries))
    polls = client.calls.count("batch_get_query_execution")
    assert len(client.calls) + table.calls - polls <= 3 + 3 * len(client.queries)
    if windows == 1 and not queries:
        assert 3 + 3 * len(client.queries) <= 12


def test_alerts_with_many_times_start_a_limited_number_of_queries() -> None:
    client = PreparedAthena()
    tasks = [task("username", f"user-{n}", n, NOW - timedelta(days=10 * n)) for n in range(60)]
    answers = inspector(client).look_up(tasks)
    assert len(client.queries) == 20
    late = answers["athena/59"]
    assert late is not None
    assert late.throttled == "cloudtrail: the attributes of this round need too many queries."


def test_alerts_with_many_times_take_no_queries_from_other_sources() -> None:
    """Each source is asked about its latest window first, and no alert is later than now."""
    client, table = PreparedAthena(), MemoryTable()
    forged = [task("ipaddr", f"198.51.100.{n}", n, NOW - timedelta(days=3 * n)) for n in range(1, 31)]
    genuine = task("ipaddr", "192.0.2.77", 31, NOW - timedelta(hours=9))

    answers = inspector(client, table).look_up([*forged, genuine])

    tables = [re.findall(r'FROM "security"\."(?!rollup)(\w+)"', query)[0] for query in client.queries]
    assert {name: tables.count(name) for name in tables} == {"cloudtrail": 7, "flows": 7, "names": 6}
    asked = b"192.0.2.77".hex()
    assert [name for name, query in zip(tables, client.queries, strict=True) if asked in query] == [
        "cloudtrail",
        "flows",
        "names",
    ]
    assert answers["athena/31"] is None
    assert answers["athena/30"] is not None


def test_the_budget_is_shared_by_the_sources() -> None:
    client = PreparedAthena()
    tasks = [task("ipaddr", f"198.51.100.{n}", n, NOW - timedelta(days=4 * n)) for n in range(12)]
    answers = inspector(client, daily=30 * GB).look_up(tasks)
    assert len(client.queries) == 3
    assert answers["athena/0"] is None
    assert all(answers[f"athena/{n}"] is not None for n in range(1, 12))


def test_accounts_of_a_source_take_turns() -> None:
    client = PreparedAthena()
    source = replace(SOURCES[0], account="recipientaccountid", baseline_days=0)
    forged = [task("username", f"user-{n}", n, NOW - timedelta(days=3 * n)) for n in range(30)]
    forged = [one.model_copy(update={"alert": one.alert.model_copy(update={"account": "1" * 12})}) for one in forged]
    genuine = task("username", "alice", 30)
    genuine = genuine.model_copy(update={"alert": genuine.alert.model_copy(update={"account": "2" * 12})})
    assert inspector(client, sources=(source,)).look_up([*forged, genuine])["athena/30"] is None
    assert len(client.queries) == 20


def test_windows_and_partitions_are_in_every_query() -> None:
    client = PreparedAthena()
    inspector(client).look_up([task("ipaddr", "192.0.2.1"), task("domain", "evil.example", 1)])
    cloudtrail, flows, names = client.queries
    assert "\"timestamp\" IN ('2026/11/26', '2026/11/27')" in cloudtrail
    assert "eventtime >= '2026-11-26T13:00:00' AND eventtime < '2026-11-27T14:00:00'" in cloudtrail
    assert "\"date\" IN (DATE '2026-11-26', DATE '2026-11-27')" in flows
    assert '"start" >= 1795698000 AND "start" < 1795788000' in flows
    assert "\"date\" IN ('2026/11/26', '2026/11/27')" in names
    # Each table is read once.
    assert all(len(re.findall(r'FROM "security"\."(?!rollup)', query)) == 1 for query in client.queries)


def test_an_alert_from_the_future_or_without_a_time_is_of_now() -> None:
    for at in (NOW + timedelta(days=400), None):
        client = PreparedAthena()
        inspector(client, sources=SOURCES[:1]).look_up([task("username", "alice", at=at)])
        assert "eventtime >= '2026-11-26T15:00:00' AND eventtime < '2026-11-27T16:00:00'" in client.queries[0]


def test_a_custom_query() -> None:
    query = custom_query(
        "SELECT who AS value, gate AS target, count(*) AS count FROM vpn "
        "WHERE seen BETWEEN :begins AND :ends AND who IN :values GROUP BY 1, 2"
    )
    client = PreparedAthena(rows=(("value", "target", "count"), ("alice", "gate-1", "7"), ("bob", "gate-2", "1")))
    answer = look_up(client, sources=(), queries=(query,))
    assert answer is not None
    [user, described] = answer.contents
    assert user.type == "user"
    assert [(one.target, one.count) for one in user.activities] == [("gate-1", 7)]
    assert described.type == "note"
    assert described.text == "1 row. 2,000,000,000 bytes scanned, 0.0100 USD for 1 attribute."
    [sql] = client.queries
    assert "\"day\" IN ('2026/11/26', '2026/11/27') AND \"seen\" >= TIMESTAMP '2026-11-26 13:00:00'" in sql
    assert "BETWEEN TIMESTAMP '2026-11-26 13:00:00' AND TIMESTAMP '2026-11-27 14:00:00'" in sql
    assert "who IN (from_utf8(from_hex('616c696365')))" in sql
    assert "alice" not in sql


def test_results_of_custom_queries_are_capped() -> None:
    rows = [("value", "action"), *(("alice", f"action {number}") for number in range(1001))]
    answer = look_up(PreparedAthena(rows=rows), sources=(), queries=(custom_query(),))
    assert answer is not None
    described = answer.contents[1]
    assert described.type == "note"
    assert described.text.startswith("At least 1,000 rows.")


def test_rows_of_long_values_belong_to_their_attribute() -> None:
    value = "ä" * 256
    asked = task("username", value)
    client = PreparedAthena(rows=(("value", "action"), (value, "connect")))
    answer = inspector(client, sources=(), queries=(custom_query(),)).look_up([asked])[asked.task_id]
    assert answer is not None
    assert answer.contents[1].type == "note"


def test_a_value_whose_rows_were_not_read_is_not_reported_as_unseen() -> None:
    """An attacker who causes 1,000 rows for one value hides no other value."""
    rows = [("value", "action"), *(("alice", f"action {number}") for number in range(1001))]
    tasks = [task("username", "alice", 0), task("username", "bob", 1)]
    answers = inspector(PreparedAthena(rows=rows), sources=(), queries=(custom_query(),)).look_up(tasks)
    bob = answers["athena/1"]
    assert bob is not None
    assert bob.unknown == (
        "vpn: the result has more than 1,000 rows, and none of those that were read is about this value. "
        "This does not mean that nothing happened."
    )


def test_a_custom_query_without_the_column_value_fails() -> None:
    answer = look_up(
        PreparedAthena(rows=(("who", "action"), ("alice", "connect"))), sources=(), queries=(custom_query(),)
    )
    assert failed(answer) == "vpn: the result has no column value."


def test_custom_queries_are_split_where_athena_allows_no_longer_one() -> None:
    query = custom_query("SELECT :values, :values, :values")
    client = PreparedAthena()
    tasks = [task("username", f"{number:03}" + "x" * 509, number) for number in range(100)]
    inspector(client, sources=(), queries=(query,)).look_up(tasks)
    assert len(client.queries) == 2
    assert all(len(sql) <= MAX_QUERY for sql in client.queries)


def test_a_limit_of_a_query_above_that_of_a_day_is_not_called_used_up() -> None:
    client = PreparedAthena()
    with pytest.raises(SettingsFaultError, match=r"may scan 10,000,000,000 bytes, and max_gb_per_day is 9,000,000,000"):
        look_up(client, daily=9 * GB)
    assert client.queries == []


def test_a_reservation_that_is_never_settled_ends_with_its_day() -> None:
    table = MemoryTable()
    assert Budget(table, "athena", 20 * GB, 10 * GB, lambda: NOW).reserve(2).queries == 2
    assert Budget(table, "athena", 20 * GB, 10 * GB, lambda: NOW).reserve(1).queries == 0
    assert Budget(table, "athena", 20 * GB, 10 * GB, lambda: NOW + timedelta(days=1)).reserve(2).queries == 2


def test_the_event_of_the_alert_is_in_a_window_without_time_after_it() -> None:
    at = NOW - timedelta(hours=2)
    assert around(at, NOW, timedelta(hours=24), timedelta(0)).ends == at + timedelta(seconds=1)


def test_a_lone_surrogate_is_not_asked_about_as_another_value() -> None:
    assert not literals.fits("alice\ud800")


def test_queries_that_may_not_be_polled_are_stopped_at_once() -> None:
    """Waiting would not help: the role lacks a permission, which the reason names."""
    client, table = PreparedAthena(poll_error=error("AccessDeniedException", "no")), MemoryTable()
    answer = look_up(client, table)
    assert "lacks the permission athena:BatchGetQueryExecution" in failed(answer)
    assert client.calls.count("batch_get_query_execution") == 1
    assert client.calls.count("stop_query_execution") == 1
    # What it scanned is not known.
    assert table.items[COUNTER]["bytes"] == 10 * GB


def test_a_throttled_poll_is_repeated() -> None:
    client = PreparedAthena("RUNNING", poll_error=error("TooManyRequestsException"))
    answer = look_up(client)
    assert answer is not None
    assert answer.throttled is not None
    assert client.calls.count("batch_get_query_execution") > 5


def test_a_query_whose_start_may_have_succeeded_is_counted() -> None:
    table = MemoryTable()
    look_up(PreparedAthena(start_error=ReadTimeoutError(endpoint_url="https://athena")), table)
    assert table.items[COUNTER]["bytes"] == 10 * GB
    look_up(PreparedAthena(start_error=ConnectTimeoutError(endpoint_url="https://athena")), table)
    assert table.items[COUNTER]["bytes"] == 10 * GB


def test_a_higher_limit_of_the_workgroup_counts_at_once() -> None:
    client, table = PreparedAthena(scanned=0), MemoryTable()
    made = inspector(client, table, daily=35 * GB)
    assert "max_gb_per_day" not in str(made.look_up([task("username", "alice")]))
    client.cutoff = 30 * GB
    [answer] = made.look_up([task("ipaddr", "192.0.2.1")]).values()
    assert answer is not None
    assert "the rest of max_gb_per_day" in str(answer)
