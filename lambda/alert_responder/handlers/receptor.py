"""Receptor: store the alerts of a batch of the stream in reports, and archive records that cannot be parsed."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from functools import cache, partial
from typing import Any

from alert_responder.bootstrap import receptor as bootstrap
from alert_responder.domain.stream import StreamRecord, read_record, rejected_document, rejected_key
from alert_responder.errors import DependencyError, UnstorableError
from alert_responder.formats import FORMATS, Format, Reject
from alert_responder.formats.reasons import internal_error
from alert_responder.handlers.observability import logger, measure, observed
from alert_responder.handlers.time_limit import time_limit
from alert_responder.usecases.intake import Batch, Group, Limit, read_batch
from alert_responder.usecases.isolation import PROCESS_ENDED, is_suspect
from alert_responder.usecases.ports import Archive
from alert_responder.usecases.receive import Receiver, Stored

READING_SECONDS = 150
"""After which no other record of a batch is begun [s]: the rest of the receptor's 300 s is for storing."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Handle a Kinesis batch; the answer names the records that are to be delivered again."""
    with observed({"step": "receive"}):
        receiver, executor = bootstrap.receptor()
        records = list(map(read_record, event["Records"]))
        failed, counts = receive_batch(records, receiver, bootstrap.archive, executor, _formats(), time_limit)
    measure(counts)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(failed, key=int)]}


@cache
def _formats() -> Iterable[Format]:
    formats, faults = bootstrap.formats()
    for fault in faults:
        logger().error("a format is wrong", extra={"cause": fault})
    return formats


def receive_batch(
    records: list[StreamRecord],
    receiver: Receiver,
    archive: Callable[[], Archive],
    executor: Executor,
    formats: Iterable[Format] = FORMATS,
    limit: Limit = nullcontext,
) -> tuple[set[str], dict[str, int]]:
    """Store a batch; return the sequence numbers of records that come again, and what is counted.

    Only failures of AWS send records back to the stream. Any other exception costs the record that it is about, which
    goes to the archive with the type of the exception. The archive's client is made only if something goes there.
    """
    try:
        batch = _read(records, receiver, formats, limit)
    except DependencyError as error:
        _note_given_back(len(records), error)
        return {record.sequence_number for record in records}, {}
    failed: set[str] = set(batch.unread)
    rejects = {sequence: list(wrong) for sequence, wrong in batch.rejects.items()}
    stored: list[Stored] = []
    for outcome in executor.map(partial(_store, receiver, stored), batch.groups):
        failed |= outcome[0]
        for sequence, reject in outcome[1]:
            rejects.setdefault(sequence, []).append(reject)
    rejected = [(record, rejects[record.sequence_number]) for record in records if record.sequence_number in rejects]
    if rejected:
        # Made here: clients cannot be made in several threads at once.
        failed |= set().union(*executor.map(partial(_archive, archive(), receiver), rejected))
    return failed, {
        "AlertsReceived": batch.alert_count,
        "InternalErrors": sum(reject.internal for _, why in rejected for reject in why),
        "RejectedAlerts": sum(len(why) for _, why in rejected),
        "ReportsOpened": sum(one.opened for one in stored),
    }


def _read(records: list[StreamRecord], receiver: Receiver, formats: Iterable[Format], limit: Limit) -> Batch:
    """Read a batch; a record that may have ended the process before is counted while it is read, and given up.

    Raises
    ------
    DependencyError
        When the count could not be kept.
    """
    until = time.monotonic() + READING_SECONDS
    suspect = is_suspect(records, receiver.clock())
    if suspect and not receiver.tries.begin(suspect, receiver.clock()):
        return Batch((), {suspect.sequence_number: [PROCESS_ENDED]}, frozenset())
    batch = read_batch(records, formats, limit, lambda: time.monotonic() < until)
    if suspect:
        receiver.tries.end(suspect, receiver.clock())
    return batch


def _store(
    receiver: Receiver, stored: list[Stored], group: Group
) -> tuple[frozenset[str], Sequence[tuple[str, Reject]]]:
    """Store a group; return the records that come again, and those that go to the archive with the reason."""
    records = frozenset(event.record for event in group.events)
    try:
        receiver.receive(group.alert_id, group.events, partial(_note, group.alert_id, stored), group.packed)
    except UnstorableError as error:
        return _store_alone(receiver, stored, group, error)
    except DependencyError as error:
        _note_given_back(len(records), error)
        return records, ()
    except Exception as error:  # noqa: BLE001 - whatever it is, it costs the alerts that it is about
        return _store_alone(receiver, stored, group, error)
    return frozenset(), ()


def _store_alone(
    receiver: Receiver, stored: list[Stored], group: Group, error: Exception
) -> tuple[frozenset[str], Sequence[tuple[str, Reject]]]:
    """Store the alerts of a group that failed one by one, so that each failure costs one of them."""
    if len(group.events) == 1:
        return frozenset(), [(group.events[0].record, Reject(None, internal_error(error), internal=True))]
    parts = [_store(receiver, stored, Group(group.alert_id, (event,), ())) for event in group.events]
    return frozenset().union(*(again for again, _ in parts)), [each for _, wrong in parts for each in wrong]


def _note(alert_id: str, stored: list[Stored], one: Stored) -> None:
    stored.append(one)
    about = {"report_id": one.report_id, "alert_id": alert_id, "round": one.round, "alerts": one.alerts}
    logger().info("a report was opened" if one.opened else "alerts joined a report", extra=about)


def _archive(archive: Archive, receiver: Receiver, rejected: tuple[StreamRecord, Sequence[Reject]]) -> set[str]:
    """Archive a record; return it if it comes again."""
    record, why = rejected
    try:
        archive.put(rejected_key(record), rejected_document(record, why))
        if PROCESS_ENDED in why:
            # A replay tries it again.
            receiver.tries.end(record, receiver.clock())
    except DependencyError as error:
        _note_given_back(1, error)
        return {record.sequence_number}
    # The reasons may quote what they are about: they are in the archive.
    about = {"archived": rejected_key(record), "rejects": len(why)}
    logger().warning("no alert, or not all of it", extra=about)
    for reject in why:
        if reject.internal:
            logger().error("record archived after an unexpected error", extra={**about, "error": reject.reason})
    return set()


def _note_given_back(records: int, error: DependencyError) -> None:
    logger().warning("records are given back to the stream", extra={"records": records, "cause": str(error)})
