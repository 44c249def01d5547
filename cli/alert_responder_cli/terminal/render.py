"""Parts of reports as text for a terminal. Texts of alerts and plug-ins are never interpreted as markup."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from alert_responder.contracts.report import Result
from alert_responder.domain.activity_text import how_often, new_or_usual, what
from alert_responder.domain.alert_ranking import RankedBy, worst_alerts
from alert_responder.domain.body_details import extract_details
from alert_responder.domain.glance import titled
from alert_responder.domain.records import DeliveryRecord
from alert_responder.domain.review_facts import review_facts
from alert_responder_cli.reports.activities import ReportedActivities, ReportedActivity
from alert_responder_cli.reports.status import ReportStatus
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.contents import content_text
from alert_responder_cli.terminal.counts import count as count
from alert_responder_cli.terminal.tables import Records

COLOURS = {"urgent": "bold red", "unclassified": "yellow", "safe": "green"}
"""Colours of severities."""

VERDICTS = {"malicious": "bold red", "suspicious": "yellow", "harmless": "green"}
"""Colours of verdicts."""


_MAX_WITHOUT = 50


def line(*parts: object, style: str = "") -> Text:
    """Join parts into one line; a `Text` keeps its style, everything else is sanitized."""
    text = Text(style=style)
    for part in parts:
        text.append_text(part) if isinstance(part, Text) else text.append(plain(part))
    return text


def severity_text(severity: str) -> Text:
    """Return a severity in its colour."""
    return Text(plain(severity, 40), style=COLOURS.get(severity, ""))


def review_lines(result: Mapping[str, Any]) -> list[Text]:
    """Describe a reviewer's rule, labels and suppression, of which an answer may have none."""
    facts = review_facts(Result.model_validate(result, extra="ignore"))
    return [line(f"{name}: ", plain(value, 4_000)) for name, value in facts]


def short_time(text: str) -> str:
    """Shorten an RFC 3339 time in UTC to the second."""
    return plain(text[:19].replace("T", " "), 19)


def alerts(report: Mapping[str, Any], most: int = 3) -> list[RenderableType]:
    """Describe what the alerts of a report have in common, and list them, or the first and the worst of many."""
    if report.get("overflow"):
        return section(
            f"{count(report['alert_count'], 'alert')} {overflow(report['overflow'])}", first_keys(report["overflow"])
        )
    first = report["alerts"][0]
    about = f"detector {plain(first['detector'], 60)}, rule {plain(first['rule_id'], 100)}"
    if first["alert_key"]:
        about += f", key {plain(first['alert_key'], 80)}"
    total = report["alert_count"]
    why = f"{count(total, 'alert')}{':' if total == 1 else ' with the same'} {about}"
    shown = report["alerts"] if total <= most else _first_and_worst(report["alerts"])
    return section(why, map(_alert, shown))


def _alert(alert: Mapping[str, Any]) -> Text:
    said = titled(alert["description"], alert.get("status", "active"))
    return line(plain(alert["arrived_at"][11:19]), "  ", said)


def _first_and_worst(alerts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    said: list[RankedBy] = [
        (each["detector"], each.get("severity"), extract_details(each.get("body")).outcome) for each in alerts
    ]
    return [alerts[place] for place in sorted({0, *worst_alerts(said, 1)})]


def overflow(described: Mapping[str, Any]) -> str:
    """Explain why an overflow report contains alerts of different incidents."""
    scope = "this detector" if described["scope"] == "detector" else "all detectors"
    return f"of different incidents, beyond the limit of {count(described['limit'], 'new report')} per hour of {scope}"


def first_keys(described: Mapping[str, Any]) -> list[RenderableType]:
    """List the first incidents of an overflow report."""
    return [
        line(
            f"detector {plain(key['detector'], 60)}, rule {plain(key['rule_id'], 100)}, ",
            f"key {plain(key['alert_key'], 80)}",
        )
        for key in described["first_keys"]
    ]


def sources(report: Mapping[str, Any]) -> str:
    """List the sources of a report's alerts; empty for reports of versions that did not store them."""
    return ", ".join(_source(source) for source in report.get("sources", ()))


def _source(source: Mapping[str, Any]) -> str:
    where = f" {plain(source['region'], 40)}" if source["region"] else ""
    standards = source["standards"]
    how_many = f" ({count(len(standards), 'standard')})" if standards else ""
    return f"{plain(source['product'], 60)}{where}{how_many}"


def findings(report: Mapping[str, Any], most: int = 500) -> list[RenderableType]:
    """List the findings of a report, with the reason of those without an answer."""
    origins = {attribute["id"]: attribute for attribute in report["attributes"]}
    lines: list[RenderableType] = []
    for finding in report["findings"][:most]:
        took = "" if finding["seconds"] is None else f", {finding['seconds']:.2f} s"
        via = _origin(origins.get(finding["attribute_id"], {}).get("origin", {}))
        style = "" if finding["outcome"] in ("ok", "empty", "cached") else "yellow"
        lines.append(
            line(
                f"{finding['inspector']} on {finding['attribute_type']} ",
                plain(finding["attribute_value"], 80),
                via,
                f": {finding['outcome']}{took}",
                f" - {finding['reason']}" if finding["reason"] else "",
                style=style,
            )
        )
        lines += [Padding(_content(content), (0, 0, 0, 4), expand=False) for content in finding["contents"]]
    if len(report["findings"]) > most:
        lines.append(line(f"and {len(report['findings']) - most} more", style="dim"))
    return section("Findings", lines)


def _origin(origin: Mapping[str, Any]) -> str:
    if origin.get("inspector"):
        return f" (found by {origin['inspector']} from {origin['attribute_value']})"
    return f" (derived from {origin['attribute_value']})" if origin.get("attribute_value") else ""


def _content(content: Mapping[str, Any]) -> Text:
    verdict = content.get("verdict")
    text = Text(plain(verdict, 40) + "  " if verdict else "", style=VERDICTS.get(str(verdict), ""))
    return line(text, Text(content_text(content), style="not bold default"))


def activities(found: ReportedActivities) -> list[RenderableType]:
    """Draw the table of activities, the most telling first, and list the lookups and sources without findings."""
    headings = ("new or usual", "who", "what", "from where", "how often", "time (UTC)", "found by")
    rows = [_activity(each) for each in found.activities]
    without = [
        line(
            f"{each.inspector} on {each.attribute_type} ",
            plain(each.attribute_value, 80),
            f": {each.outcome} - {each.reason}",
            style="" if each.outcome == "empty" else "yellow",
        )
        for each in found.without_activities[:_MAX_WITHOUT]
    ]
    left = len(found.without_activities) - len(without)
    more = [line(f"and {left:,} more", style="dim")] if left > 0 else []
    drawn = [Records(headings, rows)] if rows else [line("No lookup returned activities.")]
    return [*drawn, *section("Lookups and sources without findings", [*without, *more])]


def _activity(activity: ReportedActivity) -> tuple[str | Text, ...]:
    looked_up = f"{plain(activity.attribute_type, 40)} {plain(activity.attribute_value, 80)}"
    ends = dict.fromkeys(short_time(at) for at in (activity.first_seen, activity.last_seen) if at)
    return (
        Text(plain(new_or_usual(activity), 400), style="yellow" if activity.usual is False else ""),
        plain(activity.principal, 200),
        plain(what(activity), 400),
        plain(activity.remote_addr, 200),
        how_often(activity),
        " to ".join(ends),
        f"{plain(activity.inspector, 60)} on {looked_up}",
    )


def deliveries(records: Iterable[DeliveryRecord]) -> list[RenderableType]:
    """List deliveries with their outcomes."""
    lines = []
    for delivery in records:
        good = delivery.outcome in ("ok", "superseded")
        failures = f" after {delivery.failures} failed" if delivery.failures else ""
        lines.append(
            line(
                f"{delivery.emitter}, round {delivery.round}: {delivery.outcome or 'open'}{failures}",
                f" - {delivery.reason}" if delivery.reason else "",
                f"  {delivery.url}" if delivery.url else "",
                style="" if good and not delivery.failures else "yellow",
            )
        )
    return section("Deliveries", lines)


def section(title: str, lines: Iterable[RenderableType]) -> list[RenderableType]:
    """Put lines under a heading; return nothing if there are none."""
    indented = [Padding(part, (0, 0, 0, 2), expand=False) for part in lines]
    return [Text(), line(plain(title, 400), style="bold"), *indented] if indented else []


def status_table(statuses: Iterable[ReportStatus], most_lines: int | None = None) -> Records:
    """Draw the table of reports with their status, the newest last; those that do not fit are left out."""
    whole = ("report", "severity", "now", "alerts", "round")
    rows = (_status(status) for status in statuses)
    return Records((*whole, "key", "title", "notified"), rows, whole, head=3, most_lines=most_lines)


def _status(status: ReportStatus) -> tuple[str | Text, ...]:
    notified = ", ".join(
        f"{delivery.emitter} {delivery.outcome or 'open'}"
        for delivery in status.deliveries
        if delivery.round == status.head.round
    )
    return (
        status.report_id,
        severity_text(status.severity) if status.reviewed_round else Text("not reviewed yet", style="dim"),
        Text(status.step(), style="dim" if status.settled else ""),
        f"{status.alert_count:,}",
        str(status.head.round),
        plain(status.alert_key, 500),
        plain(titled(status.title, status.status), 200),
        notified or ("suppressed" if status.is_suppressed else "…"),
    )
