"""Policies in the applied module: rate, suppress, break through, expire, change, and break.

The item of the policy is written as Terraform would write it; `tests/plan` tests what Terraform writes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.store import keys
from alert_responder.store.directory import write_directory
from alert_responder_plugins.policy.table import policy_key
from tests.integration.pipeline import Pipeline
from tools.report_reader import ReportStatus

FUNCTION = "reviewer-policy"
SCANNER = "192.0.2.53"
MALICIOUS = "update-check.example.net"
SHOP = AccountFacts(
    id="555566667777", name="<b>shop", status="active", kind="member", unit="Root/Prod/EU", environment="production"
)


def suppression(name: str, days: int = 30, **match: Any) -> dict[str, Any]:
    """Write a suppression that has begun, and ends in some days."""
    now = datetime.now(UTC)
    return {
        "name": name,
        "match": {"rule": name, **match},
        "owner": "net-team@example.com",
        "reason": "Our own scanner.",
        "starts": f"{now - timedelta(days=40):%Y-%m-%dT%H:%M:%SZ}",
        "expires": f"{now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
        "trust_native": True,
    }


def policy(reason: str = "A rule of the tests.") -> dict[str, Any]:
    """Write a policy with 200 rules."""
    others = [
        {
            "name": f"other-{number}",
            "match": {"account": "999988887777", "attribute": {"type": "ipaddr", "cidr": f"203.0.113.{number}"}},
            "when": f"alert_count > `{number}`",
            "severity": "urgent",
        }
        for number in range(198)
    ]
    rated = {"name": "rated", "match": {"rule": "rated"}, "severity": "urgent", "reason": reason, "labels": ["network"]}
    broken = {"name": "broken", "match": {"rule": "broken"}, "when": "no_such_function(title)", "severity": "urgent"}
    words = {
        "name": "words",
        "match": {"account_unit": "Root/Prod", "account_environment": "prod*"},
        "severity": "urgent",
    }
    quiet = [
        suppression("quiet", attribute={"type": "ipaddr", "value": SCANNER}),
        suppression("loud"),
        suppression("expired", days=-1),
    ]
    return {"rules": [*others, rated, broken, words], "suppressions": quiet}


def put(pipeline: Pipeline, text: str) -> None:
    """Write the policy, and make the function forget the one that it cached."""
    key = policy_key("policy")
    item = {"pk": {"S": key.pk}, "sk": {"S": key.sk}, "policy": {"S": text}, "version": {"N": "1"}}
    pipeline.installation.client("dynamodb").put_item(TableName=pipeline.installation.table, Item=item)
    pipeline.renew(FUNCTION)


@contextmanager
def directory(pipeline: Pipeline) -> Iterator[None]:
    """Write a directory of accounts, which is read by new processes of the coordinator, and remove it afterwards."""
    table = DynamoDBTable(pipeline.installation.client("dynamodb"), pipeline.installation.table)
    write_directory(table, Directory(accounts=(SHOP,), read_at=int(datetime.now(UTC).timestamp() * 1000)))
    pipeline.renew("coordinator")
    try:
        yield
    finally:
        pk, sk = keys.directory()
        client = pipeline.installation.client("dynamodb")
        client.delete_item(TableName=pipeline.installation.table, Key={"pk": {"S": pk}, "sk": {"S": sk}})


@contextmanager
def restored(pipeline: Pipeline) -> Iterator[None]:
    """Restore the policy of the installation afterwards."""
    key = policy_key("policy")
    table = pipeline.installation.client("dynamodb")
    found = table.get_item(TableName=pipeline.installation.table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}})[
        "Item"
    ]
    try:
        yield
    finally:
        put(pipeline, found["policy"]["S"])


@pytest.fixture(scope="module")
def reports(pipeline: Pipeline) -> Iterator[dict[str, tuple[ReportStatus, dict[str, Any]]]]:
    """One report for each rule, rated by the policy."""
    alerts = {
        "rated": [("ipaddr", "198.51.100.9")],
        "quiet": [("ipaddr", SCANNER)],
        "loud": [("domain", MALICIOUS)],
        "expired": [("ipaddr", SCANNER)],
        "broken": [("ipaddr", "198.51.100.9")],
    }
    of_shop = [{"type": "account", "key": "account", "value": SHOP.id, "context": ["local"]}]
    records = [pipeline.alert(f"policy-{rule}", *given, rule_id=rule) for rule, given in alerts.items()]
    records.append(pipeline.alert("policy-words", rule_id="words", attributes=of_shop))
    with restored(pipeline), directory(pipeline):
        put(pipeline, json.dumps(policy()))
        pipeline.send(records)
        found = {rule: pipeline.settled(f"policy-{rule}")[0] for rule in (*alerts, "words")}
        yield {rule: (status, pipeline.report(status)) for rule, status in found.items()}


Reports = dict[str, tuple[ReportStatus, dict[str, Any]]]


def delivered(status: ReportStatus) -> set[str]:
    return {delivery.emitter for delivery in status.deliveries if delivery.outcome == "ok"}


def test_a_rule_of_200_rates_the_report(reports: Reports) -> None:
    status, report = reports["rated"]

    assert report["result"]["severity"] == "urgent"
    assert (report["result"]["rule"], report["result"]["labels"]) == ("rated", ["network"])
    assert report["result"]["reason"] == "A rule of the tests."
    assert delivered(status) == {"inbox", "pager"}


def test_words_of_the_directory_are_in_the_report_and_raise(reports: Reports) -> None:
    _, report = reports["words"]

    [account] = report["overview"]["accounts"]
    assert (account["name"], account["unit"], account["environment"]) == (SHOP.name, SHOP.unit, "production")
    assert report["result"]["rule"] == "words"


def test_a_suppressed_report_is_published_and_not_delivered(reports: Reports) -> None:
    status, report = reports["quiet"]

    assert report["result"]["severity"] == "safe"
    assert report["result"]["suppressed"]["owner"] == "net-team@example.com"
    assert report["result"].get("breakthrough") is None
    assert status.deliveries == ()


def test_a_malicious_verdict_breaks_through(reports: Reports) -> None:
    status, report = reports["loud"]

    assert report["result"]["suppressed"]["name"] == "loud"
    assert "malicious" in report["result"]["breakthrough"]
    assert report["result"]["severity"] == "unclassified"
    assert delivered(status) == {"inbox"}


@pytest.mark.parametrize(("rule", "words"), [("expired", "expired at"), ("broken", "counts as not matching: when")])
def test_what_cannot_be_applied_is_noted_and_counted(
    pipeline: Pipeline, reports: Reports, rule: str, words: str
) -> None:
    status, report = reports[rule]

    assert report["result"]["severity"] == "unclassified"
    assert any(rule in note and words in note for note in report["notes"]), report["notes"]
    assert delivered(status) == {"inbox"}
    log = "\n".join(pipeline.installation.account.function_logs(f"{pipeline.installation.name}-{FUNCTION}"))
    assert "policy fault" in log
    assert '"PolicyFaults"' in log


def test_a_change_is_in_force_for_a_round_that_is_running(pipeline: Pipeline) -> None:
    with restored(pipeline):
        put(pipeline, json.dumps(policy("The policy before.")))
        with pipeline.rounds_held_back():
            pipeline.send([pipeline.alert("policy-change", rule_id="rated")])
            pipeline.wait(lambda: pipeline.of_key("policy-change"), "open report")
            put(pipeline, json.dumps(policy("The policy afterwards.")))
        (status,) = pipeline.settled("policy-change")

        assert pipeline.report(status)["result"]["reason"] == "The policy afterwards."


def test_reports_are_delivered_while_the_policy_is_broken(pipeline: Pipeline) -> None:
    with restored(pipeline):
        put(pipeline, '{"rules": [')
        pipeline.send([pipeline.alert("policy-none", ("ipaddr", SCANNER), rule_id="quiet")])
        (status,) = pipeline.settled("policy-none")
        report = pipeline.report(status)

    assert report["result"]["severity"] == "unclassified"
    assert "policy" in report["result"]["reason"]
    assert delivered(status) == {"inbox"}
