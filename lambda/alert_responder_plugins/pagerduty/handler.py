"""The function of the PagerDuty emitter."""

import os
from functools import cache

import boto3

from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.delivery_log import Once
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.pagerduty.client import Sender
from alert_responder_plugins.pagerduty.deliver import Delivering
from alert_responder_plugins.pagerduty.settings import PagerDutySettings

SECONDS = 24
"""How long a delivery may take [s]; the runner waits 30 s."""


@emitter
def handler(request: EmissionRequest) -> EmissionAnswer | None:
    """Tell PagerDuty of a report."""
    patience, delivering = _made()
    patience.renew()
    return delivering.deliver(request)


@cache
def _made() -> tuple[Patience, Delivering]:
    settings = read_settings(PagerDutySettings, os.environ)
    patience = Patience(SECONDS)
    secret = Secret(boto3.client("secretsmanager"), settings.secret_arn)
    memory = Once(boto3.client("dynamodb"), settings.table_name, settings.emitter)
    sender = Sender(secret.value, settings.api_url, patience)
    return patience, Delivering(memory, sender, settings, secret.forget)
