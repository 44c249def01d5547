"""A report with its history, as a whole installation stored it, and hostile text in it is harmless."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.doctor_mark import DETECTOR, RULE_ID
from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder.store import keys
from alert_responder.store.table import Put
from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import client, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.stored_reports import upload
from tests.unit.domain.builders import attribute, event

HOUR = 3_600_000


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def reviewer(report: dict[str, Any]) -> dict[str, Any]:
    return {"severity": "urgent", "reason": f"[red]{report['alert_count']}\x1b[2J"}


def busy() -> Installation:
    """Make an installation with two reports of one incident, the second of two rounds."""
    made = Installation(
        {
            "whois": lambda _: {"contents": [{"type": "note", "title": "known", "text": "[bold]\x07"}]},
            "slow": lambda _: PluginTimeoutError("no answer within 60 s"),
        },
        reviewer,
        {"inbox": lambda _: {"url": "https://inbox.example/1"}, "pager": lambda _: PluginFailedError("no line")},
        window_ms=HOUR,
    )
    made.now = now()
    start = made.now - 5 * HOUR
    made.receive(event(1, start, attribute("old.example.net"), rule_name="Earlier"))
    made.run()
    made.receive(event(2, start + 2 * HOUR, attribute("evil.example.net"), rule_name="[red]Login\x1b[2J"))
    made.run()
    made.receive(event(3, start + 2 * HOUR + 1000, attribute("more.example.net"), rule_name="[red]Login\x1b[2J"))
    made.run()
    upload(made)
    return made


def test_the_report_is_shown_with_its_history() -> None:
    first, second = busy().heads()

    result = run("report", second.report_id.lower())

    assert result.exit_code == 0, result.output
    for said in (
        "[red]Login\\x1b[2J",
        f"report {second.report_id}, round 2 (round 2 published), settled",
        "urgent: [red]2\\x1b[2J",
        "2 alerts with detector d and rule r and key k, arrived between",
        "Received from d.",
        "The first alert came in; the report was opened.",
        "whois on domain evil.example.net: ok",
        "slow on domain more.example.net: timeout",
        "no answer within 60 s",
        "Without an answer:",
        "round 1: urgent, [red]1",
        "inbox, round 2: ok  https://inbox.example/1",
        "pager, round 1: failed after 3 failed - no line",
        f"earlier: {first.report_id}",
        "urgent, 1 alert: Earlier",
    ):
        assert said in result.stdout, said
    assert "\x1b[2J" not in result.stdout
    assert "\x07" not in result.stdout


def test_json_contains_everything() -> None:
    first, second = busy().heads()

    found = answer("report", second.report_id)
    earlier = answer("report", first.report_id)

    assert (found["state"], found["round"], found["published_round"], found["alert_count"]) == ("settled", 2, 2, 2)
    assert [review["round"] for review in found["reviews"]] == [1, 2]
    assert {(each["inspector"], each["outcome"]) for each in found["lookups"]} == {("whois", "ok"), ("slow", "timeout")}
    assert [(each["emitter"], each["round"], each["outcome"]) for each in found["deliveries"]] == [
        ("inbox", 1, "ok"),
        ("pager", 1, "failed"),
        ("inbox", 2, "ok"),
        ("pager", 2, "failed"),
    ]
    assert [each["report_id"] for each in found["earlier"]] == [first.report_id]
    assert found["later_report_id"] is None
    assert found["report"]["round"] == 2
    assert earlier["later_report_id"] == second.report_id
    assert earlier["earlier"] == []


def test_an_earlier_round_can_be_shown() -> None:
    _, second = busy().heads()

    assert answer("report", second.report_id, "--round", "1")["report"]["alert_count"] == 1
    assert "is not in the archive" in run("report", second.report_id, "--round", "7").stderr


def test_an_unpublished_report_is_shown_from_the_table() -> None:
    made = Installation({"whois": lambda _: None}, reviewer, {})
    made.now = now()
    made.receive(event(1, made.now, attribute("evil.example.net")))
    upload(made)
    (head,) = made.heads()

    result = run("report", head.report_id)

    assert result.exit_code == 0, result.output
    assert "round 1 (nothing published yet), gathering alerts" in result.stdout
    assert "unclassified: The report has not been reviewed yet." in result.stdout
    assert answer("report", head.report_id)["report"] is None


def of_guardduty(**fields: Any) -> Any:
    """Make an alert of a detector that says much."""
    body = {"service": {"serviceName": "guardduty", "count": 42}, "accountId": "111122223333"}
    account = Attribute(type="account", value="111122223333", key="account", context=("local",))
    source = {"product": "guardduty", "region": "eu-central-1\x1b[2J"}
    told = {"detector": "guardduty", "severity": "8", "timestamp": "2026-01-31T10:00:00Z", "body": body}
    return event(1, now() - HOUR, account, **{**told, "source": source, **fields})


def test_the_first_lines_show_severity_account_times_and_count() -> None:
    made = Installation({}, reviewer, {}, window_ms=HOUR)
    made.now = now()
    made.receive(of_guardduty())
    upload(made)
    (head,) = made.heads()
    first_lines = [
        "Detector's severity: High (8)",
        "Rule: r",
        "Account: 111122223333",
        r"Region: eu-central-1\x1b[2J",
        "Event time: 2026-01-31 10:00:00 UTC (first and last seen)",
    ]

    # Before it is published, from what is stored of its alerts.
    assert run("report", head.report_id, columns=80).stdout.splitlines()[2:9] == [
        *first_lines,
        "Count: 1 alert",
        "unclassified: The report has not been reviewed yet.",
    ]
    made.run()
    upload(made)
    shown = run("report", head.report_id, columns=80).stdout.splitlines()
    assert shown[2:9] == [*first_lines, "Count: 1 alert; the detector counts 42", r"urgent: [red]1\x1b[2J"]
    found = answer("report", head.report_id)
    assert found["overview"] == found["report"]["overview"]
    [account] = found["overview"]["accounts"]
    assert (account["id"], account["name"], account["in_directory"]) == ("111122223333", None, False)


@pytest.mark.parametrize("damage", [lambda report: report.pop("overview"), lambda report: report.pop("title")])
def test_a_report_of_another_version_shows_what_is_known(damage: Callable[[dict[str, Any]], Any]) -> None:
    made = Installation({}, reviewer, {}, window_ms=HOUR)
    made.now = now()
    made.receive(of_guardduty())
    made.run()
    for key, document in list(made.archive.objects.items()):
        if key.startswith("reports/") and key.endswith(".json"):
            report = json.loads(document)
            damage(report)
            made.archive.objects[key] = json.dumps(report).encode()
    upload(made)

    assert "Detector's severity: High (8)" in run("report", made.heads()[0].report_id).stdout


def test_the_number_of_alerts_left_out_is_shown() -> None:
    made = Installation({}, reviewer, {}, window_ms=HOUR)
    made.now = now()
    made.receive(*(event(number, made.now - HOUR + number, attribute("a.example.net")) for number in range(50)))
    made.run()
    upload(made)

    shown = run("report", made.heads()[0].report_id).stdout

    assert "50 alerts with detector d" in shown
    assert "30 of 50 alerts are counted but not in the report." in shown


def test_the_sources_of_copies_are_shown() -> None:
    made = Installation({}, reviewer, {}, window_ms=HOUR)
    made.now = now()
    ways = (
        {"product": "guardduty", "region": "eu-west-1"},
        {"product": "securityhub", "region": "eu-west-1", "standards": ["cis", "nist"]},
        {"product": "[bold]\x1b[2J", "region": "\x07", "standards": ["\x1b[2J"]},
    )
    made.receive(*(event(number, made.now - HOUR + number, source=source) for number, source in enumerate(ways)))
    made.run()
    upload(made)
    report_id = made.heads()[0].report_id

    shown = run("report", report_id).stdout

    assert "guardduty eu-west-1, securityhub eu-west-1 (2 standards)" in " ".join(shown.split())
    assert "[bold]\\x1b[2J \\x07 (1 standard)" in " ".join(shown.split())
    assert "\x1b[2J" not in shown
    assert [source["product"] for source in answer("report", report_id)["report"]["sources"]] == [
        "[bold]\x1b[2J",
        "guardduty",
        "securityhub",
    ]


def test_an_unknown_report_is_an_error() -> None:
    nobody = "0" * 26
    client("s3").list_buckets()

    assert f"Report {nobody} was not found" in run("report", nobody).stderr
    assert run("report", nobody).exit_code == 2
    assert "must be a report id" in run("report", "../x").stderr


def test_a_test_report_is_shown_as_a_test() -> None:
    made = Installation({}, reviewer)
    made.now = now()
    alert = event(1, made.now - 1, detector=DETECTOR, rule_id=RULE_ID, rule_name="Test").alert
    mark = {"valid_from": 0, "expires_at": made.now // 1000 + 900}
    made.table.write(Put(keys.test_mark(alert.alert_id), mark))
    made.receive(event(1, made.now - 1, detector=DETECTOR, rule_id=RULE_ID, rule_name="Test"))
    made.run()
    upload(made)
    (head,) = made.heads()
    assert run("report", head.report_id).stdout.startswith("[TEST] Test\n")
    assert f"[TEST] {DETECTOR}" in run("reports").stdout
    assert answer("reports")["reports"][0]["test"]
    assert answer("report", head.report_id)["report"]["test"]


def test_a_resolved_report_is_shown_as_resolved() -> None:
    made = Installation({}, reviewer)
    made.now = now()
    made.receive(event(1, made.now - 1, rule_name="Login"))
    made.run()
    (head,) = made.heads()
    made.table.items[keys.meta(head.report_id)]["status"] = "resolved"
    for key, document in made.archive.objects.items():
        if key.startswith("reports/") and key.endswith(".json"):
            made.archive.objects[key] = json.dumps({**json.loads(document), "status": "resolved"}).encode()
    upload(made)

    assert run("report", head.report_id).stdout.startswith("Resolved: Login\n")
    assert "Resolved: Login" in run("reports", columns=200).stdout
    assert "Resolved: Login" in run("watch", "--until-settled").stdout
    assert answer("reports")["reports"][0]["status"] == "resolved"
    assert json.loads(run("watch", "--until-settled", "--json").stdout)["status"] == "resolved"
    assert answer("report", head.report_id)["status"] == "resolved"


def suppressed(of: str | None = None) -> Installation:
    """Make an installation with one suppressed report; `of` is the verdict of its inspector."""
    suppression = {"name": "scanner", "owner": "net-team", "reason": "SEC-1\x1b[2J", "expires": "2099-01-01"}
    answered = {"severity": "safe", "reason": "known", "rule": "r1", "labels": ["network"], "suppressed": suppression}
    contents = {"contents": [{"type": "note", "title": "known", "verdict": of}]}
    made = Installation({"whois": lambda _: contents}, lambda _: answered, {"inbox": lambda _: None})
    made.now = now()
    made.receive(event(1, made.now, attribute("old.example.net")))
    made.run()
    upload(made)
    return made


def test_a_suppressed_report_names_rule_labels_and_suppression() -> None:
    suppressed()
    shown = run("report", "latest").stdout
    assert r"Suppressed: scanner, until 2099-01-01, owner net-team: SEC-1\x1b[2J" in shown
    assert "Rated by rule: r1" in shown
    assert "Labels: network" in shown
    assert "Deliveries" not in shown
    assert "[SUPPRESSED]" in run("reports").stdout
    (line,) = run("watch", "--until-settled").stdout.splitlines()
    assert line.endswith("suppressed by scanner")


def test_a_report_that_breaks_through_says_what() -> None:
    suppressed("malicious")
    shown = run("report", "latest").stdout
    assert "Suppression does not apply: The inspector whois found something malicious. scanner, until" in shown
    assert "unclassified: The reviewer answered safe, but the suppression does not apply. known" in shown
    assert "[SUPPRESSED]" not in run("reports").stdout
    result = answer("report", "latest")["report"]["result"]
    assert (result["reviewer_severity"], result["suppressed"]["name"]) == ("safe", "scanner")
