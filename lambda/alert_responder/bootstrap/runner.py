"""Builds the runner."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import boto3

from alert_responder.adapters.archive import S3Archive
from alert_responder.adapters.aws_errors import CONFLICT_WAIT_SECONDS, full_jitter
from alert_responder.adapters.links import PRESIGNING, console_links, no_links, presigned_links
from alert_responder.bootstrap.common import CONNECTIONS, client, new_token, now, table
from alert_responder.bootstrap.plugin_caller import plugins
from alert_responder.contracts.inspection import InspectionAnswer
from alert_responder.domain.records import CHUNK_SIZE
from alert_responder.settings import RunnerSettings, read_settings
from alert_responder.store.deliveries import Deliveries
from alert_responder.store.ledger import Ledger
from alert_responder.store.quotas import Quotas
from alert_responder.usecases.emit import EMITTER_SECONDS, Deliverer
from alert_responder.usecases.inspect import Inspection
from alert_responder.usecases.ports import Links
from alert_responder.usecases.rate_limit import RateLimiter


@cache
def inspection() -> Inspection:
    """Build Inspect."""
    settings = _settings()
    # Built here, because the threads that read answers would all start to build it.
    InspectionAnswer.model_rebuild()
    return Inspection(
        ledger=Ledger(table(settings.table_name)),
        rate_limiter=RateLimiter(Quotas(table(settings.table_name)), now, _sleep, _pause),
        plugins=plugins(_longest()),
        clock=now,
        # One thread for each call of a chunk, and the remaining connections for the writes of batches.
        executor=ThreadPoolExecutor(CHUNK_SIZE),
        writers=ThreadPoolExecutor(CONNECTIONS - CHUNK_SIZE),
        timeout_ms=settings.inspection_timeout_seconds * 1000,
    )


@cache
def deliverer() -> Deliverer:
    """Build Emit."""
    settings = _settings()
    return Deliverer(
        deliveries=Deliveries(table(settings.table_name)),
        archive=S3Archive(client("s3"), settings.archive_bucket),
        plugins=plugins(_longest()),
        clock=now,
        new_token=new_token,
        wait=_wait,
        link=_links(settings),
    )


def _links(settings: RunnerSettings) -> Links:
    if settings.report_link_type == "presigned":
        return presigned_links(boto3.client("s3", config=PRESIGNING), settings.archive_bucket)
    return console_links(settings.archive_console_url) if settings.report_link_type == "console" else no_links


def _longest() -> int:
    return max(_settings().inspection_timeout_seconds, EMITTER_SECONDS)


def _wait(attempt: int) -> None:
    time.sleep(full_jitter(attempt, 2.0, 8.0))


def _pause(attempt: int) -> None:
    time.sleep(full_jitter(attempt, *CONFLICT_WAIT_SECONDS))


def _sleep(milliseconds: int) -> None:
    time.sleep(milliseconds / 1000)


@cache
def _settings() -> RunnerSettings:
    return read_settings(RunnerSettings, os.environ)
