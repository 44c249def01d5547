"""Why something was refused, in sentences that are safe to log: hostile input is escaped and cut short."""

import traceback
from pathlib import Path
from typing import Any

from pydantic import ValidationError

INTERNAL_ERROR = "internal error"
"""How the reason begins where the fault is in this package and not in the record."""


def quoted(value: Any) -> str:
    r"""Quote hostile input for a message: escaped, and at most 100 characters.

    Examples
    --------
    >>> quoted("a\nb")
    "'a\\nb'"
    """
    # Only what can be shown is looked at: the repr of a large value would cost more than the alert it refuses.
    if isinstance(value, str):
        quoted = ascii(value[:100])
    elif isinstance(value, dict | list | tuple):
        return "an object" if isinstance(value, dict) else "an array"
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 300:
        return "a very large number"
    else:
        quoted = ascii(value)
    return quoted if len(quoted) <= 100 else f"{quoted[:96]}...'"


def internal_error(error: BaseException) -> str:
    """Say of what kind an unexpected error is and where it was raised, and nothing that an alert may have said."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{INTERNAL_ERROR}: {type(error).__name__}{place}"


def faulty_fields(error: ValidationError) -> dict[str, tuple[str, str, Any]]:
    """List the fields that a model refused: name to path, what is allowed, and what was there; "" is the whole."""
    found: dict[str, tuple[str, str, Any]] = {}
    for fault in error.errors(include_url=False):
        path = ".".join(map(str, fault["loc"]))
        name = str(fault["loc"][0]) if fault["loc"] else ""
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "model_type":
            message = "must be an object"
        elif fault["type"] == "missing":
            message = "missing; it is required"
        found.setdefault(name, (path, message[:1].lower() + message[1:], fault["input"]))
    return found


def refusal(error: ValidationError) -> str:
    """Turn a pydantic error into one sentence that names the field, what was wrong, and what was there."""
    first = error.errors(include_url=False)[0]
    path = ""
    for part in first["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    if first["type"] == "missing":
        return f"{path}: missing; it is required"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "model_type":
        message = "must be an object"
    return f"{path or 'alert'}: {message[:1].lower() + message[1:]}, not {quoted(first['input'])}"
