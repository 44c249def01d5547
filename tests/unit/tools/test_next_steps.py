"""The commands that `make up` prints can be pasted: their files, commands and options exist."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from alert_responder_cli.main import app
from tests.unit.cli.command_runner import answer
from tools.account import Account
from tools.custom_plugins import CustomPlugin
from tools.installation import Installation
from tools.next_steps import SAMPLE, next_steps
from tools.paths import ROOT

INSTALLATION = Installation(
    Account("https://127.0.0.1:4001", "/tmp/a b/authority.pem"), "local", "stream", "t", "archive-1", "e", "w"
)
COMMANDS = get_command(app)


def lines(here: Path, *plugins: CustomPlugin) -> list[list[str]]:
    text = next_steps(INSTALLATION, plugins, here)
    return [shlex.split(line) for line in text.splitlines() if line.startswith("  ")]


@pytest.mark.parametrize("here", [ROOT, ROOT / "examples", Path("/")])
def test_commands_of_the_command_line_work_in_the_current_folder(here: Path) -> None:
    commands = [words for words in lines(here) if words[0].endswith("alert-responder")]

    assert [words[1] for words in commands] == ["send", "watch", "reports", "report", "open"]
    for program, name, *arguments in commands:
        path = here / program
        assert path.is_file()
        assert path.stat().st_mode & 0o111
        command = COMMANDS.get_command(None, name)  # type: ignore[attr-defined]
        context = command.make_context(name, [word for word in arguments if word != "--local"], resilient_parsing=True)
        assert context.args == []
        assert "--local" in {option for parameter in command.params for option in parameter.opts}
    assert (here / commands[0][2]) == SAMPLE


def test_the_sample_alert_has_attributes_for_the_example_s_inspectors() -> None:
    (record,) = answer("send", SAMPLE, "--dry-run")

    assert record["problems"] == []
    assert {(found["type"], found["valid"]) for found in record["alerts"][0]["found"]} == {
        ("domain", True),
        ("ipaddr", True),
        ("username", True),
    }


def test_targets_and_files_of_make_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = [words for words in lines(Path("/")) if words[0] == "make"]

    assert [words[1] for words in commands] == ["up", "up", "down"]
    assert {words[1] for words in commands} <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    variable, _, path = commands[0][2].partition("=")
    assert f"$({variable})" in makefile
    assert (ROOT / path).is_file()


def test_aws_commands_work_with_versions_1_and_2_of_the_aws_cli() -> None:
    found = lines(Path("/"))
    exported = dict(word.split("=", 1) for words in found if words[0] == "export" for word in words[1:])
    calls = [words for words in found if words[0] == "aws"]

    # Version 1 reads only AWS_DEFAULT_REGION, version 2 prefers AWS_REGION.
    assert exported["AWS_REGION"] == exported["AWS_DEFAULT_REGION"] == "us-east-1"
    assert (exported["AWS_ENDPOINT_URL"], exported["AWS_CA_BUNDLE"]) == (
        INSTALLATION.account.endpoint,
        INSTALLATION.account.authority,
    )
    assert ["unset", "AWS_PROFILE", "AWS_SESSION_TOKEN"] in found
    # Version 2 decodes the value of `--data` and of file:// as Base64, version 1 does not; fileb:// works in both.
    assert [words[-1] for words in calls] == [f"fileb://{SAMPLE.relative_to('/')}", "s3://archive-1"]


def test_attached_plug_ins_are_listed() -> None:
    text = next_steps(INSTALLATION, [CustomPlugin("reviewer", "reviewer", "/policy.py", "policy", "handler")], ROOT)

    assert "Custom reviewer, from /policy.py." in text
