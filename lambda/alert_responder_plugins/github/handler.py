"""The function of the emitter `github`."""

import os
from functools import cache

import boto3
from botocore.config import Config

from alert_responder.plugin import EmissionAnswer, EmissionRequest, emitter
from alert_responder_plugins.common.delivery_log import Once
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.github.deliver import Emitting
from alert_responder_plugins.github.settings import GithubSettings
from alert_responder_plugins.github.tracker_factory import Connecting

_AWS = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})


@emitter
def handler(request: EmissionRequest) -> EmissionAnswer:
    """Make an issue of a report, or update it."""
    return _emitting().emit(request)


@cache
def _emitting() -> Emitting:
    settings = read_settings(GithubSettings, os.environ)
    secret = Secret(boto3.client("secretsmanager", config=_AWS), settings.secret_arn)
    return Emitting(
        repository=f"{settings.api_url}/{settings.repository}".lower(),
        label_prefix=settings.label_prefix,
        once=Once(boto3.client("dynamodb", config=_AWS), settings.table_name, settings.emitter),
        open_tracker=Connecting(settings.api_url, settings.repository, secret).open,
    )
