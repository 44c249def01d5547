"""`alert-responder reports`: lists of reports."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from alert_responder.domain.glance import titled
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.commands.options import (
    Detectors,
    InstallationName,
    Json,
    Limit,
    Local,
    Profile,
    Region,
    Severities,
    check_severities,
)
from alert_responder_cli.errors import CommandError
from alert_responder_cli.records import attribute_types
from alert_responder_cli.reports.by_attribute import reports_with_attribute
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_json, progress, table, warn
from alert_responder_cli.terminal.render import count, severity_text, short_time
from alert_responder_cli.terminal.tables import Records
from alert_responder_cli.times import FORMS, METAVAR, now, parse_day, parse_time


@explain_errors
def reports(
    day: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Only reports opened on this day (UTC), such as 2026-01-31."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar=METAVAR, help=f"Only reports opened since: {FORMS}. Default: 7d; with --attribute, ever."),
    ] = None,
    severity: Severities = None,
    detector: Detectors = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="LABEL", help="Only reports with this label; repeatable.")
    ] = None,
    suppressed: Annotated[
        bool, typer.Option("--suppressed", help="Only suppressed reports, which emitters are not notified of.")
    ] = False,
    attribute: Annotated[
        str | None, typer.Option(metavar="VALUE", help="Only reviewed reports with this attribute, in any spelling.")
    ] = None,
    type_: Annotated[
        str | None,
        typer.Option(
            "--type",
            metavar=attribute_types.METAVAR,
            help=f"Type of the attribute: {attribute_types.HELP}. Default: all types that the value fits.",
            autocompletion=attribute_types.complete_type,
        ),
    ] = None,
    limit: Limit = 50,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List reports, newest first."""
    at = now()
    first, last = _period(day, since or ("7d" if attribute is None else "1970-01-01"), at, both=bool(day and since))
    check_severities(severity)
    if type_ and attribute is None:
        raise CommandError("--type requires --attribute.")
    if type_:
        warn(attribute_types.unknown_types(attribute_types.read_types([type_])))
    installation = find(Access(profile, region, local), installation_name)
    # Older reports have expired.
    first = max(first, at - installation.kept_days * 86_400_000)
    query = ReportQuery(
        since=first,
        until=last,
        severities=severity or (),
        detectors=detector or (),
        limit=limit,
        labels=label or (),
        suppressed=suppressed,
    )
    with progress("Reading reports") as on_progress:
        if attribute is None:
            listing = newest(installation, query, at, on_progress)
        else:
            listing = reports_with_attribute(installation, attribute, type_, query, at)
    if as_json:
        print_json(listing)
        return
    console = output()
    if listing.reports:
        console.print(reports_table(listing.reports))
    else:
        console.print(f"No matching report was opened {f'on {day}' if day else f'since {_minute(first)} (UTC)'}.")
    if listing.more:
        console.print(
            f"There may be more: {count(listing.looked_at, 'report')} read. Narrow the period, or raise --limit.",
            soft_wrap=True,
        )


def reports_table(reports: Iterable[ReportSummary]) -> Records:
    """Draw the table of reports."""
    whole = ("report", "opened (UTC)", "severity", "alerts")
    return table((*whole, "key", "title"), map(_row, reports), whole=whole, head=3)


def _minute(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"


def _period(day: str | None, since: str, at: int, *, both: bool) -> tuple[int, int]:
    if both:
        raise CommandError("--day and --since cannot be used together.")
    if day is None:
        return parse_time(since, at), at
    try:
        first = int(parse_day(day).timestamp() * 1000)
    except ValueError:
        raise CommandError(f"--day must be a day such as 2026-01-31, got '{day}'.") from None
    return first, first + 86_400_000 - 1


def _row(report: ReportSummary) -> tuple[str | Text, ...]:
    severity = severity_text(report.severity) if report.reviewed else Text("not reviewed yet", style="dim")
    return (
        report.report_id,
        short_time(report.created_at),
        severity,
        str(report.alert_count),
        plain(report.alert_key, 500),
        Text.assemble(
            ("[TEST] " if report.test else "", "bold"),
            ("[SUPPRESSED] " if report.is_suppressed else "", "dim"),
            (plain(report.detector, 60), "dim"),
            " ",
            plain(titled(report.title, report.status), 500),
        ),
    )
