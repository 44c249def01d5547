"""`policy test` runs the tests of a policy, and says what is different."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.policy.policy_files import (
    SCANNER,
    YAML,
    record_answers,
    write_alerts,
    write_policy,
    write_report,
)
from tests.unit.plugins.policy.builders import attribute, finding, report


def with_tests(folder: Path, *tests: dict[str, Any], text: str = YAML) -> Path:
    named = [{"name": f"test {number}", **each} for number, each in enumerate(tests)]
    suppressions = json.dumps([{**SCANNER, "trust_native": True}])
    return write_policy(folder, f"{text}suppressions: {suppressions}\ntests: {json.dumps(named)}\n")


def results(path: Path, code: int = 0) -> list[dict[str, Any]]:
    return list(answer("policy", "test", path, code=code)["tests"])


URGENT = {"severity": "urgent", "rule": "contacts-command-and-control", "labels": "network", "suppressed_by": None}


def test_a_report_is_rated(tmp_path: Path) -> None:
    write_report(tmp_path, report(attribute(), findings=[finding(verdict="malicious")]))
    path = with_tests(tmp_path, {"report": "report.json", "expect": URGENT})

    (result,) = results(path)

    assert result["passed"]
    assert (result["reason"], result["labels"]) == ("198.51.100.7 is malicious according to reputation", ["network"])
    assert "1 test: 1 passed, 0 failed." in run("policy", "test", path).output


def test_a_report_may_be_in_the_output_of_report(tmp_path: Path) -> None:
    made = report(attribute(), findings=[finding(verdict="malicious")]).model_dump(mode="json")
    (tmp_path / "history.json").write_text(json.dumps({"report_id": "x", "report": {**made, "later": 1}}))

    assert results(with_tests(tmp_path, {"report": "history.json", "expect": URGENT}))[0]["passed"]


def test_alerts_go_through_the_whole_pipeline_with_recorded_answers(tmp_path: Path) -> None:
    write_alerts(tmp_path)
    record_answers(tmp_path)
    given = {"alerts": "alerts.jsonl", "answers": "answers", "expect": URGENT}

    assert [each["passed"] for each in results(with_tests(tmp_path, given))] == [True]


def test_paths_are_relative_to_the_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policies" / "cases").mkdir(parents=True)
    write_alerts(tmp_path / "policies" / "cases")
    with_tests(tmp_path / "policies", {"alerts": ["cases/alerts.jsonl"], "expect": {"rule": None}})
    monkeypatch.chdir(tmp_path)

    assert results(Path("policies/policy.yaml"))[0]["passed"]


def scanner(**fields: Any) -> dict[str, Any]:
    quiet = {"severity": "safe", "rule": None, "suppressed_by": "scanner", "reason": "Our own scanner"}
    return {"alerts": "alerts.jsonl", "expect": quiet, **fields}


def test_the_time_of_the_review_may_be_given(tmp_path: Path) -> None:
    write_alerts(tmp_path, "192.0.2.53", detector="guardduty", rule_id="Recon:EC2/PortProbe")
    path = with_tests(tmp_path, scanner(at="2026-02-28T23:00:00Z"), scanner(at="2026-03-02"), scanner())

    before, after, default = results(path, code=1)

    assert before["passed"]
    assert default["passed"]
    assert {each["field"] for each in after["differences"]} == {"severity", "suppressed_by", "reason"}
    assert after["notes"] == [
        "Policy: the suppression scanner counts as not matching: expired at 2026-03-01T00:00:00Z."
    ]


def test_what_breaks_through_a_suppression_is_shown(tmp_path: Path) -> None:
    write_alerts(tmp_path, "192.0.2.53", detector="guardduty", rule_id="Recon:EC2/PortProbe")
    record_answers(tmp_path, "192.0.2.53")
    path = with_tests(tmp_path, scanner(answers="answers"))

    result = run("policy", "test", path)

    assert result.exit_code == 1
    assert "suppressed_by: expected scanner, got none" in result.output
    assert "The inspector reputation found something malicious." in result.output


def test_a_difference_is_shown(tmp_path: Path) -> None:
    write_report(tmp_path, report(attribute()))
    path = with_tests(tmp_path, {"report": "report.json", "expect": URGENT})

    (result,) = results(path, code=1)
    shown = run("policy", "test", path).output

    assert result["differences"] == [
        {"field": "severity", "expected": "urgent", "got": "unclassified"},
        {"field": "rule", "expected": "contacts-command-and-control", "got": None},
        {"field": "labels", "expected": ["network"], "got": []},
    ]
    assert "failed  test 0" in shown
    assert "severity: expected urgent, got unclassified" in shown
    assert "labels: expected network, got none" in shown
    assert "1 test: 0 passed, 1 failed." in shown


def test_a_report_that_is_not_complete_is_not_safe(tmp_path: Path) -> None:
    omission = {"what": "lookups", "count": 1, "reason": "A limit."}
    write_report(tmp_path, report(attribute(), complete=False, omissions=[omission]))
    text = "default: {severity: safe, reason: Fine.}\n"

    (result,) = results(
        with_tests(tmp_path, {"report": "report.json", "expect": {"severity": "unclassified"}}, text=text)
    )

    assert result["severity"] == "unclassified"


@pytest.mark.parametrize(
    ("test", "error"),
    [
        ({"report": "none.json"}, "none.json cannot be read: No such file or directory."),
        ({"report": "policy.yaml"}, "policy.yaml is not JSON."),
        ({"report": "empty.json"}, "empty.json is not a report: id is required."),
        ({"alerts": "none.json"}, "none.json cannot be read: No such file or directory."),
        ({"alerts": "empty.json"}, "empty.json is rejected: "),
        ({"alerts": ["alerts.jsonl", "other.jsonl"]}, "A test must be about one report, got 2 from the alerts."),
        ({"alerts": "alerts.jsonl", "answers": "none"}, "none does not exist."),
        ({"alerts": "resolved.jsonl"}, "The report is resolved: it is not reviewed."),
    ],
)
def test_a_test_that_cannot_run_fails(tmp_path: Path, test: dict[str, Any], error: str) -> None:
    (tmp_path / "empty.json").write_text("{}")
    write_alerts(tmp_path)
    write_alerts(tmp_path, name="other.jsonl", alert_key="bob")
    write_alerts(tmp_path, name="resolved.jsonl", status="resolved")
    write_report(tmp_path, report())
    path = with_tests(tmp_path, {**test, "expect": {}}, {"report": "report.json", "expect": {}})

    wrong, right = results(path, code=1)

    assert error in wrong["error"]
    assert not wrong["passed"]
    assert right["passed"]


def test_results_are_written_as_junit(tmp_path: Path) -> None:
    write_report(tmp_path, report(attribute("198.51.100.7"), title="<b> \x1b[31m & ]]>"))
    tests: list[dict[str, Any]] = [
        {"report": "report.json", "expect": {}, "name": "fine & <good>"},
        {"report": "report.json", "expect": {"severity": "safe"}},
        {"report": "none.json", "expect": {}},
    ]
    text = 'rules: [{name: a, severity: urgent, reason: "{title} \\u0000"}]\n'

    result = run("policy", "test", with_tests(tmp_path, *tests, text=text), "--junit", tmp_path / "out.xml")

    root = ElementTree.fromstring((tmp_path / "out.xml").read_text(encoding="utf-8"))  # noqa: S314
    suite = root[0]
    assert result.exit_code == 1
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    assert [case.get("name") for case in suite] == ["fine & <good>", "test 1", "test 2"]
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"]]
    assert suite[1][0].get("message") == "severity: expected safe, got urgent"
    assert "<b>" in str(suite[1][0].text)


def test_a_policy_without_tests_passes(tmp_path: Path) -> None:
    assert "The policy contains no tests." in run("policy", "test", write_policy(tmp_path)).output


def test_an_invalid_policy_is_not_tested(tmp_path: Path) -> None:
    path = write_policy(tmp_path, YAML.replace("verdict", "verdct"))

    result = run("policy", "test", path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"The policy {path} is invalid." in result.stderr
    assert f"{path}:3: rules[0].match.verdct is not allowed; did you mean verdict?" in result.stderr


def test_junit_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    result = run("policy", "test", write_policy(tmp_path), "--junit", tmp_path / "none" / "out.xml")

    assert (result.exit_code, result.stderr.startswith("The file ")) == (2, True)
