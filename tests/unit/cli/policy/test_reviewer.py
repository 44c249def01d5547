"""A policy as the reviewer of `backtest` and `simulate`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from alert_responder_cli.times import now
from tests.unit.cli.aws_account import make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.policy.policy_files import SCANNER, YAML, record_answers, write_alerts, write_policy
from tests.unit.cli.stored_reports import archive, meta, report_id, store
from tests.unit.plugins.policy.builders import SCANNER as ADDRESS
from tests.unit.plugins.policy.builders import alert, attribute, finding, report


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def keep(*made: Any, was: str = "unclassified") -> None:
    """Store reports that a reviewer rated."""
    at = now() - 1000
    for number, each in enumerate(made):
        document = each.model_dump(mode="json")
        document["result"] |= {"severity": was, "reason": "old", "reviewer": "arn"}
        store([meta(at - number, number, title=each.title, severity=was)])
        archive(f"reports/{report_id(at - number, number)}/000001.json", document)


def scanned(**fields: Any) -> Any:
    known = attribute(ADDRESS)
    return report(known, alerts=[alert(known, rule_id="Recon:EC2/PortProbe")], **fields)


def cells(found: dict[str, Any]) -> dict[str, int]:
    return {cell["now"]: cell["reports"] for cell in found["cells"]}


SUPPRESSIONS = f"suppressions: {json.dumps([SCANNER])}\n"


@pytest.mark.usefixtures("account")
def test_stored_reports_are_rated_with_a_policy(tmp_path: Path) -> None:
    bad = report(attribute(), findings=[finding(verdict="malicious")])
    loud = scanned(findings=[finding(ADDRESS, "malicious")])
    keep(bad, report(attribute()), scanned(), loud)
    policy = write_policy(tmp_path, YAML + SUPPRESSIONS)

    found = answer("backtest", "--policy", policy, "--at", "2026-02-02")
    later = answer("backtest", "--policy", policy)

    assert found["reviewer"] == str(policy)
    assert cells(found) == {"urgent": 2, "unclassified": 1, "safe": 1}
    assert cells(later) == {"urgent": 2, "unclassified": 2}
    assert {change["new_reason"] for change in found["changes"]} == {
        "198.51.100.7 is malicious according to reputation",
        "192.0.2.53 is malicious according to reputation",
        "Our own scanner",
    }


@pytest.mark.usefixtures("account")
def test_a_report_of_another_version_is_unrated(tmp_path: Path) -> None:
    at = now() - 1000
    store([meta(at, 1)])
    archive(
        f"reports/{report_id(at, 1)}/000001.json",
        {"title": "x", "result": {"severity": "safe", "reason": "", "reviewer": "arn"}},
    )

    (trouble,) = answer("backtest", "--policy", write_policy(tmp_path))["troubles"]

    assert trouble["reason"] == "The report was written by another version of AlertResponder."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Give either --reviewer or --policy."),
        (["--policy", "policy.yaml", "--reviewer", "x"], "Give either --reviewer or --policy."),
        (["--reviewer", "x", "--at", "7d"], "--at requires --policy."),
        (["--policy", "none.yaml"], "The policy none.yaml cannot be read: No such file"),
        (["--policy", "policy.yaml", "--at", "yesterday"], "A time must be "),
    ],
)
def test_options_that_cannot_be_combined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    write_policy(tmp_path)
    monkeypatch.chdir(tmp_path)

    result = run("backtest", *options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)


def test_a_simulation_is_rated_with_a_policy(tmp_path: Path) -> None:
    alerts, answers = write_alerts(tmp_path), record_answers(tmp_path)
    given = ("simulate", alerts, "--inspector-answers", answers, "--policy", write_policy(tmp_path), "--strict")

    found = answer(*given)

    (one,) = found["reports"]
    assert (one["severity"], one["report"]["result"]["rule"]) == ("urgent", "contacts-command-and-control")
    assert one["report"]["result"]["labels"] == ["network"]
    assert found == answer(*given)


def test_the_clock_of_a_simulation_may_start_at_any_time(tmp_path: Path) -> None:
    alerts = write_alerts(tmp_path, "192.0.2.53", detector="guardduty", rule_id="Recon:EC2/PortProbe")
    policy = write_policy(tmp_path, {"suppressions": [{**SCANNER, "trust_native": True}]})

    quiet = answer("simulate", alerts, "--policy", policy, "--at", "2026-02-27")
    loud = answer("simulate", alerts, "--policy", policy, "--at", "2026-03-01")

    assert [len(each["emissions"]) for each in (quiet, loud)] == [0, 1]
    assert quiet["reports"][0]["report"]["created_at"] == "2026-02-27T00:00:00.000Z"
    assert "counts as not matching: expired" in str(loud["reports"][0]["report"]["notes"])


def test_a_simulation_has_one_reviewer(tmp_path: Path) -> None:
    given = ("--policy", write_policy(tmp_path), "--reviewer", "policy.py:handler")

    result = run("simulate", write_alerts(tmp_path), *given)

    assert (result.exit_code, result.stderr) == (2, "Give either --reviewer or --policy.\n")
