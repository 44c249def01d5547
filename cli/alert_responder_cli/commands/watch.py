"""`alert-responder watch`: the progress of the newest reports."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live

from alert_responder.domain.glance import titled
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
        int, typer.Option(metavar="HOURS", min=1, max=168, help="Watch reports opened in the last HOURS hours.")
    ] = 24,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=100, help="Maximum number of reports, newest first.")
    ] = 15,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.5, max=3600, help="Seconds between two updates.")
    ] = 2.0,
    until_settled: Annotated[bool, typer.Option("--until-settled", help="Exit when no report is open.")] = False,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show the progress of the newest reports until interrupted.

    At a terminal a table is updated in place; elsewhere each change is a line, with --json a JSON document.
    """
    watcher = Watch(find(Access(profile, region, local), installation_name), hours, limit)

    def snapshots() -> Iterator[Snapshot]:
        while True:
            found = watcher.snapshot(now())
            yield found
            if until_settled and all(status.head.state != "open" for status in found.statuses):
                return
            time.sleep(every)

    def statuses() -> Iterator[list[ReportStatus]]:
        last_bounds = ""
        for found in snapshots():
            bounds = _bounds(found, hours, limit)
            if bounds != last_bounds:
                warn(bounds)
                last_bounds = bounds
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
    """Describe which reports are watched."""
    period = f"opened less than {count(hours, 'hour')} ago (--hours)"
    if found.left_out:
        return f"Watching the newest {count(limit, 'report')} (--limit) {period}; older ones are left out."
    return f"Watching all reports {period}."


def _line(change: WatchedReport) -> str:
    severity = change.severity if change.reviewed else "not reviewed yet"
    deliveries = "".join(f", {emitter} {outcome}" for emitter, outcome in change.deliveries.items())
    if change.suppressed and not change.breakthrough:
        deliveries += f", suppressed by {change.suppressed}"
    key = f" ({plain(change.alert_key, 300)})" if change.alert_key else ""
    what = f"round {change.round}, {count(change.alert_count, 'alert')}, {change.step}, {severity}{deliveries}"
    return plain(f"{change.report_id}  {plain(titled(change.title, change.status), 80)}{key}: {what}", 800)
