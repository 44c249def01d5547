"""`policy explain` names the rule that decides, and what each of the others saw."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import attach, make_function, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.policy.policy_files import SCANNER, YAML, write_policy, write_report
from tests.unit.cli.stored_reports import table, upload
from tests.unit.domain.builders import attribute as stored_attribute
from tests.unit.domain.builders import event
from tests.unit.plugins.policy.builders import SCANNER as SCANNER_ADDRESS
from tests.unit.plugins.policy.builders import alert, attribute, finding, report

RULES: dict[str, Any] = {
    "rules": [
        {"name": "others", "match": {"detector": "vpn"}, "severity": "urgent"},
        {"name": "bad", "match": {"verdict": "malicious"}, "severity": "urgent", "labels": ["network"]},
        {"name": "failing", "when": "length(alert_count) > `0`", "severity": "urgent"},
        {"name": "all", "severity": "unclassified"},
    ],
}


def explained(folder: Path, made: Any, policy: Any, *options: str) -> tuple[dict[str, Any], str]:
    given: tuple[str | Path, ...] = (write_report(folder, made), "--policy", write_policy(folder, policy), *options)
    result = run("policy", "explain", *given)
    assert result.exit_code == 0, result.output
    return answer("policy", "explain", *given), result.output


def test_the_rule_that_decides_is_named_with_what_each_saw(tmp_path: Path) -> None:
    found, shown = explained(tmp_path, report(attribute(), findings=[finding(verdict="malicious")]), RULES)

    assert (found["severity"], found["rule"], found["labels"]) == ("urgent", "bad", ["network"])
    assert found["at"] == "2026-02-01T00:01:15.000Z"
    asked = {each["name"]: each for each in found["asked"]}
    assert [name for name, each in asked.items() if each["decides"]] == ["bad"]
    assert [name for name, each in asked.items() if each["matched"]] == ["bad", "all"]
    assert asked["others"]["checks"] == [
        {"condition": "detector", "wanted": ["vpn"], "saw": ["guardduty"], "holds": False}
    ]
    assert asked["failing"]["fault"].startswith("when: the expression fails: ")
    assert "bad (urgent): matches, and decides" in shown
    assert "others (urgent): does not match" in shown
    assert "fails  detector vpn, saw guardduty" in shown
    assert "failing (urgent): counts as not matching: when: the expression fails" in shown
    assert "all (unclassified): matches\n" in shown
    assert "Policy: the rule failing counts as not matching" in shown


def test_the_default_is_named(tmp_path: Path) -> None:
    found, shown = explained(tmp_path, report(attribute()), YAML)

    assert (found["rule"], found["reason"]) == (None, "No rule matched.")
    assert "rule: none, the default applies" in shown


def scanned(**fields: Any) -> Any:
    known = attribute(SCANNER_ADDRESS)
    return report(known, alerts=[alert(known, rule_id="Recon:EC2/PortProbe")], **fields)


def test_a_suppression_and_what_breaks_through_are_named(tmp_path: Path) -> None:
    policy = {"suppressions": [SCANNER]}
    quiet, shown_quiet = explained(tmp_path, scanned(), policy)
    loud, shown_loud = explained(tmp_path, scanned(findings=[finding(SCANNER_ADDRESS, "malicious")]), policy)

    assert (quiet["severity"], quiet["suppressed_by"], quiet["breakthrough"]) == ("safe", "scanner", None)
    assert (loud["severity"], loud["suppressed_by"]) == ("unclassified", "scanner")
    assert loud["breakthrough"] == "The inspector reputation found something malicious."
    assert "suppressed by scanner\n" in shown_quiet
    assert "not suppressed by scanner: The inspector reputation found something malicious." in shown_loud


def test_unless_and_expiry_are_named(tmp_path: Path) -> None:
    policy = {"suppressions": [{**SCANNER, "unless": {"alert_count_above": 3}}]}

    _, many = explained(tmp_path, scanned(alert_count=4), policy)
    found, late = explained(tmp_path, scanned(), policy, "--at", "2026-03-02")

    assert "scanner: does not apply: the report has more than 3 alerts" in many
    assert "scanner: counts as not matching: expired at 2026-03-01T00:00:00Z" in late
    assert found["at"] == "2026-03-02T00:00:00.000Z"


def test_text_of_alerts_does_not_reach_the_terminal(tmp_path: Path) -> None:
    policy = {"rules": [{"name": "a", "match": {"rule": "x"}, "severity": "urgent"}]}
    made = report(alerts=[alert(rule_id="\x1b[31m[bold]")], title="\x1b[2J[red]")

    _, shown = explained(tmp_path, made, policy)

    assert "\x1b" not in shown
    assert "[bold]" in shown
    assert "[red]" in shown


def test_a_file_that_is_not_a_report_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")

    result = run("policy", "explain", tmp_path / "x.json", "--policy", write_policy(tmp_path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not a report: the report must be an object." in result.stderr


@pytest.fixture
def report_id() -> Iterator[str]:
    with mock_aws():
        make_installation("secops")
        attach("secops", "reviewer", "reviewer", make_function("secops-reviewer-policy"))
        made = Installation({}, lambda _: {"severity": "urgent", "reason": "r"}, {})
        made.now = now() - 60_000
        made.receive(event(1, made.now, stored_attribute("evil.example.net")))
        made.run()
        upload(made)
        yield made.heads()[0].report_id


def store_policy(text: str) -> None:
    table()._client.put_item(
        TableName="secops",
        Item={"pk": {"S": "policy/policy"}, "sk": {"S": "policy"}, "policy": {"S": text}},
    )


def test_a_stored_report_is_explained_with_the_policy_of_the_installation(report_id: str) -> None:
    store_policy(json.dumps({"rules": [{"name": "all", "severity": "unclassified"}]}))

    found = answer("policy", "explain", "latest")

    assert (found["report_id"], found["rule"], found["severity"]) == (report_id, "all", "unclassified")


def test_the_policy_of_a_function_with_a_shortened_name_is_found(report_id: str) -> None:
    name = f"secops-reviewer-{'p' * 39}-0a1b2c3d"
    attach("secops", "reviewer", "reviewer", make_function(name, PLUGIN_NAME="policy"))
    store_policy(json.dumps({"rules": [{"name": "all", "severity": "unclassified"}]}))

    assert len(name) == 64
    assert answer("policy", "explain", "latest")["rule"] == "all"


def test_a_custom_reviewer_has_no_policy(report_id: str) -> None:
    attach("secops", "reviewer", "reviewer", make_function("rate-reports"))
    store_policy("{}")

    result = run("policy", "explain", "latest")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "The installation has no policy: attach modules/policy" in result.stderr


def test_a_stored_report_is_explained_with_a_file(report_id: str, tmp_path: Path) -> None:
    found = answer("policy", "explain", report_id, "--policy", write_policy(tmp_path, RULES), "--round", "1")

    assert (found["report_id"], found["rule"]) == (report_id, "all")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "The installation has no policy: attach modules/policy, or give a file."),
        ("{", "The policy policy of the installation is invalid.\n  policy must be JSON"),
        ('{"rule": []}', "rule is not allowed; allowed: default, rules, suppressions, tests"),
    ],
)
def test_a_missing_or_invalid_policy_of_the_installation_is_an_error(
    report_id: str, text: str | None, message: str
) -> None:
    if text is not None:
        store_policy(text)

    result = run("policy", "explain", report_id)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
