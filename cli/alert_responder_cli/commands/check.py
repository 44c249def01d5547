"""`alert-responder check`: check whether a plug-in honours its contract."""

import json
import secrets
import sys
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from alert_responder.contracts.plugin import MAX_BATCH
from alert_responder.domain.identifiers import ulid
from alert_responder_cli.aws.access import Access
from alert_responder_cli.checking.advice import advice, same_failure
from alert_responder_cli.checking.batch_target import BatchTarget
from alert_responder_cli.checking.cases import Case, batches, emissions, inspections, reviews
from alert_responder_cli.checking.check_run import check
from alert_responder_cli.checking.lambda_target import LambdaTarget
from alert_responder_cli.checking.names import RegistryEntry, find_attached
from alert_responder_cli.checking.receiver import Receiver
from alert_responder_cli.checking.results import Kind, Result, grouped
from alert_responder_cli.checking.target import Target
from alert_responder_cli.checking.target_factory import local_target
from alert_responder_cli.checking.targets import FORMS, LambdaFunction, LocalFunction, parse
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.records import attribute_types
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import error_console, explain_errors, output, print_json, table, warn
from alert_responder_cli.terminal.counts import count
from alert_responder_cli.terminal.render import line
from alert_responder_cli.terminal.tables import Records

app = typer.Typer(
    no_args_is_help=True,
    help="Check whether a plug-in honours its contract.",
    epilog="Exit codes: 0 the plug-in honours its contract; 1 it does not; 2 the check could not run.",
)

_SPARE_SECONDS = 15
_INSPECTION_SECONDS = 60.0

TargetName = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help=f"The plug-in: the name under which it is attached, {FORMS}.", show_default=False
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 for remarks too.")]
Log = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        show_default=False,
        help="Write the output of a local function to this file. It may contain hostile text. Default: discard it.",
    ),
]


@app.command()
@explain_errors
def inspector(
    target: TargetName,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar=attribute_types.METAVAR,
            help=f"Attribute type to check; repeatable: {attribute_types.HELP}. Default: the types it is attached for, "
            "or all.",
            autocompletion=attribute_types.complete_type,
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=1,
            max=840,
            show_default=False,
            help="Time limit for an answer. Default: inspection_timeout_seconds of the installation it is attached to, "
            "or 60.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            min=1,
            max=MAX_BATCH,
            show_default=False,
            help="Send the tasks in batches, as to an inspector attached with this batch_size. Default: the one it is "
            "attached with, or 1, without batches.",
        ),
    ] = None,
    strict: Strict = False,
    log: Log = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Check an inspector.

    Sends a task for each attribute type, hostile values, and invalid requests.
    """
    given = attribute_types.read_types(types or ())
    warn(attribute_types.unknown_types(given))
    meant, entry = _meant("inspector", target, access := Access(profile, region, local), installation_name)
    asked = tuple(given or (entry.types if entry else ()))
    seconds = timeout or (entry.seconds if entry else None) or _INSPECTION_SECONDS
    with _opened(meant, access, seconds, log) as plugin:
        cases = inspections(_report_id(), asked)
        size = batch_size or (entry.batch_size if entry else 1)
        if size > 1:
            batched = entry.batch_types if entry and batch_size is None else None
            plugin, cases = BatchTarget(plugin, size, batched), [*cases, *batches(cases, size, batched)]
        _run(target, "inspector", plugin, cases, seconds, strict=strict, as_json=as_json, types=asked)


@app.command()
@explain_errors
def reviewer(
    target: TargetName,
    strict: Strict = False,
    log: Log = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Check a reviewer.

    Sends reports with every outcome, without findings, truncated and hostile ones, and invalid requests.
    """
    seconds = 60
    meant, _ = _meant("reviewer", target, access := Access(profile, region, local), installation_name)
    with _opened(meant, access, seconds, log) as plugin:
        _run(target, "reviewer", plugin, reviews(_report_id()), seconds, strict=strict, as_json=as_json)


@app.command()
@explain_errors
def emitter(
    target: TargetName,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask for confirmation before calling a function on Lambda.")
    ] = False,
    receiver: Annotated[
        str | None,
        typer.Option(
            metavar="VARIABLE",
            show_default=False,
            help="Environment variable for the receiver's address. Starts a local receiver that counts requests, and "
            "sets the variable to its address. For local functions.",
        ),
    ] = None,
    receiver_answer: Annotated[
        str, typer.Option(metavar="JSON", help="Answer of the local receiver to every request.")
    ] = "{}",
    strict: Strict = False,
    log: Log = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Check an emitter. This sends real notifications.

    Sends rounds of three reports, a repeated delivery, and invalid requests.
    """
    seconds = 30
    remote = isinstance(parse(target), LambdaFunction)
    if remote and receiver:
        raise CommandError("--receiver works for local functions only: Lambda cannot reach this machine.")
    if remote and not yes and not (sys.stdin.isatty() and error_console().is_terminal):
        raise CommandError(f"{target} would send real notifications about three reports: confirm with --yes.")
    meant, _ = _meant("emitter", target, access := Access(profile, region, local), installation_name)
    if isinstance(meant, LambdaFunction) and not yes:
        _ask(meant.function)
    with ExitStack() as stack:
        environment: dict[str, str] = {}
        received: Callable[[], int] | None = None
        if receiver:
            serving = stack.enter_context(Receiver(_json(receiver_answer)))
            environment, received = {receiver: serving.url}, serving.received
        plugin = stack.enter_context(_opened(meant, access, seconds, log, environment))
        cases = emissions([_report_id() for _ in range(3)])
        _run(target, "emitter", plugin, cases, seconds, strict=strict, as_json=as_json, received=received)


def _run(
    given: str,
    kind: Kind,
    target: Target,
    cases: Sequence[Case],
    limit: float,
    *,
    strict: bool,
    as_json: bool,
    received: Callable[[], int] | None = None,
    types: Collection[str] = (),
) -> None:
    columns = (TextColumn("{task.fields[case]}", markup=False), BarColumn(), MofNCompleteColumn())
    console = error_console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        shown = progress.add_task("", total=len(cases), case="")

        def on_progress(name: str) -> None:
            progress.update(shown, advance=1, case=plain(name, 50))

        result = check(kind, target, cases, limit, time.monotonic, received, on_progress, types)
    if as_json:
        print_json(result)
    else:
        _show(given, result, cases, types)
    if not result.passed(strict=strict):
        raise typer.Exit(EXIT_PROBLEMS)


def _show(given: str, result: Result, cases: Sequence[Case], types: Collection[str]) -> None:
    console = output()
    failure = same_failure(result)
    if result.problems and not failure:
        console.print(problems_table(result))
    faults = sum(problem.level == "fault" for problem in result.problems)
    remarks = len(result.problems) - faults
    verdict = "does not honour its contract" if faults else "honours its contract"
    style = "bold red" if faults else "bold green"
    is_attached = result.target.startswith("arn:") and given != result.target
    name = plain(f"{given} ({result.target})" if is_attached else result.target, 300)
    found = f"{count(faults, 'fault')}, {count(remarks, 'remark')}"
    console.print(Text(f"The {result.kind} {name} {verdict}: {found}.", style=style))
    if failure:
        console.print(line("Every request failed in the same way: ", failure), soft_wrap=True)
    for sentence in advice(result, cases):
        console.print(line(sentence), soft_wrap=True)
    if types:
        console.print(line("Checked types: ", ", ".join(types), "."))
    console.print(_times(result))
    console.print("Not checked:", *(f"\n  - {each}" for each in result.unseen), sep="")


def problems_table(result: Result) -> Records:
    """Draw the table of problems, equal ones once."""
    rows = [
        (
            Text(problem.level, style="bold red" if problem.level == "fault" else "yellow"),
            problem.check,
            f"{problem.case} and {cases - 1} more" if cases > 1 else problem.case,
            problem.path,
            problem.what,
            problem.allowed,
        )
        for problem, cases in grouped(result.problems)
    ]
    headings = ("", "check", "case", "field", "problem", "allowed")
    return table(headings, rows, whole=("", "check"), head=2)


def _times(result: Result) -> str:
    times = result.times
    if times.first is None:
        return f"{count(result.cases, 'request')}, none of them answered."
    later = "" if times.median is None else f", later ones {times.median:.3f} s (median), at most {times.longest:.3f} s"
    return f"{count(result.cases, 'request')}; the first took {times.first:.3f} s{later}; limit {times.limit:.0f} s."


def _meant(
    kind: Kind, target: str, access: Access, installation_name: str | None
) -> tuple[LambdaFunction | LocalFunction, RegistryEntry | None]:
    """Resolve a TARGET to a function; return its registry entry too if it is the name of a plug-in."""
    meant = parse(target)
    if not isinstance(meant, LambdaFunction) or meant.is_arn:
        return meant, None

    def note(sentence: str) -> None:
        error_console().print(plain(sentence, 2_000), soft_wrap=True)

    entry = find_attached(kind, meant.function, access, installation_name, note)
    return (LambdaFunction(entry.arn) if entry else meant), entry


@contextmanager
def _opened(
    meant: LambdaFunction | LocalFunction,
    access: Access,
    seconds: float,
    log: Path | None,
    environment: dict[str, str] | None = None,
) -> Generator[Target]:
    if isinstance(meant, LambdaFunction):
        client = access.client(
            "lambda",
            connect_timeout=5,
            read_timeout=seconds + _SPARE_SECONDS,
            # Like AlertResponder, do not retry: a retry would hide whether the plug-in ran.
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        yield LambdaTarget(client, meant.function)
        return
    with ExitStack() as stack:
        try:
            kept = stack.enter_context(log.open("wb")) if log else None
        except OSError as error:
            raise CommandError(f"The log {log} cannot be written: {error.strerror}.") from None
        yield stack.enter_context(local_target(meant, {**_settings(access), **(environment or {})}, kept))


def _settings(access: Access) -> dict[str, str]:
    """Return the environment variables that give a local function the selected region and profile."""
    region = {"AWS_REGION": access.region, "AWS_DEFAULT_REGION": access.region} if access.region else {}
    return region | ({"AWS_PROFILE": access.profile} if access.profile else {})


def _ask(function: str) -> None:
    question = f"{function} will send real notifications about three reports, in several rounds. Continue?"
    if not typer.confirm(plain(question, 400), err=True):
        raise CommandError("Cancelled: nothing was sent.")


def _json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        raise CommandError("--receiver-answer must be JSON.") from None
    return text


def _report_id() -> str:
    return ulid(time.time_ns() // 1_000_000, secrets.token_bytes(10))
