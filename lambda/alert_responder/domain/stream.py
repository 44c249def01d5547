"""A Kinesis batch as Lambda gets it: records in, and the document an unreadable one leaves behind."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from alert_responder.contracts.primitives import format_rfc3339

_OF_ENVELOPE = re.compile(r"envelope:([0-9]{1,4}):")


class StreamRecord(NamedTuple):
    """One record of the stream.

    Attributes
    ----------
    arrival
        Kinesis' `approximateArrivalTimestamp`, equal on every delivery [ms].
    payload_sha256
        Of the bytes that came on the stream, where a replay has others in their place; None: of `data`.
    """

    shard: str
    sequence_number: str
    arrival: int
    partition_key: str
    data: bytes
    payload_sha256: str | None = None


def event_id(record: StreamRecord, envelope: str | None, place: str | int) -> str:
    """Return what an alert is counted by; equal on every delivery and replay, whichever formats there are.

    Parameters
    ----------
    envelope
        The id of the record's outermost object: a service that delivers an event twice puts two records on the stream
        that have it in common. Since anybody may write any id, the hash of the record's bytes stands beside it.
    place
        Where the alert is in the record.

    Returns
    -------
    str
        One of two forms that no text can turn into each other, or into the same with other parts.
    """
    if envelope is None:
        return f"record:{len(record.shard)}:{record.shard}:{record.sequence_number}:{place}"
    payload = record.payload_sha256 or payload_sha256(record.data)
    return f"envelope:{len(envelope)}:{envelope}:{payload[:32]}:{place}"


@lru_cache(maxsize=1)
def payload_sha256(data: bytes) -> str:
    """Hash a record's bytes; remembered, since it is asked for each alert of the record."""
    return hashlib.sha256(data).hexdigest()


def shared_ids(event_ids: Iterable[str]) -> int:
    """Count the alerts whose envelope has the id of another alert's envelope and other content."""
    contents: dict[str, Counter[str]] = {}
    for each in event_ids:
        if match := _OF_ENVELOPE.match(each):
            end = match.end() + int(match[1])
            payload = each[end + 1 :].partition(":")[0]
            contents.setdefault(each[match.end() : end], Counter())[payload] += 1
    return sum(sum(payloads.values()) for payloads in contents.values() if len(payloads) > 1)


def rejected_document(record: StreamRecord, rejects: Iterable[tuple[Any, ...]]) -> bytes:
    """Write what is archived of a rejected record.

    Parameters
    ----------
    rejects
        `formats.Reject`: position in the record, None for the record as a whole, and the reason.

    Returns
    -------
    bytes
        JSON with the record's place, its reasons, and its bytes in base64.
    """
    return json.dumps(
        {
            "shard": record.shard,
            "sequence_number": record.sequence_number,
            "partition_key": record.partition_key,
            "arrived_at": format_rfc3339(record.arrival),
            "rejects": [{"position": position, "reason": reason} for position, reason, *_ in rejects],
            "data": base64.b64encode(record.data).decode(),
            **({"payload_sha256": record.payload_sha256} if record.payload_sha256 else {}),
        }
    ).encode()
