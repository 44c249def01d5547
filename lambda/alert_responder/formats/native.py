"""The native format, the same as in deepalert: `detector`, `rule_id`, `alert_key`, `attributes`, `body`.

Format: https://github.com/alert-responder/terraform-aws-alert-responder/blob/main/docs/alerts.md
Detector: as the alert states it.
"""

from typing import Any

from alert_responder.contracts.alert import Alert
from alert_responder.formats.alert_builder import Notes, build_alert


def recognises(document: dict[str, Any]) -> bool:
    """Check for two of the three identifying fields, so that the reason names the missing one."""
    return sum(field in document for field in ("detector", "rule_id", "alert_key")) >= 2


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Validate an Alert.

    Attributes without a value (null, "") are left out and an empty type becomes ``other``, because producers for
    deepalert may send both. Everything else must follow the contract; invalid fields are left out and noted.

    Raises
    ------
    RejectedAlertError
        If detector or rule is invalid.
    """
    return build_alert({**document, "attributes": filled(document.get("attributes"))}, notes)


def filled(attributes: Any) -> Any:
    """Leave out attributes without a value, and set a missing type to ``other``; other values pass unchanged."""
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
