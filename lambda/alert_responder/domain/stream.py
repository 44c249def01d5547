"""A Kinesis batch as Lambda gets it: records in, and the document an unreadable one leaves behind."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from alert_responder.domain.times import day, rfc3339


class StreamRecord(NamedTuple):
    """One record of the stream.

    Attributes
    ----------
    arrival
        Kinesis' `approximateArrivalTimestamp`, equal on every delivery [ms].
    """

    shard: str
    sequence_number: str
    arrival: int
    partition_key: str
    data: bytes


def read_record(record: Mapping[str, Any]) -> StreamRecord:
    """Read a record of a Kinesis event; `eventID` is `<shard>:<sequence number>`."""
    kinesis = record["kinesis"]
    return StreamRecord(
        shard=str(record["eventID"]).partition(":")[0],
        sequence_number=kinesis["sequenceNumber"],
        arrival=round(float(kinesis["approximateArrivalTimestamp"]) * 1000),
        partition_key=kinesis.get("partitionKey", ""),
        data=base64.b64decode(kinesis["data"]),
    )


def event_id(record: StreamRecord, envelope: str | None, position: int) -> str:
    """Return what an alert is counted by: the envelope's own id, else where it stands in the stream."""
    return envelope or f"{record.shard}:{record.sequence_number}:{position}"


def rejected_key(record: StreamRecord) -> str:
    """Say where a rejected record is archived; the same on every delivery, so that a replay overwrites."""
    return f"rejected/{day(record.arrival)}/{record.shard}/{record.sequence_number}.json"


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
            "arrived_at": rfc3339(record.arrival),
            "rejects": [{"position": position, "reason": reason} for position, reason, *_ in rejects],
            "data": base64.b64encode(record.data).decode(),
        }
    ).encode()
