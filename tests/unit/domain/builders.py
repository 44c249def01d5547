"""Builders for the values of domain tests."""

from collections.abc import Sequence
from typing import Any

from alert_responder.contracts.alert import Alert, Attribute
from alert_responder.contracts.report import Report
from alert_responder.domain.records import Event


def attribute(value: str, type_: str = "domain", context: Sequence[str] = ()) -> Attribute:
    return Attribute.model_validate({"type": type_, "value": value, "context": list(context)})


def event(number: int, arrival: int, *attributes: Attribute, **fields: Any) -> Event:
    alert = {"detector": "d", "rule_id": "r", "alert_key": "k", "attributes": attributes, **fields}
    return Event(f"e{number}", arrival, str(number), Alert.model_validate(alert))


def reported_attribute(value: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": value,
        "type": "domain",
        "key": "",
        "value": value,
        "context": [],
        "timestamp": None,
        "valid": True,
        "depth": 0,
        "origin": {},
        **changes,
    }


def finding(value: str, *contents: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "inspector": "i",
        "attribute_id": value,
        "attribute_type": "domain",
        "attribute_value": value,
        "depth": 0,
        "outcome": "ok",
        "reason": None,
        "seconds": 1.0,
        "contents": contents,
        **changes,
    }


def reported_alert(event_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "arrived_at": "2026-01-01T00:00:00.000Z",
        "detector": "d",
        "rule_id": "r",
        "rule_name": "r",
        "alert_key": "k",
        "description": "",
        "timestamp": None,
        "severity": None,
        "attributes": [],
        "body": {"original": event_id},
        **changes,
    }


def report(**changes: Any) -> Report:
    return Report.model_validate(
        {
            "id": "R1",
            "alert_id": "a",
            "previous_report_id": None,
            "round": 1,
            "title": "r",
            "alerts": [reported_alert("e1"), reported_alert("e2"), reported_alert("e3")],
            "alert_count": 3,
            "attributes": [reported_attribute("a.test"), reported_attribute("b.test")],
            "findings": [finding("a.test", {"type": "note", "title": "n"}), finding("b.test")],
            "result": {"severity": "urgent", "reason": "because", "reviewer": "arn"},
            "emissions": [],
            "timeline": [{"at": "2026-01-01T00:00:00.000Z", "what": "opened"}],
            "notes": [],
            "created_at": "2026-01-01T00:00:00.000Z",
            "updated_at": "2026-01-01T00:00:01.000Z",
            "truncated": False,
            **changes,
        }
    )
