"""Settings of the emitter `pagerduty`."""

from typing import Literal

from pydantic import Field, Json

from alert_responder.contracts.primitives import Severity
from alert_responder_plugins.common.addresses import ReceiverAddress
from alert_responder_plugins.common.settings import PluginSettings

PagerDutySeverity = Literal["critical", "error", "warning", "info"]
"""Severity of an event in PagerDuty."""


class PagerDutySettings(PluginSettings):
    """Environment variables that `modules/pagerduty` sets.

    Attributes
    ----------
    severities
        PagerDuty's severity for each severity of a report.
    triggers
        Severities that open an incident.
    source
        Source of the events.
    """

    secret_arn: str = Field(alias="SECRET_ARN", min_length=1)
    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    emitter: str = Field(alias="EMITTER", min_length=1)
    source: str = Field(alias="PAGERDUTY_SOURCE", min_length=1)
    severities: Json[dict[Severity, PagerDutySeverity]] = Field(alias="PAGERDUTY_SEVERITIES")
    triggers: Json[frozenset[Severity]] = Field(alias="PAGERDUTY_TRIGGERS")
    api_url: ReceiverAddress = Field(alias="PAGERDUTY_API_URL", default="https://events.pagerduty.com")
