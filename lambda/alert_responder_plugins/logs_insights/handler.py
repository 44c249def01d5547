"""Lambda function of the inspector `logs-insights`."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.store.table import Table
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.members import members_in
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.logs.answer import answer
from alert_responder_plugins.logs.budget import Budget
from alert_responder_plugins.logs.lookup import LogInspector
from alert_responder_plugins.logs_insights.client import InsightsQuery, LogsInsights, price
from alert_responder_plugins.logs_insights.jobs import Planner
from alert_responder_plugins.logs_insights.settings import LogsInsightsSettings


def handler(event: Mapping[str, Any], _context: object = None) -> dict[str, Any] | None:
    """Answer a batch of tasks, `{"tasks": [...]}`, or a single task."""
    return answer(event, _inspector)


@cache
def _inspector() -> LogInspector[InsightsQuery]:
    settings = read_settings(LogsInsightsSettings, os.environ)
    table = DynamoDBTable(boto3.client("dynamodb", config=lookup_config()), settings.table_name)
    accounts = Accounts(
        settings.account_id,
        settings.role_arns,
        home=settings.region,
        session_name=settings.session_name,
        external_id=settings.external_id,
        clock=_now,
        members=members_in(table, settings, settings.partition),
    )
    return build(settings, accounts, table)


def build(settings: LogsInsightsSettings, accounts: Accounts, table: Table) -> LogInspector[InsightsQuery]:
    """Wire the inspector."""
    service = LogsInsights(accounts, settings.query_bytes, _now)
    planner = Planner(
        sources=settings.read_sources(),
        queries=settings.custom_queries(),
        before=timedelta(hours=settings.hours_before),
        after=timedelta(hours=settings.hours_after),
        longest=timedelta(days=settings.max_days),
        refusal=accounts.refusal,
    )

    def link(query_id: str) -> str:
        region = service.region(query_id)
        home = f"https://{region}.{settings.console}/cloudwatch/home?region={region}"
        return f"{home}#logsV2:logs-insights$3FqueryDetail$3D~(queryId~'{query_id})"

    return LogInspector(
        product="Logs Insights",
        service=service,
        budget=lambda limit: Budget(table, settings.name, settings.daily_bytes, limit, _now),
        plan=planner.plan,
        price=lambda size: price(size, settings.usd_per_gb),
        no_data="no event",
        link=link,
        deadline=lambda: Deadline(settings.time_budget_seconds, time.monotonic),
        now=_now,
        poll_size=1,
    )


def _now() -> datetime:
    return datetime.now(UTC)
