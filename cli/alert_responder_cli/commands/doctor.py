"""`alert-responder doctor`: examine an account and an installation."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region
from alert_responder_cli.doctor.checks import AFTER, BEFORE, END_TO_END
from alert_responder_cli.doctor.examination import Finding, State, examine
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_json, progress
from alert_responder_cli.terminal.counts import count
from alert_responder_cli.terminal.render import line

_STYLES: dict[State, str] = {"ok": "green", "warning": "yellow", "problem": "bold red", "unknown": "yellow"}


@explain_errors
def doctor(
    before: Annotated[
        bool,
        typer.Option("--before", help="Examine only account and region, before the first apply. Changes nothing."),
    ] = False,
    end_to_end: Annotated[
        bool,
        typer.Option("--end-to-end", help="Also send a test alert, and follow its report to each emitter."),
    ] = False,
    permissions: Annotated[
        bool, typer.Option("--permissions", help="List the IAM actions that the checks need, without running them.")
    ] = False,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Examine an installation and its account.

    Checks quotas, functions, plug-ins, permissions, alarms and discarded batches. Calls each function and each plug-in
    except emitters once. The output contains no secrets and no text of alerts.
    """
    if before and end_to_end:
        raise CommandError("--before and --end-to-end cannot be used together.")
    after = (*AFTER, *END_TO_END) if end_to_end else AFTER
    checks = BEFORE if before else (*BEFORE, *after)
    if permissions:
        for action in sorted({action for check in checks for action in check.permissions}):
            output().print(action)
        return
    access = Access(profile, region, local)
    installation = None if before else find(access, installation_name)
    with progress("Examining", len(checks)) as on_progress:
        found = examine(BEFORE, access, on_progress)
        if installation:
            found += examine(after, installation, on_progress)
    if as_json:
        print_json(found)
    else:
        _show(found)
    if any(finding.state == "problem" for finding in found):
        raise typer.Exit(EXIT_PROBLEMS)


def _show(found: Sequence[Finding]) -> None:
    console = output()
    for finding in found:
        state = Text(f"{finding.state:8}", style=_STYLES[finding.state])
        seconds = "" if finding.seconds is None else f" ({finding.seconds:.1f} s)"
        console.print(line(state, f"{finding.check}: ", plain(finding.sentence, 1_000), seconds), soft_wrap=True)
        if finding.advice:
            console.print(line(" " * 8, plain(finding.advice, 1_000)), soft_wrap=True)
    problems = sum(finding.state == "problem" for finding in found)
    others = sum(finding.state in ("warning", "unknown") for finding in found)
    console.print(f"{count(len(found), 'finding')}: {count(problems, 'problem')}, {others} to look at.")
