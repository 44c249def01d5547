"""The command line: what there is, and in which module."""

import typer

from alert_responder_cli.commands import check, failures, quarantine, rejected
from alert_responder_cli.commands.backtest import backtest
from alert_responder_cli.commands.plugins import plugins
from alert_responder_cli.commands.report import report
from alert_responder_cli.commands.reports import reports
from alert_responder_cli.commands.send import send
from alert_responder_cli.commands.simulate import simulate
from alert_responder_cli.commands.watch import watch

app = typer.Typer(
    name="alert-responder",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
    help="See what came in, what became of it and why, and put it right; check plug-ins. Works on AWS and on the run "
    "of 'make up'.",
    epilog="Exit codes: 0 all is well; 1 something is wrong with what was looked at; 2 it could not be looked at.",
)
app.command()(send)
app.command()(reports)
app.command()(report)
app.command()(watch)
app.add_typer(rejected.app, name="rejected")
app.add_typer(failures.app, name="failures")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(check.app, name="check")
app.command()(backtest)
app.command()(simulate)
app.command()(plugins)


def run() -> None:
    """Run the command line of this process."""
    app()
