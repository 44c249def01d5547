"""Outcomes of lookups: failures, accounts, limits, the budget, and the deadline."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from alert_responder.store.table import Key
from alert_responder_cli.aws.in_memory import MemoryTable
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.logs.windows import around
from alert_responder_plugins.logs_insights import handler
from alert_responder_plugins.logs_insights.client import price
from alert_responder_plugins.logs_insights.dialects import CLOUDTRAIL
from alert_responder_plugins.logs_insights.query import MAX_QUERY
from alert_responder_plugins.logs_insights.settings import LogsInsightsSettings
from tests.fakes.logs_insights import RecordedLogsInsights, client_error
from tests.unit.plugins.athena.builders import NOW, task
from tests.unit.plugins.logs_insights.builders import (
    CLUSTERS,
    FLOWS,
    GB,
    HOME,
    LINKED,
    MEMBER,
    NAMES,
    ROLE,
    TRAIL,
    arn,
    custom_query,
    inspector,
    look_up,
    source,
)
from tools.paths import ROOT

COUNTER = Key("budget/logs/2026-11-27", "bytes")
DENIED = "User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: logs:StartQuery on resource: y"


def failing(operation: str, error: Exception) -> RecordedLogsInsights:
    return RecordedLogsInsights(errors={operation: error})


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (client_error("ResourceNotFoundException", "alice"), "A log group of the source trail does not exist"),
        (client_error("AccessDeniedException", DENIED), "lacks the permission logs:StartQuery for the source trail."),
        (client_error("AccessDeniedException", "no"), "lacks the permission logs:StartQuery for the source trail."),
        (client_error("MalformedQueryException", "alice"), "rejected logs:StartQuery for the source trail (Malformed"),
        (ConnectTimeoutError(endpoint_url="https://logs"), "did not answer logs:StartQuery (ConnectTimeoutError)."),
    ],
)
def test_failed_starts_say_what_to_change(error: Exception, wanted: str) -> None:
    answer = look_up(failing("start_query", error))
    assert wanted in answer.failed
    assert "alice" not in answer.failed


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException", "ServiceUnavailableException"])
def test_throttled_starts(code: str) -> None:
    answer = look_up(failing("start_query", client_error(code)))
    assert answer.throttled == f"trail: CloudWatch Logs throttled logs:StartQuery ({code})."


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("Failed", "The query on the source trail failed."),
        ("Cancelled", "The query on the source trail was cancelled."),
        ("Timeout", "The query on the source trail took longer than Logs Insights allows."),
    ],
)
def test_queries_that_ended_without_a_result(status: str, wanted: str) -> None:
    answer = look_up(RecordedLogsInsights(status=status))
    assert answer.failed == f"trail: {wanted}"
    assert answer.incomplete == (answer.failed if status == "Timeout" else None)


def test_no_event_in_the_window_is_not_the_same_as_no_match() -> None:
    text = look_up(RecordedLogsInsights(scanned=0)).unknown
    assert "the source trail has no data from 2026-11-26T13:00Z to 2026-11-27T14:00Z: no event." in text
    assert "does not mean that nothing happened" in text
    assert look_up(RecordedLogsInsights()) is None


def test_a_window_before_the_retention_has_no_data() -> None:
    message = "end date and time is either before the log groups creation time or exceeds the log groups log retention"
    answer = look_up(failing("start_query", client_error("MalformedQueryException", message)))
    assert answer.unknown == "trail: the logs of the source trail begin after this time, or have expired."


def test_queries_are_stopped_before_the_time_is_over() -> None:
    client, table = RecordedLogsInsights(running=[1.0] * 100), MemoryTable()
    answer = look_up(client, table)
    assert answer.throttled == "trail: the query was stopped, because its time was over."
    assert client.calls.count("stop_query") == 1
    assert table.items[COUNTER]["bytes"] == 10 * GB


def test_a_query_that_scans_more_than_its_limit_is_stopped_and_paid() -> None:
    client, table = RecordedLogsInsights(running=[5.0 * GB, 12.0 * GB, 99.0 * GB]), MemoryTable()
    answer = look_up(client, table)
    assert answer.failed == "trail: the query was stopped, because it scanned more than the limit of a query."
    assert answer.incomplete == answer.failed
    assert client.calls.count("get_query_results") == 2
    assert client.calls[-1] == "stop_query"
    assert table.items[COUNTER]["bytes"] == 12 * GB


def test_polls_that_are_denied_are_not_repeated() -> None:
    client, table = failing("get_query_results", client_error("AccessDeniedException", "no")), MemoryTable()
    assert "lacks the permission logs:GetQueryResults" in look_up(client, table).failed
    assert client.calls.count("get_query_results") == 1
    assert client.calls.count("stop_query") == 1
    # What it scanned is not known.
    assert table.items[COUNTER]["bytes"] == 10 * GB


def test_a_denied_poll_in_one_account_ends_no_query_in_another() -> None:
    class PartlyDenied(RecordedLogsInsights):
        def get_query_results(self, **request: Any) -> dict[str, Any]:
            if request["queryId"] == "query-2":
                raise client_error("AccessDeniedException", "no")
            return super().get_query_results(**request)

    rows = [{"q_user_name": "alice", "q_times": 3, "q_first_at": 1795774000000, "q_last_at": 1795774000000}]
    trail = source("trail", CLOUDTRAIL, arn("trail"), arn("trail", MEMBER))
    answer = look_up(PartlyDenied({"userIdentity": rows}, running=[1.0]), sources=(trail,))
    assert [content.type for content in answer.contents] == ["user", "note", "note"]
    assert "lacks the permission logs:GetQueryResults" in answer.contents[2].text


def test_the_budget_is_reserved_and_settled_by_what_was_scanned() -> None:
    table = MemoryTable()
    look_up(RecordedLogsInsights(scanned=3.0 * GB), table)
    assert table.items[COUNTER]["bytes"] == 3 * GB
    client = RecordedLogsInsights(scanned=12.0 * GB)
    look_up(client, table, daily=20 * GB)
    assert table.items[COUNTER]["bytes"] == 15 * GB
    answer = look_up(client, table, daily=20 * GB)
    assert answer.throttled == (
        "trail: the rest of max_gb_per_day (UTC) is less than the limit of this query, which is reserved before it "
        "starts."
    )
    assert len(client.queries) == 1


def test_groups_of_other_accounts_are_asked_with_their_role_once() -> None:
    assumed: list[str] = []
    client = RecordedLogsInsights()
    trail = source("trail", CLOUDTRAIL, arn("trail"), arn("trail", MEMBER), arn("trail", LINKED))
    made = inspector(client, sources=(trail,), assumed=assumed)
    made.look_up([task("username", "alice")])
    made.look_up([task("username", "bob")])
    assert assumed == [ROLE]
    # A linked account is asked from the home account, by the ARN of its log group.
    groups = [request["logGroupIdentifiers"] for request in client.requests[:2]]
    assert groups == [[arn("trail"), arn("trail", LINKED)], [arn("trail", MEMBER)]]


def test_a_role_that_cannot_be_assumed() -> None:
    error = client_error("AccessDenied", DENIED.replace("logs:StartQuery", "sts:AssumeRole"), "AssumeRole")
    trail = source("trail", CLOUDTRAIL, arn("trail", MEMBER))
    answer = look_up(RecordedLogsInsights(), sources=(trail,), error=error)
    assert f"lacks the permission sts:AssumeRole for the source trail (account {MEMBER})" in answer.failed


def test_groups_with_a_prefix_are_listed_once() -> None:
    client = RecordedLogsInsights(log_groups=["/aws/eks/a/cluster", "/aws/eks/b/cluster", "/aws/lambda/x"])
    made = inspector(client, sources=(source("clusters", CLOUDTRAIL, arn("/aws/eks/*")),))
    for _ in range(2):
        made.look_up([task("username", "alice")])
    assert client.calls.count("describe_log_groups") == 1
    assert client.requests[1]["logGroupIdentifiers"] == [arn("/aws/eks/a/cluster"), arn("/aws/eks/b/cluster")]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ([], "No log group has the prefix of the source clusters."),
        ([f"/aws/eks/{n}" for n in range(51)], "More than 50 log groups have the prefixes of the source clusters"),
    ],
)
def test_prefixes_of_too_many_groups_or_of_none(names: list[str], wanted: str) -> None:
    client = RecordedLogsInsights(log_groups=names)
    answer = look_up(client, sources=(source("clusters", CLOUDTRAIL, arn("/aws/eks/*")),))
    assert wanted in answer.failed
    assert client.queries == []


def test_a_hundred_attributes_over_four_sources() -> None:
    client = RecordedLogsInsights()
    kinds = (("ipaddr", "192.0.2.{}"), ("username", "user-{}"), ("domain", "n{}.example"), ("instance", "i-{:017x}"))
    tasks = [task(kinds[n % 4][0], kinds[n % 4][1].format(n), n) for n in range(100)]
    answers = inspector(client, sources=(TRAIL, FLOWS, NAMES, CLUSTERS)).look_up(tasks)
    assert len(answers) == 100
    assert len(client.queries) == 4
    # One request for each query returns its state and its result.
    assert len(client.calls) == 8


def test_queries_that_would_be_too_long_are_divided() -> None:
    client = RecordedLogsInsights()
    tasks = [task("username", f"{n:03}" + "x" * 200, n) for n in range(100)]
    answers = inspector(client).look_up(tasks)
    assert len(answers) == 100
    assert len(client.queries) == 16
    assert all(len(text) <= MAX_QUERY for text in client.queries)
    assert sum(text.count(f"{n:03}xxx") > 0 for n in range(100) for text in client.queries) == 100


def test_alerts_with_many_times_take_no_queries_from_other_sources() -> None:
    client = RecordedLogsInsights()
    forged = [task("ipaddr", f"198.51.100.{n}", n, NOW - timedelta(days=4 * n)) for n in range(1, 41)]
    genuine = task("ipaddr", "192.0.2.77", 0, NOW - timedelta(hours=5))
    answers = inspector(client, sources=(TRAIL, FLOWS, NAMES, CLUSTERS)).look_up([*forged, genuine])
    groups = [request["logGroupIdentifiers"][0].rsplit(":", 1)[1] for request in client.requests]
    assert groups == ["trail", "flows", "names", "clusters"] * 5
    assert answers["athena/0"] is None
    assert ["192.0.2.77" in text for text in client.queries] == [True] * 4 + [False] * 16


def test_windows_are_part_of_the_request_and_never_longer_than_allowed() -> None:
    client = RecordedLogsInsights()
    tasks = [task("username", f"user-{n}", n, NOW - timedelta(hours=6 * n)) for n in range(1, 6)]
    inspector(client).look_up(tasks)
    [request] = client.requests
    assert (request["startTime"], request["endTime"]) == (1795597200, 1795773599)
    inspector(client, longest=timedelta(hours=25)).look_up(tasks)
    assert len(client.requests) == 6
    assert {one["endTime"] - one["startTime"] for one in client.requests[1:]} == {25 * 3600 - 1}


def peak(sources: int) -> int:
    """Return the most memory that a lookup takes with long results of so many queries [bytes]."""

    class LongResults(RecordedLogsInsights):
        def get_query_results(self, **request: Any) -> dict[str, Any]:
            columns = [f"q_column_{n}" for n in range(11)]
            rows = [
                [{"field": "q_user_name", "value": "alice"}, *({"field": name, "value": f"{row}"} for name in columns)]
                for row in range(200)
            ]
            return {**super().get_query_results(**request), "results": rows}

    made = inspector(LongResults(), sources=[source(f"trail-{n}", CLOUDTRAIL) for n in range(sources)])
    tracemalloc.start()
    try:
        [answer] = made.look_up([task("username", "alice")]).values()
        assert answer is not None
        assert len(answer.contents) == 2 * sources
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_results_of_many_queries_are_not_in_memory_at_once() -> None:
    peak(1)  # What is imported and cached once is not measured.
    assert peak(12) < 2 * peak(1)


def test_queries_are_stopped_if_reading_another_result_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    class PartlyEnded(RecordedLogsInsights):
        def get_query_results(self, **request: Any) -> dict[str, Any]:
            found = super().get_query_results(**request)
            return found if request["queryId"] == "query-2" else {**found, "status": "Running"}

    client, table = PartlyEnded(), MemoryTable()
    made = inspector(client, table, sources=(TRAIL, CLUSTERS, source("other", CLOUDTRAIL)))
    monkeypatch.setattr(made.service, "rows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        made.look_up([task("username", "alice")])
    assert client.stopped == {"query-1", "query-3"}
    assert table.items[COUNTER]["bytes"] == 30 * GB


ENVIRONMENT = {
    "ACCOUNT_ID": HOME,
    "AWS_REGION": "eu-west-1",
    "NAME": "logs",
    "TABLE_NAME": "t",
    "MAX_GB_PER_DAY": "50",
    "MAX_GB_PER_QUERY": "5",
    "MAX_DAYS": "3",
    "HOURS_BEFORE": "24",
    "HOURS_AFTER": "1",
    "TIME_BUDGET_SECONDS": "40",
    "ROLE_ARNS": f'["{ROLE}"]',
    "SOURCES": f'{{"trail": {{"dialect": "cloudtrail", "log_groups": ["{arn("trail")}", "{arn("x", MEMBER)}"]}}}}',
    "QUERIES": f'{{"vpn": {{"attribute_types": ["username"], "log_groups": ["{arn("vpn")}"], '
    '"query": "filter user in :values | stats count(*) as count by user as value"}}',
}


def test_settings_are_wired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    client = RecordedLogsInsights()
    made = inspector(client)
    settings = read_settings(LogsInsightsSettings, ENVIRONMENT)
    wired = handler.build(settings, made.service._accounts, MemoryTable())  # type: ignore[attr-defined]
    monkeypatch.setattr(handler, "_inspector", lambda: wired)
    request = task("username", "alice").model_dump(mode="json")
    assert handler.handler({"tasks": [request]}) == {"answers": {"athena/0": None}}
    assert [one["logGroupIdentifiers"] for one in client.requests] == [[arn("trail")], [arn("vpn")], [arn("x", MEMBER)]]
    assert handler.handler(request) is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"SOURCES": f'{{"x": {{"dialect": "syslog", "log_groups": ["{arn("x")}"]}}}}'}, "syslog does not exist"),
        ({"SOURCES": '{"x": {"dialect": "cloudtrail", "log_groups": ["x"]}}'}, "SOURCES"),
        ({"MAX_GB_PER_DAY": "0"}, "MAX_GB_PER_DAY"),
        ({"MAX_DAYS": "0"}, "MAX_DAYS"),
    ],
)
def test_invalid_settings_are_refused(changed: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsFaultError, match=message):
        read_settings(LogsInsightsSettings, {**ENVIRONMENT, **changed})


def test_skipped_values_are_named_beside_what_is_known() -> None:
    rows: list[dict[str, Any]] = [{"value": "alice", "target": "gate", "count": 7}]
    client = RecordedLogsInsights({"filter user": rows})
    tasks = [task("username", 'alice" or 1=1 #'), task("username", "alice", 1)]
    answers: dict[str, Any] = dict(inspector(client, queries=(custom_query(),)).look_up(tasks))
    wanted = "not asked, because the value has characters that are not safe."
    assert answers["athena/0"].unknown == f"trail: {wanted} vpn: {wanted}"
    assert answers["athena/1"].contents


def test_costs_that_the_readme_states() -> None:
    text = (ROOT / "modules" / "logs-insights" / "README.md").read_text(encoding="utf-8")
    table = text.split("<!-- costs -->")[1].split("<!-- end -->")[0]
    window = around(NOW, NOW, timedelta(hours=24), timedelta(hours=1))
    days = (window.ends - window.begins) / timedelta(days=1)
    for name, size in (("10 GB", 10 * GB), ("1 TB", 1000 * GB), ("10 TB", 10_000 * GB)):
        assert f"| {name} | {price(int(size * days), 0.005):,.2f} USD |" in table
    assert f"more than {20 / days:.0f} GB a day" in text
    assert f"with more than {int(20 / (days + 1))} GB a day" in text
    assert f"costs {price(20 * GB, 0.005):.2f} USD" in text


def test_errors_of_other_kinds_are_not_hidden() -> None:
    with pytest.raises(RuntimeError):
        look_up(failing("start_query", RuntimeError("bug")))
    assert isinstance(client_error("x"), ClientError)


def server_error(code: str, status: int) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "StartQuery")


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (ReadTimeoutError(endpoint_url="https://logs"), 10 * GB),
        (ConnectionClosedError(endpoint_url="https://logs"), 10 * GB),
        (server_error("InternalFailure", 500), 10 * GB),
        (ConnectTimeoutError(endpoint_url="https://logs"), 0),
        (server_error("ServiceUnavailableException", 503), 0),
        (server_error("MalformedQueryException", 400), 0),
    ],
)
def test_a_query_whose_start_may_have_succeeded_is_counted(error: Exception, counted: int) -> None:
    """Its id is not known, so that it cannot be stopped."""
    table = MemoryTable()
    look_up(failing("start_query", error), table)
    assert table.items[COUNTER]["bytes"] == counted


def test_a_lost_answer_starts_no_second_query() -> None:
    configs: list[Any] = []

    class Session:
        def client(self, _service: str, **options: Any) -> Any:
            configs.append(options["config"])
            return self

    made = Accounts(
        HOME, (), home="eu-west-1", session_name="s", external_id="", clock=lambda: NOW, new_session=Session
    )
    made.client(made.find(HOME)[0], "logs", "eu-west-1")
    assert [config.retries["total_max_attempts"] for config in configs] == [1]


def test_stopping_is_tried_twice() -> None:
    client = RecordedLogsInsights(
        running=[12.0 * GB], errors={"stop_query": ReadTimeoutError(endpoint_url="https://logs")}
    )
    assert "scanned more than the limit" in look_up(client).failed
    assert client.calls.count("stop_query") == 2


def test_an_alert_before_1970_is_asked_about_at_its_beginning() -> None:
    client = RecordedLogsInsights()
    old = task("username", "alice", at=datetime(1066, 10, 14, tzinfo=UTC))
    inspector(client).look_up([old, task("username", "bob", 1)])
    assert [(request["startTime"], request["endTime"]) for request in client.requests][1:] == [(0, 0)]


def test_an_invalid_time_of_an_alert_fails_no_other_task() -> None:
    odd = task("username", "alice")
    odd = odd.model_copy(update={"alert": odd.alert.model_copy(update={"timestamp": "2-01-01T00:00:00.000Z"})})
    assert inspector(RecordedLogsInsights()).look_up([odd, task("username", "bob", 1)]).keys() == {
        "athena/0",
        "athena/1",
    }
