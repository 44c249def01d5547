"""Reasons for rejections that are safe to log: hostile input is escaped and shortened."""

from typing import Any

from pydantic import ValidationError

from alert_responder.contracts.base import fault_clause, fault_message, fault_path
from alert_responder.errors import describe_error

INTERNAL_ERROR = "internal error"
"""Begins the reason when the fault is in this package, not in the record."""


def quoted(value: Any) -> str:
    r"""Quote hostile input for a message: escaped, and at most 100 characters.

    Examples
    --------
    >>> quoted("a\nb"), quoted(None)
    ("'a\\nb'", 'null')
    """
    # Nothing that would be cut off is formatted: that could cost more than the rejected alert.
    if isinstance(value, str):
        text = ascii(value[:100])
    elif isinstance(value, dict | list | tuple):
        return "an object" if isinstance(value, dict) else "an array"
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 300:
        return "a very large number"
    elif value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    else:
        text = ascii(value)
    return text if len(text) <= 100 else f"{text[:96]}...'"


def internal_error(error: BaseException) -> str:
    """Describe an unexpected error; see `describe_error`."""
    return f"{INTERNAL_ERROR}: {describe_error(error)}"


def faulty_fields(error: ValidationError) -> dict[str, tuple[str, str, Any]]:
    """Map each field that a model refused to its path, what is allowed, and its value; "" is the whole document."""
    found: dict[str, tuple[str, str, Any]] = {}
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else ""
        found.setdefault(name, (fault_path(fault), fault_message(fault), fault["input"]))
    return found


def refusal(error: ValidationError) -> str:
    """Describe the first fault of an alert: the field, what is allowed, and its value."""
    path, message, value = next(iter(faulty_fields(error).values()))
    clause = fault_clause(path or "alert", message)
    return clause if message == "is required" else f"{clause}, got {quoted(value)}"
