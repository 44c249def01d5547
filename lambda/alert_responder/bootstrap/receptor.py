"""Builds the receptor."""

import os
import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import Literal

from alert_responder.adapters.archive import S3Archive
from alert_responder.adapters.workflow import StepFunctionsWorkflow
from alert_responder.bootstrap.common import CONNECTIONS, client, now, table
from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.identifiers import ulid
from alert_responder.domain.origin import OriginRules
from alert_responder.errors import DependencyError
from alert_responder.formats.registry import FormatRegistry
from alert_responder.settings import ReceptorSettings, read_settings
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.usecases.admission import Admission
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.receive import Receiver

_ARCHIVE_LOCK = Lock()


def new_report_id(milliseconds: int) -> str:
    """Return a new report id for a time [ms since the epoch]."""
    return ulid(milliseconds, secrets.token_bytes(10))


@cache
def receptor() -> tuple[Receiver, ThreadPoolExecutor]:
    """Build the receiver of alerts."""
    settings = _settings()
    receiver = Receiver(
        store=ReportStore(table(settings.table_name), Retention(settings.report_retention_days)),
        workflow=StepFunctionsWorkflow(client("stepfunctions"), settings.workflow_arn),
        clock=now,
        new_id=new_report_id,
        window_ms=settings.aggregation_window_seconds * 1000,
        caps=ReportCaps(archive),
        admission=Admission(
            AdmissionLimits(
                per_detector=_limit(settings.max_new_reports_per_detector),
                per_installation=_limit(settings.max_new_reports_per_installation),
            ),
            choose=random.choice,  # spreads load, protects nothing  # nosec B311
        ),
    )
    return receiver, ThreadPoolExecutor(CONNECTIONS)


@cache
def rules() -> OriginRules:
    """Build what the receptor knows of senders."""
    settings = _settings()
    stream = None if settings.verified_stream_arn == "none" else settings.verified_stream_arn
    return OriginRules(stream, frozenset(settings.administrator_accounts.split(",")))


def archive() -> S3Archive:
    """Build the archive when it is first needed: most containers never do. May be called in several threads."""
    with _ARCHIVE_LOCK:  # Clients cannot be created in several threads at once.
        return _archive()


@cache
def _archive() -> S3Archive:
    return S3Archive(client("s3"), _settings().archive_bucket)


@cache
def formats() -> tuple[FormatRegistry, tuple[str, ...]]:
    """Build all formats; return them, and the faults of custom formats that are left out.

    Raises
    ------
    DependencyError
        The custom formats cannot be read; no record is parsed without them.
    """
    settings = _settings()
    if settings.formats == "none":
        return FormatRegistry(), ()
    # Needed only with custom formats.
    from alert_responder.formats.mapping import build_formats
    from alert_responder.store.registry import read_mappings

    mappings = read_mappings(table(settings.table_name))
    if mappings is None:
        raise DependencyError("config/formats: item does not exist yet")
    custom_formats, faults = build_formats(mappings)
    return FormatRegistry(custom_formats), faults


@cache
def _settings() -> ReceptorSettings:
    return read_settings(ReceptorSettings, os.environ)


def _limit(setting: int | Literal["none"]) -> int | None:
    return None if setting == "none" else setting
