"""`alert-responder policy`: check and test policies, and explain what they decide."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.text import Text

from alert_responder.contracts.report import Report
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.commands.options import (
    InstallationName,
    Json,
    Local,
    Profile,
    Region,
    Round,
    complete_report,
)
from alert_responder_cli.commands.report import report_id_of
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.policy.explanation import explain as explained
from alert_responder_cli.policy.explanation_text import explanation_lines
from alert_responder_cli.policy.files import InvalidPolicyFileError, Problem, located, read_policy_file
from alert_responder_cli.policy.installed import installed_policy, published_report, stored_reports
from alert_responder_cli.policy.junit import difference, junit
from alert_responder_cli.policy.observations import observed
from alert_responder_cli.policy.problems import problems_of
from alert_responder_cli.policy.reports import read_report
from alert_responder_cli.policy.suppression_list import ListedSuppression, listed
from alert_responder_cli.policy.test_runs import TestResult, review_time, run_tests
from alert_responder_cli.reports.by_day import everything
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_json, progress, table
from alert_responder_cli.terminal.render import count, line, severity_text, short_time
from alert_responder_cli.times import FORMS as TIMES
from alert_responder_cli.times import METAVAR, now, parse_time

app = typer.Typer(no_args_is_help=True, help="Check and test policies, and explain what they decide.")

PolicyPath = Annotated[
    Path,
    typer.Argument(metavar="FILE", dir_okay=False, show_default=False, help="The policy: YAML, or JSON (.json)."),
]


class CheckedPolicy(BaseModel, frozen=True):
    """The result of `policy check`.

    Attributes
    ----------
    reports
        Number of reports on which the policy was evaluated.
    """

    file: str
    rules: int
    suppressions: int
    tests: int
    reports: int
    problems: tuple[Problem, ...]


class TestedPolicy(BaseModel, frozen=True):
    """The result of `policy test`."""

    file: str
    tests: tuple[TestResult, ...]

    @property
    def failed(self) -> int:
        """Number of tests that did not pass."""
        return sum(not test.passed for test in self.tests)


@app.command()
@explain_errors
def check(
    file: PolicyPath,
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            metavar="REPORT",
            dir_okay=False,
            show_default=False,
            help="Also evaluate the policy on the report in this file; repeatable.",
        ),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar=METAVAR, help=f"Only reports of the installation opened since: {TIMES}.")
    ] = "7d",
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="Maximum number of reports of the installation to read.")
    ] = 500,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Check a policy.

    Errors are refused by Terraform or never have an effect; warnings are probably not what was meant. With --report,
    --installation or --local, expressions are also evaluated on these reports.
    """
    at = now()
    stored: list[Iterable[Report]] = [map(read_report, reports or ())]
    if installation_name or local:
        installation = find(Access(profile, region, local), installation_name)
        query = ReportQuery(since=parse_time(since, at), until=at)
        stored.append(stored_reports(installation, query, at, limit))
    found = _checked(file, chain.from_iterable(stored), at)
    if as_json:
        print_json(found)
    else:
        _show_problems(found)
    if any(strict or problem.level == "error" for problem in found.problems):
        raise typer.Exit(EXIT_PROBLEMS)


def _checked(path: Path, reports: Iterable[Report], at: int) -> CheckedPolicy:
    try:
        file = read_policy_file(path)
    except InvalidPolicyFileError as error:
        return CheckedPolicy(file=str(path), rules=0, suppressions=0, tests=0, reports=0, problems=error.problems)
    policy, moment = file.policy, datetime.fromtimestamp(at / 1000, UTC)
    with progress("Evaluating expressions") as on_progress:
        seen = observed(file, reports, moment, on_progress)
    return CheckedPolicy(
        file=str(path),
        rules=len(policy.rules),
        suppressions=len(policy.suppressions),
        tests=len(policy.tests),
        reports=seen.reports,
        problems=(*problems_of(file, moment), *seen.problems()),
    )


def _show_problems(found: CheckedPolicy) -> None:
    console = output()
    for problem in found.problems:
        level = Text(f"{problem.level}: ", style="red" if problem.level == "error" else "yellow")
        console.print(line(level, Text(plain(located(Path(found.file), problem), 2_000))), soft_wrap=True)
    errors = sum(problem.level == "error" for problem in found.problems)
    counts = f"{count(errors, 'error')}, {count(len(found.problems) - errors, 'warning')}"
    parts = f"{count(found.rules, 'rule')}, {count(found.suppressions, 'suppression')}, {count(found.tests, 'test')}"
    if found.reports:
        parts += f", evaluated on {count(found.reports, 'report')}"
    style = "bold red" if errors else "bold yellow" if found.problems else "bold green"
    console.print(line(counts if errors and not found.rules else f"{parts}: {counts}", ".", style=style))


@app.command()
@explain_errors
def explain(
    report: Annotated[
        str,
        typer.Argument(
            metavar="REPORT",
            autocompletion=complete_report,
            show_default=False,
            help="Id of a stored report, a prefix that only this report has, 'latest', or a file with a report.",
        ),
    ],
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            dir_okay=False,
            show_default=False,
            metavar="FILE",
            help="The policy: YAML, or JSON (.json). Default: that of the installation.",
        ),
    ] = None,
    review_at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar=METAVAR,
            show_default=False,
            help="Time of the review, for 'starts' and 'expires' of the policy. Default: the report's last update.",
        ),
    ] = None,
    round_: Round = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Explain how a policy rates a report.

    Shows which rules and suppressions were asked, what each saw in the report, and which one decides.
    """
    at, path = now(), Path(report)
    installation = cache(lambda: find(Access(profile, region, local), installation_name))
    if path.is_file():
        found = read_report(path)
    else:
        found = published_report(installation(), report_id_of(installation(), report, at), round_, at)
    wanted = read_policy_file(policy).policy if policy else installed_policy(installation())
    explanation = explained(wanted, found, review_time(found, _moment(review_at, at)))
    if as_json:
        print_json(explanation)
        return
    console = output()
    for part in explanation_lines(explanation):
        console.print(part, soft_wrap=isinstance(part, Text))


def _moment(text: str | None, at: int) -> datetime | None:
    return None if text is None else datetime.fromtimestamp(parse_time(text, at) / 1000, UTC)


@app.command("test")
@explain_errors
def run_(
    file: PolicyPath,
    junit_file: Annotated[
        Path | None,
        typer.Option(
            "--junit", metavar="FILE", dir_okay=False, show_default=False, help="Also write the results as JUnit XML."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the tests that a policy contains.

    Paths of reports, alerts and answers are relative to the policy.
    """
    policy = read_policy_file(file)
    found = TestedPolicy(file=str(file), tests=tuple(run_tests(policy)))
    if junit_file:
        try:
            junit_file.write_text(junit(str(file), found.tests), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The file {junit_file} cannot be written: {error.strerror}.") from None
    if as_json:
        print_json(found)
    else:
        _show_tests(found)
    if found.failed:
        raise typer.Exit(EXIT_PROBLEMS)


def _show_tests(found: TestedPolicy) -> None:
    console = output()
    for result in found.tests:
        passed = Text("ok    ", style="green") if result.passed else Text("failed", style="red")
        console.print(line(passed, "  ", plain(result.name, 200)), soft_wrap=True)
        if not result.passed:
            for part in _why(result):
                console.print(line("        ", part), soft_wrap=True)
    if not found.tests:
        console.print("The policy contains no tests.")
        return
    sentence = f"{count(len(found.tests), 'test')}: {len(found.tests) - found.failed} passed, {found.failed} failed."
    console.print(line(sentence, style="bold red" if found.failed else "bold green"))


def _why(result: TestResult) -> Iterator[Text]:
    if result.error is not None:
        yield Text(plain(result.error, 1_000), style="yellow")
        return
    for each in result.differences:
        yield Text(plain(difference(each), 2_000))
    by = f", suppressed by {result.suppressed_by}" if result.suppressed_by else f" (rule {result.rule or 'default'})"
    yield line(severity_text(result.severity or ""), f"{by}: ", Text(plain(result.reason or "", 1_000)))
    yield from (Text(plain(note, 1_000), style="dim") for note in result.notes)


@app.command()
@explain_errors
def suppressions(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            dir_okay=False,
            show_default=False,
            help="The policy: YAML, or JSON (.json). Default: that of the installation.",
        ),
    ] = None,
    since: Annotated[str, typer.Option(metavar=METAVAR, help=f"Count only reports opened since: {TIMES}.")] = "30d",
    warn_days: Annotated[
        int, typer.Option(metavar="DAYS", min=0, max=90, help="Exit with 1 if a suppression expires within these days.")
    ] = 7,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List suppressions, the next to expire first, and the reports that they suppressed.

    For a file, reports are counted only with --installation or --local.
    """
    at = now()
    installation = cache(lambda: find(Access(profile, region, local), installation_name))
    policy = installed_policy(installation()) if file is None else read_policy_file(file).policy
    query = ReportQuery(since=parse_time(since, at), until=at)
    is_counted = file is None or installation_name is not None or local
    reports = everything(installation(), query, at) if is_counted else None
    found = listed(policy, reports, datetime.fromtimestamp(at / 1000, UTC))
    if as_json:
        print_json(found)
    else:
        _show_suppressions(found, warn_days)
    if any(each.expires_within(warn_days) for each in found):
        raise typer.Exit(EXIT_PROBLEMS)


def _show_suppressions(found: list[ListedSuppression], warn_days: int) -> None:
    console = output()
    if not found:
        console.print("The policy contains no suppressions.")
        return
    rows = [
        (
            each.name,
            short_time(each.expires),
            Text(f"{each.days_left}" if each.days_left > 0 else "expired", style=_urgency(each, warn_days)),
            "" if each.hits is None else f"{each.hits:,}",
            "" if each.broken is None else f"{each.broken:,}",
            short_time(each.last_hit or ""),
            plain(each.owner, 200),
            plain(each.reason, 300),
        )
        for each in found
    ]
    whole = ("suppression", "expires (UTC)", "days left")
    headings = (*whole, "suppressed", "broken through", "last", "owner", "reason")
    console.print(table(headings, rows, whole=whole, head=1))


def _urgency(each: ListedSuppression, warn_days: int) -> str:
    return "bold red" if each.days_left <= 0 else "yellow" if each.expires_within(warn_days) else ""
