"""Decoding of a record's bytes into a JSON document."""

from typing import Any, NamedTuple

from alert_responder.errors import RejectedAlertError
from alert_responder.formats.lenient_json import read_json

MAX_RECORD_BYTES = 4_718_592
"""Largest record that is parsed [bytes]: in base64 it has the 6 MB that Lambda accepts per call. Its compressed alerts
always fit a DynamoDB transaction (4 MB)."""

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
"""The most frequent mistakes, by their first bytes; the longer of two with the same beginning comes first."""

_MAGIC_BYTES = tuple(magic for magic, _ in _MAGIC)


class Decoded(NamedTuple):
    """The document of a record.

    Attributes
    ----------
    lenient
        Whether the document may contain `lenient_json.Unfit`.
    fault
        A fault of the record as a whole that does not prevent parsing; None if there is none.
    """

    document: Any
    lenient: bool
    fault: str | None = None


def decode(data: bytes) -> Decoded:
    """Decode a record as one JSON document in UTF-8.

    Bytes that are not UTF-8 become lone surrogates, which JSON may contain anyway: an invalid text in one alert must
    not affect the others.

    Raises
    ------
    RejectedAlertError
        If the bytes are empty, too many, compressed, or not JSON.
    """
    if len(data) > MAX_RECORD_BYTES:
        raise RejectedAlertError(f"the record has {len(data):,} bytes; at most {MAX_RECORD_BYTES:,} are allowed")
    if not data.strip():
        raise RejectedAlertError("the record is empty; it must be a JSON object in UTF-8")
    if data.startswith(_MAGIC_BYTES):
        name = next(name for magic, name in _MAGIC if data.startswith(magic))
        raise RejectedAlertError(f"the record is {name}; it must be plain JSON in UTF-8 without a byte order mark")
    fault = None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = f"the record is not UTF-8 at byte {error.start}; it must be JSON in UTF-8"
        text = data.decode("utf-8", "surrogateescape")
    try:
        return Decoded(*read_json(text), fault)
    except ValueError as error:
        if fault is None and b"\0" in data:
            fault = f"the record contains a NUL byte at {data.index(0)}; it must be JSON in UTF-8"
        raise RejectedAlertError(fault or f"the record is {error}") from error
