"""The command line: its list of commands, each of which is imported only when it is used."""

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
    "formats",
    "reports",
    "report",
    "open",
    "watch",
    "rejected",
    "failures",
    "quarantine",
    "accounts",
    "new",
    "doctor",
    "check",
    "package",
    "backtest",
    "simulate",
    "policy",
    "plugins",
)
"""Modules in `commands/`, in the order of the help. Each defines a function of its name (with a trailing `_` if that
is a Python builtin), or an `app` with several commands."""

_TYPE = re.compile(r" <[^<>]*>\Z")
"""The Python type that Typer appends to an argument in the help."""


class Command(TyperCommand):
    """A command whose help shows no Python types."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the help of arguments and options; see click."""
        records: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record:
                records[param.param_type_name].append((_TYPE.sub("", record[0]), record[1]))
        for title, lines in (("Arguments", records["argument"]), ("Options", records["option"])):
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)


class Commands(TyperGroup):
    """Imports a command when it is used: each needs libraries that the others start without."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        """List the names of all commands; see click."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a command, or None if it does not exist; see click."""
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
    epilog="Exit codes: 0 success; 1 the command found problems; 2 the command could not run; 130 interrupted with "
    "Ctrl-C.",
)


def _print_version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(version())
        raise typer.Exit


@app.callback()
def callback(
    version_: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Send alerts, read reports, replay what failed, and test plug-ins.

    Works on an installation in AWS and, with --local, on the one that 'make up' started on this machine.
    """
