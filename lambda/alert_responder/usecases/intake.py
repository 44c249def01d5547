"""Take in a batch of the stream: store its alerts in reports, and archive the records that are rejected."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from alert_responder.domain.admission import Surplus
from alert_responder.domain.aggregation import by_alert_id
from alert_responder.domain.origin import NO_RULES, OriginRules
from alert_responder.domain.records import Event
from alert_responder.domain.stream import StreamRecord, rejected_document
from alert_responder.errors import DependencyError, UnstorableError
from alert_responder.formats import Reject
from alert_responder.formats.messages import INTERNAL_ERROR, internal_error
from alert_responder.formats.registry import BUILTIN_FORMATS, Format
from alert_responder.store.archive_keys import rejected_key
from alert_responder.store.reports import StoredGroup
from alert_responder.usecases.batch import Batch, Limit, read_batch
from alert_responder.usecases.overflow import OverflowReceiver
from alert_responder.usecases.ports import Archive
from alert_responder.usecases.receive import Deferred, Note, Receiver, StoredAlerts

READING_SECONDS = 150
"""Time after which the parsing of no further record begins [s]; the rest of the receptor's 300 s is for storing."""

SUSPECT_AGE_MS = 30_000
"""Age from which a record that is delivered alone may have been tried before [ms]. Lambda halves a failed batch until
the record that fails is alone; a record that is alone because the stream is quiet arrives within seconds."""

PROCESS_ENDED = Reject(None, f"{INTERNAL_ERROR}: ProcessEnded while it was read, each time it was tried", internal=True)
"""Reason of a record that is archived without being parsed."""

Job = tuple[Sequence[Event], Callable[[], Any]]
"""Events, and the function that stores them."""

Run = Callable[[Sequence[Job]], Iterable[Any]]
"""Runs jobs, in any order or in parallel, and returns the results of those that did not fail."""


def one_by_one(jobs: Sequence[Job]) -> list[Any]:
    """Run jobs in order; a failure ends the run."""
    return [work() for _, work in jobs]


class RejectedRecord(NamedTuple):
    """A record that is archived as a whole, because some or all of it could not be read or stored."""

    record: StreamRecord
    key: str
    rejects: Sequence[Reject]


class ReturnedRecords(NamedTuple):
    """Records that the stream delivers again, because a call of AWS failed."""

    records: frozenset[str]
    cause: str


class Intake(NamedTuple):
    """Result of a batch.

    Attributes
    ----------
    failed
        Sequence numbers of the records that the stream delivers again.
    alerts
        Number of alerts in the batch.
    stored
        Groups that were not stored before.
    rejected
        Records that are archived, or will be when they are delivered again.
    """

    failed: frozenset[str]
    alerts: int = 0
    stored: Sequence[StoredAlerts] = ()
    rejected: Sequence[RejectedRecord] = ()

    @property
    def rejects(self) -> list[Reject]:
        """Everything that was rejected in the batch."""
        return [reject for record in self.rejected for reject in record.rejects]


Observe = Callable[[StoredAlerts | RejectedRecord | ReturnedRecords], object]
"""Is called with each group that was stored, record that was archived, and failure, as soon as it is known."""


def receive_batch(
    records: Sequence[StreamRecord],
    receiver: Receiver,
    archive: Callable[[], Archive],
    executor: Executor,
    formats: Iterable[Format] = BUILTIN_FORMATS,
    limit: Limit = nullcontext,
    observe: Observe = lambda _: None,
    rules: OriginRules = NO_RULES,
) -> Intake:
    """Store the alerts of a batch, and archive its rejected records.

    Only failures of AWS return records to the stream. After any other exception the record is archived with the class
    of the exception. The client of the archive is created only if something is archived.
    """
    try:
        batch = _read(records, receiver, formats, limit, rules)
    except DependencyError as error:
        returned = frozenset(record.sequence_number for record in records)
        observe(ReturnedRecords(returned, str(error)))
        return Intake(returned)
    stored: list[StoredAlerts] = []

    def note(one: StoredAlerts) -> None:
        stored.append(one)
        observe(one)

    jobs = _Jobs(executor, observe)
    rejects = {sequence: list(wrong) for sequence, wrong in batch.rejects.items()}
    take_in(receiver, batch.events, note, jobs.run, batch.packed)
    for event, wrong in jobs.alone(receiver, note):
        rejects.setdefault(event.record, []).append(Reject(None, internal_error(wrong), internal=True))
    rejected = [
        RejectedRecord(record, rejected_key(record), rejects[record.sequence_number])
        for record in records
        if record.sequence_number in rejects
    ]
    failed = jobs.failed | batch.unread
    if rejected:
        # The client is created before the threads: clients cannot be created in several threads at once.
        failed = failed.union(*executor.map(partial(_archive, archive(), receiver, observe), rejected))
    return Intake(frozenset(failed), len(batch.events), stored, rejected)


def take_in(
    receiver: Receiver,
    events: Iterable[Event],
    note: Note = lambda _: None,
    run: Run = one_by_one,
    packed: Mapping[str, Sequence[StoredGroup]] = MappingProxyType({}),
) -> None:
    """Store alerts in their reports: first those that are admitted, then the others in overflow reports.

    Parameters
    ----------
    events
        In any order, of any alert ids.
    note
        Is called with each group as soon as it is stored; not with a group that was stored before.
    run
        Decides which jobs run in parallel, and how failures are handled. The jobs are independent of each other.
    packed
        The events as groups by alert id, if they were packed before.
    """
    overflow = OverflowReceiver(receiver)
    groups = by_alert_id(events)
    while groups:
        deferred = run(
            [(group, partial(receiver.receive, key, group, note, packed.get(key, ()))) for key, group in groups.items()]
        )
        reports: dict[str | Surplus, list[Deferred]] = {}
        for each in deferred:
            for one in each:
                reports.setdefault(one.report, []).append(one)
        left = run(
            [
                ([event for each in some for event in each.events], partial(overflow.receive, some, note))
                for some in reports.values()
            ]
        )
        # Alert ids that another process has decided about meanwhile, or alerts of the next hour. Each iteration stores
        # some alerts, in this process or in another.
        groups = by_alert_id(event for some in left for event in some)


def is_suspect(records: Sequence[StreamRecord], now: int) -> StreamRecord | None:
    """Return the record of a batch that may have been tried before, and may have ended the process; else None."""
    return records[0] if len(records) == 1 and now - records[0].arrival >= SUSPECT_AGE_MS else None


def _read(
    records: Sequence[StreamRecord], receiver: Receiver, formats: Iterable[Format], limit: Limit, rules: OriginRules
) -> Batch:
    """Parse a batch; count the tries of a suspect record, and reject it after too many."""
    until = receiver.clock() + READING_SECONDS * 1000
    suspect = is_suspect(records, receiver.clock())
    if suspect and not receiver.tries.begin(suspect, receiver.clock()):
        return Batch((), {suspect.sequence_number: [PROCESS_ENDED]}, frozenset())
    batch = read_batch(records, formats, limit, lambda: receiver.clock() < until, rules)
    if suspect:
        receiver.tries.end(suspect, receiver.clock())
    return batch


class _Jobs:
    """Runs jobs of `take_in` in parallel, and keeps those that failed.

    Attributes
    ----------
    failed
        Sequence numbers of the records that are returned to the stream.
    """

    def __init__(self, executor: Executor, observe: Observe) -> None:
        self.failed: frozenset[str] = frozenset()
        self._executor = executor
        self._observe = observe
        self._broken: list[tuple[Sequence[Event], Exception]] = []

    def run(self, jobs: Sequence[Job]) -> list[Any]:
        """Run jobs; return the results of those that did not fail."""
        results: list[Any] = []
        for (events, _), (result, error) in zip(jobs, self._executor.map(_attempt, jobs), strict=True):
            if error is None:
                results.append(result)
            elif isinstance(error, DependencyError) and not isinstance(error, UnstorableError):
                records = frozenset(event.record for event in events)
                self._observe(ReturnedRecords(records, str(error)))
                self.failed |= records
            else:
                self._broken.append((events, error))
        return results

    def alone(self, receiver: Receiver, note: Note) -> list[tuple[Event, Exception]]:
        """Store the alerts of broken jobs one by one; return those that fail again, and why."""
        found: list[tuple[Event, Exception]] = []
        for events, error in self._broken:
            for event in events:
                wrong: Exception | None = error
                if len(events) > 1:
                    jobs = _Jobs(self._executor, self._observe)
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
    except Exception as error:  # noqa: BLE001 - any exception concerns the alerts of this job alone
        return None, error


def _archive(archive: Archive, receiver: Receiver, observe: Observe, rejected: RejectedRecord) -> frozenset[str]:
    """Archive a record; return its sequence number if that failed."""
    record, key, rejects = rejected
    try:
        archive.put(key, rejected_document(record, rejects))
        if PROCESS_ENDED in rejects:
            # A replay parses it again.
            receiver.tries.end(record, receiver.clock())
    except DependencyError as error:
        failed = frozenset({record.sequence_number})
        observe(ReturnedRecords(failed, str(error)))
        return failed
    observe(rejected)
    return frozenset()
