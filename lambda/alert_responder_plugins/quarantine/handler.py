"""Lambda functions of the quarantine: `handler` accepts deliveries, `command` accepts commands.

Operators and the schedule send commands. Each function has its own role, and AlertResponder's runner may call only the
first one.
"""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from botocore.config import Config

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder.store.directory import CachedDirectory
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.quarantine.actions import call_aws
from alert_responder_plugins.quarantine.approval import CLIENT, Callers
from alert_responder_plugins.quarantine.members import Members
from alert_responder_plugins.quarantine.networks import with_internal_networks
from alert_responder_plugins.quarantine.own_functions import with_own_functions
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from alert_responder_plugins.quarantine.sites import actions_of
from alert_responder_plugins.quarantine.wiring import Quarantine

_EMISSION_SECONDS, _COMMAND_SECONDS = 15, 40
"""How long calls may begin actions [s]: AlertResponder waits 30 s for an emitter, and the timeout is 60 s."""

_SESSION_LENGTH = 64
"""Maximum length of a role session's name [characters]."""

_MOST_STATES = 100
"""Maximum number of entries in the answer to a delivery, whose state is limited to 32 KB."""

_CONTAINING = ("approve", "release_due")
"""Commands that may contain targets; the others work even if the installation's settings cannot be read."""

_COUNTS = {
    "cut_off": "QuarantineCutOff",
    "failed": "QuarantineFailed",
    "undone": "QuarantineUndone",
    "unseen": "QuarantineUnseen",
}
"""Metrics by the name of the count in the schedule's answer."""

_CONFIG = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
_SLOW_CONFIG = Config(connect_timeout=3, read_timeout=40, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def _logger() -> Logger:
    return Logger(log_uncaught_exceptions=False)


@cache
def _client(service: str, region: str | None = None, *, slow: bool = False) -> Any:
    return boto3.client(service, config=_SLOW_CONFIG if slow else _CONFIG, region_name=region)  # type: ignore[call-overload]


@cache
def _settings() -> QuarantineSettings:
    return read_settings(QuarantineSettings, os.environ)


@cache
def _own_arn() -> str:
    return str(call_aws(_client("sts").get_caller_identity)["Arn"])


@cache
def _directory() -> CachedDirectory:
    return CachedDirectory(DynamoDBTable(_client("dynamodb"), _settings().table), _milliseconds)


@cache
def _callers() -> Callers:
    region = _settings().region
    return Callers(boto3.client("sts", region_name=region, config=CLIENT), region)


def _quarantine(seconds: float, callers: Callers | None = None, *, contains: bool = True) -> Quarantine:
    """Wire a quarantine for one call, which may begin actions for so many seconds."""
    deadline = Deadline(seconds)
    table = DynamoDBTable(_client("dynamodb"), _settings().table)
    settings = _settings()
    if contains:
        settings = with_own_functions(with_internal_networks(settings, table), table)
    return Quarantine(
        settings,
        table,
        actions_of(settings, _client),
        own_arn=_own_arn,
        clock=_milliseconds,
        time_left=lambda: deadline.remaining() > 0,
        callers=callers,
        members=_members(settings, acts=callers is not None),
    )


def _members(settings: QuarantineSettings, *, acts: bool) -> Members | None:
    """Wire the member accounts; without `acts` this function only looks if a person must approve."""
    roles = settings.members
    if roles is None:
        return None
    looks = settings.dry_run or (settings.approval and not acts)
    role = roles.reader if looks else roles.responder
    return Members(
        settings, roles, role, _accounts(roles.external_id), _directory().directory, _milliseconds, _SLOW_CONFIG
    )


@cache
def _accounts(external_id: str) -> Accounts:
    """Return the sessions of a function, which outlive calls and always have the same role."""
    settings = _settings()
    return Accounts(
        settings.account_id,
        (),
        home=settings.region,
        session_name=f"{settings.installation}-{settings.name}"[:_SESSION_LENGTH],
        external_id=external_id,
        clock=lambda: datetime.now(UTC),
    )


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


@emitter
def handler(request: EmissionRequest) -> EmissionAnswer:
    """Accept a delivery from AlertResponder, and no commands."""
    proposed = _quarantine(_EMISSION_SECONDS).containment.propose(request.report)
    for entry in proposed.entries:
        _log(entry.model_dump())
    _measure({"QuarantineCutOff": proposed.cut_off})
    states = {entry.token: entry.state for entry in proposed.entries[:_MOST_STATES]}
    return EmissionAnswer(state={"entries": states}, note=proposed.note())


def command(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """Accept a command of an operator or the schedule; this function has its own role."""
    quarantine = _quarantine(_COMMAND_SECONDS, _callers(), contains=event.get("action") in _CONTAINING)
    answer = quarantine.commands().do(event)
    if event.get("action") != "list":
        for entry in answer.get("entries", []):
            _log(entry)
    _measure({metric: answer.get(name, 0) for name, metric in _COUNTS.items()})
    return answer


def _measure(counts: Mapping[str, int]) -> None:
    """Write metrics except zeros: a metric is charged for in each month in which it has a value."""
    metrics = EphemeralMetrics(namespace="AlertResponder", service="")
    for name, count in counts.items():
        if count:
            metrics.add_metric(name, MetricUnit.Count, count)
    if metrics.metric_set:
        metrics.add_dimension("installation", _settings().installation)
        metrics.add_dimension("plugin", _settings().name)
        metrics.flush_metrics()


def _log(entry: Mapping[str, Any]) -> None:
    # Only ids: targets and reasons are in the journal.
    shown = {name: entry.get(name) for name in ("token", "kind", "state", "report_id")}
    _logger().info("quarantine entry written", extra=shown)
