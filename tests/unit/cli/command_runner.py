"""Run the command line as a user does."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from alert_responder_cli.main import app


def run(*arguments: str | Path, input: str | None = None, columns: int | None = 240) -> Result:  # noqa: A002
    """Run a command at a terminal so wide that no table folds what a test looks for; None: for another program."""
    given = [str(argument) for argument in arguments]
    width = None if columns is None else str(columns)
    return CliRunner().invoke(app, given, input=input, env={"COLUMNS": width, "TERM": "dumb"})


def answer(*arguments: str | Path, code: int = 0) -> Any:
    """Run a command with `--json`; return the document it printed."""
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)
