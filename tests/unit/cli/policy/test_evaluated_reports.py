"""`policy check` evaluates expressions on reports of files or of the installation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from alert_responder_cli.times import now
from tests.unit.cli.aws_account import make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.policy.policy_files import SCANNER, write_policy, write_report
from tests.unit.cli.stored_reports import archive, meta, report_id, store
from tests.unit.plugins.policy.builders import SCANNER as ADDRESS
from tests.unit.plugins.policy.builders import alert, attribute, report

POLICY = {
    "rules": [
        {"name": "held", "severity": "urgent", "when": "detector == 'guardduty'"},
        {"name": "never", "severity": "urgent", "when": "detector == 'gardduty'"},
        {"name": "fails", "severity": "urgent", "when": "length(alert_count) > `0`"},
        {"name": "plain", "severity": "urgent", "match": {"rule": "none"}},
    ]
}
EXPECTED = [
    "rules[1].when of never holds for none of 2 reports",
    "rules[2].when of fails fails on stored reports: the expression fails: ",
]


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def is_expected(problems: list[dict[str, Any]]) -> bool:
    texts = [each["text"] for each in problems if each["text"].startswith(("rules[1].when", "rules[2].when"))]
    return len(texts) == 2 and all(text.startswith(each) for text, each in zip(texts, EXPECTED, strict=True))


def test_expressions_are_evaluated_on_reports_in_files(tmp_path: Path) -> None:
    paths = [write_report(tmp_path, report(attribute()), f"{name}.json") for name in "ab"]
    policy = write_policy(tmp_path, POLICY)

    found = answer("policy", "check", policy, "--report", paths[0], "--report", paths[1])

    assert is_expected(found["problems"])
    assert found["reports"] == 2
    assert "evaluated on 2 reports" in run("policy", "check", policy, "--report", paths[0], "--report", paths[1]).output


@pytest.mark.usefixtures("account")
def test_expressions_are_evaluated_on_stored_reports(tmp_path: Path) -> None:
    at = now()
    for number in range(5):
        opened = at - 1000 - number
        store([meta(opened, number)])
        if number < 3:
            archive(f"reports/{report_id(opened, number)}/000001.json", report(attribute()).model_dump(mode="json"))
    archive(f"reports/{report_id(at - 1002, 2)}/000001.json", b"[")

    found = answer("policy", "check", write_policy(tmp_path, POLICY), "--installation", "secops")
    limited = answer("policy", "check", write_policy(tmp_path, POLICY), "--installation", "secops", "--limit", "1")

    assert is_expected(found["problems"])
    assert (found["reports"], limited["reports"]) == (2, 1)


def test_suppressions_that_match_the_same_reports_are_named(tmp_path: Path) -> None:
    known = attribute(ADDRESS)
    path = write_report(tmp_path, report(known, alerts=[alert(known, rule_id="Recon:EC2/PortProbe")]))
    other = {**SCANNER, "name": "by address", "match": {"attribute": {"cidr": "192.0.2.0/24"}}}
    times = {"starts": "2026-11-01", "expires": "2027-01-15"}
    policy = {"suppressions": [{**SCANNER, **times}, {**other, **times}]}

    found = answer("policy", "check", write_policy(tmp_path, policy), "--report", path)

    assert "suppressions[1] by address matches 1 report that scanner suppresses, which comes before it" in [
        each["text"] for each in found["problems"]
    ]


def test_a_file_that_is_not_a_report_is_an_error(tmp_path: Path) -> None:
    result = run("policy", "check", write_policy(tmp_path), "--report", tmp_path / "none.json")

    assert (result.exit_code, result.stdout) == (2, "")
