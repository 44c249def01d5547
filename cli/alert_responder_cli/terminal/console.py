"""How commands talk: tables and sentences for people, JSON for programs, and how they end."""

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
"""Width of what goes to a file or a program: lines are as long as they are, and nothing in them is broken in two."""

_Parameters = ParamSpec("_Parameters")


class UncroppedConsole(Console):
    """Leaves what is longer than a line to the terminal, which wraps it: nothing is lost, and it can be copied."""

    def print(self, *objects: Any, crop: bool = False, **options: Any) -> None:
        """Print as rich does, uncropped unless `crop` says otherwise."""
        super().print(*objects, crop=crop, **options)


def output() -> Console:
    """Make the console for results; nothing given to it is taken for markup."""
    is_read_by_people = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if is_read_by_people else _UNBROKEN
    return UncroppedConsole(width=width, markup=False, highlight=False, emoji=False)


def error_console() -> Console:
    """Make the console for errors and progress."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def warn(sentence: str | None) -> None:
    """Write what somebody may have overlooked beside the results; None: there is nothing."""
    if sentence:
        error_console().print(Text(plain(sentence, 2_000), style="yellow"), soft_wrap=True)


def print_json(value: BaseModel | Sequence[BaseModel]) -> None:
    """Write models as one JSON document; ASCII, so that nothing in it reaches a terminal as it is."""
    document: Any
    if isinstance(value, BaseModel):
        document = value.model_dump(mode="json")
    else:
        document = [one.model_dump(mode="json") for one in value]
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


@contextmanager
def progress(what: str, total: int | None = None) -> Generator[Callable[[], None]]:
    """Show at a terminal how work goes on, and nothing elsewhere; what is given is called after each part of it.

    Parameters
    ----------
    total
        How many parts there are; None: nobody knows.
    """
    console = error_console()
    bar = (BarColumn(), MofNCompleteColumn()) if total else ()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), *bar)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(plain(what, 80), total=total)
        yield lambda: shown.advance(task)


@contextmanager
def elapsed_progress(what: str, total: int) -> Generator[Callable[[int], None]]:
    """Show at a terminal how many there were, how fast, and how much of a time is passed; nothing elsewhere.

    Parameters
    ----------
    total
        The time, in any unit; what is given is called for each with how much of it is passed.
    """
    console = error_console()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    counted = (TextColumn("{task.fields[count]:,} reports, {task.fields[speed]:,.0f} a second"), TimeRemainingColumn())
    began, number = time.monotonic(), 0
    with Progress(*columns, *counted, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(plain(what, 80), total=total, count=0, speed=0.0)

        def passed(so_far: int) -> None:
            nonlocal number
            number += 1
            if number % _SHOWN_EACH == 0:
                speed = number / max(0.001, time.monotonic() - began)
                shown.update(task, completed=so_far, count=number, speed=speed)

        yield passed


def print_entry(console: Console, head: Text, lines: Iterable[Text]) -> None:
    """Write an entry of a list whose head is too long for a column; no word is broken in two, and can be copied."""
    console.print(head, soft_wrap=True)
    for line in lines:
        for part in unbroken(line, console.width, indent=2):
            console.print(part, soft_wrap=True)


def explain_errors(command: Callable[_Parameters, None]) -> Callable[_Parameters, None]:
    """Make a command that ends with one sentence and exit code 2 when it cannot do what it was asked."""

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
