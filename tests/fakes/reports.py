"""Small reports for tests."""

from collections.abc import Iterable, Mapping
from typing import Any

from alert_responder.contracts.report import EmissionRequest, Report

REPORT_ID = "01KG9Z9Q7R2D4B6C8E0FGHJKMN"


def an_attribute(value: str = "198.51.100.7", **fields: Any) -> dict[str, Any]:
    """Return an attribute with the given fields."""
    return {
        "id": "521c3bfa4c5e8d9f4705bf130589d1e793045ea965ae67e976fabfff1fb6b7ef",
        "type": "ipaddr",
        "key": "source address",
        "value": value,
        "context": ["client", "remote"],
        "timestamp": None,
        "valid": True,
        "depth": 0,
        "origin": {},
        **fields,
    }


def a_finding(inspector: str = "reputation", **fields: Any) -> dict[str, Any]:
    """Return a finding with the given fields; its default outcome is `ok`."""
    return {
        "inspector": inspector,
        "attribute_id": "521c3bfa4c5e8d9f4705bf130589d1e793045ea965ae67e976fabfff1fb6b7ef",
        "attribute_type": "ipaddr",
        "attribute_value": "198.51.100.7",
        "depth": 0,
        "outcome": "ok",
        "reason": None,
        "seconds": 1.25,
        "contents": (),
        **fields,
    }


def an_alert(**fields: Any) -> dict[str, Any]:
    """Return an alert of a report with the given fields."""
    return {
        "event_id": "shardId-000000000000:1:0",
        "arrived_at": "2026-02-01T00:00:01.250Z",
        "detector": "vpn",
        "rule_id": "new-address",
        "rule_name": "Login from a new address",
        "alert_key": "alice",
        "description": "alice logged in from an address never seen before.",
        "timestamp": "2026-01-31T23:59:59Z",
        "severity": "medium",
        "attributes": [],
        "body": {"session": 4711},
        **fields,
    }


def a_report(
    severity: str = "urgent",
    reason: str = "Known for command and control.",
    attributes: Iterable[Mapping[str, Any]] | None = None,
    findings: Iterable[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> Report:
    """Return a report; by default with one alert, one attribute and one malicious finding."""
    found = a_finding(contents=[{"type": "host", "verdict": "malicious", "source": "our list", "country": ["NL"]}])
    return Report.model_validate(
        {
            "id": REPORT_ID,
            "alert_id": "54fb0ece28c9739fb8f35e0916866fde69964be2825d4b452c47a4977640e0f0",
            "previous_report_id": None,
            "round": 1,
            "title": "Login from a new address",
            "alerts": [an_alert()],
            "alert_count": 1,
            "attributes": list(attributes) if attributes is not None else [an_attribute()],
            "findings": list(findings) if findings is not None else [found],
            "result": {"severity": severity, "reason": reason, "reviewer": None},
            "emissions": [],
            "timeline": [],
            "notes": [],
            "created_at": "2026-02-01T00:00:01.250Z",
            "updated_at": "2026-02-01T00:01:15.000Z",
            "truncated": False,
            **fields,
        }
    )


def an_emission(report: Report, emitter: str, state: Any = None) -> EmissionRequest:
    """Return the request for the delivery of a report's round to an emitter."""
    emission_id = f"{report.id}/{emitter}/{report.round:06}"
    return EmissionRequest(report=report, emitter=emitter, emission_id=emission_id, state=state)
