"""`alert-responder failures`: list and redrive what failed."""

from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.text import Text

from alert_responder.store.archive_keys import GIVEN_UP
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.commands.options import (
    InstallationName,
    Json,
    Local,
    Profile,
    Region,
    choices,
    complete_report,
)
from alert_responder_cli.commands.rejected import print_replay, replay_objects
from alert_responder_cli.commands.report import report_id_of
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.recovery import failure_search
from alert_responder_cli.recovery.failures import KINDS, FailureGroup, Failures, Kind
from alert_responder_cli.recovery.redrive import Redriven, redrive_report, sweep
from alert_responder_cli.recovery.replay import Replay
from alert_responder_cli.reports.ids import may_name_report
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_entry, print_json, progress
from alert_responder_cli.terminal.counts import count
from alert_responder_cli.terminal.render import line, short_time
from alert_responder_cli.times import FORMS, METAVAR, now, parse_time

app = typer.Typer(
    no_args_is_help=True,
    help="List and redrive failures.\n\nThese are failed executions, deliveries and lookups, and batches that the "
    "event source mapping discarded.",
    epilog="Exit codes: 0 no failures, or all were redriven; 1 there are failures, or some could not be redriven; "
    "2 the command could not run.",
)

Since = Annotated[
    str,
    typer.Option(metavar=METAVAR, help=f"Failures since: {FORMS}. Deliveries and lookups: of reports opened since."),
]
Most = Annotated[
    int,
    typer.Option(
        "--limit", metavar="N", min=1, max=10_000, help="Maximum number of executions, reports and batches to read."
    ),
]


class Done(BaseModel, frozen=True):
    """The result of a redrive; `swept`: the sweeper was called for all open reports."""

    swept: bool
    reports: tuple[Redriven, ...]
    batches: Replay | None


def _complete_kind(incomplete: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(incomplete)]


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind == name:
            return kind
    raise CommandError(f"--kind must be one of {', '.join(KINDS)}, got '{name}'.")


@app.command("list")
@explain_errors
def list_(
    since: Since = "1d",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar=choices(KINDS),
            help="Only failures of this kind; repeatable.",
            autocompletion=_complete_kind,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List resolved failures too.")] = False,
    limit: Most = 500,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List unresolved failures, and what 'failures redrive' would do.

    Equal failures are listed once. A failure is resolved by a later round, delivery or replay.
    """
    at = now()
    first = parse_time(since, at)
    kinds: list[Kind] = [_kind(each) for each in kind or KINDS]
    installation = find(Access(profile, region, local), installation_name)
    first = max(first, at - installation.kept_days * 86_400_000)
    with progress("Reading failures") as on_progress:
        result = failure_search.find_failures(installation, kinds, first, at, limit, on_progress, all_=everything)
    if as_json:
        print_json(result)
    else:
        _show(result)
    if result.any_open:
        raise typer.Exit(EXIT_PROBLEMS)


@app.command()
@explain_errors
def redrive(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WHAT",
            show_default=False,
            autocompletion=complete_report,
            help="Ids of reports, keys under aws/lambda/, or prefixes of either.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Redrive everything that can be redriven, since --since.")
    ] = False,
    since: Since = "1d",
    limit: Most = 500,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Redrive failures where nothing can be done twice.

    Starts the round of an open report, or the next one if its execution failed. Replays batches. Repeats a delivery
    that certainly failed in another round. Skips deliveries with outcome 'unknown' and lookups without an answer.
    """
    if everything == bool(what):
        raise CommandError("Give either ids of reports and keys of batches, or --all.")
    given = [each for each in what or () if not each.startswith(GIVEN_UP)]
    prefixes = [each for each in what or () if each.startswith(GIVEN_UP)]
    for each in given:
        if not may_name_report(each):
            raise CommandError(f"WHAT must be a report id or a key under {GIVEN_UP}, got '{each}'.")
    at = now()
    first = parse_time(since, at)
    installation = find(Access(profile, region, local), installation_name)
    # Resolve all ids first: an invalid one must not leave the redrive half done.
    ids = list(dict.fromkeys(report_id_of(installation, each, at) for each in given))
    if everything:
        sweep(installation)
        ids, prefixes = _all(installation, first, at, limit)
    with progress("Redriving", len(ids)) as on_progress:
        reports: list[Redriven] = []
        for each in ids:
            reports.append(redrive_report(installation, each, at))
            on_progress()
    batches = replay_objects(installation, prefixes) if prefixes else None
    done = Done(swept=everything, reports=tuple(reports), batches=batches)
    if as_json:
        print_json(done)
    else:
        _say(done)
    if batches and not batches.complete:
        raise typer.Exit(EXIT_PROBLEMS)


def _all(installation: Installation, first: int, at: int, limit: int) -> tuple[list[str], list[str]]:
    """Return what can be redriven: reports with failed deliveries, and batches."""
    result = failure_search.find_failures(installation, ("delivery", "batch"), first, at, limit).failures
    reports = [each.report_id for each in result if each.redrive == "another round" and each.report_id]
    return list(dict.fromkeys(reports)), [each.what for each in result if each.redrive == "replay"]


def _show(result: Failures) -> None:
    console = output()
    for group in result.groups:
        print_entry(console, _head(group), _rest(group))
    if not result.groups:
        console.print("No unresolved failures in this period." if result.resolved else "No failures in this period.")
    listed = sum(not failure.open for failure in result.failures)
    if left_out := result.resolved - listed:
        console.print(f"{count(left_out, 'resolved failure')} not listed: use --all.")
    if result.more:
        console.print("There may be more: raise --limit, or narrow the period with --since.")


def _head(group: FailureGroup) -> Text:
    if group.count == 1:
        return line(group.kind, " ", Text(plain(group.newest[0]), style="bold"))
    of = f" of {plain(group.of, 100)}" if group.of else ""
    return line(Text(f"{count(group.count, group.kind)}{of}", style="bold"))


def _rest(group: FailureGroup) -> Iterator[Text]:
    first, last = (short_time(at) if at else "" for at in (group.first, group.last))
    at = "" if not last else f"{last} (UTC) " if first == last else f"{first} to {last} (UTC) "
    redrive = Text(f"redrive: {plain(group.redrive)}") if group.redrive else Text("cannot be redriven", style="dim")
    outcome = Text(plain(group.outcome), style="yellow")
    yield line(at, outcome, ", ", redrive if group.open else Text("resolved", style="green"))
    if group.reason:
        yield line(plain(group.reason, 300))
    if group.count > 1:
        for what in group.newest:
            yield line(Text(plain(what), style="dim"))
        if group.count > len(group.newest):
            yield line(f"and {count(group.count - len(group.newest), 'earlier one')}: use --json", style="dim")


def _say(done: Done) -> None:
    console = output()
    if done.swept:
        console.print("The sweeper checked all open reports.")
    for each in done.reports:
        console.print(line(f"{each.what}: {each.done}. {each.why}"), soft_wrap=True)
    if done.batches:
        print_replay(done.batches)
