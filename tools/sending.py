"""Put records on an installation's stream."""

import uuid
from collections.abc import Sequence

from tools.errors import ToolError
from tools.installation import Installation

_BATCH = 500  # PutRecords takes no more: Amazon Kinesis Data Streams API reference
_TRIES = 5


def send(installation: Installation, records: Sequence[bytes]) -> None:
    """Put records on the stream, in order as far as their shards go.

    Raises
    ------
    ToolError
        Some were turned away again and again.
    """
    kinesis = installation.client("kinesis")
    for start in range(0, len(records), _BATCH):
        entries = [{"Data": record, "PartitionKey": uuid.uuid4().hex} for record in records[start : start + _BATCH]]
        for _ in range(_TRIES):
            answer = kinesis.put_records(StreamName=installation.stream, Records=entries)
            # What a full shard turned away is marked, and only that goes again.
            entries = [entry for entry, result in zip(entries, answer["Records"], strict=True) if "ErrorCode" in result]
            if not entries:
                break
        else:
            raise ToolError(f"The stream turned {len(entries)} records away.")
