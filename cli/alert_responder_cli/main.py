"""The command line: what there is, each command in the module of its name."""

import builtins
import re
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from alert_responder_cli.version import version

COMMANDS = (
    "send",
    "reports",
    "report",
    "open",
    "watch",
    "rejected",
    "failures",
    "quarantine",
    "new",
    "doctor",
    "check",
    "package",
    "backtest",
    "simulate",
    "plugins",
)
"""Modules in `commands/`, in the order of the help: each has a function of its name, with `_` behind what
Python has already, or an `app` of several."""

_TYPE = re.compile(r" <[^<>]*>\Z")
"""How Typer names a Python type behind an argument in the help, though the argument has a name for people."""


class Command(TyperCommand):
    """A command whose help names arguments and choices, and no types of Python."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the help of arguments and options."""
        records: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record:
                records[param.param_type_name].append((_TYPE.sub("", record[0]), record[1]))
        for title, found in (("Arguments", records["argument"]), ("Options", records["option"])):
            if found:
                with formatter.section(title):
                    formatter.write_dl(found)


class Commands(TyperGroup):
    """Imports a command when it is meant: each brings libraries that the others start without."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        """Name all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a command; None: there is no such."""
        return _command(cmd_name) if cmd_name in COMMANDS else None


@cache
def _command(name: str) -> Any:
    module = import_module(f"alert_responder_cli.commands.{name}")
    holder = typer.Typer(rich_markup_mode=None)
    if hasattr(module, "app"):
        for info in module.app.registered_commands:
            info.cls = Command
        holder.add_typer(module.app, name=name)
    else:
        holder.command(name, cls=Command)(getattr(module, f"{name}_" if hasattr(builtins, name) else name))
    return typer.main.get_group(holder).commands[name]


app = typer.Typer(
    cls=Commands,
    name="alert-responder",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
    epilog="Exit codes: 0 all is well; 1 something is wrong with what was looked at; 2 it could not be looked at; "
    "130 Ctrl-C ended it.",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version())
        raise typer.Exit


@app.callback()
def everything(
    version_: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """See what came in, what became of it and why, and put it right; try and check plug-ins.

    Works on AWS and on the run of 'make up'.
    """
