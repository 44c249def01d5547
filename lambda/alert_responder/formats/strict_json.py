"""Strict JSON (RFC 8259): anything that two parsers could read differently is an error."""

import json
import math
from typing import Any

from alert_responder.contracts.primitives import MAX_JSON_DEPTH, nested_too_deep
from alert_responder.formats.messages import quoted

MAX_NUMBER_LENGTH = 1000
"""Longest number [digits]; Python does not format integers of more than 4,300 digits."""


def strict_json(text: str) -> Any:
    """Parse JSON (RFC 8259), and raise for anything that two parsers could read differently.

    Parameters
    ----------
    text : str
        Any text; the time is linear in its length.

    Raises
    ------
    ValueError
        With a reason that completes "the record is ...": not JSON, more than one document, deeper than
        `MAX_JSON_DEPTH`, a key twice in one object, NaN or Infinity (also as 1e999), or a number longer than
        `MAX_NUMBER_LENGTH`.

    Examples
    --------
    >>> strict_json('{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    if nested_too_deep(text):
        raise ValueError(f"JSON nested deeper than {MAX_JSON_DEPTH} levels")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise not_json(error) from error


def not_json(error: json.JSONDecodeError) -> ValueError:
    """Build the error for a text that is not one JSON document."""
    if error.msg == "Extra data":
        return ValueError(f"more than one JSON document; the second one begins at character {error.pos}")
    what = error.msg[:1].lower() + error.msg[1:]
    return ValueError(f"not JSON: {what} at line {error.lineno}, column {error.colno}")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"JSON in which the key {quoted(twice)} occurs twice in one object")
    return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"not JSON: {name} is not a JSON number")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise ValueError(f"JSON with a number of {len(digits)} digits; at most {MAX_NUMBER_LENGTH} are allowed")
    return int(digits)


def _finite_float(digits: str) -> float:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise ValueError(f"JSON with a number of {len(digits)} digits; at most {MAX_NUMBER_LENGTH} are allowed")
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"JSON with the number {quoted(digits)}, which is out of range; at most 1.7e308 is allowed")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_refuse_constant,
    parse_int=_bounded_int,
    parse_float=_finite_float,
)
"""Shared, because `json.loads` would create one for each text."""
