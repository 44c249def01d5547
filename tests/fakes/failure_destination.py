"""The objects that Lambda writes to the failure destination of a Kinesis event source mapping.

Source: AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source".
"""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

_MAPPING = "3e32bb5e-0d0f-4c1e-9b3b-2f6c7a1d9e55"


def invocation_record(records: Sequence[dict[str, Any]], at: float, tries: int, number: int) -> tuple[str, bytes]:
    """Return key and object for records of one shard that are discarded together.

    Parameters
    ----------
    at
        When they are discarded [s since the epoch].
    tries
        How often they were delivered.
    number
        Number of the object; makes its key unique.
    """
    first, last = records[0]["kinesis"], records[-1]["kinesis"]
    shard = records[0]["eventID"].partition(":")[0]
    moment = datetime.fromtimestamp(at, UTC)
    key = f"aws/lambda/{_MAPPING}/{shard}/{moment:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.UUID(int=number)}"
    document = {
        "requestContext": {
            "requestId": str(uuid.UUID(int=number)),
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:alert-responder-receptor",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": tries,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _written(at),
        "KinesisBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": first["sequenceNumber"],
            "endSequenceNumber": last["sequenceNumber"],
            "approximateArrivalOfFirstRecord": _written(first["approximateArrivalTimestamp"]),
            "approximateArrivalOfLastRecord": _written(last["approximateArrivalTimestamp"]),
            "batchSize": len(records),
            "streamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/alert-responder",
        },
        "payload": json.dumps({"Records": list(records)}),
    }
    return key, json.dumps(document).encode()


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
