"""The command line against an installation on the emulated AWS: plug-ins in two languages, by name and by ARN."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alert_responder_cli.main import app
from tests.integration.pipeline import Pipeline


@pytest.fixture
def command(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command as `make up` says: with the endpoint and the key in the environment."""
    account = pipeline.installation.account
    settings = {"AWS_ENDPOINT_URL": account.endpoint, "AWS_CA_BUNDLE": account.authority, "AWS_REGION": "us-east-1"}
    for name, value in (settings | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")

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


@pytest.mark.parametrize("name", ["asset", "reputation"])
def test_an_inspector_in_any_language_is_checked_where_it_runs(pipeline: Pipeline, command: Any, name: str) -> None:
    result = command("check", "inspector", f"{pipeline.installation.name}-{name}", "--type", "ipaddr", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0, found["problems"]
    assert {problem["check"] for problem in found["problems"]} <= {"nonsense", "time"}
    assert found["cases"] >= 40


def test_a_broken_one_is_seen_there_as_well(pipeline: Pipeline, command: Any) -> None:
    code = "def handler(report, context):\n    return {'severity': 'terrible', 'reason': report['title']}"
    with pipeline.attached("reviewer", code):
        plugins = json.loads(command("plugins", "--json").stdout)
        (arn,) = [one["arn"] for one in plugins if one["kind"] == "reviewer"]
        result = command("check", "reviewer", arn, "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {"check": "schema", "level": "fault", "path": "severity"}.items() <= found["problems"][0].items()
