"""Receptor: store the alerts of a batch of the stream in reports, and archive records that cannot be parsed."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from functools import cache, partial
from typing import Any

from alert_responder.bootstrap import receptor as bootstrap
from alert_responder.domain.records import Event
from alert_responder.domain.stream import StreamRecord, rejected_document, rejected_key
from alert_responder.errors import DependencyError, UnstorableError
from alert_responder.formats import Reject
from alert_responder.formats.messages import internal_error
from alert_responder.formats.registry import BUILTIN_FORMATS, Format
from alert_responder.handlers.observability import logger, measure, observed
from alert_responder.handlers.time_limit import time_limit
from alert_responder.kinesis_records import read_record
from alert_responder.usecases.batch import Batch, Limit, read_batch
from alert_responder.usecases.intake import Job, take_in
from alert_responder.usecases.isolation import PROCESS_ENDED, is_suspect
from alert_responder.usecases.ports import Archive
from alert_responder.usecases.receive import Note, Receiver, StoredAlerts

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
    formats: Iterable[Format] = BUILTIN_FORMATS,
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
    rejects = {sequence: list(wrong) for sequence, wrong in batch.rejects.items()}
    stored: list[StoredAlerts] = []
    jobs = _Jobs(executor)
    take_in(receiver, batch.events, partial(_note, stored), jobs.run, batch.packed)
    for event, wrong in jobs.alone(receiver, partial(_note, stored)):
        rejects.setdefault(event.record, []).append(Reject(None, internal_error(wrong), internal=True))
    failed = jobs.failed | batch.unread
    rejected = [(record, rejects[record.sequence_number]) for record in records if record.sequence_number in rejects]
    if rejected:
        # Made here: clients cannot be made in several threads at once.
        failed |= set().union(*executor.map(partial(_archive, archive(), receiver), rejected))
    return failed, {
        "AlertsReceived": len(batch.events),
        "InternalErrors": sum(reject.internal for _, why in rejected for reject in why),
        "OverflowAlerts": sum(one.alerts for one in stored if one.overflow),
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


class _Jobs:
    """Runs jobs of `take_in` at once, and keeps what became of those that failed.

    Attributes
    ----------
    failed
        Records that AWS did not take: they come again.
    """

    def __init__(self, executor: Executor) -> None:
        self.failed: set[str] = set()
        self._executor = executor
        self._broken: list[tuple[Sequence[Event], Exception]] = []

    def run(self, jobs: Sequence[Job]) -> list[Any]:
        """Do jobs; return the results of those that did not fail."""
        results: list[Any] = []
        for (events, _), (result, error) in zip(jobs, self._executor.map(_attempt, jobs), strict=True):
            if error is None:
                results.append(result)
            elif isinstance(error, DependencyError) and not isinstance(error, UnstorableError):
                records = {event.record for event in events}
                _note_given_back(len(records), error)
                self.failed |= records
            else:
                self._broken.append((events, error))
        return results

    def alone(self, receiver: Receiver, note: Note) -> list[tuple[Event, Exception]]:
        """Store the alerts of jobs that failed for another reason one by one; return those that fail alone, and why."""
        found: list[tuple[Event, Exception]] = []
        for events, error in self._broken:
            for event in events:
                wrong: Exception | None = error
                if len(events) > 1:
                    jobs = _Jobs(self._executor)
                    take_in(receiver, [event], note, jobs.run)
                    self.failed |= jobs.failed
                    wrong = next((error for _, error in jobs._broken), None)
                if wrong:
                    found.append((event, wrong))
        return found


def _attempt(job: Job) -> tuple[Any, Exception | None]:
    _, work = job
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001 - whatever it is, it costs the alerts that it is about
        return None, error


def _note(stored: list[StoredAlerts], one: StoredAlerts) -> None:
    stored.append(one)
    about = {"report_id": one.report_id, "alert_id": one.alert_id, "round": one.round, "alerts": one.alerts}
    if one.overflow and one.opened:
        logger().warning("overflow report opened", extra=about)
    else:
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
