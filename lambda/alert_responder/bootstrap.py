"""The one place where settings, clients and adapters are put together, once a container."""

import os
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from alert_responder.adapters.archive import S3Archive
from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.adapters.plugins import LambdaPlugins
from alert_responder.adapters.retrying import full_jitter
from alert_responder.adapters.workflow import StepFunctionsWorkflow
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.planning import CHUNK_SIZE, Limits
from alert_responder.settings import CoordinatorSettings, ReceptorSettings, RunnerSettings, read_settings
from alert_responder.store.deliveries import Deliveries
from alert_responder.store.ledger import Ledger
from alert_responder.store.registry import TableRegistry
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.usecases.close import Closer
from alert_responder.usecases.emit import Delivering
from alert_responder.usecases.inspect import Inspection
from alert_responder.usecases.plan import Planner
from alert_responder.usecases.receive import Receiver
from alert_responder.usecases.review import REVIEWER_SECONDS, Reviewer
from alert_responder.usecases.sweep import Sweeper

RECEPTOR_THREADS = 16
"""Groups stored at once: the receptor waits for DynamoDB far more than it works."""


def now() -> int:
    """Return the time [ms since the epoch]."""
    return time.time_ns() // 1_000_000


def new_report_id(milliseconds: int) -> str:
    """Make a report id for a time."""
    return ulid(milliseconds, secrets.token_bytes(10))


def new_token() -> str:
    """Make a name nobody else has."""
    return secrets.token_hex(16)


@cache
def receptor() -> tuple[Receiver, S3Archive, ThreadPoolExecutor]:
    """Build what the receptor needs."""
    settings = read_settings(ReceptorSettings, os.environ)
    receiver = Receiver(
        store=_store(settings.table_name, settings.report_retention_days),
        workflow=StepFunctionsWorkflow(_client("stepfunctions"), settings.workflow_arn),
        clock=now,
        new_id=new_report_id,
        window_ms=settings.aggregation_window_seconds * 1000,
    )
    return receiver, S3Archive(_client("s3"), settings.archive_bucket), ThreadPoolExecutor(RECEPTOR_THREADS)


@cache
def planner() -> Planner:
    """Build what Plan needs."""
    settings = _coordinator()
    return Planner(
        store=_store(settings.table_name, settings.report_retention_days),
        ledger=Ledger(_table(settings.table_name)),
        registry=_registry(settings.table_name),
        clock=now,
        executor=ThreadPoolExecutor(RECEPTOR_THREADS),
        limits=_limits(settings),
        inspection_timeout_ms=settings.inspection_timeout_seconds * 1000,
    )


@cache
def reviewer() -> Reviewer:
    """Build what Review needs."""
    settings = _coordinator()
    table = _table(settings.table_name)
    return Reviewer(
        store=_store(settings.table_name, settings.report_retention_days),
        ledger=Ledger(table),
        deliveries=Deliveries(table),
        archive=S3Archive(_client("s3"), settings.archive_bucket),
        registry=_registry(settings.table_name),
        plugins=_plugins(REVIEWER_SECONDS),
        clock=now,
        limits=_limits(settings),
        new_token=new_token,
    )


@cache
def closer() -> Closer:
    """Build what Close needs."""
    settings = _coordinator()
    return Closer(
        store=_store(settings.table_name, settings.report_retention_days),
        deliveries=Deliveries(_table(settings.table_name)),
        workflow=StepFunctionsWorkflow(_client("stepfunctions"), settings.workflow_arn),
        clock=now,
    )


@cache
def sweeper() -> Sweeper:
    """Build what the sweeper needs."""
    settings = _coordinator()
    return Sweeper(
        store=_store(settings.table_name, settings.report_retention_days),
        workflow=StepFunctionsWorkflow(_client("stepfunctions"), settings.workflow_arn),
        clock=now,
    )


@cache
def inspection() -> Inspection:
    """Build what Inspect needs."""
    settings = read_settings(RunnerSettings, os.environ)
    return Inspection(
        ledger=Ledger(_table(settings.table_name)),
        plugins=_plugins(settings.inspection_timeout_seconds),
        clock=now,
        executor=ThreadPoolExecutor(CHUNK_SIZE),
        timeout_ms=settings.inspection_timeout_seconds * 1000,
    )


@cache
def delivering() -> Delivering:
    """Build what Emit needs."""
    settings = read_settings(RunnerSettings, os.environ)
    return Delivering(
        deliveries=Deliveries(_table(settings.table_name)),
        archive=S3Archive(_client("s3"), settings.archive_bucket),
        plugins=_plugins(settings.inspection_timeout_seconds),
        clock=now,
        new_token=new_token,
        wait=_backoff(time.sleep),
    )


def _backoff(sleep: Callable[[float], None]) -> Callable[[int], None]:
    return lambda attempt: sleep(full_jitter(attempt, 2.0, 8.0))


def _limits(settings: CoordinatorSettings) -> Limits:
    return Limits(settings.max_inspection_depth, settings.max_inspections_per_report)


@cache
def _coordinator() -> CoordinatorSettings:
    return read_settings(CoordinatorSettings, os.environ)


@cache
def _client(service: str) -> Any:
    # One more try than the default, short waits: a step of ours is retried whole by its caller as well.
    config = Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=RECEPTOR_THREADS,
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload]


@cache
def _table(name: str) -> DynamoDBTable:
    return DynamoDBTable(_client("dynamodb"), name)


@cache
def _store(table: str, retention_days: int) -> ReportStore:
    return ReportStore(_table(table), Retention(retention_days))


@cache
def _registry(table: str) -> TableRegistry:
    return TableRegistry(_table(table), now)


@cache
def _plugins(longest_seconds: int) -> LambdaPlugins:
    # The client outlives every task it serves, and never sends a request twice: whether a plug-in ran must stay known.
    longest = max(longest_seconds, REVIEWER_SECONDS) + 15
    config = Config(
        connect_timeout=5,
        read_timeout=longest,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=4 * CHUNK_SIZE,
        tcp_keepalive=True,
    )
    return LambdaPlugins(boto3.client("lambda", config=config), ThreadPoolExecutor(4 * CHUNK_SIZE))
