"""`alert-responder simulate`: alerts through the whole pipeline on this machine, without AWS."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from alert_responder.contracts.plugin import EmitterPlugin, Plugins, ReviewerPlugin
from alert_responder.formats import ParsedAlert, parse_record
from alert_responder.formats.shipped import AllFormats
from alert_responder_cli.checking.python_target import PythonTarget
from alert_responder_cli.checking.targets import PythonFunction, parse
from alert_responder_cli.console import explaining, output, print_json, table
from alert_responder_cli.errors import FAULTY, CommandError
from alert_responder_cli.looking import look, records_in
from alert_responder_cli.options import SEVERITIES, Json
from alert_responder_cli.plain import plain
from alert_responder_cli.reading import formats_in
from alert_responder_cli.showing import count, findings, instant, line, section, severity_text
from alert_responder_cli.simulation.plugging import Call, Plugged
from alert_responder_cli.simulation.recorded import NAME, NAMES, Recording, attached, read_recordings
from alert_responder_cli.simulation.results import Simulated, ended
from alert_responder_cli.simulation.running import Clock, Settings, Simulation

_FUNCTION = "module:function or path/to/file.py:function"
_MAX_FINDINGS = 50


@explaining
def simulate(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            dir_okay=False,
            show_default=False,
            help="Alerts, as 'send' takes them: a record each; files named .jsonl or .ndjson have one a line.",
        ),
    ],
    answers: Annotated[
        Path | None,
        typer.Option(
            "--inspector-answers",
            metavar="DIR",
            file_okay=False,
            show_default=False,
            help="Folder of recorded answers: NAME.jsonl for each inspector.",
        ),
    ] = None,
    inspectors: Annotated[
        list[str] | None,
        typer.Option(
            "--inspector",
            metavar="NAME=FUNCTION",
            show_default=False,
            help=f"Ask this for what is not recorded: {_FUNCTION}; repeatable.",
        ),
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(metavar="FUNCTION", show_default=False, help=f"The reviewer: {_FUNCTION}.")
    ] = None,
    emitters: Annotated[
        list[str] | None,
        typer.Option(
            "--emitter",
            metavar="NAME[=SEVERITY,...]",
            show_default=False,
            help="An emitter and its severities; repeatable. It tells nobody. Default: one named 'emitter', of all.",
        ),
    ] = None,
    every: Annotated[float, typer.Option(min=0, max=604_800, help="Seconds between two records.")] = Settings.every,
    window: Annotated[
        int, typer.Option(min=1, max=604_800, help="aggregation_window_seconds of the installation.")
    ] = Settings.window,
    delay: Annotated[
        int, typer.Option(min=0, max=3_600, help="inspection_delay_seconds of the installation.")
    ] = Settings.delay,
    update_interval: Annotated[
        int, typer.Option(min=0, max=86_400, help="update_interval_seconds of the installation.")
    ] = Settings.update_interval,
    format_file: Annotated[
        Path | None,
        typer.Option(
            "--format",
            dir_okay=False,
            show_default=False,
            metavar="FILE",
            help="Read with the format in this file (JSON, as in `formats` of the root module) and no other.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="A lookup without a recorded answer makes the exit code 1.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run alerts through the whole pipeline on this machine: nothing is asked of AWS, and nobody is told.

    Times and ids are derived, so that the same files give the same output.
    """
    settings = Settings(every=every, window=window, delay=delay, update_interval=update_interval)
    formats = formats_in(format_file) if format_file else AllFormats()
    given = [(str(path), number, data) for path in files for number, data in records_in(path)]
    if not given:
        raise CommandError("There is no record in what was given.")
    looked = tuple(look(*each, formats, translate=False).looked for each in given)
    parsed: list[list[ParsedAlert]] = [parse_record(data, formats)[0] for _, _, data in given]
    with ExitStack() as stack:
        clock = Clock()
        plugged = Plugged(clock.text)
        registry = _plug(plugged, _opening(stack), answers, inspectors or (), reviewer, emitters or ("emitter",))
        simulation = Simulation(settings, clock, registry, plugged)
        simulation.run(parsed)
    found = Simulated(
        ended_at=clock.text(),
        records=looked,
        reports=tuple(map(ended, simulation.reports())),
        emissions=tuple(plugged.emissions),
        unanswered=tuple(dict.fromkeys(plugged.unanswered)),
    )
    if as_json:
        print_json(found)
    else:
        _show(found)
    if any(record.problems for record in looked) or (strict and found.unanswered):
        raise typer.Exit(FAULTY)


def _opening(stack: ExitStack) -> Callable[[str], Call]:
    """Make what opens a function on this machine; its process ends with the stack."""

    def opened(target: str) -> Call:
        meant = parse(target)
        if not isinstance(meant, PythonFunction):
            raise CommandError(f"'{target}' is no function on this machine: give {_FUNCTION}.")
        return stack.enter_context(PythonTarget(meant.module, meant.function)).call

    return opened


def _plug(
    plugged: Plugged,
    opened: Callable[[str], Call],
    answers: Path | None,
    inspectors: Sequence[str],
    reviewer: str | None,
    emitters: Sequence[str],
) -> Plugins:
    """Plug everything in, and write the registry."""
    recordings = {each.plugin.name: each for each in (read_recordings(answers) if answers else ())}
    functions = dict(map(_inspector, inspectors))
    recordings = {name: Recording(attached(name), {}) for name in functions} | recordings
    for name, recording in recordings.items():
        plugged.plug_recording(recording, opened(functions[name]) if name in functions else None)
    told = {emitter.name: emitter for emitter in map(_emitter, emitters)}
    for emitter in told.values():
        plugged.plug_emitter(emitter.arn)
    rating = ReviewerPlugin(name="reviewer", arn=reviewer, version=1) if reviewer else None
    if rating:
        plugged.plug(rating.arn, opened(rating.arn))
    return Plugins(
        inspectors=tuple(recordings[name].plugin for name in sorted(recordings)),
        emitters=tuple(told[name] for name in sorted(told)),
        reviewer=rating,
    )


def _inspector(given: str) -> tuple[str, str]:
    name, equals, function = given.partition("=")
    if not equals or NAME.fullmatch(name) is None:
        raise CommandError(f"'{given}' is no inspector: give NAME={_FUNCTION}, the name {NAMES}.")
    return name, function


def _emitter(given: str) -> EmitterPlugin:
    name, _, words = given.partition("=")
    severities = tuple(filter(None, words.split(",")))
    if NAME.fullmatch(name) is None or not set(severities) <= set(SEVERITIES):
        allowed = ", ".join(SEVERITIES)
        raise CommandError(f"'{given}' is no emitter: give NAME or NAME=SEVERITY,..., the name {NAMES}; {allowed}.")
    return EmitterPlugin(name=name, arn=f"emitter/{name}", version=1, severities=severities)


def _show(found: Simulated) -> None:
    console = output()
    for part in (*_reports(found), *_rest(found)):
        console.print(part, soft_wrap=isinstance(part, Text))


def _reports(found: Simulated) -> Iterator[RenderableType]:
    for each in found.reports:
        yield line(Text(plain(each.title, 500), style="bold"))
        yield line(f"report {each.report_id}, {count(each.rounds, 'round')}, {count(each.alert_count, 'alert')}")
        yield line(severity_text(each.severity), ": ", plain(each.reason, 4_000))
        yield from findings(each.report, most=_MAX_FINDINGS)
        yield from section("Good to know", [line(plain(note, 1_000)) for note in each.report["notes"]])


def _rest(found: Simulated) -> Iterator[RenderableType]:
    if found.emissions:
        told = (
            (instant(each.at), each.emitter, severity_text(each.severity), str(each.round), each.report_id, each.title)
            for each in found.emissions
        )
        yield table(("at", "would tell", "severity", "round", "report", "title"), told)
    if found.unanswered:
        rows = [(each.inspector, each.type, each.value) for each in found.unanswered]
        yield table(("no answer recorded", "type", "value"), rows)
    problems = [(record.name, problem) for record in found.records for problem in record.problems]
    if problems:
        yield table(("file", "what is wrong"), problems)
    emissions = f"{count(len(found.emissions), 'emission')} by {instant(found.ended_at)}"
    yield line(
        f"{count(len(found.records), 'record')}, {count(len(found.reports), 'report')}, {emissions}.", style="bold"
    )
