"""The native Alert, which is also deepalert's: `detector`, `rule_id`, `alert_key`, `attributes`, `body`."""

from typing import Any

from alert_responder.contracts.alert import Alert
from alert_responder.formats.alert_builder import Notes, fitted


def recognises(document: dict[str, Any]) -> bool:
    """Tell whether at least two of the three fields that identify an Alert are there, so that one missing is said."""
    return sum(field in document for field in ("detector", "rule_id", "alert_key")) >= 2


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Read an Alert.

    Attributes without a value (null, "") are left out and an empty type becomes ``other``: deepalert's producers
    may send both. Everything else must be as the contract says; what is not is left out and noted.

    Raises
    ------
    RejectedAlertError
        When detector or rule is not as the contract says.
    """
    return fitted({**document, "attributes": filled(document.get("attributes"))}, notes)


def filled(attributes: Any) -> Any:
    """Leave out attributes without a value and name the type of those without one; other shapes pass unchanged."""
    if not isinstance(attributes, list):
        return attributes
    kept = []
    for attribute in attributes:
        if isinstance(attribute, dict) and "value" in attribute:
            if attribute["value"] is None or attribute["value"] == "":
                continue
            if attribute.get("type") == "":
                attribute = {**attribute, "type": "other"}
        kept.append(attribute)
    return kept
