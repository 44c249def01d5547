"""Recorded results of each dialect as activities and notes."""

from datetime import timedelta
from typing import Any

import pytest

from alert_responder_plugins.logs_insights.dialects import application
from tests.fakes.logs_insights import RecordedLogsInsights
from tests.unit.plugins.athena.builders import NOW, task
from tests.unit.plugins.logs_insights.builders import CLUSTERS, FLOWS, NAMES, custom_query, inspector, look_up, source

FIRST, LAST = (int((NOW - timedelta(hours=hours)).timestamp() * 1000) for hours in (5, 3))
TIMES = {"q_first_at": FIRST, "q_last_at": LAST}
ALICE = {"q_principal": "arn:aws:iam::111122223333:user/alice", "q_user_name": "alice", "q_address": "198.51.100.7"}
CALLS: list[dict[str, Any]] = [
    {**ALICE, **TIMES, "q_times": 7, "q_service": "s3.amazonaws.com", "q_action": "GetObject", "q_region": "eu-west-1"}
    | {"q_target": "payroll", "q_read_only": 1, "q_agent": "aws-cli/2"},
    {**ALICE, **TIMES, "q_times": 2, "q_service": "s3.amazonaws.com", "q_action": "GetObject", "q_region": "us-east-1"}
    | {"q_target": "backups", "q_read_only": 1},
    {**ALICE, **TIMES, "q_times": 1, "q_service": "iam.amazonaws.com", "q_action": "CreateAccessKey"}
    | {"q_error": "AccessDenied", "q_region": "us-east-1", "q_read_only": 0, "q_issued_key": "AKIAIOSFODNN7EXAMPLE"},
    {**ALICE, **TIMES, "q_times": 3, "q_service": "signin.amazonaws.com", "q_action": "ConsoleLogin"}
    | {"q_error": "Success", "q_region": "us-east-1"},
    {**TIMES, "q_principal": "arn:aws:iam::111122223333:user/bob", "q_user_name": "bob", "q_times": 9, "q_action": "X"},
]


def activities(answer: Any) -> list[tuple[str, str, str, str, int]]:
    return [
        (one.principal, one.action, one.remote_addr, one.target, one.count) for one in answer.contents[0].activities
    ]


def test_what_a_user_did() -> None:
    answer = look_up(RecordedLogsInsights({"userIdentity": CALLS}))
    alice = "arn:aws:iam::111122223333:user/alice"
    assert activities(answer) == [
        (alice, "CreateAccessKey (AccessDenied)", "198.51.100.7", "", 1),
        (alice, "GetObject", "198.51.100.7", "backups and 1 more", 9),
        (alice, "ConsoleLogin", "198.51.100.7", "", 3),
    ]
    user, note = answer.contents
    assert {one.usual for one in user.activities} == {None}
    assert (user.activities[1].first_seen, user.activities[1].last_seen) == (
        "2026-11-27T10:00:00Z",
        "2026-11-27T12:00:00Z",
    )
    assert note.text == (
        "13 calls, 1 of them without success in eu-west-1, us-east-1, first 2026-11-27T10:00:00Z, last "
        "2026-11-27T12:00:00Z. Sign-ins: 3, 0 of them failed. Without a baseline, it is unknown whether this is usual. "
        "2,000,000,000 bytes scanned, 0.0100 USD for 1 attribute."
    )
    assert (note.data["query_id"], note.data["bytes_scanned"], note.data["usd"]) == ("query-1", 2_000_000_000, 0.01)
    assert note.link == "https://eu-west-1.console.example.com/query-1"


def test_a_key_that_a_call_issued_is_the_target_of_that_call() -> None:
    answer = look_up(RecordedLogsInsights({"userIdentity": CALLS}), kind="accesskey", value="AKIAIOSFODNN7EXAMPLE")
    assert [one.action for one in answer.contents[0].activities] == ["CreateAccessKey (AccessDenied)"]
    assert "1 call that concern it" in answer.contents[1].text


def test_rows_are_divided_among_the_attributes_of_a_batch() -> None:
    tasks = [task("username", name, number) for number, name in enumerate(("alice", "bob", "carol"))]
    client = RecordedLogsInsights({"userIdentity": CALLS})
    answers: dict[str, Any] = dict(inspector(client).look_up(tasks))
    assert len(client.queries) == 1
    assert [one.action for one in answers["athena/1"].contents[0].activities] == ["X"]
    assert answers["athena/2"] is None


def test_whom_an_address_talked_to() -> None:
    flow = {**TIMES, "q_source": "10.0.0.5", "q_protocol": 6, "q_verdict": "ACCEPT"}
    rows: list[dict[str, Any]] = [
        {**flow, "q_destination": "203.0.113.9", "q_port": 443, "q_times": 4, "q_bytes": 9000}
        | {"q_source_port": 50000, "q_destination_port": 443},
        *(
            {**flow, "q_destination": "203.0.113.8", "q_port": port, "q_times": 1, "q_bytes": 40, "q_verdict": "REJECT"}
            | {"q_source_port": 50000, "q_destination_port": port}
            for port in (22, 23, 25)
        ),
        {**TIMES, "q_source": "203.0.113.9", "q_destination": "10.0.0.5", "q_protocol": 6, "q_verdict": "ACCEPT"}
        | {"q_port": 443, "q_times": 4, "q_bytes": 100, "q_source_port": 443, "q_destination_port": 50000},
    ]
    answer = look_up(RecordedLogsInsights({"srcAddr": rows}), kind="ipaddr", value="10.0.0.5", sources=(FLOWS,))
    shown = [
        (one.service_name, one.action, one.remote_addr, one.target, one.count) for one in answer.contents[0].activities
    ]
    assert shown == [
        ("tcp 443", "connected to", "203.0.113.9", "9,000 bytes out, 100 bytes in", 8),
        ("tcp 22 and 2 more", "connected to (rejected)", "203.0.113.8", "120 bytes out, 0 bytes in", 3),
    ]


def test_who_resolved_a_domain_or_a_name_below_it() -> None:
    rows: list[dict[str, Any]] = [
        {**TIMES, "q_address": "10.0.0.5", "q_instance": "i-1", "q_name": name, "q_answer": "203.0.113.9", "q_times": 1}
        | {"q_code": "NOERROR", "q_records": "A"}
        for name in ("a.Evil.example.", "b.evil.example.", "notevil.example.")
    ]
    client = RecordedLogsInsights({"query_name": rows})
    answer = look_up(client, kind="domain", value="evil.example", sources=(NAMES,))
    assert activities(answer) == [("i-1", "resolved", "203.0.113.9", "a.Evil.example and 1 more", 2)]
    assert r"filter q_name like /(?i)(^|\.)(evil\.example)\.?$/" in client.queries[0]


def test_what_was_done_in_a_cluster() -> None:
    rows: list[dict[str, Any]] = [
        {
            **TIMES,
            "q_principal": "arn:aws:iam::111122223333:role/dev",
            "q_user_name": "dev",
            "q_address": "198.51.100.7",
        }
        | {
            "q_verb": "get",
            "q_kind": "secrets",
            "q_namespace": "shop",
            "q_target": "db",
            "q_status": 403,
            "q_times": 5,
        },
        {
            **TIMES,
            "q_principal": "arn:aws:iam::111122223333:role/dev",
            "q_user_name": "dev",
            "q_address": "198.51.100.7",
        }
        | {"q_verb": "create", "q_kind": "pods", "q_target": "x", "q_status": 201, "q_times": 1},
    ]
    answer = look_up(RecordedLogsInsights({"objectRef": rows}), kind="username", value="dev", sources=(CLUSTERS,))
    assert [(one.service_name, one.action, one.target, one.count) for one in answer.contents[0].activities] == [
        ("kubernetes", "get secrets (403)", "shop/db", 5),
        ("kubernetes", "create pods", "x", 1),
    ]
    named = look_up(RecordedLogsInsights({"objectRef": rows}), kind="username", value="db", sources=(CLUSTERS,))
    assert [one.target for one in named.contents[0].activities] == ["shop/db"]


def test_an_application_whose_fields_the_settings_name() -> None:
    dialect = application({"user": "who", "address": "ip", "action": "what"}, '"* from * did *" as who, ip, what')
    rows: list[dict[str, Any]] = [
        {**TIMES, "q_user": "alice", "q_address": "198.51.100.7", "q_action": "login", "q_times": 3}
    ]
    client = RecordedLogsInsights({"parse @message": rows})
    answer = look_up(client, sources=(source("shop", dialect),))
    assert activities(answer) == [("alice", "login", "198.51.100.7", "", 3)]
    assert answer.contents[1].text.startswith("3 events, first")
    assert client.queries[0].splitlines() == [
        'parse @message "* from * did *" as who, ip, what',
        "| fields who as q_user, ip as q_address, what as q_action",
        '| filter q_user in ["alice"]',
        "| stats count(*) as q_times, min(@timestamp) as q_first_at, max(@timestamp) as q_last_at "
        "by q_user, q_address, q_action",
        "| sort q_times desc",
        "| limit 10000",
    ]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"action": "what"}, "at least one of them before action"),
        ({"user": "who", "colour": "x"}, "columns must be some of"),
        ({"user": "who | limit 1"}, "must be a field of letters"),
    ],
)
def test_columns_that_an_application_must_not_have(columns: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        application(columns, "")


def test_a_custom_query() -> None:
    client = RecordedLogsInsights({"filter user": [{"value": "alice", "target": "gate", "count": 7}]})
    answer = look_up(client, sources=(), queries=(custom_query(),))
    assert activities(answer) == [("", "", "", "gate", 7)]
    assert answer.contents[1].text.startswith("1 row.")
    assert client.queries == ['filter user in ["alice"] | stats count(*) as count by user as value']
    assert client.requests[0]["limit"] == 1001
    assert look_up(RecordedLogsInsights(), sources=(), queries=(custom_query(),)) is None


def test_a_result_that_is_too_long_hides_nobody() -> None:
    rows = [{**row, "q_target": f"x{number}"} for number in range(10_000) for row in CALLS[:1]]
    tasks = [task("username", name, number) for number, name in enumerate(("alice", "bob"))]
    answers: dict[str, Any] = dict(inspector(RecordedLogsInsights({"userIdentity": rows})).look_up(tasks))
    assert "at least these" in answers["athena/0"].contents[1].text
    assert "does not mean that nothing happened" in answers["athena/1"].unknown
