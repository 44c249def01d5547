"""Lambda function that counts each day of the sources of the inspector `athena`."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder_plugins.athena.client import Athena
from alert_responder_plugins.athena.rollup import RollupRun
from alert_responder_plugins.athena.settings import AthenaSettings
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.logs.budget import Budget


def handler(_event: Mapping[str, Any], _context: object = None) -> dict[str, int]:
    """Count the days that are missing; return how many were counted, and how many failed."""
    settings = read_settings(AthenaSettings, os.environ)
    if settings.rollup is None:
        raise SettingsFaultError("ROLLUP_DATABASE must name a database, got an empty text.")
    config, logger = lookup_config(), Logger(log_uncaught_exceptions=False)
    table = DynamoDBTable(boto3.client("dynamodb", config=config), settings.table_name)
    athena = boto3.client("athena", config=config)
    counts = boto3.client("glue", config=config).get_table(
        DatabaseName=settings.rollup.database, Name=settings.rollup.table
    )["Table"]
    run = RollupRun(
        name=settings.name,
        sources=settings.read_sources(),
        rollup=settings.rollup,
        created=counts["CreateTime"],
        athena=Athena(lambda: athena, settings.workgroup, settings.result_location or None),
        budget=lambda cutoff: Budget(table, settings.name, settings.daily_bytes, cutoff, _now),
        table=table,
        deadline=Deadline(settings.time_budget_seconds, time.monotonic),
        now=_now,
    )
    counted = run.run()
    for one in counted:
        fields = {"source": one.source, "day": one.day, "bytes_scanned": one.bytes_scanned}
        if one.failure:
            logger.warning("day not counted", extra={**fields, "reason": one.failure})
        else:
            logger.info("day counted", extra=fields)
    failed = sum(bool(one.failure) for one in counted)
    return {"counted": len(counted) - failed, "failed": failed}


def _now() -> datetime:
    return datetime.now(UTC)
