"""`alert-responder backtest`: how another reviewer would have rated the stored reports."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.backtesting.comparison import RATES, Backtest, Change, Comparison
from alert_responder_cli.backtesting.page import backtest_page
from alert_responder_cli.backtesting.process_pool import rate_reports
from alert_responder_cli.backtesting.rerate import Work
from alert_responder_cli.backtesting.stored_ratings import Rate
from alert_responder_cli.checking.targets import FORMS, LambdaFunction, LocalFunction, parse
from alert_responder_cli.commands.options import (
    Detectors,
    InstallationName,
    Json,
    Local,
    PolicyOption,
    Profile,
    Region,
    ReviewTime,
    Severities,
    check_severities,
)
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.policy.reviewer import DatedPolicy
from alert_responder_cli.reports.by_day import everything
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import elapsed_progress, explain_errors, output, print_json, table
from alert_responder_cli.terminal.render import count, line, severity_text, short_time
from alert_responder_cli.terminal.tables import Records
from alert_responder_cli.times import FORMS as TIMES
from alert_responder_cli.times import METAVAR, now, parse_time

_CALLS_OF_LAMBDA = 10


@explain_errors
def backtest(
    reviewer: Annotated[
        str | None,
        typer.Option(
            metavar="REVIEWER",
            show_default=False,
            help=f"The reviewer to test: {FORMS}. It is called for each report and must have no side effects.",
        ),
    ] = None,
    policy: PolicyOption = None,
    review_at: ReviewTime = None,
    since: Annotated[str, typer.Option(metavar=METAVAR, help=f"Only reports opened since: {TIMES}.")] = "7d",
    until: Annotated[
        str | None,
        typer.Option(metavar=METAVAR, help="Only reports opened until. Default: now.", show_default=False),
    ] = None,
    severity: Severities = None,
    detector: Detectors = None,
    limit: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=10_000, help="Maximum number of reports to list for each change."),
    ] = 50,
    concurrency: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=200,
            show_default=False,
            help="Concurrent calls of the reviewer. Default: 10 on Lambda, twice the number of processors locally, one "
            "each with --policy.",
        ),
    ] = None,
    page_file: Annotated[
        Path | None,
        typer.Option("--page", dir_okay=False, metavar="FILE", help="Also write an HTML page.", show_default=False),
    ] = None,
    fail_on_change: Annotated[bool, typer.Option("--fail-on-change", help="Exit with 1 if a rating changes.")] = False,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Compare another reviewer with the stored ratings.

    Notifies no emitter and writes nothing to the installation.
    """
    at = now()
    query = _wanted(since, until, at, severity, detector)
    target, name = _target(reviewer, policy, review_at, at)
    if page_file and not page_file.absolute().parent.is_dir():
        raise CommandError(f"The folder of --page does not exist: {page_file.absolute().parent}.")
    processors = os.cpu_count() or 1
    remote = isinstance(target, LambdaFunction)
    installation = find(Access(profile, region, local), installation_name)
    is_policy = isinstance(target, DatedPolicy)
    work = Work(
        installation,
        target,
        concurrency or (_CALLS_OF_LAMBDA if remote else processors if is_policy else 2 * processors),
    )
    reviewed = _Reviewed(everything(installation, query, at))
    comparison = Comparison(limit)
    # Threads are enough to wait for Lambda.
    processes = 1 if remote else min(processors, work.at_once)
    with (
        elapsed_progress(f"Rating with {name}", query.until - query.since) as on_progress,
        closing(rate_reports(work, iter(reviewed), processes)) as rated,
    ):
        for rating in rated:
            comparison.add(rating)
            on_progress(query.until - parse_time(rating.report.created_at, at))
    result = comparison.result(name, format_rfc3339(query.since), format_rfc3339(query.until), reviewed.not_yet)
    if as_json:
        print_json(result)
    else:
        _show(result)
    if page_file:
        _write(page_file, backtest_page(result))
    if fail_on_change and result.changed:
        raise typer.Exit(EXIT_PROBLEMS)


class _Reviewed:
    """Yields the reviewed reports, and counts the others."""

    def __init__(self, reports: Iterable[ReportSummary]) -> None:
        self._reports = reports
        self.not_yet = 0

    def __iter__(self) -> Iterator[ReportSummary]:
        for report in self._reports:
            if report.reviewed and report.round:
                yield report
            else:
                self.not_yet += 1


def _target(
    reviewer: str | None, policy: Path | None, review_at: str | None, at: int
) -> tuple[LambdaFunction | LocalFunction | DatedPolicy, str]:
    """Return what rates the reports, and its name."""
    if policy is None:
        if reviewer is None:
            raise CommandError("Give either --reviewer or --policy.")
        if review_at is not None:
            raise CommandError("--at requires --policy.")
        return parse(reviewer), reviewer
    if reviewer is not None:
        raise CommandError("Give either --reviewer or --policy.")
    # Only policies need YAML.
    from alert_responder_cli.policy.files import read_policy_file

    moment = at if review_at is None else parse_time(review_at, at)
    return DatedPolicy(read_policy_file(policy).policy, datetime.fromtimestamp(moment / 1000, UTC)), str(policy)


def _wanted(
    since: str, until: str | None, at: int, severity: list[str] | None, detector: list[str] | None
) -> ReportQuery:
    check_severities(severity)
    first, last = parse_time(since, at), parse_time(until, at) if until else at
    if first > last:
        raise CommandError("--since must be before --until.")
    return ReportQuery(since=first, until=last, severities=severity or (), detectors=detector or ())


def _write(path: Path, document: str) -> None:
    try:
        path.write_text(document, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The page {path} cannot be written: {error.strerror}.") from None


def _show(result: Backtest) -> None:
    console = output()
    if not result.reports and not result.troubled:
        console.print(
            f"No reviewed report was opened between {short_time(result.since)} and {short_time(result.until)} (UTC)."
        )
        return
    console.print(matrix(result))
    if result.changes:
        console.print(changes_table(result))
    left_out = result.changed - len(result.changes)
    if left_out:
        console.print(f"and {count(left_out, 'older change')}: raise --limit to list them.")
    if result.troubles:
        console.print(troubles_table(result))
    style = "bold yellow" if result.changed else "bold green"
    console.print(line(_sentence(result), style=style), soft_wrap=True)
    for number, change in (
        (result.newly_suppressed, "newly suppressed"),
        (result.no_longer_suppressed, "no longer suppressed"),
        (result.labels_changed, "with other labels"),
    ):
        if number:
            console.print(f"{count(number, 'report')} {change}.")
    if result.not_reviewed:
        console.print(f"{count(result.not_reviewed, 'report')} skipped: not reviewed yet.")


def _sentence(result: Backtest) -> str:
    others = f"{count(result.reasons_changed, 'report')} rated the same for another reason"
    return plain(
        f"{result.reviewer}: {result.changed:,} of {count(result.reports, 'report')} rated differently, {others}.", 600
    )


def changes_table(result: Backtest) -> Records:
    """Draw the table of reports that are rated differently."""
    head = ("report", "opened (UTC)", "old, new")
    return table((*head, "title", "old reason", "new reason"), map(_row, result.changes), whole=head, head=3)


def troubles_table(result: Backtest) -> Records:
    """Draw the table of reports without a new rating, by reason."""
    rows = [(str(each.reports), each.outcome, each.reason, each.example) for each in result.troubles]
    whole = ("reports", "unrated", "example")
    return table(("reports", "unrated", "reason", "example"), rows, whole=whole, head=0)


def matrix(result: Backtest) -> Records:
    """Draw the table that counts reports by old and new rating."""

    def cell(was: Rate, now_: Rate) -> Text:
        reports = result.count(was, now_)
        if was == now_ or not reports:
            return Text(f"{reports:,}", style="dim")
        return Text(f"{reports:,}", style="bold red" if was == "urgent" else "bold yellow")

    rows = [(severity_text(was), *(cell(was, each) for each in RATES)) for was in RATES]
    headings = ("old \\ new", *RATES)
    return table(headings, rows, whole=headings)


def _row(change: Change) -> tuple[str | Text, ...]:
    return (
        change.report_id,
        short_time(change.created_at),
        Text(", ").join((severity_text(change.was), severity_text(change.now))),
        plain(change.title, 200),
        plain(change.old_reason, 300),
        plain(change.new_reason, 300),
    )
