"""The first AlertResponder's format: `name`, `rule`, `key`, `attrs[]`, `timestamp: {init, last}` in epoch seconds.

Format: https://github.com/alert-responder/terraform-aws-alert-responder/blob/main/docs/formats.md
Detector: `first-format`.
"""

import re
from typing import Any

from alert_responder.contracts.alert import Alert
from alert_responder.domain.instants import parse_instant
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.messages import quoted
from alert_responder.formats.native import filled


def recognises(document: dict[str, Any]) -> bool:
    """Check for two of `name`, `rule`, `key`, and for `attrs` or a timestamp with `init` or `last`."""
    timestamp = document.get("timestamp")
    ranged = isinstance(timestamp, dict) and ("init" in timestamp or "last" in timestamp)
    return sum(field in document for field in ("name", "rule", "key")) >= 2 and ("attrs" in document or ranged)


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Convert an alert of the first format.

    `name` is the alert's name and `rule` the rule that fired. The format has no detector, so the detector is
    ``first-format``. The alert's time is `timestamp.last`. The body is `body`, or the whole document.

    Raises
    ------
    RejectedAlertError
        If both `name` and `rule` are missing or invalid.
    """
    notes = notes or Notes()
    for field in ("name", "rule"):
        if not isinstance(document.get(field, ""), str | None):
            if not isinstance(document.get({"name": "rule", "rule": "name"}[field]), str):
                raise RejectedAlertError(f"{field} must be a string, got {quoted(document[field])}")
            notes.add(field, "must be a string", document[field])
    name, rule = (value if isinstance(value := document.get(field), str) else "" for field in ("name", "rule"))
    if not (rule or name):
        raise RejectedAlertError("rule or name is required")
    attributes = filled(document.get("attrs"))
    if isinstance(attributes, list):
        attributes = [_with_contexts(attribute) for attribute in attributes]
    alert = {
        "detector": "first-format",
        "rule_id": rule or name,
        "rule_name": name or rule,
        "alert_key": "" if document.get("key") is None else document["key"],
        "description": document.get("description"),
        "timestamp": _time(document.get("timestamp")),
        "attributes": attributes,
        "body": document.get("body", document),
    }
    found = Notes()
    try:
        made = build_alert(alert, found)
    except RejectedAlertError as error:
        raise RejectedAlertError(_by_its_names(error.reason)) from error
    notes.take(found, _by_its_names)
    return made


def _by_its_names(reason: str) -> str:
    for ours, theirs in (("rule_id ", "rule "), ("alert_key ", "key "), ("attributes", "attrs")):
        if reason.startswith(ours):
            return theirs + reason.removeprefix(ours)
    return reason


def _with_contexts(attribute: Any) -> Any:
    # The earliest producers wrote contexts as one string, which may contain several words.
    if isinstance(attribute, dict) and isinstance(attribute.get("context"), str):
        return {**attribute, "context": [word for word in re.split(r"[\s,]+", attribute["context"]) if word]}
    return attribute


def _time(value: Any) -> Any:
    if isinstance(value, dict):
        return parse_instant(value.get("last")) or parse_instant(value.get("init"))
    return parse_instant(value)
