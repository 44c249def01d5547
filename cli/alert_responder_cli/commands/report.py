"""`alert-responder report`: one report with everything that is stored about it."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from alert_responder.contracts.report import Omission
from alert_responder.domain.completeness import missing
from alert_responder.domain.glance import titled
from alert_responder.page.headline import headline
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region, ReportId, Round
from alert_responder_cli.reports.activities import ReportedActivities, reported_activities
from alert_responder_cli.reports.history import ReportHistory, history_glance, read_history
from alert_responder_cli.reports.ids import resolve_id
from alert_responder_cli.reports.status import ReportStatus
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import error_console, explain_errors, output, print_json
from alert_responder_cli.terminal.counts import verb
from alert_responder_cli.terminal.render import (
    activities,
    alerts,
    count,
    deliveries,
    findings,
    first_keys,
    line,
    overflow,
    review_lines,
    section,
    severity_text,
    short_time,
    sources,
)
from alert_responder_cli.times import now

_MAX_FINDINGS = 50

Logs = Annotated[
    bool,
    typer.Option(
        "--logs",
        help="Show only what inspectors found in logs: who did what, from where, how often, and whether it is new.",
    ),
]


@explain_errors
def report(
    report_id: ReportId,
    round_: Round = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    logs: Logs = False,
    as_json: Json = False,
) -> None:
    """Show a report: its alerts, findings, reviews and deliveries."""
    installation, at = find(Access(profile, region, local), installation_name), now()
    history, status = read_history(installation, report_id_of(installation, report_id, at), round_, at)
    found = reported_activities(history.report_id, history.report) if logs else None
    if as_json:
        print_json(found or history)
        return
    console = output()
    for part in _activities(history, found) if found else _parts(history, status):
        console.print(part, soft_wrap=isinstance(part, Text))


def report_id_of(installation: Installation, text: str, now: int) -> str:
    """Resolve a report id as `reports.ids` does, and print its note on standard error."""
    resolved = resolve_id(installation, text, now)
    if resolved.note:
        error_console().print(Text(resolved.note), soft_wrap=True)
    return resolved.report_id


def _activities(history: ReportHistory, found: ReportedActivities) -> Iterator[RenderableType]:
    yield _title(history)
    yield line(
        f"report {history.report_id}, ", "nothing published yet" if found.round is None else f"round {found.round}"
    )
    if found.truncated:
        yield line("The report exceeded 5 MB: activities may be left out.", style="yellow")
    if found.round is not None:
        yield from activities(found)


def _title(history: ReportHistory) -> Text:
    test = "[TEST] " if history.report and history.report.get("test") else ""
    return line(Text(test + plain(titled(history.title, history.status), 500), style="bold"))


def _parts(history: ReportHistory, status: ReportStatus) -> Iterator[RenderableType]:
    yield _title(history)
    published = "nothing published yet" if not history.published_round else f"round {history.published_round} published"
    yield line(f"report {history.report_id}, round {history.round} ({published}), {history.step}")
    glance = history_glance(history)
    if glance.description:
        yield line(plain(glance.description, 1_000))
    for name, value in headline(glance, history.overview, history.alert_count, (history.opened_at,)):
        yield line(f"{name}: ", Text(plain(value, 1_000), style="bold"))
    if history.report:
        result = history.report["result"]
        yield line(severity_text(result["severity"]), ": ", plain(result["reason"], 4_000))
        yield from review_lines(result)
        if not history.report.get("complete", True):
            omissions = map(Omission.model_validate, history.report["omissions"])
            yield line(Text("Incomplete: ", style="yellow"), f"{missing(omissions)} missing")
    else:
        yield line(severity_text(history.severity), ": ", plain(history.reason, 1_000))
    yield from section("Why these alerts are one report", _why(history))
    if history.report:
        yield from alerts(history.report, most=5)
        yield from section("Timeline", _timeline(history))
        yield from findings(history.report, most=_MAX_FINDINGS)
    else:
        yield from section("Lookups so far", _lookups(history))
    yield from section("Notes", _notes(history))
    yield from section("Reviews", _reviews(history))
    yield from deliveries(sorted(status.deliveries, key=lambda delivery: (delivery.round, delivery.emitter)))
    yield from section("Other reports of the same alerts", _others(history))


def _why(history: ReportHistory) -> list[RenderableType]:
    described = history.report.get("overflow") if history.report else None
    if described:
        return [line(f"{count(history.alert_count, 'alert')} {overflow(described)}. First:"), *first_keys(described)]
    key = history.report["alerts"][0]["alert_key"] if history.report and history.report["alerts"] else None
    same = f"detector {plain(history.detector, 200)} and rule {plain(history.rule_id, 300)}"
    same += f" and key {plain(key, 300)}" if key else ""
    window = f"between {short_time(history.opened_at)} and {short_time(history.ends_at)} (UTC)"
    source = sources(history.report) if history.report else ""
    return [
        line(plain(f"{count(history.alert_count, 'alert')} with {same}, arrived {window}.", 1_000)),
        *([line(plain(f"Received from {source}.", 2_000))] if source else []),
    ]


def _timeline(history: ReportHistory) -> list[Text]:
    entries = history.report["timeline"] if history.report else ()
    return [line(f"{short_time(entry['at'])}  {entry['what']}") for entry in entries]


def _lookups(history: ReportHistory) -> list[Text]:
    lines = [
        line(
            f"{each.inspector} on {each.attribute_type} ",
            plain(each.attribute_value, 80),
            f": {each.outcome or 'open'}",
            "" if each.seconds is None else f", {each.seconds:.2f} s",
            f" - {each.reason}" if each.reason else "",
        )
        for each in history.lookups[:_MAX_FINDINGS]
    ]
    left = len(history.lookups) - len(lines)
    return [*lines, line(f"and {left} more", style="dim")] if left > 0 else lines


def _notes(history: ReportHistory) -> list[Text]:
    if not history.report:
        return []
    shown, total = len(history.report["alerts"]), history.report["alert_count"]
    missing = total - shown
    counted = f"{missing:,} of {count(total, 'alert')} {verb(missing, 'is', 'are')} counted but not in the report."
    left_out = [counted] if missing > 0 else []
    cut = ["The report exceeded 5 MB: the least important parts were left out."] if history.report["truncated"] else []
    return [line(plain(note, 1_000)) for note in (*cut, *left_out, *history.report["notes"])]


def _reviews(history: ReportHistory) -> list[Text]:
    return [
        line(
            f"round {each.round}: ",
            severity_text(each.severity),
            ", ",
            plain(each.reason, 500),
            f" ({each.reviewer})" if each.reviewer else "",
        )
        for each in history.reviews
    ]


def _others(history: ReportHistory) -> list[Text]:
    later = [line(f"later: {history.later_report_id}")] if history.later_report_id else []
    return [
        *later,
        *(
            line(f"earlier: {each.report_id}, no longer stored", style="dim")
            if each.title is None
            else line(
                f"earlier: {each.report_id}, {short_time(each.created_at or '')}, ",
                severity_text(each.severity or ""),
                f", {count(each.alert_count or 0, 'alert')}: {plain(titled(each.title, each.status), 100)}",
            )
            for each in history.earlier
        ),
    ]
