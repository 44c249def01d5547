"""Runs the command line as a person does."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from alert_responder_cli.main import app


def run(*arguments: str | Path, input: str | None = None) -> Result:  # noqa: A002
    """Run a command; its output is wide enough that no table folds what a test looks for."""
    given = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, given, input=input, env={"COLUMNS": "240", "TERM": "dumb"})


def answer(*arguments: str | Path, code: int = 0) -> Any:
    """Run a command with `--json`; return the document it printed."""
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)
