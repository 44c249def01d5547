"""Rejected records and discarded batches in the archive bucket."""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from alert_responder.domain.stream import payload_sha256
from alert_responder.formats import parse_record
from alert_responder.formats.registry import Format
from alert_responder.store.archive_keys import GIVEN_UP, REJECTED
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.aws.objects import read_object
from alert_responder_cli.errors import CommandError
from alert_responder_cli.records.format_files import as_native
from alert_responder_cli.recovery import replay
from alert_responder_cli.recovery.replay import Record, records_of
from alert_responder_cli.terminal.counts import count
from alert_responder_cli.times import days_back

_CONNECTIONS = 8


class ArchivedObject(BaseModel, frozen=True):
    """An object of the archive.

    Attributes
    ----------
    at
        When it was written [RFC 3339].
    records
        Number of records in it; 0: it cannot be read.
    reasons
        Why it is in the archive.
    now
        Number of its records that the current formats can parse, at least in part (rejected records), or that were
        processed since (batches).
    """

    key: str
    at: str
    records: int
    reasons: tuple[str, ...]
    now: int


class ArchiveListing(BaseModel, frozen=True):
    """Objects, newest first; `more`: whether there are older ones."""

    objects: tuple[ArchivedObject, ...]
    more: bool


def rejected(
    installation: Installation,
    formats: Iterable[Format],
    since: int,
    until: int,
    limit: int,
    on_progress: Callable[[], None] = lambda: None,
) -> ArchiveListing:
    """List rejected records by the day they arrived.

    Parameters
    ----------
    formats
        The current formats of the installation.
    since, until
        Period of days [ms since the epoch].

    Raises
    ------
    CommandError
        A permission is missing (`s3:ListBucket` and `s3:GetObject` on the archive bucket).
    """
    entries: list[dict[str, Any]] = []
    for day in days_back(until, since):
        entries += _list_objects(installation, f"{REJECTED}{day}/")
        if len(entries) > limit:
            break
    return _listed(
        installation, entries, lambda records: sum(alerts_now(each, formats) for each in records), limit, on_progress
    )


def given_up(
    installation: Installation,
    taken: Callable[[Sequence[Record]], int],
    since: int,
    limit: int,
    on_progress: Callable[[], None] = lambda: None,
) -> ArchiveListing:
    """List the batches that the event source mapping discarded since a time [ms since the epoch].

    Parameters
    ----------
    taken
        Counts the records that were processed since.
    """
    found = [
        entry for entry in _list_objects(installation, GIVEN_UP) if entry["LastModified"].timestamp() * 1000 >= since
    ]
    return _listed(installation, found, taken, limit, on_progress)


def read(installation: replay.ReplayTarget, key: str) -> bytes:
    """Read an object of the archive; raise `CommandError` if it does not exist or access is denied."""
    content = read_object(installation.client("s3"), installation.archive_bucket, key)
    if content is None:
        raise CommandError(f"The archive has no object {key}.")
    return content


def reasons_in(document: bytes) -> tuple[str, ...]:
    """Return the reasons why an object is in the archive."""
    try:
        content = json.loads(document)
        if "KinesisBatchInfo" in content:
            context = content.get("requestContext", {})
            tries = int(context.get("approximateInvokeCount", 0))
            return (f"{context.get('condition')} after {count(tries, 'try')}",)
        return tuple(
            str(reject["reason"]) if reject.get("position") is None else f"{reject['position']}: {reject['reason']}"
            for reject in content["rejects"]
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ("unknown content: neither AlertResponder nor Lambda wrote the object",)


def alerts_now(record: Record, formats: Iterable[Format]) -> bool:
    """Return whether formats find an alert in a record."""
    return bool(parse_record(base64.b64decode(record["kinesis"]["data"]), formats)[0])


def translated(document: bytes, formats: Iterable[Format]) -> bytes:
    """Replace the data of a rejected record by the native alert that formats parse from it.

    Shard, sequence number, arrival time and event id stay the same.

    Raises
    ------
    ValueError
        The object cannot be read, or the record does not contain exactly one alert.
    """
    (record,) = records_of(document)
    parsed, rejects = parse_record(base64.b64decode(record["kinesis"]["data"]), formats)
    if rejects:
        raise ValueError("; ".join(reject.reason for reject in rejects))
    if len(parsed) != 1:
        raise ValueError(f"it contains {count(len(parsed), 'alert')}: add the format to the installation instead")
    changed = json.loads(document)
    # The event id is derived from the original data.
    changed.setdefault("payload_sha256", payload_sha256(base64.b64decode(changed["data"])))
    changed["data"] = base64.b64encode(as_native(parsed[0])).decode()
    return json.dumps(changed).encode()


def _list_objects(installation: Installation, prefix: str) -> list[dict[str, Any]]:
    with explain_aws_errors():
        pages = (
            installation.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=installation.archive_bucket, Prefix=prefix)
        )
        return [entry for page in pages for entry in page.get("Contents", [])]


def _listed(
    installation: Installation,
    entries: Iterable[dict[str, Any]],
    now: Callable[[Sequence[Record]], int],
    limit: int,
    on_progress: Callable[[], None],
) -> ArchiveListing:
    newest = sorted(entries, key=lambda entry: (entry["LastModified"], entry["Key"]), reverse=True)
    client = installation.client("s3", max_pool_connections=_CONNECTIONS)

    def look(entry: dict[str, Any]) -> ArchivedObject:
        with explain_aws_errors():
            document = client.get_object(Bucket=installation.archive_bucket, Key=entry["Key"])["Body"].read()
        found = _stored(entry["Key"], entry["LastModified"], document, now)
        on_progress()
        return found

    with ThreadPoolExecutor(_CONNECTIONS) as executor:
        return ArchiveListing(objects=tuple(executor.map(look, newest[:limit])), more=len(newest) > limit)


def _stored(key: str, at: datetime, document: bytes, now: Callable[[Sequence[Record]], int]) -> ArchivedObject:
    reasons = reasons_in(document)
    try:
        records = records_of(document)
    except ValueError as error:
        records, reasons = [], (str(error),)
    return ArchivedObject(
        key=key,
        at=at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        records=len(records),
        reasons=reasons,
        now=now(records),
    )
