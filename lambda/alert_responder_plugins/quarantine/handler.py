"""The quarantine's function: told of reports by AlertResponder, and commanded by people and its schedule."""

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.quarantine.actions import called
from alert_responder_plugins.quarantine.approving import CLIENT, Callers
from alert_responder_plugins.quarantine.building import Building, actions_of
from alert_responder_plugins.quarantine.networks import with_internal_networks
from alert_responder_plugins.quarantine.settings import QuarantineSettings

_EMISSION_SECONDS, _COMMAND_SECONDS = 15, 40
"""How long something may be begun: AlertResponder waits 30 s for an emitter, and the function may run 60 s."""

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


def _building(seconds: float) -> Building:
    """Put everything together for one call, which may begin something for so long."""
    until = time.monotonic() + seconds
    table = DynamoDBTable(_client("dynamodb"), _settings().table)
    settings = with_internal_networks(_settings(), table)
    return Building(
        settings,
        table,
        actions_of(settings, _client),
        own_arn=_own_arn,
        clock=lambda: time.time_ns() // 1_000_000,
        time_left=lambda: time.monotonic() < until,
    )


@emitter
def _told(request: EmissionRequest) -> EmissionAnswer:
    entries = _building(_EMISSION_SECONDS).containing.propose(request.report)
    for entry in entries:
        _log(entry.model_dump())
    return EmissionAnswer(state={"entries": {entry.token: entry.state for entry in entries}})


def handler(event: Mapping[str, Any], context: object = None) -> dict[str, Any] | None:
    """Take an emission or a command; AlertResponder's own events never have `action`."""
    if "action" not in event:
        return _told(event, context)
    answer = _building(_COMMAND_SECONDS).commands(_callers()).do(event)
    if event["action"] != "list":
        for entry in answer.get("entries", []):
            _log(entry)
    return answer


def _log(entry: Mapping[str, Any]) -> None:
    # Ids of ours only: targets and reasons are in the journal.
    shown = {name: entry.get(name) for name in ("token", "kind", "state", "report_id")}
    _logger().info("quarantine", extra=shown)
