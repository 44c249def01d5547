"""`alert-responder check`: whether a plug-in keeps its contract."""

import json
import secrets
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from alert_responder.domain.identifiers import ulid
from alert_responder_cli import attribute_types
from alert_responder_cli.aws import Access
from alert_responder_cli.checking.cases import Case, emissions, inspections, reviews
from alert_responder_cli.checking.lambda_target import LambdaTarget
from alert_responder_cli.checking.python_target import PythonTarget
from alert_responder_cli.checking.receiver import Receiver
from alert_responder_cli.checking.results import Kind, Result, grouped
from alert_responder_cli.checking.running import Target, check
from alert_responder_cli.checking.targets import FORMS, LambdaFunction, parse
from alert_responder_cli.console import complaints, explaining, output, print_json, table, warn
from alert_responder_cli.counts import count
from alert_responder_cli.errors import FAULTY, CommandError
from alert_responder_cli.options import Json, Local, Profile, Region
from alert_responder_cli.plain import plain

app = typer.Typer(
    no_args_is_help=True,
    help="Check whether a plug-in keeps its contract: standard requests are sent, and what is wrong is said.",
    epilog="Exit codes: 0 the contract is kept; 1 it is not; 2 it could not be checked.",
)

_SPARE_SECONDS = 15

TargetName = Annotated[str, typer.Argument(metavar="TARGET", help=f"The plug-in: {FORMS}.", show_default=False)]
Strict = Annotated[bool, typer.Option("--strict", help="Remarks too make the exit code 1.")]
Log = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        show_default=False,
        help="File for what a function on this machine prints, which may hold hostile words. Default: thrown away.",
    ),
]


@app.command()
@explaining
def inspector(
    target: TargetName,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar=attribute_types.METAVAR,
            help=f"Type of attribute it is attached for; repeatable: {attribute_types.HELP}. Default: all.",
            autocompletion=attribute_types.complete_type,
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, max=840, help="inspection_timeout_seconds of the installation.")
    ] = 60,
    strict: Strict = False,
    log: Log = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Send an inspector a task for each type of attribute, hostile values, and what is no task."""
    chosen = attribute_types.read_types(types or ())
    warn(attribute_types.unknown_types(chosen))
    with _opened(target, Access(profile, region, local), timeout, log) as plugin:
        _run("inspector", plugin, inspections(_report_id(), chosen), timeout, strict=strict, as_json=as_json)


@app.command()
@explaining
def reviewer(
    target: TargetName,
    strict: Strict = False,
    log: Log = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Send a reviewer reports with every outcome, without findings, cut off, hostile, and what is no report."""
    seconds = 60
    with _opened(target, Access(profile, region, local), seconds, log) as plugin:
        _run("reviewer", plugin, reviews(_report_id()), seconds, strict=strict, as_json=as_json)


@app.command()
@explaining
def emitter(
    target: TargetName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a function on Lambda tells people.")] = False,
    receiver: Annotated[
        str | None,
        typer.Option(
            metavar="VARIABLE",
            show_default=False,
            help="Environment variable with the receiver's address: it gets that of a receiver here, which counts what "
            "arrives. For functions on this machine.",
        ),
    ] = None,
    receiver_answer: Annotated[
        str, typer.Option(metavar="JSON", help="What that receiver answers everything with.")
    ] = "{}",
    strict: Strict = False,
    log: Log = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Send an emitter rounds of three reports, a delivery twice, and what is no emission. It tells its receiver!"""
    seconds = 30
    remote = isinstance(parse(target), LambdaFunction)
    if remote and receiver:
        raise CommandError("A receiver here cannot be reached from Lambda: leave --receiver out.")
    if remote and not yes:
        _ask(target)
    with ExitStack() as stack:
        environment: dict[str, str] = {}
        received: Callable[[], int] | None = None
        if receiver:
            serving = stack.enter_context(Receiver(_json(receiver_answer)))
            environment, received = {receiver: serving.url}, serving.received
        plugin = stack.enter_context(_opened(target, Access(profile, region, local), seconds, log, environment))
        cases = emissions([_report_id() for _ in range(3)])
        _run("emitter", plugin, cases, seconds, strict=strict, as_json=as_json, received=received)


def _run(
    kind: Kind,
    target: Target,
    cases: Sequence[Case],
    limit: float,
    *,
    strict: bool,
    as_json: bool,
    received: Callable[[], int] | None = None,
) -> None:
    columns = (TextColumn("{task.fields[case]}", markup=False), BarColumn(), MofNCompleteColumn())
    console = complaints()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        shown = progress.add_task("", total=len(cases), case="")

        def advanced(name: str) -> None:
            progress.update(shown, advance=1, case=plain(name, 50))

        result = check(kind, target, cases, limit, time.monotonic, received, advanced)
    if as_json:
        print_json(result)
    else:
        _show(result)
    if not result.passed(strict=strict):
        raise typer.Exit(FAULTY)


def _show(result: Result) -> None:
    console = output()
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
    if rows:
        console.print(table(("", "check", "case", "where in the answer", "what is wrong", "allowed"), rows))
    faults = sum(problem.level == "fault" for problem in result.problems)
    remarks = len(result.problems) - faults
    verdict = "keeps its contract" if not faults else "does not keep its contract"
    style = "bold red" if faults else "bold green"
    name = plain(result.target, 200)
    console.print(
        Text(f"The {result.kind} {name} {verdict}: {count(faults, 'fault')}, {count(remarks, 'remark')}.", style=style)
    )
    console.print(_times(result))
    console.print("Not to be seen from here:", *(f"\n  - {line}" for line in result.unseen), sep="")


def _times(result: Result) -> str:
    times = result.times
    if times.first is None:
        return f"{count(result.cases, 'request')}, none of them answered."
    later = "" if times.median is None else f", later ones {times.median:.3f} s (median), at most {times.longest:.3f} s"
    return (
        f"{count(result.cases, 'request')}; the first took {times.first:.3f} s{later}; allowed are {times.limit:.0f} s."
    )


@contextmanager
def _opened(
    target: str, access: Access, seconds: float, log: Path | None, environment: dict[str, str] | None = None
) -> Generator[Target]:
    meant = parse(target)
    if isinstance(meant, LambdaFunction):
        client = access.client(
            "lambda",
            connect_timeout=5,
            read_timeout=seconds + _SPARE_SECONDS,
            # As AlertResponder calls: whether a plug-in ran must stay known.
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        yield LambdaTarget(client, meant.function)
        return
    with ExitStack() as stack:
        try:
            kept = stack.enter_context(log.open("wb")) if log else None
        except OSError as error:
            raise CommandError(f"The log {log} cannot be written: {error.strerror}.") from None
        yield stack.enter_context(PythonTarget(meant.module, meant.function, environment, kept))


def _ask(target: str) -> None:
    console = complaints()
    if not (sys.stdin.isatty() and console.is_terminal):
        raise CommandError(f"{target} would really tell its receiver of three reports: say --yes if it may.")
    if not typer.confirm("It will really tell its receiver of three reports, in many rounds. Go on?", err=True):
        raise CommandError("Nothing was sent.")


def _json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        raise CommandError("--receiver-answer is no JSON.") from None
    return text


def _report_id() -> str:
    return ulid(time.time_ns() // 1_000_000, secrets.token_bytes(10))
