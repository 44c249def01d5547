"""Keep a report below what a plug-in can be sent."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from alert_responder.contracts.report import Report

MAX_REPORT_BYTES = 5_000_000
"""Largest report [bytes of JSON]; Lambda takes 6 MB a call, and a request holds more than the report."""

MAX_TEXT_LENGTH = 1_000
"""Longest text in a report that is far too large [characters]."""

_FEWER = (500, 250, 100, 20, 0)
_LEFT_OUT = "Left out because the report exceeds 5 MB: "


def truncate(report: Report) -> Report:
    """Leave out what matters least until a report is small enough.

    Returns
    -------
    Report
        The same where it fits; else with `truncated`, and a note for each step: the alerts' bodies, then the alerts but
        the first and last, then the contents of findings, then long texts, then what is left of the lists from the end.
        It always fits.
    """
    steps: tuple[tuple[str, Callable[[Report], dict[str, Any]]], ...] = (
        ("the bodies of alerts.", _without_bodies),
        ("all alerts but the oldest and the newest.", _two_alerts),
        ("what inspectors answered in detail.", _without_contents),
        ("attributes, findings and deliveries beyond the first 1,000.", partial(_first, 1_000)),
        (f"what is beyond the first {MAX_TEXT_LENGTH:,} characters of a text.", _short_texts),
        *((f"attributes, findings and deliveries beyond the first {most}.", partial(_first, most)) for most in _FEWER),
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


def _first(most: int, report: Report) -> dict[str, Any]:
    return {
        "attributes": report.attributes[:most],
        "findings": report.findings[:most],
        "emissions": report.emissions[:most],
    }


def _short_texts(report: Report) -> dict[str, Any]:
    document = report.model_dump(mode="json", exclude={"result", "notes"})
    short = Report.model_validate({**_shortened(document), "result": report.result, "notes": report.notes})
    return {name: getattr(short, name) for name in document}


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value[:MAX_TEXT_LENGTH]
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    return value
