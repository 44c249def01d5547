"""Lambda function of the inspector `virustotal`."""

import os
from functools import cache

import boto3
from botocore.config import Config

from alert_responder.plugin import InspectionAnswer, InspectionTask, inspector
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.virustotal.client import VirusTotal
from alert_responder_plugins.virustotal.lookup import VirusTotalInspector
from alert_responder_plugins.virustotal.settings import VirusTotalSettings

_QUICK = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""Configuration for reading the secret, which must not use up the time of the lookup."""


@cache
def _inspector() -> VirusTotalInspector:
    settings = read_settings(VirusTotalSettings, os.environ)
    secret = Secret(boto3.client("secretsmanager", config=_QUICK), settings.secret_arn, settings.secret_field)
    return VirusTotalInspector(settings, VirusTotal(secret, settings.api_url, settings.budget_seconds))


@inspector
def handler(task: InspectionTask) -> InspectionAnswer | None:
    """Look up one attribute at VirusTotal."""
    return _inspector().inspect(task.attribute)
