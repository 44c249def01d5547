"""Show reports to a person at a terminal. Nothing an alert or a plug-in says is taken for markup or control codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tools.plain import plain
from tools.reading import Standing

_COLOURS = {"urgent": "bold red", "unclassified": "yellow", "safe": "green"}
_VERDICTS = {"malicious": "bold red", "suspicious": "yellow", "harmless": "green"}
_MAX_ALERTS = 3


def line(*parts: object, style: str = "") -> Text:
    """Put parts together as one line; a Text keeps its style, everything else is made harmless."""
    text = Text(style=style)
    for part in parts:
        text.append_text(part) if isinstance(part, Text) else text.append(plain(part))
    return text


def severity_text(severity: str) -> Text:
    """Write a severity in its colour."""
    return Text(plain(severity, 40), style=_COLOURS.get(severity, ""))


def standings_table(standings: Iterable[Standing]) -> Table:
    """Draw how the reports stand, one row each."""
    table = Table(expand=True, header_style="bold", border_style="dim")
    for heading in ("report", "alerts", "round", "now", "severity", "told"):
        right = heading in ("alerts", "round")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True, overflow="ellipsis")
    for standing in standings:
        told = ", ".join(
            f"{delivery.emitter} {delivery.outcome or 'open'}"
            for delivery in standing.deliveries
            if delivery.round == standing.head.round
        )
        table.add_row(
            line(plain(standing.title, 48)),
            str(standing.alert_count),
            str(standing.head.round),
            Text(standing.step(), style="dim" if standing.settled else ""),
            severity_text(standing.severity) if standing.reviewed_round else Text("…", style="dim"),
            line(told or "…"),
        )
    return table


def report_panel(report: Mapping[str, Any], standing: Standing) -> Panel:
    """Draw one report as its reader wants it: how bad and why, what it is about, what was found, what went wrong."""
    result = report["result"]
    parts: list[RenderableType] = [
        line(severity_text(result["severity"]), ": ", plain(result["reason"], 1000)),
        *_alerts(report),
        *_findings(report),
        *_deliveries(standing),
        *_section("Good to know", [line(note) for note in report["notes"]]),
        *_section("When", [line(plain(entry["at"][11:23]), "  ", entry["what"]) for entry in report["timeline"]]),
    ]
    return Panel(
        Group(*parts),
        title=line(plain(report["title"], 90)),
        title_align="left",
        subtitle=line(f"{report['id']}, round {report['round']}"),
        subtitle_align="right",
        border_style=_COLOURS.get(result["severity"], "white"),
    )


def _alerts(report: Mapping[str, Any]) -> list[RenderableType]:
    first = report["alerts"][0]
    about = f"detector {plain(first['detector'], 60)}, rule {plain(first['rule_id'], 100)}"
    if first["alert_key"]:
        about += f", key {plain(first['alert_key'], 80)}"
    count = report["alert_count"]
    why = f"1 alert: {about}" if count == 1 else f"{count} alerts are one report, having the same {about}"
    shown = report["alerts"][:1] if count > _MAX_ALERTS else report["alerts"]
    lines = [line(plain(alert["arrived_at"][11:19]), "  ", alert["description"]) for alert in shown]
    return _section(why, lines)


def _findings(report: Mapping[str, Any]) -> list[RenderableType]:
    origins = {attribute["id"]: attribute for attribute in report["attributes"]}
    found: list[RenderableType] = []
    for finding in report["findings"]:
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
        found += [Padding(_content(content), (0, 0, 0, 4)) for content in finding["contents"]]
    return _section("What inspectors said", found)


def _content(content: Mapping[str, Any]) -> Text:
    verdict = content.get("verdict")
    parts = [
        f"{name.replace('_', ' ')}: {_values(value)}"
        for name, value in content.items()
        if value and name not in ("type", "verdict", "source", "link")
    ]
    text = Text(plain(verdict, 40) + "  " if verdict else "", style=_VERDICTS.get(str(verdict), ""))
    return line(text, Text(plain("; ".join(parts), 500), style="not bold default"))


def _values(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_values(part) for part in value.values() if part)
    if isinstance(value, list | tuple):
        return ", ".join(_values(part) for part in value)
    return str(value)


def _deliveries(standing: Standing) -> list[RenderableType]:
    lines = []
    for delivery in standing.deliveries:
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
    return _section("Who was told", lines)


def _section(title: str, lines: Iterable[RenderableType]) -> list[RenderableType]:
    found = [Padding(part, (0, 0, 0, 2)) for part in lines]
    return [Text(), line(plain(title, 400), style="bold"), *found] if found else []
