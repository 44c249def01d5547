"""Texts for people at a terminal. Nothing an alert or a plug-in says is taken for markup or control codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from alert_responder.domain.alert_ranking import RankedBy, worst_alerts
from alert_responder.domain.body_details import extract_details
from alert_responder.domain.records import DeliveryRecord
from alert_responder_cli.reports.status import ReportStatus
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.contents import content_text
from alert_responder_cli.terminal.counts import count as count
from alert_responder_cli.terminal.tables import Records

COLOURS = {"urgent": "bold red", "unclassified": "yellow", "safe": "green"}
"""Colours of severities."""

VERDICTS = {"malicious": "bold red", "suspicious": "yellow", "harmless": "green"}
"""Colours of verdicts."""


def line(*parts: object, style: str = "") -> Text:
    """Put parts together as one line; a Text keeps its style, everything else is made harmless."""
    text = Text(style=style)
    for part in parts:
        text.append_text(part) if isinstance(part, Text) else text.append(plain(part))
    return text


def severity_text(severity: str) -> Text:
    """Write a severity in its colour."""
    return Text(plain(severity, 40), style=COLOURS.get(severity, ""))


def short_time(text: str) -> str:
    """Shorten an RFC 3339 time in UTC to the second."""
    return plain(text[:19].replace("T", " "), 19)


def alerts(report: Mapping[str, Any], most: int = 3) -> list[RenderableType]:
    """Say why the alerts of a report are one, and what they say; of more than `most` the first and the worst."""
    if report.get("overflow"):
        return section(
            f"{count(report['alert_count'], 'alert')} {overflow(report['overflow'])}", first_keys(report["overflow"])
        )
    first = report["alerts"][0]
    about = f"detector {plain(first['detector'], 60)}, rule {plain(first['rule_id'], 100)}"
    if first["alert_key"]:
        about += f", key {plain(first['alert_key'], 80)}"
    total = report["alert_count"]
    alike = about if total == 1 else f"are one report, having the same {about}"
    why = f"{count(total, 'alert')}{':' if total == 1 else ''} {alike}"
    shown = report["alerts"] if total <= most else _first_and_worst(report["alerts"])
    lines = [line(plain(alert["arrived_at"][11:19]), "  ", alert["description"]) for alert in shown]
    return section(why, lines)


def _first_and_worst(alerts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    said: list[RankedBy] = [
        (each["detector"], each.get("severity"), extract_details(each.get("body")).outcome) for each in alerts
    ]
    return [alerts[place] for place in sorted({0, *worst_alerts(said, 1)})]


def overflow(described: Mapping[str, Any]) -> str:
    """Say why an overflow report has the alerts of different incidents."""
    whose = "the detector" if described["scope"] == "detector" else "all detectors"
    return f"of different incidents, beyond {count(described['limit'], 'new report')} of {whose} in an hour"


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
    """Say in which ways the alerts of a report came; empty for one that was stored before reports knew."""
    return ", ".join(_source(source) for source in report.get("sources", ()))


def _source(source: Mapping[str, Any]) -> str:
    where = f" {plain(source['region'], 40)}" if source["region"] else ""
    standards = source["standards"]
    how_many = f" ({count(len(standards), 'standard')})" if standards else ""
    return f"{plain(source['product'], 60)}{where}{how_many}"


def findings(report: Mapping[str, Any], most: int = 500) -> list[RenderableType]:
    """Say what inspectors said, and where they said nothing why."""
    origins = {attribute["id"]: attribute for attribute in report["attributes"]}
    found: list[RenderableType] = []
    for finding in report["findings"][:most]:
        took = "" if finding["seconds"] is None else f", {finding['seconds']:.2f} s"
        origin = origins.get(finding["attribute_id"], {}).get("origin", {})
        via = f" (found by {origin['inspector']} from {origin['attribute_value']})" if origin.get("inspector") else ""
        style = "" if finding["outcome"] in ("ok", "empty", "cached") else "yellow"
        found.append(
            line(
                f"{finding['inspector']} on {finding['attribute_type']} ",
                plain(finding["attribute_value"], 80),
                via,
                f": {finding['outcome']}{took}",
                f" - {finding['reason']}" if finding["reason"] else "",
                style=style,
            )
        )
        found += [Padding(_content(content), (0, 0, 0, 4), expand=False) for content in finding["contents"]]
    if len(report["findings"]) > most:
        found.append(line(f"and {len(report['findings']) - most} more", style="dim"))
    return section("What inspectors said", found)


def _content(content: Mapping[str, Any]) -> Text:
    verdict = content.get("verdict")
    text = Text(plain(verdict, 40) + "  " if verdict else "", style=VERDICTS.get(str(verdict), ""))
    return line(text, Text(content_text(content), style="not bold default"))


def deliveries(records: Iterable[DeliveryRecord]) -> list[RenderableType]:
    """Say who was told."""
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
    return section("Who was told", lines)


def section(title: str, lines: Iterable[RenderableType]) -> list[RenderableType]:
    """Put lines below a heading; nothing where there are none."""
    found = [Padding(part, (0, 0, 0, 2), expand=False) for part in lines]
    return [Text(), line(plain(title, 400), style="bold"), *found] if found else []


def status_table(statuses: Iterable[ReportStatus], most_lines: int | None = None) -> Records:
    """Make the table of how reports stand, the newest last; only the newest where there is room for few lines."""
    whole = ("report", "severity", "now", "alerts", "round")
    rows = (_status(status) for status in statuses)
    return Records((*whole, "key", "title", "told"), rows, whole, head=3, most_lines=most_lines)


def _status(status: ReportStatus) -> tuple[str | Text, ...]:
    told = ", ".join(
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
        plain(status.title, 200),
        told or "…",
    )
