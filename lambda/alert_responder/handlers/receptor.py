"""Receptor: a batch of the stream becomes alerts in reports; what is no alert goes to the archive."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from functools import cache, partial
from typing import Any

from alert_responder.bootstrap import receptor as bootstrap
from alert_responder.domain.aggregation import by_alert_id
from alert_responder.domain.records import Event
from alert_responder.domain.stream import StreamRecord, event_id, read_record, rejected_document, rejected_key
from alert_responder.errors import DependencyError
from alert_responder.formats import FORMATS, Format, parse_record
from alert_responder.handlers.observability import logger, measure, observed
from alert_responder.usecases.ports import Archive
from alert_responder.usecases.receive import Receiver, Stored


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
    jobs: list[tuple[set[str], Callable[[], None]]] = [
        *(
            (
                {event.record for event in group},
                lambda key=alert_id, group=group: receiver.receive(key, group, lambda one: _note(key, one, stored)),
            )
            for alert_id, group in by_alert_id(events).items()
        ),
        # The archive is got here: clients cannot be made in several threads at once.
        *(({record.sequence_number}, partial(_reject, record, why, archive())) for record, why in rejected),
    ]
    for outcome in executor.map(_attempt, jobs):
        if isinstance(outcome, Exception):
            mistakes.append(outcome)
        else:
            failed |= outcome
    if mistakes:
        raise mistakes[0]
    return failed, {
        "AlertsReceived": len(events),
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


def _note(alert_id: str, one: Stored, stored: list[Stored]) -> None:
    stored.append(one)
    about = {"report_id": one.report_id, "alert_id": alert_id, "round": one.round, "alerts": one.alerts}
    logger().info("a report was opened" if one.opened else "alerts joined a report", extra=about)


def _reject(record: StreamRecord, why: list[tuple[int | None, str]], archive: Archive) -> None:
    archive.put(rejected_key(record), rejected_document(record, why))
    # The reasons may quote what they are about: they are in the archive.
    logger().warning("no alert, or not all of it", extra={"archived": rejected_key(record), "rejects": len(why)})


def _attempt(job: tuple[set[str], Callable[[], None]]) -> set[str] | Exception:
    """Do a job; return its records if it is to be done again, or a mistake of ours."""
    records, work = job
    try:
        work()
    except DependencyError as error:
        logger().warning("records are given back to the stream", extra={"records": len(records), "cause": str(error)})
        return records
    except Exception as mistake:  # noqa: BLE001 - raised when all jobs are done
        return mistake
    return set()
