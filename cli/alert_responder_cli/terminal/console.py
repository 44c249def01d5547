"""Consoles for results and errors, JSON output, progress bars, and the handling of `CommandError`."""

import json
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from alert_responder_cli.errors import EXIT_ERROR, CommandError
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.tables import table, unbroken

__all__ = [
    "UncroppedConsole",
    "elapsed_progress",
    "error_console",
    "explain_errors",
    "output",
    "print_entry",
    "print_json",
    "progress",
    "table",
]

_SHOWN_EACH = 10
_UNBROKEN = 10_000
"""Width of output that goes to a file or a program, where no line is wrapped."""

_Parameters = ParamSpec("_Parameters")


class UncroppedConsole(Console):
    """Lets the terminal wrap long lines instead of cropping them, so that they can be copied."""

    def print(self, *objects: Any, crop: bool = False, **options: Any) -> None:
        """Print as rich does, but by default uncropped."""
        super().print(*objects, crop=crop, **options)


def output() -> Console:
    """Create the console for results; it interprets no markup."""
    is_read_by_people = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if is_read_by_people else _UNBROKEN
    return UncroppedConsole(width=width, markup=False, highlight=False, emoji=False)


def error_console() -> Console:
    """Create the console for errors and progress, on standard error."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def warn(sentence: str | None) -> None:
    """Print a warning on standard error; None prints nothing."""
    if sentence:
        error_console().print(Text(plain(sentence, 2_000), style="yellow"), soft_wrap=True)


def print_json(value: BaseModel | Sequence[BaseModel]) -> None:
    """Print models as one JSON document, in ASCII so that it contains no control characters."""
    document: Any
    if isinstance(value, BaseModel):
        document = value.model_dump(mode="json")
    else:
        document = [one.model_dump(mode="json") for one in value]
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


@contextmanager
def progress(what: str, total: int | None = None) -> Generator[Callable[[], None]]:
    """Show a progress bar at a terminal, and nothing elsewhere. Call the yielded function after each part.

    Parameters
    ----------
    total
        Number of parts; None: unknown.
    """
    console = error_console()
    bar = (BarColumn(), MofNCompleteColumn()) if total else ()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), *bar)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress_bar:
        task = progress_bar.add_task(plain(what, 80), total=total)
        yield lambda: progress_bar.advance(task)


@contextmanager
def elapsed_progress(what: str, total: int) -> Generator[Callable[[int], None]]:
    """Show at a terminal how many reports were processed, how fast, and the share of a period that is done.

    Parameters
    ----------
    total
        The length of the period. Call the yielded function for each report with the length that is done.
    """
    console = error_console()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    counted = (TextColumn("{task.fields[count]:,} reports, {task.fields[speed]:,.0f} a second"), TimeRemainingColumn())
    began, number = time.monotonic(), 0
    with Progress(*columns, *counted, console=console, transient=True, disable=not console.is_terminal) as progress_bar:
        task = progress_bar.add_task(plain(what, 80), total=total, count=0, speed=0.0)

        def on_progress(done: int) -> None:
            nonlocal number
            number += 1
            if number % _SHOWN_EACH == 0:
                speed = number / max(0.001, time.monotonic() - began)
                progress_bar.update(task, completed=done, count=number, speed=speed)

        yield on_progress


def print_entry(console: Console, head: Text, lines: Iterable[Text]) -> None:
    """Print a list entry whose head is too long for a column, without breaking words, so that they can be copied."""
    console.print(head, soft_wrap=True)
    for line in lines:
        for part in unbroken(line, console.width, indent=2):
            console.print(part, soft_wrap=True)


def explain_errors(command: Callable[_Parameters, None]) -> Callable[_Parameters, None]:
    """Wrap a command so that a `CommandError` is printed as a sentence and ends it with exit code 2."""

    @wraps(command)
    def wrapped(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CommandError as error:
            error_console().print(Text(plain(error, 2_000), style="red"), soft_wrap=True)
            for line in error.lines:
                error_console().print(Text(f"  {plain(line, 500)}"), soft_wrap=True)
            raise typer.Exit(EXIT_ERROR) from None

    return wrapped
