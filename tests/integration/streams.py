"""Connects `tests.fakes.event_source_mapping` with a stream's shards and a deployed function."""

import base64
import json
from typing import Any

from tests.fakes.event_source_mapping import Invoke, Record


def read_shards(kinesis: Any, stream: str) -> dict[str, list[Record]]:
    """Read every record of a stream in the format of Lambda's event, by shard, in order."""
    return {
        shard["ShardId"]: _read_shard(kinesis, stream, shard["ShardId"])
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]
    }


def invoke_function(client: Any, name: str) -> Invoke:
    """Return a function that calls a deployed function."""

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
