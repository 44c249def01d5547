"""Puts documents on the alert stream, or keeps them in the queue of dead letters."""

import hashlib
from typing import TYPE_CHECKING, Any

from alert_responder.adapters.aws_errors import dependency_errors

if TYPE_CHECKING:
    from types_boto3_kinesis import KinesisClient

PARTITION_KEY_LENGTH = 32
"""Length of a record's partition key [bytes]; Kinesis counts it as part of the record."""


class AlertStream:
    """The alert stream, and the queue of what it did not accept.

    Every call raises `DependencyError` if AWS refuses it or does not answer.
    """

    def __init__(self, kinesis: "KinesisClient", stream_arn: str, sqs: Any, queue_url: str) -> None:
        self._kinesis = kinesis
        self._stream_arn = stream_arn
        self._sqs = sqs
        self._queue_url = queue_url

    def put(self, document: bytes) -> None:
        """Put a document on the stream as one record; equal documents go to the same shard."""
        key = hashlib.sha256(document).hexdigest()[:PARTITION_KEY_LENGTH]
        with dependency_errors("put_record"):
            self._kinesis.put_record(StreamARN=self._stream_arn, Data=document, PartitionKey=key)

    def keep(self, document: bytes) -> None:
        """Keep a document as a dead letter."""
        with dependency_errors("send_message"):
            self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=document.decode())
