"""`alert-responder simulate`: run alerts through the whole pipeline locally, without AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from alert_responder.domain.glance import titled
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder_cli.commands.options import Json, PolicyOption
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.records.format_files import read_format_file
from alert_responder_cli.records.preview import preview_record, read_records
from alert_responder_cli.sanitize import plain
from alert_responder_cli.simulation.attach_options import FUNCTION, NamedCall, attach_plugins
from alert_responder_cli.simulation.pipeline import BEGINNING, Clock, Settings, Simulation
from alert_responder_cli.simulation.recorded import add_answers
from alert_responder_cli.simulation.results import SimulationResult, simulated_report
from alert_responder_cli.simulation.unknown_types import unknown_types
from alert_responder_cli.terminal.console import error_console, explain_errors, output, print_json, table
from alert_responder_cli.terminal.render import count, findings, line, review_lines, section, severity_text, short_time
from alert_responder_cli.terminal.tables import Records
from alert_responder_cli.times import METAVAR, now, parse_time

_MAX_FINDINGS = 50


@explain_errors
def simulate(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            dir_okay=False,
            show_default=False,
            allow_dash=True,
            help="Files in any supported format, as for 'send': one record per file, or one per line of .jsonl and "
            ".ndjson files. Use - for standard input.",
        ),
    ],
    answers: Annotated[
        Path | None,
        typer.Option(
            "--inspector-answers",
            metavar="DIR",
            file_okay=False,
            show_default=False,
            help="Folder with recorded answers: NAME.jsonl for each inspector.",
        ),
    ] = None,
    inspectors: Annotated[
        list[str] | None,
        typer.Option(
            "--inspector",
            metavar="NAME=FUNCTION",
            show_default=False,
            help=f"Inspector to call for lookups that are not recorded: {FUNCTION}; repeatable.",
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Add the answers of these functions to --inspector-answers.")
    ] = False,
    reviewer: Annotated[
        str | None, typer.Option(metavar="FUNCTION", show_default=False, help=f"The reviewer: {FUNCTION}.")
    ] = None,
    policy: PolicyOption = None,
    begins_at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar=METAVAR,
            show_default=False,
            help="When the first record arrives. Default: 2026-01-01T00:00:00Z.",
        ),
    ] = None,
    emitters: Annotated[
        list[str] | None,
        typer.Option(
            "--emitter",
            metavar="NAME[=SEVERITY,...][=FUNCTION]",
            show_default=False,
            help="Emitter with its severities and function; repeatable. Without a function, its deliveries are only "
            "listed. Default: one named 'emitter' for all severities.",
        ),
    ] = None,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, max=604_800, help="Seconds between the arrivals of two records.")
    ] = Settings.every,
    window: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, max=604_800, help="aggregation_window_seconds of the installation.")
    ] = Settings.window,
    delay: Annotated[
        int, typer.Option(metavar="SECONDS", min=0, max=3_600, help="inspection_delay_seconds of the installation.")
    ] = Settings.delay,
    update_interval: Annotated[
        int, typer.Option(metavar="SECONDS", min=0, max=86_400, help="update_interval_seconds of the installation.")
    ] = Settings.update_interval,
    format_file: Annotated[
        Path | None,
        typer.Option(
            "--format",
            dir_okay=False,
            show_default=False,
            metavar="FILE",
            help="Parse records only with the custom format in this JSON file (fields as in custom_formats of the root "
            "module).",
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit with 1 if a lookup has no recorded answer, a plug-in fails, an answer is invalid or an "
            "attribute type is unknown.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Run alerts through the whole pipeline locally, without AWS.

    Times and ids are derived from the input: the same files give the same output.
    """
    if record and answers is None:
        raise CommandError("--record requires --inspector-answers.")
    if reviewer is not None and policy is not None:
        raise CommandError("Give either --reviewer or --policy.")
    settings = Settings(every=every, window=window, delay=delay, update_interval=update_interval)
    formats = read_format_file(format_file) if format_file else FormatRegistry()
    given = read_records(files)
    previews = tuple(preview_record(*each, formats, translate=False).preview for each in given)
    parsed = [(data, parse_record(data, formats)[0]) for _, _, data in given]
    clock = Clock(BEGINNING if begins_at is None else parse_time(begins_at, now()))
    named = _policy_reviewer(policy, clock) if policy else reviewer
    with attach_plugins(clock, answers, inspectors or (), named, emitters or ("emitter",)) as (registry, plugins):
        simulation = Simulation(settings, clock, registry, plugins)
        simulation.run(parsed)
    if record and answers:
        add_answers(
            answers, ((each.inspector, each.type, each.value, each.answer) for each in plugins.answered.values())
        )
    reports = simulation.reports()
    result = SimulationResult(
        ended_at=clock.text(),
        records=previews,
        reports=tuple(map(simulated_report, reports)),
        emissions=plugins.emissions,
        unanswered=tuple(plugins.unanswered.values()),
        failures=tuple(plugins.failures),
        unknown_types=unknown_types(reports, registry),
    )
    if as_json:
        print_json(result)
    else:
        _show(result)
    sentences = result.strict_sentences() if strict else []
    for sentence in sentences:
        error_console().print(line(plain(sentence, 1_000), style="red"), soft_wrap=True)
    if sentences or any(record.problems for record in previews):
        raise typer.Exit(EXIT_PROBLEMS)


def _policy_reviewer(path: Path, clock: Clock) -> NamedCall:
    # Only policies need YAML.
    from alert_responder_cli.policy.simulation import named_reviewer

    return named_reviewer(path, clock)


def _show(result: SimulationResult) -> None:
    console = output()
    for part in (*_reports(result), *_rest(result)):
        console.print(part, soft_wrap=isinstance(part, Text))


def _reports(result: SimulationResult) -> Iterator[RenderableType]:
    for each in result.reports:
        yield line(Text(plain(titled(each.title, each.status), 500), style="bold"))
        yield line(f"report {each.report_id}, {count(each.rounds, 'round')}, {count(each.alert_count, 'alert')}")
        yield line(severity_text(each.severity), ": ", plain(each.reason, 4_000))
        yield from review_lines(each.report["result"])
        yield from findings(each.report, most=_MAX_FINDINGS)
        yield from section("Notes", [line(plain(note, 1_000)) for note in each.report["notes"]])


def _rest(result: SimulationResult) -> Iterator[RenderableType]:
    if result.emissions:
        yield from (Text(), emissions_table(result))
    if result.failures:
        yield from (Text(), failures_table(result))
    if result.unknown_types:
        yield from (Text(), unknown_types_table(result))
    if result.unanswered:
        yield from (Text(), unanswered_table(result))
    if any(record.problems for record in result.records):
        yield from (Text(), problems_table(result))
    emissions = f"{count(len(result.emissions), 'delivery')} until {short_time(result.ended_at)}"
    yield line(
        f"{count(len(result.records), 'record')}, {count(len(result.reports), 'report')}, {emissions}.", style="bold"
    )


def emissions_table(result: SimulationResult) -> Records:
    """Draw the table of deliveries."""
    rows = (
        (
            short_time(each.at),
            each.emitter,
            severity_text(each.severity),
            str(each.round),
            each.report_id,
            titled(each.title, each.status),
        )
        for each in result.emissions
    )
    whole = ("at", "would notify", "severity", "round", "report")
    return table((*whole, "title"), rows, whole=whole, head=3)


def failures_table(result: SimulationResult) -> Records:
    """Draw the table of plug-ins that failed."""
    rows = [(each.kind, each.plugin, each.outcome, str(each.calls), each.reason) for each in result.failures]
    whole = ("", "failed plug-in", "outcome", "calls")
    return table((*whole, "reason"), rows, whole=whole, head=2)


def unknown_types_table(result: SimulationResult) -> Records:
    """Draw the table of unknown attribute types."""
    rows = [(each.type, each.inspector or "alerts", each.value, each.what) for each in result.unknown_types]
    return table(("unknown type", "in", "first value", "suggestion"), rows, whole=("unknown type", "in"))


def unanswered_table(result: SimulationResult) -> Records:
    """Draw the table of lookups without a recorded answer."""
    rows = [(each.inspector, each.type, each.value) for each in result.unanswered]
    return table(("no answer recorded", "type", "value"), rows, whole=("no answer recorded", "type"), head=0)


def problems_table(result: SimulationResult) -> Records:
    """Draw the table of records that were rejected, in whole or in part."""
    problems = [(record.name, problem) for record in result.records for problem in record.problems]
    return table(("file", "problem"), problems, whole=("file",))
