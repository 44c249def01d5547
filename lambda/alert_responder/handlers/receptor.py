"""Receptor: store the alerts of a batch of the stream in reports, and archive rejected records."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from alert_responder.bootstrap import receptor as bootstrap
from alert_responder.formats.registry import Format
from alert_responder.handlers.observability import logger, measure, observed
from alert_responder.handlers.time_limit import time_limit
from alert_responder.kinesis_records import read_record
from alert_responder.usecases.intake import RejectedRecord, ReturnedRecords, receive_batch
from alert_responder.usecases.receive import StoredAlerts


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Handle a Kinesis batch; return the records that are to be delivered again."""
    with observed({"step": "receive"}):
        receiver, executor = bootstrap.receptor()
        records = list(map(read_record, event["Records"]))
        intake = receive_batch(
            records, receiver, bootstrap.archive, executor, _formats(), time_limit, _log, bootstrap.rules()
        )
    measure(
        {
            "AlertsReceived": intake.alerts,
            "InternalErrors": sum(reject.internal for reject in intake.rejects),
            "OverflowAlerts": sum(stored.alerts for stored in intake.stored if stored.overflow),
            "RejectedAlerts": len(intake.rejects),
            "ReportsOpened": sum(stored.opened for stored in intake.stored),
        }
    )
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(intake.failed, key=int)]}


@cache
def _formats() -> Iterable[Format]:
    formats, faults = bootstrap.formats()
    for fault in faults:
        logger().error("invalid format", extra={"cause": fault})
    return formats


def _log(what: StoredAlerts | RejectedRecord | ReturnedRecords) -> None:
    if isinstance(what, ReturnedRecords):
        about: dict[str, Any] = {"records": len(what.records), "cause": what.cause}
        logger().warning("records returned to the stream", extra=about)
    elif isinstance(what, RejectedRecord):
        # The reasons may quote the record: they are in the archive.
        about = {"archived": what.key, "rejects": len(what.rejects)}
        logger().warning("record rejected", extra=about)
        for reject in what.rejects:
            if reject.internal:
                logger().error("record archived after an unexpected error", extra={**about, "error": reject.reason})
    else:
        about = {name: getattr(what, name) for name in ("report_id", "alert_id", "round", "alerts")}
        if what.overflow and what.opened:
            logger().warning("overflow report opened", extra=about)
        else:
            logger().info("report opened" if what.opened else "alerts added to report", extra=about)
