"""The quarantine's two functions: `handler` takes reports from AlertResponder, `command` takes commands.

People and the schedule give commands. The functions have roles of their own: AlertResponder's runner may call
the first one alone.
"""

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from botocore.config import Config

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.quarantine.actions import called
from alert_responder_plugins.quarantine.approval import CLIENT, Callers
from alert_responder_plugins.quarantine.networks import with_internal_networks
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from alert_responder_plugins.quarantine.wiring import Quarantine, actions_of

_EMISSION_SECONDS, _COMMAND_SECONDS = 15, 40
"""How long something may be begun: AlertResponder waits 30 s for an emitter, and the function may run 60 s."""

_MOST_STATES = 100
"""Entries that are named in the answer to a delivery, whose state has 32 KB at most."""

_CONTAINING = ("approve", "release_due")
"""Commands that may contain something: the others work even if the installation's settings cannot be read."""

_COUNTS = {
    "cut_off": "QuarantineCutOff",
    "failed": "QuarantineFailed",
    "undone": "QuarantineUndone",
    "unseen": "QuarantineUnseen",
}
"""What the schedule counts, and the metric of it."""

_CONFIG = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})


@cache
def _logger() -> Logger:
    return Logger(log_uncaught_exceptions=False)


@cache
def _client(service: str, region: str | None = None) -> Any:
    return boto3.client(service, config=_CONFIG, region_name=region)  # type: ignore[call-overload]


@cache
def _settings() -> QuarantineSettings:
    return read_settings(QuarantineSettings, os.environ)


@cache
def _own_arn() -> str:
    return str(called(_client("sts").get_caller_identity)["Arn"])


@cache
def _callers() -> Callers:
    region = _settings().region
    return Callers(boto3.client("sts", region_name=region, config=CLIENT), region)


def _quarantine(seconds: float, callers: Callers | None = None, *, contains: bool = True) -> Quarantine:
    """Put everything together for one call, which may begin something for so long, and contain something or not."""
    until = time.monotonic() + seconds
    table = DynamoDBTable(_client("dynamodb"), _settings().table)
    settings = with_internal_networks(_settings(), table) if contains else _settings()
    return Quarantine(
        settings,
        table,
        actions_of(settings, _client),
        own_arn=_own_arn,
        clock=lambda: time.time_ns() // 1_000_000,
        time_left=lambda: time.monotonic() < until,
        callers=callers,
    )


@emitter
def handler(request: EmissionRequest) -> EmissionAnswer:
    """Take a delivery of AlertResponder. It is no way to give commands."""
    proposed = _quarantine(_EMISSION_SECONDS).containment.propose(request.report)
    for entry in proposed.entries:
        _log(entry.model_dump())
    _measure({"QuarantineCutOff": proposed.cut_off})
    states = {entry.token: entry.state for entry in proposed.entries[:_MOST_STATES]}
    return EmissionAnswer(state={"entries": states}, note=proposed.note())


def command(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """Take a command of a person, or of the schedule; it runs as a function and a role of its own."""
    quarantine = _quarantine(_COMMAND_SECONDS, _callers(), contains=event.get("action") in _CONTAINING)
    answer = quarantine.commands().do(event)
    if event.get("action") != "list":
        for entry in answer.get("entries", []):
            _log(entry)
    _measure({metric: answer.get(name, 0) for name, metric in _COUNTS.items()})
    return answer


def _measure(counts: Mapping[str, int]) -> None:
    """Write metrics; of zeros nothing is written, since a metric is charged for once it has a value in a month."""
    metrics = EphemeralMetrics(namespace="AlertResponder", service="")
    for name, count in counts.items():
        if count:
            metrics.add_metric(name, MetricUnit.Count, count)
    if metrics.metric_set:
        metrics.add_dimension("installation", _settings().installation)
        metrics.add_dimension("plugin", _settings().name)
        metrics.flush_metrics()


def _log(entry: Mapping[str, Any]) -> None:
    # Ids of ours only: targets and reasons are in the journal.
    shown = {name: entry.get(name) for name in ("token", "kind", "state", "report_id")}
    _logger().info("quarantine", extra=shown)
