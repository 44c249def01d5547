"""Settings of the emitter `slack`."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from alert_responder_plugins.common.addresses import ReceiverAddress
from alert_responder_plugins.common.settings import PluginSettings


class SlackSettings(PluginSettings):
    """Environment variables that `modules/slack` sets.

    Attributes
    ----------
    channel
        Id of the channel, such as C0123456789, if the secret is a bot token; None if the secret is a webhook URL.
    api_url
        Base URL of Slack's Web API.
    """

    secret_arn: str = Field(alias="SECRET_ARN", min_length=1)
    table_name: str = Field(alias="TABLE_NAME", min_length=1)
    emitter: str = Field(alias="EMITTER", min_length=1)
    channel: Annotated[str | None, BeforeValidator(lambda value: value or None)] = Field(
        alias="SLACK_CHANNEL", default=None, pattern="^[CGD][A-Z0-9]{6,}$"
    )
    api_url: ReceiverAddress = Field(alias="SLACK_API_URL", default="https://slack.com/api")
