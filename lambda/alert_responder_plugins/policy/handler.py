"""Lambda function of the reviewer `policy`."""

import os
import time
from datetime import UTC, datetime
from functools import cache

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.handlers.time_limit import time_limit
from alert_responder.plugin import Report, ReviewAnswer, reviewer
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.policy.review import review
from alert_responder_plugins.policy.settings import PolicySettings
from alert_responder_plugins.policy.table import PolicyTable

METRIC = "PolicyFaults"
"""Number of rules and suppressions that could not be evaluated; 1 for a policy that cannot be used."""


@reviewer
def handler(report: Report) -> ReviewAnswer:
    """Rate a report by the policy."""

    def log(fault: str) -> None:
        _logger().warning("policy fault", extra={"fault": fault, "report_id": report.id})

    with time_limit():
        return review(report, lambda: _table().policy(), datetime.now(UTC), log, _measure)


@cache
def _logger() -> Logger:
    return Logger(log_uncaught_exceptions=False)


@cache
def _settings() -> PolicySettings:
    return read_settings(PolicySettings, os.environ)


@cache
def _table() -> PolicyTable:
    client = boto3.client("dynamodb", config=lookup_config())
    return PolicyTable(
        DynamoDBTable(client, _settings().table),
        _settings().name,
        clock=lambda: time.monotonic_ns() // 1_000_000,
        log=lambda fault: _logger().warning("policy not read", extra={"fault": fault}),
    )


def _measure(faults: int) -> None:
    """Write the metric except zero: a metric is charged for in each month in which it has a value."""
    if not faults:
        return
    metrics = EphemeralMetrics(namespace="AlertResponder", service="")
    metrics.add_dimension("installation", _settings().installation)
    metrics.add_dimension("plugin", _settings().name)
    metrics.add_metric(METRIC, MetricUnit.Count, faults)
    metrics.flush_metrics()
