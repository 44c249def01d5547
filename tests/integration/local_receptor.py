"""The receptor in the test's process: real code on the emulated AWS, with the test's clock and clients."""

import base64
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from alert_responder.adapters.archive import S3Archive
from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.adapters.workflow import StepFunctionsWorkflow
from alert_responder.domain.identifiers import ulid
from alert_responder.kinesis_records import read_record
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.intake import receive_batch
from alert_responder.usecases.receive import Receiver
from tests.fakes.event_source_mapping import Invoke, Record
from tools.installation import Installation

WINDOW_MS = 10_800_000
"""The root module's default."""

SHARD = "shardId-000000000009"
"""A shard that the stream does not have, so that records made here differ from those of the stream."""


def receptor(installation: Installation, *, endpoint: str | None = None, later_ms: int = 0, threads: int = 4) -> Invoke:
    """Make a receptor of an installation.

    Parameters
    ----------
    endpoint
        Address of AWS; None: that of the installation.
    later_ms
        How far its clock is ahead [ms].
    threads
        Number of concurrent groups and calls.
    """
    account = installation.account if endpoint is None else replace(installation.account, endpoint=endpoint)
    settings: dict[str, Any] = {"max_pool_connections": threads}
    archive = S3Archive(account.client("s3", **settings), installation.archive_bucket)
    receiver = Receiver(
        ReportStore(DynamoDBTable(account.client("dynamodb", **settings), installation.table), Retention(365)),
        StepFunctionsWorkflow(account.client("stepfunctions", **settings), installation.workflow_arn),
        clock=lambda: time.time_ns() // 1_000_000 + later_ms,
        new_id=lambda milliseconds: ulid(milliseconds, secrets.token_bytes(10)),
        window_ms=WINDOW_MS,
        caps=ReportCaps(lambda: archive),
    )
    executor = ThreadPoolExecutor(threads)

    def invoke(event: dict[str, list[Record]]) -> dict[str, Any]:
        intake = receive_batch(list(map(read_record, event["Records"])), receiver, lambda: archive, executor)
        return {"batchItemFailures": [{"itemIdentifier": number} for number in intake.failed]}

    return invoke


def record(data: bytes, number: int, arrival: float | None = None) -> Record:
    """Make a record of Lambda's event.

    Parameters
    ----------
    number
        End of its sequence number, which identifies the record.
    arrival
        When it arrived [seconds since the epoch]; None: now.
    """
    return {
        "eventID": f"{SHARD}:{number:056d}",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": f"{number:056d}",
            "partitionKey": "key",
            "approximateArrivalTimestamp": time.time() if arrival is None else arrival,
            "data": base64.b64encode(data).decode(),
        },
    }
