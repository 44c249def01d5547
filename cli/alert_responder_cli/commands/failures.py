"""`alert-responder failures`: what failed, and doing it again."""

from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
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
from alert_responder_cli.commands.rejected import ReplayResult, print_replay, replay_objects
from alert_responder_cli.commands.report import report_id_of
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.recovery import failure_search
from alert_responder_cli.recovery.failures import KINDS, FailureGroup, Failures, Kind
from alert_responder_cli.recovery.redrive import Redriven, redrive_report, sweep
from alert_responder_cli.reports.ids import may_name_report
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_entry, print_json, progress
from alert_responder_cli.terminal.counts import count, verb
from alert_responder_cli.terminal.render import line, short_time
from alert_responder_cli.times import FORMS, METAVAR, now, parse_time

app = typer.Typer(
    no_args_is_help=True,
    help="What failed: executions, deliveries, lookups, and batches that the stream gave up.",
    epilog="Exit codes: 0 nothing failed, or all was done again; 1 something failed, or could not be done again; 2 it "
    "could not be looked at.",
)

Since = Annotated[
    str,
    typer.Option(metavar=METAVAR, help=f"What failed since: {FORMS}. Deliveries and lookups: of reports opened since."),
]
Most = Annotated[
    int,
    typer.Option(
        "--limit", metavar="N", min=1, max=10_000, help="How many executions, reports and batches to look at at most."
    ),
]


class Done(BaseModel):
    """What a redrive did; `swept`: the sweeper has looked after all open reports."""

    model_config = ConfigDict(frozen=True)

    swept: bool
    reports: tuple[Redriven, ...]
    batches: ReplayResult | None


def _complete_kind(incomplete: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(incomplete)]


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind == name:
            return kind
    raise CommandError(f"There is no kind '{name}': give one of {', '.join(KINDS)}.")


@app.command("list")
@explain_errors
def list_(
    since: Since = "1d",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar=choices(KINDS),
            help="Only failures of this kind; may be given several times.",
            autocompletion=_complete_kind,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List also what was made good since.")] = False,
    limit: Most = 500,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List what failed and was not made good, equal failures once, and what 'failures redrive' would do about it."""
    at = now()
    first = parse_time(since, at)
    kinds: list[Kind] = [_kind(each) for each in kind or KINDS]
    installation = find(Access(profile, region, local), installation_name)
    first = max(first, at - installation.kept_days * 86_400_000)
    with progress("Looking for failures") as on_progress:
        found = failure_search.find_failures(installation, kinds, first, at, limit, on_progress, all_=everything)
    if as_json:
        print_json(found)
    else:
        _show(found)
    if found.any_open:
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
            help="Ids of reports or their beginnings, and keys below aws/lambda/ or their beginnings.",
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that can be done again, since --since.")] = False,
    since: Since = "1d",
    limit: Most = 500,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Do again what failed, as far as nothing is done twice.

    Open reports: their round is started, or the next one if it died. Batches are replayed. A delivery that failed for
    certain is made in another round. Not done: deliveries whose end is unknown, and lookups without an answer.
    """
    if everything == bool(what):
        raise CommandError("Say what: ids of reports, keys of batches, or --all.")
    given = [each for each in what or () if not each.startswith(GIVEN_UP)]
    prefixes = [each for each in what or () if each.startswith(GIVEN_UP)]
    for each in given:
        if not may_name_report(each):
            raise CommandError(f"'{each}' is neither a report id nor a key below {GIVEN_UP}.")
    at = now()
    first = parse_time(since, at)
    installation = find(Access(profile, region, local), installation_name)
    # All of them first: nothing is done where one of them is wrong.
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
    """Find what can be done again: reports with failed deliveries, and batches."""
    found = failure_search.find_failures(installation, ("delivery", "batch"), first, at, limit).failures
    reports = [each.report_id for each in found if each.redrive == "another round" and each.report_id]
    return list(dict.fromkeys(reports)), [each.what for each in found if each.redrive == "replay"]


def _show(found: Failures) -> None:
    console = output()
    for group in found.groups:
        print_entry(console, _head(group), _rest(group))
    if not found.groups:
        what = "All that failed in that time was made good." if found.made_good else "Nothing failed in that time."
        console.print(what)
    listed = sum(not failure.open for failure in found.failures)
    if left_out := found.made_good - listed:
        console.print(f"Made good since: {count(left_out, 'failure')}; --all lists {verb(left_out, 'it', 'them')} too.")
    if found.more:
        console.print("Not everything was looked at: raise --limit, or narrow it with --since.")


def _head(group: FailureGroup) -> Text:
    if group.count == 1:
        return line(group.kind, " ", Text(plain(group.newest[0]), style="bold"))
    of = f" of {plain(group.of, 100)}" if group.of else ""
    return line(Text(f"{count(group.count, group.kind)}{of}", style="bold"))


def _rest(group: FailureGroup) -> Iterator[Text]:
    first, last = (short_time(at) if at else "" for at in (group.first, group.last))
    at = "" if not last else f"{last} (UTC) " if first == last else f"{first} to {last} (UTC) "
    redrive = Text(f"redrive: {plain(group.redrive)}") if group.redrive else Text("nothing to redrive", style="dim")
    outcome = Text(plain(group.outcome), style="yellow")
    yield line(at, outcome, ", ", redrive if group.open else Text("made good since", style="green"))
    if group.reason:
        yield line(plain(group.reason, 300))
    if group.count > 1:
        for what in group.newest:
            yield line(Text(plain(what), style="dim"))
        if group.count > len(group.newest):
            yield line(f"and {count(group.count - len(group.newest), 'earlier one')}: --json lists them", style="dim")


def _say(done: Done) -> None:
    console = output()
    if done.swept:
        console.print("The sweeper has looked after all open reports.")
    for each in done.reports:
        console.print(line(f"{each.what}: {each.done}. {each.why}"), soft_wrap=True)
    if done.batches:
        print_replay(done.batches)
