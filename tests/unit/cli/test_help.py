"""The help shows metavars and units, and no Python types."""

import re
from typing import Any

import pytest

from alert_responder.contracts.primitives import SEVERITIES
from alert_responder_cli.commands.options import choices
from alert_responder_cli.recovery.failures import KINDS
from tests.unit.cli.command_runner import run
from tests.unit.cli.test_documented import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_no_python_types_are_shown(name: str) -> None:
    shown = run(*name.split(), "--help", columns=100).output

    assert re.findall(r"<[^>]*>", shown) == []
    assert re.findall(r"\b(?:TEXT|INTEGER|FLOAT|PATH|class|str|int|float)\b", shown) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_parameter_with_a_value_has_a_metavar(name: str) -> None:
    # A flag is what can be given without a value.
    values: list[Any] = [each for each in COMMANDS[name].params if not getattr(each, "is_flag", False)]

    assert [each.name for each in values if not each.metavar] == []


def options(name: str, wanted: str) -> list[str]:
    return [str(each.metavar) for each in COMMANDS[name].params if wanted in each.opts]


def test_choices_are_shown_as_a_list() -> None:
    assert choices(["a", "b"]) == "[a|b]"
    assert options("reports", "--severity") == options("backtest", "--severity") == [choices(SEVERITIES)]
    assert options("failures list", "--kind") == [choices(KINDS)]
    assert "--severity [safe|unclassified|urgent]" in run("reports", "--help").output


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("reports", "--since"),
        ("backtest", "--since"),
        ("backtest", "--until"),
        ("rejected list", "--since"),
        ("failures list", "--since"),
        ("failures redrive", "--since"),
    ],
)
def test_a_time_shows_its_forms(name: str, option: str) -> None:
    assert options(name, option) == ["[30m|12h|7d|DAY|TIME]"]


@pytest.mark.parametrize(
    ("name", "option", "unit"),
    [
        ("watch", "--every", "SECONDS"),
        ("watch", "--hours", "HOURS"),
        ("check inspector", "--timeout", "SECONDS"),
        ("simulate", "--window", "SECONDS"),
    ],
)
def test_a_duration_shows_its_unit(name: str, option: str, unit: str) -> None:
    assert options(name, option) == [unit]


def test_arguments_are_shown_once() -> None:
    shown = run("send", "--help", columns=100).output

    assert re.search(r"send \[OPTIONS\] \{FILE\}\.\.\.$", shown, re.MULTILINE)
    assert re.search(r"^  FILE  \S", shown, re.MULTILINE)
