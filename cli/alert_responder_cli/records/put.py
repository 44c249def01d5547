"""Put records on an installation's stream."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from alert_responder.adapters.aws_errors import full_jitter
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.errors import CommandError
from alert_responder_cli.terminal.counts import count, verb

MAX_RECORDS, MAX_BYTES = 500, 5_000_000
"""Most that is put in one request: what Kinesis takes (Amazon Kinesis Data Streams API reference, PutRecords)."""

TRIES = 8
"""Tries of a record that the stream turns away; the waits between them add up to 15 s at most."""


def put(
    client: Any,
    stream: str,
    records: Sequence[bytes],
    partition_key: str | None = None,
    *,
    wait: Callable[[float], None] = time.sleep,
    on_progress: Callable[[], None] = lambda: None,
) -> list[str]:
    """Put records on a stream; what it turns away for the moment goes again.

    Parameters
    ----------
    partition_key
        Of all of them; None: one of its own for each, so that they are spread.
    advanced
        Is called for each record that was taken.

    Returns
    -------
    list
        Where each is, as `<shard>:<sequence number>`.

    Raises
    ------
    CommandError
        Some were turned away again and again, or the stream refused a request; the message says how many are on it.
    """
    placed: dict[int, str] = {}
    for batch in _batches(records):
        left = list(batch)
        for attempt in range(TRIES):
            entries = [{"Data": records[at], "PartitionKey": partition_key or uuid.uuid4().hex} for at in left]
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
            turned_away = f"{count(len(left), 'record')} away {count(TRIES, 'time')}"
            raise CommandError(f"The stream turned {turned_away}. {_so_far(placed, records)}")
    return [placed[at] for at in range(len(records))]


def _batches(records: Sequence[bytes]) -> Iterator[list[int]]:
    """Split records into requests, by their places."""
    batch: list[int] = []
    size = 0
    for at, record in enumerate(records):
        own = len(record) + 256  # and the partition key
        if batch and (len(batch) == MAX_RECORDS or size + own > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(at)
        size += own
    if batch:
        yield batch


def _so_far(placed: dict[int, str], records: Sequence[bytes]) -> str:
    return f"{len(placed):,} of {count(len(records), 'record')} {verb(len(placed), 'is', 'are')} on the stream."
