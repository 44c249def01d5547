"""Lambda function of the inspector `athena`."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from pydantic import ValidationError

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.base import describe_faults
from alert_responder.plugin import InspectionTask, InvalidRequestError
from alert_responder.store.table import Table
from alert_responder_plugins.athena.budget import Budget
from alert_responder_plugins.athena.client import Athena
from alert_responder_plugins.athena.jobs import Planner
from alert_responder_plugins.athena.lookup import AthenaInspector
from alert_responder_plugins.athena.settings import AthenaSettings
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.settings import read_settings


def handler(event: Mapping[str, Any], _context: object = None) -> dict[str, Any] | None:
    """Answer a batch of tasks, `{"tasks": [...]}`, or a single task."""
    try:
        tasks = [InspectionTask.model_validate(task, extra="ignore") for task in event.get("tasks", [event])]
    except ValidationError as error:
        fault = describe_faults(error, "the event")[0]
        raise InvalidRequestError(f"The event is not a valid task or batch of tasks: {fault}.") from None
    answers = {
        task_id: None if answer is None else answer.model_dump(mode="json", exclude_defaults=True)
        for task_id, answer in _inspector().look_up(tasks).items()
    }
    return {"answers": answers} if "tasks" in event else answers[tasks[0].task_id]


@cache
def _inspector() -> AthenaInspector:
    settings = read_settings(AthenaSettings, os.environ)
    config = lookup_config()
    table = DynamoDBTable(boto3.client("dynamodb", config=config), settings.table_name)
    athena = Athena(boto3.client("athena", config=config), settings.workgroup, settings.result_location or None)
    return build(settings, athena, table)


def build(settings: AthenaSettings, athena: Athena, table: Table) -> AthenaInspector:
    """Wire the inspector."""
    console = f"https://{settings.region}.{settings.console}/athena/home?region={settings.region}"
    return AthenaInspector(
        athena=athena,
        budget=lambda cutoff: Budget(table, settings.name, settings.daily_bytes, cutoff, _now),
        planner=Planner(
            sources=settings.read_sources(),
            queries=settings.own_queries(),
            rollup=settings.rollup,
            before=timedelta(hours=settings.hours_before),
            after=timedelta(hours=settings.hours_after),
            usd_per_tb=settings.usd_per_tb,
        ),
        link=lambda query_id: f"{console}#/query-editor/history/{query_id}",
        deadline=lambda: Deadline(settings.time_budget_seconds, time.monotonic),
        now=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
