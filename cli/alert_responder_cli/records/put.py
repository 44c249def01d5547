"""Put records on an installation's stream."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from alert_responder.adapters.aws_errors import full_jitter
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.errors import CommandError
from alert_responder_cli.terminal.counts import count, verb

if TYPE_CHECKING:
    from types_boto3_kinesis import KinesisClient

MAX_RECORDS, MAX_BYTES = 500, 5_000_000
"""Limits of one request (Amazon Kinesis Data Streams API reference, PutRecords)."""

TRIES = 8
"""Attempts for a record that the stream rejects; the waits between them add up to at most 15 s."""


def put(
    client: "KinesisClient",
    stream: str,
    records: Sequence[bytes],
    partition_key: str | None = None,
    *,
    wait: Callable[[float], None] = time.sleep,
    on_progress: Callable[[], None] = lambda: None,
) -> list[str]:
    """Put records on a stream, and retry those that it throttles.

    Parameters
    ----------
    partition_key
        Partition key of all records; None: a random one for each, so that they are spread over the shards.
    on_progress
        Called for each record that was accepted.

    Returns
    -------
    list
        The position of each record, as `<shard>:<sequence number>`.

    Raises
    ------
    CommandError
        Some records were rejected `TRIES` times, or a request failed; the message gives the number of sent records.
    """
    placed: dict[int, str] = {}
    for batch in _batches(records):
        left = list(batch)
        for attempt in range(TRIES):
            entries: list[Any] = [
                {"Data": records[at], "PartitionKey": partition_key or uuid.uuid4().hex} for at in left
            ]
            try:
                with explain_aws_errors():
                    answers = client.put_records(StreamName=stream, Records=entries)["Records"]
            except CommandError as error:
                raise CommandError(f"{error} {_so_far(placed, records)}") from error
            taken = {at: answer for at, answer in zip(left, answers, strict=True) if not answer.get("ErrorCode")}
            for at, answer in taken.items():
                placed[at] = f"{answer.get('ShardId', '')}:{answer.get('SequenceNumber', '')}"
                on_progress()
            left = [at for at in left if at not in taken]
            if not left:
                break
            wait(full_jitter(attempt, 0.1, 4))
        else:
            rejected = f"{count(len(left), 'record')} {count(TRIES, 'time')}"
            raise CommandError(f"The stream rejected {rejected}. {_so_far(placed, records)}")
    return [placed[at] for at in range(len(records))]


def _batches(records: Sequence[bytes]) -> Iterator[list[int]]:
    """Split records into requests; yield the indexes of the records of each."""
    batch: list[int] = []
    size = 0
    for at, record in enumerate(records):
        record_size = len(record) + 256  # with the partition key
        if batch and (len(batch) == MAX_RECORDS or size + record_size > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(at)
        size += record_size
    if batch:
        yield batch


def _so_far(placed: dict[int, str], records: Sequence[bytes]) -> str:
    return f"{len(placed):,} of {count(len(records), 'record')} {verb(len(placed), 'is', 'are')} on the stream."
