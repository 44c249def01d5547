"""Records of a Kinesis event as Lambda delivers them: read by the receptor, written again for a replay."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from alert_responder.domain.stream import StreamRecord

_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_record(record: Mapping[str, Any]) -> StreamRecord:
    """Parse one of an event's `Records`; only replays set `payloadSha256`."""
    kinesis = record["kinesis"]
    payload = record.get("payloadSha256")
    return StreamRecord(
        shard=str(record["eventID"]).partition(":")[0],
        sequence_number=kinesis["sequenceNumber"],
        arrival=round(float(kinesis["approximateArrivalTimestamp"]) * 1000),
        partition_key=kinesis.get("partitionKey", ""),
        data=base64.b64decode(kinesis["data"]),
        payload_sha256=payload if isinstance(payload, str) and _SHA256.fullmatch(payload) else None,
    )


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
        **({"payloadSha256": record.payload_sha256} if record.payload_sha256 else {}),
    }
