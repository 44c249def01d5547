"""The native Alert, which is also deepalert's: `detector`, `rule_id`, `alert_key`, `attributes`, `body`."""

from typing import Any

from pydantic import ValidationError

from alert_responder.contracts.alert import Alert
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.reasons import refusal


def recognises(document: dict[str, Any]) -> bool:
    """Tell whether at least two of the three fields that identify an Alert are there, so that one missing is said."""
    return sum(field in document for field in ("detector", "rule_id", "alert_key")) >= 2


def to_alert(document: dict[str, Any]) -> Alert:
    """Read an Alert.

    Attributes without a value (null, "") are left out and an empty type becomes ``other``: deepalert's producers
    may send both. Everything else must be as the contract says.

    Raises
    ------
    RejectedAlertError
        With the first field that is not as the contract says.
    """
    return validated({**document, "attributes": filled(document.get("attributes"))})


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


def validated(fields: dict[str, Any]) -> Alert:
    """Make an Alert of its fields, or say in one sentence why not."""
    try:
        return Alert.model_validate(fields)
    except ValidationError as error:
        raise RejectedAlertError(refusal(error)) from error
