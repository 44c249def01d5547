"""docs/command-line.md lists exactly the existing commands and options."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from alert_responder_cli.main import app
from tests.unit.cli.command_runner import run
from tools.paths import ROOT

DOCUMENT = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def commands(command: Any, *names: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield " ".join(names), command
        return
    for name in command.list_commands(None):
        yield from commands(command.get_command(None, name), *names, name)


COMMANDS = dict(commands(get_command(app)))


def test_the_table_lists_exactly_the_existing_commands() -> None:
    rows = re.findall(r"^\| `([a-z ]+)` \| [^|]+ \| [^|]+ \|$", DOCUMENT.partition("\n## ")[0], re.MULTILINE)

    assert sorted(rows) == sorted(COMMANDS)


def test_each_command_has_a_section_with_its_permissions() -> None:
    parts = {part.splitlines()[0]: part for part in DOCUMENT.split("\n## ")[1:]}

    assert parts.keys() == {name.split()[0] for name in COMMANDS}
    assert [name for name, part in parts.items() if not re.search(r"Permissions|`lambda:InvokeFunction`", part)] == []


def test_every_option_that_is_mentioned_exists() -> None:
    known = {
        option for command in (get_command(app), *COMMANDS.values()) for each in command.params for option in each.opts
    }
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", DOCUMENT)) - {"--install-completion"}

    assert mentioned <= known


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_has_json(name: str) -> None:
    result = run(*name.split(), "--help")

    assert result.exit_code == 0
    assert "--json" in result.output


def test_exit_codes_are_the_documented_ones() -> None:
    codes = re.findall(r"^\| ([0-9]+) \|", DOCUMENT, re.MULTILINE)

    assert codes == ["0", "1", "2", "130"]
    assert re.findall(r"([0-9]+) ", run("--help").output.rpartition("Exit codes:")[2]) == codes
