"""The command line: what there is, each command in the module of its name."""

import builtins
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = (
    "send",
    "reports",
    "report",
    "open",
    "watch",
    "rejected",
    "failures",
    "quarantine",
    "check",
    "backtest",
    "simulate",
    "plugins",
)
"""Modules in `commands/`, in the order of the help: each has a function of its name, with `_` behind what
Python has already, or an `app` of several."""


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
        holder.add_typer(module.app, name=name)
    else:
        holder.command(name)(getattr(module, f"{name}_" if hasattr(builtins, name) else name))
    return typer.main.get_group(holder).commands[name]


app = typer.Typer(
    cls=Commands,
    name="alert-responder",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
    epilog="Exit codes: 0 all is well; 1 something is wrong with what was looked at; 2 it could not be looked at.",
)


@app.callback()
def everything() -> None:
    """See what came in, what became of it and why, and put it right; try and check plug-ins.

    Works on AWS and on the run of 'make up'.
    """


def run() -> None:
    """Run the command line of this process."""
    app(prog_name="alert-responder")
