"""Lambda function that refreshes the directory of the organisation's accounts."""

import json
import os
import time
from collections.abc import Mapping
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.directory import MAX_WORD, Directory
from alert_responder.errors import AlertResponderError, ConditionFailedError, InvalidItemError
from alert_responder.store import keys
from alert_responder.store.directory import read_directory, write_directory
from alert_responder.store.table import Table
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.organization.client import CONFIG, Organizations
from alert_responder_plugins.organization.refresh import Refreshed, of_list, refresh
from alert_responder_plugins.organization.settings import OrganizationSettings

REFRESHED, GAPS = "DirectoryRefreshed", "DirectoryGaps"
"""Metrics: refreshes that succeeded, and what was missing in them."""


def handler(_event: Mapping[str, Any], _context: object = None) -> dict[str, int]:
    """Refresh the directory; return the number of accounts, and of those whose tags keep their last values.

    An error means that the earlier directory stays as it is. It also stays if another call wrote a newer one meanwhile.
    """
    settings = read_settings(OrganizationSettings, os.environ)
    logger = Logger(log_uncaught_exceptions=False)
    table = DynamoDBTable(boto3.client("dynamodb", config=lookup_config()), settings.table_name)
    now = time.time_ns() // 1_000_000
    calls = 0
    try:
        previous = _previous(table, logger)
        if settings.listed:
            refreshed = of_list(_listed(table), settings, now)
        else:
            deadline = Deadline(settings.time_budget_seconds)
            reader = Organizations(boto3.client("organizations", config=CONFIG), deadline)
            refreshed = refresh(reader, settings, previous, now)
            calls = reader.calls
        try:
            limit = write_directory(table, refreshed.directory, previous)
        except ConditionFailedError:
            logger.warning("newer directory kept", extra={"calls": calls})
            return _answer(refreshed)
    except AlertResponderError as error:
        logger.error("directory not refreshed", extra={"reason": str(error)})  # noqa: TRY400 - the reason is enough.
        raise
    faults = refreshed.faults
    if limit < MAX_WORD:
        faults = (*faults, f"Names and units were cut off at {limit} characters, so that all accounts fit.")
    for fault in faults:
        logger.warning("directory incomplete", extra={"reason": fault})
    logger.info(
        "directory refreshed",
        extra={"accounts": len(refreshed.directory.accounts), "calls": calls, "tags_kept": refreshed.kept},
    )
    _measure(settings.installation, gaps=len(faults))
    return _answer(refreshed)


def _answer(refreshed: Refreshed) -> dict[str, int]:
    return {"accounts": len(refreshed.directory.accounts), "tags_kept": refreshed.kept}


def _previous(table: Table, logger: Logger) -> Directory | None:
    try:
        return read_directory(table)
    except InvalidItemError as error:
        # It is replaced.
        logger.warning("earlier directory not read", extra={"reason": str(error)})
        return None


def _listed(table: Table) -> dict[str, dict[str, str | None]]:
    item = table.get(keys.listed_accounts())
    if item is None:
        raise SettingsFaultError("organization/accounts must be an item in the table, got none.")
    found: dict[str, dict[str, str | None]] = json.loads(item["accounts"])
    return found


def _measure(installation: str, *, gaps: int) -> None:
    metrics = EphemeralMetrics(namespace="AlertResponder", service="")
    metrics.add_dimension("installation", installation)
    metrics.add_metric(REFRESHED, MetricUnit.Count, 1)
    metrics.add_metric(GAPS, MetricUnit.Count, gaps)
    metrics.flush_metrics()
