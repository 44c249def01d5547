"""Bring records back that were no alerts, or that the stream's mapping gave up on.

They go to the receptor as the stream delivered them, with shard, sequence number, partition key and time of arrival: so
each lands in the report it would have been in, and whatever was counted before is not counted again. Replaying twice
changes nothing.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.domain.stream import StreamRecord
from alert_responder.kinesis_records import write_record
from alert_responder.store.archive_keys import GIVEN_UP, REJECTED
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.errors import CommandError

PREFIXES = (REJECTED, GIVEN_UP)
"""Where the archive bucket keeps what was no alert, and what the mapping gave up on."""

MAX_EVENT_BYTES = 6_000_000  # Lambda takes 6 MB with what it adds: AWS Lambda quotas, invocation payload
MAX_EVENT_RECORDS = 500  # the root module's batch_size, for which the receptor's time is meant
_READ_SECONDS = 330  # above the receptor's own timeout

Record = dict[str, Any]
Invoke = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Calls the receptor with a Kinesis event; None: it failed as a whole."""


class ReplayTarget(Protocol):
    """What is replayed to; that of a local run has the same."""

    @property
    def name(self) -> str:
        """From which the receptor's name is made."""
        ...

    @property
    def archive_bucket(self) -> str:
        """Where the objects are."""
        ...

    def client(self, service: str, **settings: Any) -> Any:
        """Make a boto3 client."""
        ...


@dataclass
class Replay:
    """What became of a replay.

    Attributes
    ----------
    objects : int
        Objects that were read.
    taken : int
        Records that the receptor has taken: alerts are in their reports, what is still rejected is archived again.
    still_rejected : dict
        Of these the ones that were rejected again, wholly or in part: the key of each in the archive, and why. Empty
        where nobody has looked, see `rejections`.
    failing : dict
        Records that it has not taken, as ``<shard>:<sequence number>``, and why. They can be replayed again.
    unreadable : dict
        Objects that could not be read, by key, and why.
    """

    objects: int = 0
    taken: int = 0
    still_rejected: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    failing: dict[str, str] = field(default_factory=dict[str, str])
    unreadable: dict[str, str] = field(default_factory=dict[str, str])


def records_of(document: bytes) -> list[Record]:
    """Read the records of an object, as the stream's mapping delivers them.

    Parameters
    ----------
    document : bytes
        A document of ``rejected/``, or what Lambda writes to a failure destination on S3.

    Raises
    ------
    ValueError
        It is neither; the message names everything that is wrong.
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
        raise ValueError(f"it is no JSON: {type(error).__name__}") from error
    record = StreamRecord(
        rejected.shard,
        rejected.sequence_number,
        round(rejected.arrived_at.timestamp() * 1000),
        rejected.partition_key,
        base64.b64decode(rejected.data),
        rejected.payload_sha256,
    )
    return [write_record(record)]


def replay(objects: Iterable[tuple[str, bytes]], invoke: Invoke) -> Replay:
    """Bring records back.

    Parameters
    ----------
    objects : iterable
        Keys and contents, from either prefix; a record that several of them hold is replayed once.
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
        raise ValueError("it is no base64") from error
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


class _GivenUp(BaseModel):
    """What Lambda writes: AWS Lambda developer guide, "Retain discarded batch records for a Kinesis [..] source"."""

    payload: str


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


def _records_of_event(payload: str) -> list[Record]:
    event = json.loads(payload)
    _Event.model_validate(event)
    records: list[Record] = event["Records"]
    return records


def _new_records(objects: Iterable[tuple[str, bytes]], done: Replay) -> Iterator[Record]:
    seen: set[str] = set()
    for key, document in objects:
        done.objects += 1
        try:
            records = records_of(document)
        except ValueError as error:
            done.unreadable[key] = str(error)
            continue
        for record in records:
            if record["eventID"] not in seen:
                seen.add(record["eventID"])
                yield record


def _batches(records: Iterable[Record], done: Replay) -> Iterator[list[Record]]:
    """Form batches as a mapping does: of one shard each, as failed records are named by sequence number alone."""
    batch: list[Record] = []
    size, shard = 0, ""
    for record in records:
        own = len(json.dumps(record)) + len(", ")
        if own > MAX_EVENT_BYTES:
            done.failing[record["eventID"]] = "it is larger than what Lambda takes"
            continue
        where = record["eventID"].partition(":")[0]
        if batch and (where != shard or size + own > MAX_EVENT_BYTES or len(batch) == MAX_EVENT_RECORDS):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size, shard = size + own, where
    if batch:
        yield batch


def _deliver(batch: list[Record], invoke: Invoke, done: Replay) -> None:
    failed = _given_back(invoke({"Records": batch}))
    if failed is None and len(batch) > 1:
        # One record may bring the receptor down; the others are not to suffer from it.
        middle = len(batch) // 2
        _deliver(batch[:middle], invoke, done)
        _deliver(batch[middle:], invoke, done)
        return
    for record in batch:
        if failed is None:
            done.failing[record["eventID"]] = "the receptor failed; its log says why"
        elif record["kinesis"]["sequenceNumber"] in failed:
            done.failing[record["eventID"]] = "the receptor gave it back; its log says why"
        else:
            done.taken += 1


def _given_back(answer: dict[str, Any] | None) -> set[str] | None:
    """Read which records the receptor gave back; None: it does not say."""
    try:
        return None if answer is None else {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    except (KeyError, TypeError):
        return None


def objects(installation: ReplayTarget, prefixes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Read objects of the archive bucket whose keys begin so; `s3:ListBucket` and `s3:GetObject` are needed.

    Raises
    ------
    CommandError
        A prefix is none of those that can be replayed, or AWS refused.
    """
    for prefix in prefixes:
        if not prefix.startswith(PREFIXES):
            raise CommandError(f"'{prefix}' cannot be replayed: keys begin with {' or '.join(PREFIXES)}.")
    s3, bucket = installation.client("s3"), installation.archive_bucket
    for prefix in prefixes:
        with explain_aws_errors():
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for entry in page.get("Contents", []):
                    yield entry["Key"], s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()


def receptor(installation: ReplayTarget) -> Invoke:
    """Make what calls the receptor of an installation; `lambda:InvokeFunction` is needed."""
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
