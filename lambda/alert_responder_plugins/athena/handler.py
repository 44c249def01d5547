"""Lambda function of the inspector `athena`."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.store.table import Table
from alert_responder_plugins.athena.client import Athena, Statement, price
from alert_responder_plugins.athena.jobs import Planner
from alert_responder_plugins.athena.settings import AthenaSettings
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.logs.answer import answer
from alert_responder_plugins.logs.budget import Budget
from alert_responder_plugins.logs.lookup import LogInspector


def handler(event: Mapping[str, Any], _context: object = None) -> dict[str, Any] | None:
    """Answer a batch of tasks, `{"tasks": [...]}`, or a single task."""
    return answer(event, _inspector)


@cache
def _inspector() -> LogInspector[Statement]:
    settings = read_settings(AthenaSettings, os.environ)
    config = lookup_config()
    table = DynamoDBTable(boto3.client("dynamodb", config=config), settings.table_name)
    account = settings.role_arn.split(":")[4] if settings.role_arn else ""
    athena = Athena(_client(settings), settings.workgroup, settings.result_location or None, account)
    return build(settings, athena, table)


def _client(settings: AthenaSettings) -> Callable[[], Any]:
    """Return what returns the client: the session of a role is renewed before it expires."""
    config = lookup_config()
    if not settings.role_arn:
        client = boto3.client("athena", config=config)
        return lambda: client
    accounts = Accounts(
        "",
        (settings.role_arn,),
        home=settings.region,
        session_name=f"alert-responder-{settings.name}",
        external_id=settings.external_id,
        clock=_now,
    )
    return lambda: accounts.client(accounts.all[1], "athena", settings.region, config)


def build(settings: AthenaSettings, athena: Athena, table: Table) -> LogInspector[Statement]:
    """Wire the inspector."""
    console = f"https://{settings.region}.{settings.console}/athena/home?region={settings.region}"
    planner = Planner(
        sources=settings.read_sources(),
        queries=settings.custom_queries(),
        rollup=settings.rollup,
        before=timedelta(hours=settings.hours_before),
        after=timedelta(hours=settings.hours_after),
    )
    return LogInspector(
        product="Athena",
        service=athena,
        budget=lambda cutoff: Budget(table, settings.name, settings.daily_bytes, cutoff, _now),
        plan=planner.plan,
        price=lambda size: price(size, settings.usd_per_tb),
        no_data="no partition, or an empty one",
        link=lambda query_id: f"{console}#/query-editor/history/{query_id}",
        deadline=lambda: Deadline(settings.time_budget_seconds, time.monotonic),
        now=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
