"""Lambda function of the webhook source, behind an HTTP API."""

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.webhook.client import AlertStream
from alert_responder_plugins.webhook.credentials import Credentials
from alert_responder_plugins.webhook.receive import Receiver
from alert_responder_plugins.webhook.request import read_request
from alert_responder_plugins.webhook.settings import WebhookSettings

_AWS = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
"""Short, since senders wait for the answer: GitHub for ten seconds."""


@cache
def _logger() -> Logger:
    return Logger(log_uncaught_exceptions=False)


@cache
def _receiver() -> Receiver:
    settings = read_settings(WebhookSettings, os.environ)
    sqs: Any = boto3.client("sqs", config=_AWS)
    return Receiver(
        Credentials(boto3.client("secretsmanager", config=_AWS), settings.secret_arn),
        AlertStream(
            boto3.client("kinesis", config=_AWS),
            settings.stream_arn,
            sqs,
            settings.dead_letter_queue_url,
        ),
        time.time,
        settings.secret_header,
    )


def handler(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """Put the document that a product posted on the alert stream."""
    request = read_request(event)
    answer = _receiver().answer(request)
    # Nothing of the headers and the body, which contain the secret and the alert.
    shown = {"status": answer.status, "bytes": len(request.body), "source_ip": request.source_ip}
    level = _logger().error if answer.status >= 500 else _logger().info
    level("webhook answered", extra=shown)
    return answer.as_event()
