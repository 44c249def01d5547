"""Lambda function of the emitter `pagerduty`."""

import os
from functools import cache

import boto3

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.delivery_log import DeliveryLog
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.pagerduty.client import PagerDutyClient
from alert_responder_plugins.pagerduty.deliver import PagerDutyEmitter
from alert_responder_plugins.pagerduty.settings import PagerDutySettings

DELIVERY_SECONDS = 24
"""Time limit of a delivery [s]; the runner waits for 30 s."""

_AWS = lookup_config(attempts=2, read_seconds=3)


@emitter
def handler(request: EmissionRequest) -> EmissionAnswer | None:
    """Trigger or resolve the report's incident in PagerDuty."""
    return _emitter().deliver(request)


@cache
def _emitter() -> PagerDutyEmitter:
    settings = read_settings(PagerDutySettings, os.environ)
    deadline = Deadline(DELIVERY_SECONDS)
    secret = Secret(boto3.client("secretsmanager", config=_AWS), settings.secret_arn)
    log = DeliveryLog(DynamoDBTable(boto3.client("dynamodb", config=_AWS), settings.table_name), settings.emitter)
    client = PagerDutyClient(secret.value, settings.api_url, deadline)
    return PagerDutyEmitter(log, client, settings, secret.forget, deadline)
