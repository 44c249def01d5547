"""A Kinesis event source mapping that follows AWS's rules, since the emulator's ignores failures.

Source of the rules: AWS Lambda developer guide, "Handling errors" and "Reporting batch item failures" for Kinesis.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
Invoke = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Invokes the function; None: it failed as a whole."""


@dataclass
class EventSourceMapping:
    """Delivers the records of shards in batches.

    Attributes
    ----------
    invoke
        Calls the function with an event.
    batch_size
        Records a call.
    maximum_age_tries
        Calls after which a batch that keeps failing is too old: a stand-in for the age, which a test cannot wait for.
    discarded
        Records given up, whole, as the failure destination gets them.
    """

    invoke: Invoke
    batch_size: int
    maximum_age_tries: int
    discarded: list[Record] = field(default_factory=list)

    def deliver(self, shard: Sequence[Record]) -> None:
        """Deliver a shard from its beginning to its end, in order."""
        position = 0
        while position < len(shard):
            batch = list(shard[position : position + self.batch_size])
            self._deliver_batch(batch, 0)
            position += len(batch)

    def _deliver_batch(self, batch: list[Record], tries: int) -> None:
        if not batch:
            return
        if tries >= self.maximum_age_tries and len(batch) == 1:
            self.discarded += batch
            return
        answer = self.invoke({"Records": batch})
        if answer is None:
            self._retry(batch, tries)
            return
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        first = next((n for n, record in enumerate(batch) if record["kinesis"]["sequenceNumber"] in failed), None)
        if first is not None:
            # The checkpoint is the lowest failed sequence number: it and all that follow are delivered again.
            self._retry(batch[first:], tries)

    def _retry(self, batch: list[Record], tries: int) -> None:
        """Bisect a failed batch on error."""
        if len(batch) == 1:
            self._deliver_batch(batch, tries + 1)
            return
        middle = len(batch) // 2
        self._deliver_batch(batch[:middle], tries + 1)
        self._deliver_batch(batch[middle:], tries + 1)


def read_shards(kinesis: Any, stream: str) -> dict[str, list[Record]]:
    """Read every record of a stream as Lambda's event has it, by shard, in order."""
    return {
        shard["ShardId"]: _read_shard(kinesis, stream, shard["ShardId"])
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]
    }


def invoke_function(client: Any, name: str) -> Invoke:
    """Make a caller of a deployed function."""

    def invoke(event: dict[str, Any]) -> dict[str, Any] | None:
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        body = answer["Payload"].read()
        return None if "FunctionError" in answer else json.loads(body)

    return invoke


def _read_shard(kinesis: Any, stream: str, shard: str) -> list[Record]:
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    records: list[Record] = []
    while True:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=1000)
        records += [_event_record(shard, record) for record in answer["Records"]]
        if not answer["Records"]:
            return records
        iterator = answer["NextShardIterator"]


def _event_record(shard: str, record: dict[str, Any]) -> Record:
    return {
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": record["SequenceNumber"],
            "partitionKey": record["PartitionKey"],
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
            "data": base64.b64encode(record["Data"]).decode(),
        },
    }
