"""Lenient JSON: unusable values are marked and left out one by one, without affecting the rest of the record.

A value is unusable if two parsers could read it differently, if it is a number out of range, or if it is nested too
deep. The rest of the record is kept, because it may be about something else.
"""

import json
import math
from collections.abc import Callable
from typing import Any

from alert_responder.contracts.primitives import MAX_JSON_DEPTH, nested_too_deep, without_depths
from alert_responder.formats.strict_json import MAX_NUMBER_LENGTH, not_json, strict_json

_TOO_DEEP = "-0.000000001E-0000000001"
"""Replaces a value that is nested too deep: a spelling of a number that does not occur otherwise."""

_DEPTH = f"nested deeper than {MAX_JSON_DEPTH} levels"


class Unfit:
    """Replaces an unusable value in a document.

    Attributes
    ----------
    reason
        Why the value is unusable, in words that follow the field's name.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        """Return the text for messages."""
        return f"a value that {self.reason}"


def read_json(text: str) -> tuple[Any, bool]:
    """Parse JSON; return the document, and whether it may contain `Unfit`.

    Raises
    ------
    ValueError
        With a reason that completes "the record is ...": not JSON, or more than one document.
    """
    try:
        return strict_json(text), False
    except ValueError:
        return lenient_json(text), True


def json_in(text: str) -> Any:
    """Parse JSON inside a text, without unusable values; return None if the text is not JSON."""
    try:
        found, lenient = read_json(text)
    except ValueError:
        return None
    return without_unfit(found, lambda *_: None) if lenient else found


def lenient_json(text: str) -> Any:
    """Parse JSON with `Unfit` in place of each value for which `strict_json` would raise."""
    too_deep = nested_too_deep(text)
    try:
        return _DECODER.decode(without_depths(text, _TOO_DEEP) if too_deep else text)
    except json.JSONDecodeError as error:
        if too_deep:
            raise ValueError(f"not JSON, or {_DEPTH}") from error
        raise not_json(error) from error


def without_unfit(document: Any, note: Callable[[str, str], None]) -> Any:
    """Copy a document without its `Unfit` values, and note the path and the reason of each."""
    return _copied(document, "", note)


def _copied(value: Any, path: str, note: Callable[[str, str], None]) -> Any:
    if isinstance(value, dict):
        found = {}
        for key, item in value.items():
            if isinstance(item, Unfit):
                note(f"{path}.{key}" if path else key, item.reason)
            else:
                found[key] = _copied(item, f"{path}.{key}" if path else key, note)
        return found
    if isinstance(value, list):
        kept = []
        for number, item in enumerate(value):
            if isinstance(item, Unfit):
                note(f"{path}[{number}]", item.reason)
            else:
                kept.append(_copied(item, f"{path}[{number}]", note))
        return kept
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                result[key] = Unfit("is given twice in one object")
            seen.add(key)
    return result


def _constant(name: str) -> Unfit:
    return Unfit(f"is {name}, which is not a JSON number")


def _int(digits: str) -> int | Unfit:
    return int(digits) if len(digits) <= MAX_NUMBER_LENGTH else _too_long(digits)


def _float(digits: str) -> float | Unfit:
    if digits == _TOO_DEEP:
        return Unfit(f"is {_DEPTH}")
    if len(digits) > MAX_NUMBER_LENGTH:
        return _too_long(digits)
    number = float(digits)
    return Unfit("is a number out of range; at most 1.7e308 is allowed") if math.isinf(number) else number


def _too_long(digits: str) -> Unfit:
    return Unfit(f"is a number of {len(digits)} digits; at most {MAX_NUMBER_LENGTH} are allowed")


_DECODER = json.JSONDecoder(
    # All parsers read control characters in a string alike.
    strict=False,
    object_pairs_hook=_once,
    parse_constant=_constant,
    parse_int=_int,
    parse_float=_float,
)
