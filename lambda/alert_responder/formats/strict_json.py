"""Bytes from the stream to a JSON value, or one sentence why not."""

import json
import math
from typing import Any

from alert_responder.contracts.alert import MAX_JSON_DEPTH, nested_too_deep
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.reasons import shown

MAX_RECORD_BYTES = 4_718_592
"""Largest record that is read [bytes]: in base64 it is the 6 MB that Lambda takes a call. What it may become, however
badly it compresses, fits a transaction of DynamoDB (4 MB)."""

MAX_NUMBER_LENGTH = 1000
"""Longest number in JSON [digits]; Python refuses to write integers of more than 4,300 digits."""

_MAGIC = (
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a zip file"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"\xf3\x89\x9a\xc2", "an aggregated record of the Kinesis Producer Library"),
    (b"\xef\xbb\xbf", "text with a UTF-8 byte order mark"),
    (b"\xff\xfe\x00\x00", "text with a UTF-32 (little endian) byte order mark"),
    (b"\x00\x00\xfe\xff", "text with a UTF-32 (big endian) byte order mark"),
    (b"\xff\xfe", "text with a UTF-16 (little endian) byte order mark"),
    (b"\xfe\xff", "text with a UTF-16 (big endian) byte order mark"),
)
"""What is sent by mistake most often, by its first bytes; the longer of two that begin alike comes first."""

_MAGIC_BYTES = tuple(magic for magic, _ in _MAGIC)


def decode(data: bytes) -> Any:
    """Read one record's bytes as one JSON document in UTF-8.

    Raises
    ------
    RejectedAlertError
        If the bytes are empty, too many, compressed, not UTF-8, or no JSON as `strict_json` wants it.
    """
    if len(data) > MAX_RECORD_BYTES:
        raise RejectedAlertError(f"the record has {len(data):,} bytes; at most {MAX_RECORD_BYTES:,} are read")
    if not data.strip():
        raise RejectedAlertError("the record is empty; one JSON object in UTF-8 is wanted")
    if data.startswith(_MAGIC_BYTES):
        name = next(name for magic, name in _MAGIC if data.startswith(magic))
        raise RejectedAlertError(f"the record is {name}; plain JSON in UTF-8 without a byte order mark is wanted")
    if b"\0" in data:
        raise RejectedAlertError(f"the record holds a NUL byte at {data.index(0)}; JSON in UTF-8 is wanted")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedAlertError(f"the record is not UTF-8 at byte {error.start}; JSON in UTF-8 is wanted") from error
    try:
        return strict_json(text)
    except ValueError as error:
        raise RejectedAlertError(f"the record is {error}") from error


def strict_json(text: str) -> Any:
    """Read JSON as RFC 8259 has it, and refuse what two readers could understand differently.

    Parameters
    ----------
    text : str
        One JSON document. Any text: the time is linear in its length.

    Raises
    ------
    ValueError
        With a reason that goes on "the record is ...": no JSON, more than one document, deeper than
        `MAX_JSON_DEPTH`, a key twice in one object, NaN or Infinity (also as 1e999), or a number longer than
        `MAX_NUMBER_LENGTH`.

    Examples
    --------
    >>> strict_json('{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    if nested_too_deep(text):
        raise ValueError(f"JSON nested deeper than {MAX_JSON_DEPTH} levels, which is the most allowed")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise ValueError(f"more than one JSON document; the second begins at character {error.pos}") from error
        what = error.msg[:1].lower() + error.msg[1:]
        raise ValueError(f"not JSON: {what} at line {error.lineno}, column {error.colno}") from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"JSON in which the key {shown(twice)} stands twice in one object; once is allowed")
    return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"not JSON: {name} is no number of it")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise ValueError(f"JSON with a number of {len(digits)} digits; at most {MAX_NUMBER_LENGTH} are allowed")
    return int(digits)


def _finite_float(digits: str) -> float:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise ValueError(f"JSON with a number of {len(digits)} digits; at most {MAX_NUMBER_LENGTH} are allowed")
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"JSON with the number {shown(digits)}, which is out of range; at most 1.7e308 is allowed")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_refuse_constant,
    parse_int=_bounded_int,
    parse_float=_finite_float,
)
"""Made once: `json.loads` would make one for each text."""
