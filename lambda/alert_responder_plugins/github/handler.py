"""Lambda function of the emitter `github`."""

import os
from functools import cache

import boto3
from botocore.config import Config

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.delivery_log import DeliveryLog
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.github.deliver import GithubEmitter
from alert_responder_plugins.github.settings import GithubSettings
from alert_responder_plugins.github.tracker_factory import TrackerFactory

DELIVERY_SECONDS = 22
"""Time limit of a delivery [s]; the runner waits for 30 s, including a cold start."""

_AWS = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})


@emitter
def handler(request: EmissionRequest) -> EmissionAnswer:
    """Create or update the report's issue."""
    return _emitter().deliver(request)


@cache
def _emitter() -> GithubEmitter:
    settings = read_settings(GithubSettings, os.environ)
    deadline = Deadline(DELIVERY_SECONDS)
    secret = Secret(boto3.client("secretsmanager", config=_AWS), settings.secret_arn)
    table = DynamoDBTable(boto3.client("dynamodb", config=_AWS), settings.table_name)
    factory = TrackerFactory(settings.api_url, settings.repository, secret, deadline)
    return GithubEmitter(
        repository=f"{settings.api_url}/{settings.repository}".lower(),
        label_prefix=settings.label_prefix,
        log=DeliveryLog(table, settings.emitter),
        open_tracker=factory.open,
        forget_secret=factory.forget_secret,
        deadline=deadline,
    )
