"""Records of a Kinesis event as Lambda delivers them: read by the receptor, written again for a replay."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from alert_responder.domain.stream import VERIFIED_SHARD, StreamRecord

_VERIFIED_STREAM = ".verified"
"""Ends the names of verified streams, and of no alert stream: names of installations have no dots."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_record(record: Mapping[str, Any]) -> StreamRecord:
    """Parse one of an event's `Records`; only replays set `payloadSha256`."""
    kinesis = record["kinesis"]
    payload, stream = record.get("payloadSha256"), record.get("eventSourceARN")
    return StreamRecord(
        shard=shard_of(record),
        sequence_number=kinesis["sequenceNumber"],
        arrival=round(float(kinesis["approximateArrivalTimestamp"]) * 1000),
        partition_key=kinesis.get("partitionKey", ""),
        data=base64.b64decode(kinesis["data"]),
        payload_sha256=payload if isinstance(payload, str) and _SHA256.fullmatch(payload) else None,
        stream=stream if isinstance(stream, str) and stream else None,
    )


def shard_of(record: Mapping[str, Any]) -> str:
    """Return the shard of one of an event's `Records`; different for shards of different streams."""
    shard = str(record["eventID"]).partition(":")[0]
    is_separate = str(record.get("eventSourceARN")).endswith(_VERIFIED_STREAM)
    return VERIFIED_SHARD + shard if is_separate and not shard.startswith(VERIFIED_SHARD) else shard


def write_record(record: StreamRecord) -> dict[str, Any]:
    """Build the entry of `Records` from which `read_record` returns the same record."""
    return {
        "eventID": f"{record.shard}:{record.sequence_number}",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": record.sequence_number,
            "partitionKey": record.partition_key,
            "approximateArrivalTimestamp": record.arrival / 1000,
            "data": base64.b64encode(record.data).decode(),
        },
        **({"eventSourceARN": record.stream} if record.stream else {}),
        **({"payloadSha256": record.payload_sha256} if record.payload_sha256 else {}),
    }
