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
from alert_responder.errors import DependencyError
from alert_responder.formats.registry import FormatRegistry
from alert_responder.settings import ReceptorSettings, read_settings
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.usecases.admission import Admission
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.receive import Receiver

_ARCHIVE_LOCK = Lock()


def new_report_id(milliseconds: int) -> str:
    """Make a report id for a time."""
    return ulid(milliseconds, secrets.token_bytes(10))


@cache
def receptor() -> tuple[Receiver, ThreadPoolExecutor]:
    """Build what the receptor needs for alerts."""
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
            choose=random.choice,  # nosec B311 - spreads load, protects nothing
        ),
    )
    return receiver, ThreadPoolExecutor(CONNECTIONS)


def archive() -> S3Archive:
    """Build what takes rejects, and what a report does not take in; may be called in several threads at once.

    Most containers need none, and do not wait for its client to be made.
    """
    with _ARCHIVE_LOCK:  # Clients cannot be made in several threads at once.
        return _archive()


@cache
def _archive() -> S3Archive:
    return S3Archive(client("s3"), _settings().archive_bucket)


@cache
def formats() -> tuple[FormatRegistry, tuple[str, ...]]:
    """Build all formats, and say what is wrong with those of the operator's own that are left out.

    Raises
    ------
    DependencyError
        When there are formats of the operator's own and the table does not give them: nothing is read without them.
    """
    settings = _settings()
    if settings.formats == "none":
        return FormatRegistry(), ()
    # Imported for those who have such formats.
    from alert_responder.formats.mapping import build_formats
    from alert_responder.store.registry import read_mappings

    mappings = read_mappings(table(settings.table_name))
    if mappings is None:
        raise DependencyError("config/formats: the item is not there yet")
    own, faults = build_formats(mappings)
    return FormatRegistry(own), faults


@cache
def _settings() -> ReceptorSettings:
    return read_settings(ReceptorSettings, os.environ)


def _limit(setting: int | Literal["none"]) -> int | None:
    return None if setting == "none" else setting
