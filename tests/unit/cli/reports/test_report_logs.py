"""`report --logs`: the activities that inspectors found, as a table and as data."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from moto import mock_aws

from alert_responder.contracts.inspection import Activity, UserContent
from alert_responder_cli.reports.activities import reported_activities
from alert_responder_cli.times import now
from alert_responder_plugins.logs.summary import SourceAnswer, combined
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.stored_reports import upload
from tests.unit.domain.builders import attribute, event

NEW = {
    "principal": "alice\x1b[2J",
    "service_name": "iam.amazonaws.com",
    "action": "CreateAccessKey",
    "target": "bob",
    "remote_addr": "198.51.100.7",
    "first_seen": "2026-01-31T09:00:00Z",
    "last_seen": "2026-01-31T10:00:00Z",
    "count": 1_234,
    "usual": False,
    "basis": "first time in 30 days; 14 calls before, none from this network",
}
USUAL = {"principal": "alice", "action": "ListBuckets", "usual": True, "count": 90}


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def stored(*activities: dict[str, Any], missing: Sequence[SourceAnswer] = ()) -> str:
    """Store a report with these activities, and a lookup of which nothing is known; return its id.

    Parameters
    ----------
    missing
        Sources that did not answer beside the activities.
    """
    user = UserContent(type="user", activities=tuple(Activity(**each) for each in activities))
    answered = combined([SourceAnswer("cloudtrail", [user] if activities else []), *missing], "Athena")
    made = Installation(
        {
            "logs": lambda _: None if answered is None else answered.model_dump(mode="json", exclude_none=True),
            "other-logs": lambda _: {"unknown": "cloudtrail: no partition for [red]the window."},
        },
        None,
        {},
    )
    made.now = now()
    made.receive(event(1, made.now, attribute("a.example.net"), rule_name="Login"))
    made.run()
    upload(made)
    return made.heads()[0].report_id


def test_the_table_shows_new_activities_first_with_their_basis() -> None:
    shown = run("report", stored(USUAL, NEW), "--logs").stdout

    for said in (
        "Login",
        "round 1",
        "new: first time in 30 days; 14 calls before, none from this network",
        "iam.amazonaws.com CreateAccessKey on bob",
        "2026-01-31 09:00:00 to 2026-01-31 10:00:00",
        "1,234",
        "logs on domain a.example.net",
        "other-logs on domain a.example.net: empty - cloudtrail: no partition for [red]the window.",
    ):
        assert said in shown, said
    assert shown.index("CreateAccessKey") < shown.index("ListBuckets")
    assert "\x1b[2J" not in shown
    assert "Reviews" not in shown


MISSING = (
    SourceAnswer("flows", kind="failed", reason="The table security.flows has no column [b]bytes."),
    SourceAnswer("names", kind="throttled", reason="the query was stopped, because its time was over."),
    SourceAnswer("vpn", kind="no_data", reason="no partition."),
)


def test_sources_that_did_not_answer_beside_others_are_listed() -> None:
    report_id = stored(NEW, missing=MISSING)

    assert answer("report", report_id, "--logs")["without_activities"] == [
        {
            "inspector": inspector,
            "attribute_type": "domain",
            "attribute_value": "a.example.net",
            "outcome": outcome,
            "reason": reason,
        }
        for inspector, outcome, reason in (
            ("logs", "error", "flows: The table security.flows has no column [b]bytes."),
            ("logs", "throttled", "names: the query was stopped, because its time was over."),
            ("logs", "empty", "vpn: no partition."),
            ("other-logs", "empty", "cloudtrail: no partition for [red]the window."),
        )
    ]
    shown = run("report", report_id, "--logs").stdout
    assert "Lookups and sources without findings" in shown
    assert "logs on domain a.example.net: error - flows: The table security.flows has no column [b]bytes." in shown


def test_a_note_of_another_inspector_is_not_a_list_of_sources() -> None:
    finding = {
        "inspector": "own",
        "attribute_id": "a",
        "attribute_type": "domain",
        "attribute_value": "a.example.net",
        "outcome": "ok",
        "reason": None,
        "depth": 0,
        "seconds": None,
    }
    row = {"source": "x", "kind": "failed", "reason": "no."}
    for note in (
        {"title": "Logs that did not answer", "data": None},
        {"title": "Logs that did not answer", "data": [1, {"source": "x"}, {**row, "kind": ["failed"]}]},
        {"title": "Logs: x", "data": [row]},
    ):
        report = {"round": 1, "truncated": False, "findings": [{**finding, "contents": [{"type": "note", **note}]}]}
        assert reported_activities("r", report).without_activities == (), note


def test_a_reason_is_not_listed_twice() -> None:
    """A finding with contents may have a reason: what a limit left out."""
    rows = [
        {"source": "flows", "kind": "throttled", "reason": "no capacity."},
        {"source": "names", "kind": "failed", "reason": "no table."},
    ]
    finding = {
        "inspector": "athena",
        "attribute_id": "a",
        "attribute_type": "domain",
        "attribute_value": "a.example.net",
        "outcome": "ok",
        "reason": "flows: no capacity. calls: the result was too long.",
        "depth": 0,
        "seconds": 1.5,
        "contents": [{"type": "note", "title": "Logs that did not answer", "data": rows}],
    }
    found = reported_activities("r", {"round": 1, "truncated": False, "findings": [finding]})
    assert [(each.outcome, each.reason) for each in found.without_activities] == [
        ("throttled", "flows: no capacity."),
        ("error", "names: no table."),
        ("ok", "calls: the result was too long."),
    ]


def test_no_activities_is_said_with_the_reasons() -> None:
    shown = run("report", stored(), "--logs").stdout

    assert "No lookup returned activities." in shown
    assert "no partition" in shown


def test_json_has_the_activities_as_data() -> None:
    report_id = stored(USUAL, NEW)

    found = answer("report", report_id, "--logs")

    assert (found["report_id"], found["round"], found["truncated"]) == (report_id, 1, False)
    assert found["activities"][0] == {
        **NEW,
        "inspector": "logs",
        "attribute_type": "domain",
        "attribute_value": "a.example.net",
        "source": "",
    }
    assert [each["usual"] for each in found["activities"]] == [False, True]
    assert [each["outcome"] for each in found["without_activities"]] == ["empty"]


def test_a_report_without_a_published_round_is_described_as_such() -> None:
    made = Installation({}, None, {})
    made.now = now()
    made.receive(event(1, made.now, attribute("a.example.net")))
    upload(made)
    report_id = made.heads()[0].report_id

    assert "nothing published yet" in run("report", report_id, "--logs").stdout
    assert answer("report", report_id, "--logs")["round"] is None
