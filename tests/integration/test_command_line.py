"""The command line against an installation on the emulated AWS: plug-ins in two languages, by name and by ARN."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alert_responder_cli.aws.access import local_run, session
from alert_responder_cli.aws.local_runs import CHOICE, LocalRun, record
from alert_responder_cli.backtesting import process_pool
from alert_responder_cli.main import app
from tests.integration.pipeline import Pipeline
from tools.emulator import free_port
from tools.paths import ROOT


@pytest.fixture
def command(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command as `make up` says: with the endpoint and the key in the environment."""
    account = pipeline.installation.account
    settings = {"AWS_ENDPOINT_URL": account.endpoint, "AWS_CA_BUNDLE": account.authority, "AWS_REGION": "us-east-1"}
    for name, value in (settings | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")
    # A test before this one may have left a session with other keys.
    session.cache_clear()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments)

    return run


def test_the_installation_is_found_and_its_plug_ins_are_listed(pipeline: Pipeline, command: Any) -> None:
    result = command("plugins", "--json")

    assert result.exit_code == 0, result.output
    found = {one["name"]: one for one in json.loads(result.stdout)}
    assert {"asset", "reputation", "inbox", "pager"} <= found.keys()
    assert found["asset"]["runtime"] == "nodejs22.x"
    assert found["asset"]["function"] == "Active"
    assert found["asset"]["arn"].endswith(f":function:{pipeline.installation.name}-asset")


def test_the_local_run_is_found_from_any_folder_and_an_ended_one_is_reported(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    account = pipeline.installation.account
    record(LocalRun("/a", account.endpoint, account.authority, 1.0))
    # Nothing listens there, but the certificate still exists.
    record(LocalRun("/b", f"https://127.0.0.1:{free_port()}", account.authority, 2.0))

    def plugins(choice: str) -> Result:
        local_run.cache_clear()
        return CliRunner().invoke(app, ["plugins", "--local", "--json"], env={CHOICE: choice})

    alive, ended = plugins(""), plugins("/b")
    local_run.cache_clear()

    assert alive.exit_code == 0, alive.output
    assert {"asset", "inbox"} <= {one["name"] for one in json.loads(alive.stdout)}
    assert alive.stderr == ""
    assert ended.exit_code == 2
    assert "The local run of /b has ended" in ended.stderr


@pytest.mark.parametrize("name", ["asset", "reputation"])
def test_an_inspector_in_any_language_is_checked_where_it_runs(pipeline: Pipeline, command: Any, name: str) -> None:
    result = command("check", "inspector", f"{pipeline.installation.name}-{name}", "--type", "ipaddr", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0, found["problems"]
    assert {problem["check"] for problem in found["problems"]} <= {"nonsense", "time"}
    assert found["cases"] >= 40


def test_a_fault_is_found_on_lambda_too(pipeline: Pipeline, command: Any) -> None:
    code = "def handler(report, context):\n    return {'severity': 'terrible', 'reason': report['title']}"
    with pipeline.attached("reviewer", code):
        plugins = json.loads(command("plugins", "--json").stdout)
        (arn,) = [one["arn"] for one in plugins if one["kind"] == "reviewer"]
        result = command("check", "reviewer", arn, "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {"check": "schema", "level": "fault", "path": "severity"}.items() <= found["problems"][0].items()


def test_an_alert_is_sent_listed_and_delivered_and_a_rejected_record_is_replayed(
    pipeline: Pipeline, command: Any, tmp_path: Path
) -> None:
    alert = {"detector": "cli", "rule_id": "sent", "attributes": [{"type": "domain", "value": "cli.example.net"}]}
    (tmp_path / "alert.json").write_text(json.dumps(alert))
    (tmp_path / "odd.jsonl").write_text('{"app": "cli-door", "what": "forced"}\n')
    mapping = {"name": "door", "match": "app == 'cli-door'", "detector": "app", "rule_id": "what"}
    (tmp_path / "format.json").write_text(json.dumps(mapping))

    assert command("send", str(tmp_path / "odd.jsonl")).exit_code == 1
    assert command("send", str(tmp_path / "odd.jsonl"), "--format", str(tmp_path / "format.json")).exit_code == 0
    assert command("send", str(tmp_path / "alert.json")).exit_code == 0
    found = _until(lambda: _reports(command, "cli") + _reports(command, "cli-door"), 2)
    assert command("watch", "--until-settled", "--limit", "2").exit_code == 0

    history = json.loads(command("report", found[0]["report_id"], "--json").stdout)
    assert (history["state"], history["alert_count"], history["published_round"]) == ("settled", 1, 1)
    assert history["report"]["result"]["severity"] == history["severity"]
    page = json.loads(
        command("open", history["report_id"], "--no-browser", "--output", str(tmp_path / "page.html"), "--json").stdout
    )
    assert "delivered\n<b><bdi>inbox" in Path(page["path"]).read_text(encoding="utf-8").replace("</span>", "")
    listed = json.loads(command("reports", "--attribute", "CLI[.]example.net", "--json").stdout)
    assert [report["report_id"] for report in listed["reports"]] == [found[0]["report_id"]]

    pipeline.send([(tmp_path / "odd.jsonl").read_bytes()])
    (rejected,) = _until(lambda: json.loads(command("rejected", "list", "--json").stdout)["objects"], 1)
    result = command("rejected", "replay", rejected["key"], "--format", str(tmp_path / "format.json"), "--json")
    assert json.loads(result.stdout)["taken"] == 1
    assert command("watch", "--until-settled", "--limit", "2").exit_code == 0
    door = json.loads(command("report", _reports(command, "cli-door")[0]["report_id"], "--json").stdout)
    assert door["alert_count"] == 2
    assert command("failures", "redrive", "--all").exit_code == 0


def test_copies_of_a_finding_are_one_report_and_calls_are_counted(command: Any) -> None:
    names = ("guardduty_root_credentials", "securityhub_guardduty_v2", "securityhub_copies")
    files = [str(ROOT / "tests" / "events" / f"{name}.json") for name in names]

    assert command("send", *files).exit_code == 0
    _until(lambda: [one for one in _reports(command, "guardduty") if one["alert_count"] == 3], 1)
    assert command("watch", "--until-settled", "--limit", "10").exit_code == 0

    (listed,) = _reports(command, "guardduty")
    report = json.loads(command("report", listed["report_id"], "--json").stdout)["report"]
    assert report["alert_count"] == 3
    assert [(source["product"], source["region"]) for source in report["sources"]] == [
        ("guardduty", "eu-central-1"),
        ("securityhub", "eu-central-1"),
    ]
    plugins = {one["name"]: one["health"] for one in json.loads(command("plugins", "--json").stdout)}
    assert plugins["reputation"]["calls"] >= 1
    assert plugins["reputation"]["longest_seconds"] > 0
    assert plugins["inbox"]["calls"] >= 1
    assert plugins["inbox"]["longest_seconds"] > 0


def test_another_reviewer_rates_the_stored_reports(
    pipeline: Pipeline, command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.send([pipeline.alert("backtest", ("domain", f"{n}.example.net"), suffix=f" {n}") for n in range(3)])
    stored = {status.report_id: status.severity for status in pipeline.settled("backtest", 3)}
    (tmp_path / "policy.py").write_text(
        "def handler(report, _):\n    return {'severity': 'urgent', 'reason': 'All.'}\n"
    )
    options = ("--since", "1h", "--detector", "test", "--limit", "1000", "--json")
    attached = next(one["arn"] for one in json.loads(command("plugins", "--json").stdout) if one["kind"] == "reviewer")

    # The same policy gives the same ratings, since it gets the same documents.
    for same in (("--reviewer", attached), ("--policy", "examples/policy/policy.yaml")):
        result = command("backtest", *same, *options)
        found = json.loads(result.stdout)
        assert result.exit_code == 0, result.output
        assert found["reports"] >= len(stored)
        assert not stored.keys() & {change["report_id"] for change in found["changes"]}, found["changes"]
    # Use several processes, as for many reports.
    monkeypatch.setattr(process_pool, "FEW", 0)
    other = command("backtest", "--reviewer", f"{tmp_path / 'policy.py'}:handler", "--fail-on-change", *options)

    assert other.exit_code == 1, other.output
    changes = {change["report_id"]: change["now"] for change in json.loads(other.stdout)["changes"]}
    assert stored.keys() <= changes.keys()
    assert set(changes.values()) == {"urgent"}
    assert {each.report_id: each.severity for each in pipeline.settled("backtest", 3)} == stored


def _reports(command: Any, detector: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(command("reports", "--detector", detector, "--json").stdout)["reports"]
    return found


def _until(look: Callable[[], list[dict[str, Any]]], count: int) -> list[dict[str, Any]]:
    """Wait up to a minute until there are that many."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = look()
        if len(found) >= count:
            return found
        time.sleep(0.5)
    raise AssertionError(f"after a minute there are {len(look())} of {count}")
