"""The function of the Slack emitter."""

import os
from functools import cache

import boto3

from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.delivery_log import Once
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.slack.channel import Channel
from alert_responder_plugins.slack.deliver import Delivering
from alert_responder_plugins.slack.settings import SlackSettings
from alert_responder_plugins.slack.webhook import Webhook

SECONDS = 24
"""How long a delivery may take [s]; the runner waits 30 s."""


@emitter
def handler(request: EmissionRequest) -> EmissionAnswer | None:
    """Tell of a report in Slack."""
    patience, delivering = _made()
    patience.renew()
    return delivering.deliver(request)


@cache
def _made() -> tuple[Patience, Delivering]:
    settings = read_settings(SlackSettings, os.environ)
    patience = Patience(SECONDS)
    secret = Secret(boto3.client("secretsmanager"), settings.secret_arn)
    memory = Once(boto3.client("dynamodb"), settings.table_name, settings.emitter)
    receiver = (
        Webhook(secret.value, patience)
        if settings.channel is None
        else Channel(secret.value, settings.channel, settings.api_url, patience)
    )
    return patience, Delivering(memory, receiver, secret.forget)
