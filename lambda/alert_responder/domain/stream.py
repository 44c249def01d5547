"""Records of the stream: the ids of their alerts, and the archived document of a rejected record."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from alert_responder.contracts.primitives import format_rfc3339

VERIFIED_SHARD = "verified."
"""Begins the names of shards of a verified stream, which are otherwise equal to those of the alert stream."""

_OF_ENVELOPE = re.compile(r"(?:verified:)?envelope:([0-9]{1,4}):")


class StreamRecord(NamedTuple):
    """One record of the stream.

    Attributes
    ----------
    arrival
        Kinesis' `approximateArrivalTimestamp`, equal for every delivery [ms].
    payload_sha256
        Hash of the original bytes, if a replay replaced them; None otherwise.
    stream
        ARN of the stream; None if it is unknown.
    """

    shard: str
    sequence_number: str
    arrival: int
    partition_key: str
    data: bytes
    payload_sha256: str | None = None
    stream: str | None = None

    @property
    def is_separate(self) -> bool:
        """Whether it came by a verified stream, whose ids nothing on an alert stream can have."""
        return self.shard.startswith(VERIFIED_SHARD)


def event_id(record: StreamRecord, envelope: str | None, place: str | int) -> str:
    """Return the id by which an alert is counted; equal for every delivery and replay, regardless of formats.

    Parameters
    ----------
    envelope
        The id of the record's outermost object: if a service delivers an event twice, both records have the same id.
        The hash of the record's bytes is added, because an attacker may write any id.
    place
        Position of the alert in the record.

    Returns
    -------
    str
        One of three unambiguous forms: different parts always give different ids. A copy on the alert stream never has
        the id of an alert of the verified stream, so that it cannot take its place.
    """
    if envelope is None:
        return f"record:{len(record.shard)}:{record.shard}:{record.sequence_number}:{place}"
    payload = record.payload_sha256 or payload_sha256(record.data)
    kind = "verified:envelope" if record.is_separate else "envelope"
    return f"{kind}:{len(envelope)}:{envelope}:{payload[:32]}:{place}"


@lru_cache(maxsize=1)
def payload_sha256(data: bytes) -> str:
    """Hash a record's bytes; cached, because it is needed for each alert of the record."""
    return hashlib.sha256(data).hexdigest()


def shared_ids(event_ids: Iterable[str]) -> int:
    """Count the alerts whose envelope has the same id as another one with different content."""
    contents: dict[str, Counter[str]] = {}
    for each in event_ids:
        if match := _OF_ENVELOPE.match(each):
            end = match.end() + int(match[1])
            payload = each[end + 1 :].partition(":")[0]
            contents.setdefault(each[match.end() : end], Counter())[payload] += 1
    return sum(sum(payloads.values()) for payloads in contents.values() if len(payloads) > 1)


def rejected_document(record: StreamRecord, rejects: Iterable[tuple[Any, ...]]) -> bytes:
    """Build the archived document of a rejected record.

    Parameters
    ----------
    rejects
        `formats.Reject`: position in the record (None for the whole record), and the reason.

    Returns
    -------
    bytes
        JSON with the record's shard and sequence number, the reasons, and the data in base64.
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
            **({"stream": record.stream} if record.is_separate else {}),
        }
    ).encode()
