"""Show reports at a terminal, as the command line does."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel

from alert_responder_cli.reports.status import ReportStatus
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.render import (
    COLOURS,
    alerts,
    deliveries,
    findings,
    line,
    review_lines,
    section,
    severity_text,
    status_table,
)

__all__ = ["line", "report_panel", "status_table"]


def report_panel(report: Mapping[str, Any], status: ReportStatus) -> Panel:
    """Draw a report: severity, reason and rule, alerts, findings, deliveries, remarks and timeline."""
    result = report["result"]
    parts: list[RenderableType] = [
        line(severity_text(result["severity"]), ": ", plain(result["reason"], 1000)),
        *review_lines(result),
        *alerts(report),
        *findings(report),
        *deliveries(status.deliveries),
        *section("Good to know", [line(note) for note in report["notes"]]),
        *section("When", [line(plain(entry["at"][11:23]), "  ", entry["what"]) for entry in report["timeline"]]),
    ]
    return Panel(
        Group(*parts),
        title=line(plain(report["title"], 90)),
        title_align="left",
        subtitle=line(f"{report['id']}, round {report['round']}"),
        subtitle_align="right",
        border_style=COLOURS.get(result["severity"], "white"),
    )
