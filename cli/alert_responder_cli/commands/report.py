"""`alert-responder report`: one report with everything that is stored about it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from alert_responder.contracts.report import Omission
from alert_responder.domain.completeness import missing
from alert_responder.page.headline import headline
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.commands.options import InstallationName, Json, Local, Profile, Region, ReportId, Round
from alert_responder_cli.reports.history import ReportHistory, read_history
from alert_responder_cli.reports.ids import resolve_id
from alert_responder_cli.reports.status import ReportStatus
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import error_console, explain_errors, output, print_json
from alert_responder_cli.terminal.counts import verb
from alert_responder_cli.terminal.render import (
    alerts,
    count,
    deliveries,
    findings,
    first_keys,
    line,
    overflow,
    section,
    severity_text,
    short_time,
    sources,
)
from alert_responder_cli.times import now

_MAX_FINDINGS = 50


@explain_errors
def report(
    report_id: ReportId,
    round_: Round = None,
    installation_name: InstallationName = None,
    profile: Profile = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show a report: its alerts, findings, reviews and deliveries."""
    installation, at = find(Access(profile, region, local), installation_name), now()
    found, status = read_history(installation, report_id_of(installation, report_id, at), round_, at)
    if as_json:
        print_json(found)
        return
    console = output()
    for part in _parts(found, status):
        console.print(part, soft_wrap=isinstance(part, Text))


def report_id_of(installation: Installation, text: str, now: int) -> str:
    """Resolve a report id as `reports.ids` does, and print its note on standard error."""
    found = resolve_id(installation, text, now)
    if found.note:
        error_console().print(Text(found.note), soft_wrap=True)
    return found.report_id


def _parts(found: ReportHistory, status: ReportStatus) -> Iterator[RenderableType]:
    test = "[TEST] " if found.report and found.report.get("test") else ""
    yield line(Text(test + plain(found.title, 500), style="bold"))
    published = "nothing published yet" if not found.published_round else f"round {found.published_round} published"
    yield line(f"report {found.report_id}, round {found.round} ({published}), {found.step}")
    for name, value in headline(found.overview, found.alert_count, (found.opened_at,)):
        yield line(f"{name}: ", Text(plain(value, 1_000), style="bold"))
    if found.report:
        result = found.report["result"]
        yield line(severity_text(result["severity"]), ": ", plain(result["reason"], 4_000))
        if not found.report.get("complete", True):
            omissions = map(Omission.model_validate, found.report["omissions"])
            yield line(Text("Incomplete: ", style="yellow"), f"{missing(omissions)} missing")
    else:
        yield line(severity_text(found.severity), ": ", plain(found.reason, 1_000))
    yield from section("Why these alerts are one report", _why(found))
    if found.report:
        yield from alerts(found.report, most=5)
        yield from section("Timeline", _timeline(found))
        yield from findings(found.report, most=_MAX_FINDINGS)
    else:
        yield from section("Lookups so far", _lookups(found))
    yield from section("Notes", _notes(found))
    yield from section("Reviews", _reviews(found))
    yield from deliveries(sorted(status.deliveries, key=lambda delivery: (delivery.round, delivery.emitter)))
    yield from section("Other reports of the same alerts", _others(found))


def _why(found: ReportHistory) -> list[RenderableType]:
    described = found.report.get("overflow") if found.report else None
    if described:
        return [line(f"{count(found.alert_count, 'alert')} {overflow(described)}. First:"), *first_keys(described)]
    key = found.report["alerts"][0]["alert_key"] if found.report and found.report["alerts"] else None
    same = f"detector {plain(found.detector, 200)} and rule {plain(found.rule_id, 300)}"
    same += f" and key {plain(key, 300)}" if key else ""
    window = f"between {short_time(found.opened_at)} and {short_time(found.ends_at)} (UTC)"
    source = sources(found.report) if found.report else ""
    return [
        line(plain(f"{count(found.alert_count, 'alert')} with {same}, arrived {window}.", 1_000)),
        *([line(plain(f"Received from {source}.", 2_000))] if source else []),
    ]


def _timeline(found: ReportHistory) -> list[Text]:
    entries = found.report["timeline"] if found.report else ()
    return [line(f"{short_time(entry['at'])}  {entry['what']}") for entry in entries]


def _lookups(found: ReportHistory) -> list[Text]:
    lines = [
        line(
            f"{each.inspector} on {each.attribute_type} ",
            plain(each.attribute_value, 80),
            f": {each.outcome or 'open'}",
            "" if each.seconds is None else f", {each.seconds:.2f} s",
            f" - {each.reason}" if each.reason else "",
        )
        for each in found.lookups[:_MAX_FINDINGS]
    ]
    left = len(found.lookups) - len(lines)
    return [*lines, line(f"and {left} more", style="dim")] if left > 0 else lines


def _notes(found: ReportHistory) -> list[Text]:
    if not found.report:
        return []
    shown, total = len(found.report["alerts"]), found.report["alert_count"]
    missing = total - shown
    counted = f"{missing:,} of {count(total, 'alert')} {verb(missing, 'is', 'are')} counted but not in the report."
    left_out = [counted] if missing > 0 else []
    cut = ["The report exceeded 5 MB: the least important parts were left out."] if found.report["truncated"] else []
    return [line(plain(note, 1_000)) for note in (*cut, *left_out, *found.report["notes"])]


def _reviews(found: ReportHistory) -> list[Text]:
    return [
        line(
            f"round {each.round}: ",
            severity_text(each.severity),
            ", ",
            plain(each.reason, 500),
            f" ({each.reviewer})" if each.reviewer else "",
        )
        for each in found.reviews
    ]


def _others(found: ReportHistory) -> list[Text]:
    later = [line(f"later: {found.later_report_id}")] if found.later_report_id else []
    return [
        *later,
        *(
            line(f"earlier: {each.report_id}, no longer stored", style="dim")
            if each.title is None
            else line(
                f"earlier: {each.report_id}, {short_time(each.created_at or '')}, ",
                severity_text(each.severity or ""),
                f", {count(each.alert_count or 0, 'alert')}: {plain(each.title, 100)}",
            )
            for each in found.earlier
        ),
    ]
