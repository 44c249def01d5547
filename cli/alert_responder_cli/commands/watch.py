"""`alert-responder watch`: how the newest reports come along."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live

from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region
from alert_responder_cli.reports.status import ReportStatus
from alert_responder_cli.reports.watch import Snapshot, Watch, WatchedReport, changes
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, warn
from alert_responder_cli.terminal.render import count, line, status_table
from alert_responder_cli.times import now


@explain_errors
def watch(
    hours: Annotated[
        int, typer.Option(metavar="HOURS", min=1, max=168, help="Reports opened in so many last hours.")
    ] = 24,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=100, help="How many of the newest to watch at most.")
    ] = 15,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.5, max=3600, help="Seconds between two looks.")
    ] = 2.0,
    until_settled: Annotated[bool, typer.Option("--until-settled", help="End when none of them is open.")] = False,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show how the newest reports come along, until it is interrupted.

    Elsewhere than at a terminal a line is written for each change; with --json each line is a JSON document.
    """
    looking = Watch(find(Access(profile, region, local), installation_name), hours, limit)

    def snapshots() -> Iterator[Snapshot]:
        while True:
            found = looking.snapshot(now())
            yield found
            if until_settled and all(status.head.state != "open" for status in found.statuses):
                return
            time.sleep(every)

    def statuses() -> Iterator[list[ReportStatus]]:
        said = ""
        for found in snapshots():
            bounds = _bounds(found, hours, limit)
            if bounds != said:
                warn(bounds)
                said = bounds
            yield found.statuses

    console = output()
    if console.is_terminal and not as_json:
        with Live(console=console, auto_refresh=False) as live:
            for found in snapshots():
                bounds = line(_bounds(found, hours, limit), style="dim")
                shown = status_table(found.statuses, most_lines=console.height - 2)
                live.update(Group(shown, bounds), refresh=True)
        return
    for change in changes(statuses()):
        if as_json:
            sys.stdout.write(json.dumps(change.model_dump(mode="json")) + "\n")
        else:
            console.print(line(_line(change)), soft_wrap=True)
        sys.stdout.flush()


def _bounds(found: Snapshot, hours: int, limit: int) -> str:
    """Say which reports are watched, and so which are not."""
    period = f"opened less than {count(hours, 'hour')} ago (--hours)"
    if found.left_out:
        return f"Watching the newest {count(limit, 'report')} (--limit) {period}; older ones are left out."
    return f"Watching all reports {period}."


def _line(change: WatchedReport) -> str:
    severity = change.severity if change.reviewed else "not reviewed yet"
    told = "".join(f", {emitter} {outcome}" for emitter, outcome in change.told.items())
    key = f" ({plain(change.alert_key, 300)})" if change.alert_key else ""
    what = f"round {change.round}, {count(change.alert_count, 'alert')}, {change.step}, {severity}{told}"
    return plain(f"{change.report_id}  {plain(change.title, 80)}{key}: {what}", 800)
