"""Receptor: a batch of the stream becomes alerts in reports; what is no alert goes to the archive."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import cache, partial
from typing import Any, NamedTuple

from alert_responder.bootstrap import receptor as bootstrap
from alert_responder.domain.records import Event
from alert_responder.domain.stream import StreamRecord, event_id, read_record, rejected_document, rejected_key
from alert_responder.errors import DependencyError
from alert_responder.formats import FORMATS, Format, parse_record
from alert_responder.handlers.observability import logger, measure, observed
from alert_responder.usecases.intake import Job, take_in
from alert_responder.usecases.ports import Archive
from alert_responder.usecases.receive import Receiver, Stored

_Job = tuple[set[str], Callable[[], Any]]
"""The records that a piece of work is about, and the work."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Handle a Kinesis batch; the answer names the records that are to be delivered again."""
    with observed({"step": "receive"}):
        receiver, executor = bootstrap.receptor()
        records = list(map(read_record, event["Records"]))
        failed, counts = receive_batch(records, receiver, bootstrap.archive, executor, _formats())
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
) -> tuple[set[str], dict[str, int]]:
    """Store a batch; return the sequence numbers of records that failed for now, and what is counted.

    The archive is got only if there is something to put there. A mistake of ours is raised when all other records are
    done: the stream's mapping may try the one with it for hours, and what waits behind it meanwhile can grow too old to
    be delivered again.
    """
    events: list[Event] = []
    rejected: list[tuple[StreamRecord, list[tuple[int | None, str]]]] = []
    mistakes: list[Exception] = []
    for record in records:
        try:
            parsed, rejects = _read(record, formats)
        except Exception as mistake:  # noqa: BLE001 - raised below
            mistakes.append(mistake)
            continue
        events += parsed
        if rejects:
            rejected.append((record, rejects))
    failed: set[str] = set()
    stored: list[Stored] = []

    def run(jobs: Iterable[_Job]) -> list[Any]:
        done = list(executor.map(_attempt, jobs))
        failed.update(*(one.failed for one in done))
        mistakes.extend(one.mistake for one in done if one.mistake)
        return [one.result for one in done if not one.failed and not one.mistake]

    def run_of_events(jobs: Sequence[Job]) -> list[Any]:
        return run([({event.record for event in about}, work) for about, work in jobs])

    # The archive is got here: clients cannot be made in several threads at once.
    run([({record.sequence_number}, partial(_reject, record, why, archive())) for record, why in rejected])
    take_in(receiver, events, lambda one: _note(one, stored), run_of_events)
    if mistakes:
        raise mistakes[0]
    return failed, {
        "AlertsReceived": len(events),
        "OverflowAlerts": sum(one.alerts for one in stored if one.overflow),
        "RejectedAlerts": sum(len(why) for _, why in rejected),
        "ReportsOpened": sum(one.opened for one in stored),
    }


def _read(record: StreamRecord, formats: Iterable[Format]) -> tuple[list[Event], list[tuple[int | None, str]]]:
    """Read a record's alerts, and what in it is none."""
    parsed, rejects = parse_record(record.data, formats)
    events = [
        Event(
            event_id(record, alert.event_id, alert.position),
            record.arrival,
            record.sequence_number,
            alert.alert,
            alert.cut_off,
            alert.beyond,
        )
        for alert in parsed
    ]
    return events, [(reject.position, reject.reason) for reject in rejects]


def _note(one: Stored, stored: list[Stored]) -> None:
    stored.append(one)
    about = {"report_id": one.report_id, "alert_id": one.alert_id, "round": one.round, "alerts": one.alerts}
    if one.overflow and one.opened:
        logger().warning("overflow report opened", extra=about)
    else:
        logger().info("a report was opened" if one.opened else "alerts joined a report", extra=about)


def _reject(record: StreamRecord, why: list[tuple[int | None, str]], archive: Archive) -> None:
    archive.put(rejected_key(record), rejected_document(record, why))
    # The reasons may quote what they are about: they are in the archive.
    logger().warning("no alert, or not all of it", extra={"archived": rejected_key(record), "rejects": len(why)})


class _Attempted(NamedTuple):
    """What came of a job: its records if it is to be done again, a mistake of ours, or its result."""

    failed: set[str] = set()  # noqa: RUF012 - never changed
    mistake: Exception | None = None
    result: Any = None


def _attempt(job: _Job) -> _Attempted:
    records, work = job
    try:
        return _Attempted(result=work())
    except DependencyError as error:
        logger().warning("records are given back to the stream", extra={"records": len(records), "cause": str(error)})
        return _Attempted(failed=records)
    except Exception as mistake:  # noqa: BLE001 - raised when all jobs are done
        return _Attempted(mistake=mistake)
