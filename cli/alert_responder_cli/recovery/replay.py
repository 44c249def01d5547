"""Replay records that were rejected, or that the event source mapping discarded.

The receptor gets them as the stream delivered them, with shard, sequence number, partition key and arrival time. So
each alert goes to the report it belongs to, and an alert that was counted before is not counted again.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.domain.stream import StreamRecord
from alert_responder.kinesis_records import shard_of, write_record
from alert_responder.store.archive_keys import GIVEN_UP, REJECTED
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.errors import CommandError

PREFIXES = (REJECTED, GIVEN_UP)
"""Prefixes of rejected records and discarded batches in the archive bucket."""

MAX_EVENT_BYTES = 6_000_000  # The payload limit of Lambda is 6 MiB, with what Lambda adds (AWS Lambda quotas).
MAX_EVENT_RECORDS = 500  # batch_size of the root module, for which the receptor's timeout is configured
_READ_SECONDS = 330  # above the receptor's own timeout

Record = dict[str, Any]
Invoke = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Calls the receptor with a Kinesis event; returns None if the call failed."""


class ReplayTarget(Protocol):
    """The installation to replay to."""

    @property
    def name(self) -> str:
        """The name of the installation, from which the receptor's name is derived."""
        ...

    @property
    def archive_bucket(self) -> str:
        """The bucket with the objects to replay."""
        ...

    def client(self, service: str, **settings: Any) -> Any:
        """Create a boto3 client."""
        ...


class Replay(BaseModel):
    """The result of a replay.

    Attributes
    ----------
    objects : int
        Number of objects read.
    taken : int
        Number of records that the receptor processed. Their alerts are in reports; rejected records are archived again.
    still_rejected : dict
        Processed records that were rejected again, in whole or in part: reasons by key. Filled by `rejections` only.
    failing : dict
        Records that were not processed, as ``<shard>:<sequence number>``, with the reason. They can be replayed again.
    unreadable : dict
        Objects that could not be read, by key, with the reason.
    unmatched : tuple
        Requested keys and prefixes that match no object.
    """

    objects: int = 0
    taken: int = 0
    still_rejected: dict[str, tuple[str, ...]] = {}
    failing: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    unmatched: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the receptor processed everything that was requested."""
        return not (self.failing or self.unreadable or self.unmatched)


def records_of(document: bytes) -> list[Record]:
    """Read the records of an object, in the form in which the event source mapping delivers them.

    Parameters
    ----------
    document : bytes
        An object under ``rejected/``, or an invocation record that Lambda wrote to the failure destination.

    Raises
    ------
    ValueError
        It is neither; the message lists all problems.
    """
    try:
        found = json.loads(document)
        if isinstance(found, dict) and "KinesisBatchInfo" in found:
            return _records_of_event(_GivenUp.model_validate(found).payload)
        rejected = _Rejected.model_validate(found)
    except ValidationError as error:
        # The input is not quoted: the sender of the record wrote it.
        raise ValueError("; ".join(describe_faults(error, "the document"))) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {type(error).__name__}") from error
    record = StreamRecord(
        rejected.shard,
        rejected.sequence_number,
        round(rejected.arrived_at.timestamp() * 1000),
        rejected.partition_key,
        base64.b64decode(rejected.data),
        rejected.payload_sha256,
        rejected.stream,
    )
    return [write_record(record)]


def replay(objects: Iterable[tuple[str, bytes]], invoke: Invoke) -> Replay:
    """Replay the records of archived objects.

    Parameters
    ----------
    objects : iterable
        Keys and contents, from either prefix; a record that is in several objects is replayed once.
    invoke : callable
        Calls the receptor.
    """
    done = Replay()
    for batch in _batches(_new_records(objects, done), done):
        _deliver(batch, invoke, done)
    return done


def _is_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64") from error
    return text


_Shard = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]
_Digits = Annotated[str, Field(pattern=r"^[0-9]{1,128}$")]
_Base64 = Annotated[str, AfterValidator(_is_base64)]


class _Rejected(BaseModel):
    """See `domain.stream.rejected_document`."""

    shard: _Shard
    sequence_number: _Digits
    partition_key: str
    arrived_at: AwareDatetime
    data: _Base64
    payload_sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    stream: Annotated[str | None, Field(pattern=r"^arn:[!-~]{1,256}$")] = None


class _GivenUp(BaseModel):
    """See AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source".

    `payload` is JSON as text in the guide; an object is accepted as well.
    """

    payload: str | dict[str, Any]


class _Kinesis(BaseModel):
    sequenceNumber: _Digits  # noqa: N815 - Lambda's names
    partitionKey: str  # noqa: N815
    approximateArrivalTimestamp: Annotated[float, Field(ge=0, allow_inf_nan=False)]  # noqa: N815
    data: _Base64


class _EventRecord(BaseModel):
    eventID: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,128}:[0-9]{1,128}$")]  # noqa: N815
    kinesis: _Kinesis


class _Event(BaseModel):
    Records: Annotated[list[_EventRecord], Field(min_length=1)]


def _records_of_event(payload: str | dict[str, Any]) -> list[Record]:
    event = json.loads(payload) if isinstance(payload, str) else payload
    _Event.model_validate(event)
    records: list[Record] = event["Records"]
    return records


def _new_records(objects: Iterable[tuple[str, bytes]], done: Replay) -> Iterator[Record]:
    seen: set[tuple[str, str]] = set()
    for key, document in objects:
        done.objects += 1
        try:
            records = records_of(document)
        except ValueError as error:
            done.unreadable[key] = str(error)
            continue
        for record in records:
            place = (shard_of(record), record["kinesis"]["sequenceNumber"])
            if place not in seen:
                seen.add(place)
                yield record


def _batches(records: Iterable[Record], done: Replay) -> Iterator[list[Record]]:
    """Form batches of one shard each, as an event source mapping does: failures are named by sequence number only."""
    batch: list[Record] = []
    size, shard = 0, ""
    for record in records:
        record_size = len(json.dumps(record)) + len(", ")
        if record_size > MAX_EVENT_BYTES:
            done.failing[record["eventID"]] = f"the record is larger than {MAX_EVENT_BYTES:,} bytes"
            continue
        record_shard = shard_of(record)
        is_full = size + record_size > MAX_EVENT_BYTES or len(batch) == MAX_EVENT_RECORDS
        if batch and (record_shard != shard or is_full):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size, shard = size + record_size, record_shard
    if batch:
        yield batch


def _deliver(batch: list[Record], invoke: Invoke, done: Replay) -> None:
    failed = _failed_records(invoke({"Records": batch}))
    if failed is None and len(batch) > 1:
        # Bisect, since a single record may have crashed the receptor.
        middle = len(batch) // 2
        _deliver(batch[:middle], invoke, done)
        _deliver(batch[middle:], invoke, done)
        return
    for record in batch:
        if failed is None:
            done.failing[record["eventID"]] = "the receptor failed; see its log"
        elif record["kinesis"]["sequenceNumber"] in failed:
            done.failing[record["eventID"]] = "the receptor reported it as failed; see its log"
        else:
            done.taken += 1


def _failed_records(answer: dict[str, Any] | None) -> set[str] | None:
    """Return the sequence numbers that the receptor reported as failed; None: the answer is invalid."""
    try:
        return None if answer is None else {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    except (KeyError, TypeError):
        return None


def objects(installation: ReplayTarget, prefixes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Read the objects of the archive bucket under some prefixes; requires `s3:ListBucket` and `s3:GetObject`.

    Raises
    ------
    CommandError
        A prefix is outside `PREFIXES`, or access is denied.
    """
    for prefix in prefixes:
        if not prefix.startswith(PREFIXES):
            raise CommandError(f"Keys to replay must start with {' or '.join(PREFIXES)}, got '{prefix}'.")
    s3, bucket = installation.client("s3"), installation.archive_bucket
    for prefix in prefixes:
        with explain_aws_errors():
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for entry in page.get("Contents", []):
                    yield entry["Key"], s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()


def receptor(installation: ReplayTarget) -> Invoke:
    """Return a function that calls the receptor of an installation; requires `lambda:InvokeFunction`."""
    client = installation.client("lambda", read_timeout=_READ_SECONDS)

    def invoke(event: dict[str, Any]) -> dict[str, Any] | None:
        with explain_aws_errors():
            answer = client.invoke(FunctionName=f"{installation.name}-receptor", Payload=json.dumps(event).encode())
            body = answer["Payload"].read()
        if "FunctionError" in answer:
            return None
        found = json.loads(body)
        return found if isinstance(found, dict) else None

    return invoke
