"""Builds the coordinator."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from alert_responder.adapters.archive import S3Archive
from alert_responder.adapters.workflow import StepFunctionsWorkflow
from alert_responder.bootstrap.common import CONNECTIONS, client, new_token, now, table
from alert_responder.bootstrap.plugin_caller import plugins
from alert_responder.contracts.report import Emission, Report
from alert_responder.domain.lookup_plan import Limits
from alert_responder.settings import CoordinatorSettings, read_settings
from alert_responder.store.deliveries import Deliveries
from alert_responder.store.directory import CachedDirectory
from alert_responder.store.ledger import Ledger
from alert_responder.store.registry import TableRegistry
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.usecases.archive import ReportArchive
from alert_responder.usecases.close import Closer
from alert_responder.usecases.directory import DirectoryReader
from alert_responder.usecases.plan import Planner
from alert_responder.usecases.publication import Publisher
from alert_responder.usecases.review import REVIEWER_SECONDS, Reviewer
from alert_responder.usecases.sweep import Sweeper


@cache
def planner() -> Planner:
    """Build Plan."""
    settings = _settings()
    return Planner(
        store=_store(),
        ledger=Ledger(table(settings.table_name)),
        registry=_registry(),
        clock=now,
        executor=ThreadPoolExecutor(CONNECTIONS),
        limits=_limits(),
        inspection_timeout_ms=settings.inspection_timeout_seconds * 1000,
    )


@cache
def reviewer() -> Reviewer:
    """Build Review."""
    settings = _settings()
    archive = ReportArchive(S3Archive(client("s3"), settings.archive_bucket), _print_page)
    return Reviewer(
        store=_store(),
        ledger=Ledger(table(settings.table_name)),
        publisher=Publisher(_store(), Deliveries(table(settings.table_name)), archive, now, new_token),
        registry=_registry(),
        plugins=plugins(REVIEWER_SECONDS),
        clock=now,
        limits=_limits(),
        directory=DirectoryReader(CachedDirectory(table(settings.table_name), now).directory, now),
    )


@cache
def closer() -> Closer:
    """Build Close."""
    return Closer(
        store=_store(),
        deliveries=Deliveries(table(_settings().table_name)),
        workflow=_workflow(),
        clock=now,
    )


@cache
def sweeper() -> Sweeper:
    """Build the sweeper."""
    return Sweeper(store=_store(), workflow=_workflow(), clock=now)


def _print_page(report: Report, arrivals: Sequence[int], deliveries: Sequence[Emission], document: str) -> bytes:
    """Render a page. The imports are delayed until the first page, because no other step needs Jinja2."""
    from alert_responder.page.renderer import render
    from alert_responder.page.view import Page

    return render(Page(report, arrivals, deliveries, document))


def _limits() -> Limits:
    return Limits(_settings().max_inspection_depth, _settings().max_inspections_per_report)


def _workflow() -> StepFunctionsWorkflow:
    return StepFunctionsWorkflow(client("stepfunctions"), _settings().workflow_arn)


@cache
def _settings() -> CoordinatorSettings:
    return read_settings(CoordinatorSettings, os.environ)


@cache
def _store() -> ReportStore:
    return ReportStore(table(_settings().table_name), Retention(_settings().report_retention_days))


@cache
def _registry() -> TableRegistry:
    return TableRegistry(table(_settings().table_name), now)
