"""Keep a report below what a plug-in can be sent."""

import json
from typing import Any

from alert_responder.contracts.report import Report

MAX_REPORT_BYTES = 5_000_000
"""Largest report [bytes of JSON]; Lambda takes 6 MB a call, and a request holds more than the report."""

_LEFT_OUT = "Left out because the report exceeds 5 MB: "


def truncate(report: Report) -> Report:
    """Leave out what matters least until a report is small enough.

    Returns
    -------
    Report
        The same where it fits; else with `truncated`, and a note for each step: the alerts' bodies, then the alerts but
        the first and last, then the contents of findings, then what is left of them from the end.
    """
    steps = (
        ("the bodies of alerts.", _without_bodies),
        ("all alerts but the oldest and the newest.", _two_alerts),
        ("what inspectors answered in detail.", _without_contents),
        ("attributes and findings beyond the first 1,000.", _first_thousand),
    )
    for what, step in steps:
        if _size(report) <= MAX_REPORT_BYTES:
            break
        changes: dict[str, Any] = {**step(report), "truncated": True, "notes": (*report.notes, _LEFT_OUT + what)}
        report = report.model_copy(update=changes)
    return report


def _size(report: Report) -> int:
    return len(json.dumps(report.model_dump(mode="json")))


def _without_bodies(report: Report) -> dict[str, Any]:
    return {"alerts": tuple(alert.model_copy(update={"body": None}) for alert in report.alerts)}


def _two_alerts(report: Report) -> dict[str, Any]:
    ends = report.alerts if len(report.alerts) < 2 else (report.alerts[0], report.alerts[-1])
    return {"alerts": tuple(alert.model_copy(update={"attributes": ()}) for alert in ends)}


def _without_contents(report: Report) -> dict[str, Any]:
    return {"findings": tuple(finding.model_copy(update={"contents": ()}) for finding in report.findings)}


def _first_thousand(report: Report) -> dict[str, Any]:
    return {"attributes": report.attributes[:1000], "findings": report.findings[:1000]}
