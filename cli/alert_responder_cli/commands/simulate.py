"""`alert-responder simulate`: alerts through the whole pipeline on this machine, without AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from alert_responder.formats import ParsedAlert, parse_record
from alert_responder.formats.shipped import AllFormats
from alert_responder_cli.console import explaining, output, print_json, table
from alert_responder_cli.errors import FAULTY, CommandError
from alert_responder_cli.looking import look, records_in
from alert_responder_cli.options import Json
from alert_responder_cli.plain import plain
from alert_responder_cli.reading import formats_in
from alert_responder_cli.showing import count, findings, instant, line, section, severity_text
from alert_responder_cli.simulation.attaching import FUNCTION, attaching
from alert_responder_cli.simulation.recorded import add_answers
from alert_responder_cli.simulation.results import Simulated, ended
from alert_responder_cli.simulation.running import Clock, Settings, Simulation
from alert_responder_cli.tables import Records

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
            help=f"Ask this for what is not recorded: {FUNCTION}; repeatable.",
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Add what those functions answer to the recordings in --inspector-answers.")
    ] = False,
    reviewer: Annotated[
        str | None, typer.Option(metavar="FUNCTION", show_default=False, help=f"The reviewer: {FUNCTION}.")
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
    if record and answers is None:
        raise CommandError("--record adds to the recordings of --inspector-answers: give that too.")
    settings = Settings(every=every, window=window, delay=delay, update_interval=update_interval)
    formats = formats_in(format_file) if format_file else AllFormats()
    given = [(str(path), number, data) for path in files for number, data in records_in(path)]
    if not given:
        raise CommandError("There is no record in what was given.")
    looked = tuple(look(*each, formats, translate=False).looked for each in given)
    parsed: list[list[ParsedAlert]] = [parse_record(data, formats)[0] for _, _, data in given]
    clock = Clock()
    with attaching(clock, answers, inspectors or (), reviewer, emitters or ("emitter",)) as (registry, plugged):
        simulation = Simulation(settings, clock, registry, plugged)
        simulation.run(parsed)
    if record and answers:
        add_answers(
            answers, ((each.inspector, each.type, each.value, each.answer) for each in plugged.answered.values())
        )
    found = Simulated(
        ended_at=clock.text(),
        records=looked,
        reports=tuple(map(ended, simulation.reports())),
        emissions=tuple(plugged.emissions),
        unanswered=tuple(plugged.unanswered.values()),
    )
    if as_json:
        print_json(found)
    else:
        _show(found)
    if any(record.problems for record in looked) or (strict and found.unanswered):
        raise typer.Exit(FAULTY)


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
        yield from (Text(), emissions_table(found))
    if found.unanswered:
        yield from (Text(), unanswered_table(found))
    if any(record.problems for record in found.records):
        yield from (Text(), problems_table(found))
    emissions = f"{count(len(found.emissions), 'emission')} by {instant(found.ended_at)}"
    yield line(
        f"{count(len(found.records), 'record')}, {count(len(found.reports), 'report')}, {emissions}.", style="bold"
    )


def emissions_table(found: Simulated) -> Records:
    """Make the table of who would be told."""
    told = (
        (instant(each.at), each.emitter, severity_text(each.severity), str(each.round), each.report_id, each.title)
        for each in found.emissions
    )
    whole = ("at", "would tell", "severity", "round", "report")
    return table((*whole, "title"), told, whole=whole, head=3)


def unanswered_table(found: Simulated) -> Records:
    """Make the table of lookups that no answer is recorded for."""
    rows = [(each.inspector, each.type, each.value) for each in found.unanswered]
    return table(("no answer recorded", "type", "value"), rows, whole=("no answer recorded", "type"), head=0)


def problems_table(found: Simulated) -> Records:
    """Make the table of records that are no alerts, whole or in part."""
    problems = [(record.name, problem) for record in found.records for problem in record.problems]
    return table(("file", "what is wrong"), problems, whole=("file",))
