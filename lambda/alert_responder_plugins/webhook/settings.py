"""Settings of the webhook source."""

from pydantic import Field

from alert_responder_plugins.common.settings import PluginSettings


class WebhookSettings(PluginSettings):
    """Environment variables that `modules/webhook-source` sets.

    Attributes
    ----------
    secret_header
        Further header that may contain the secret, in lower case. Empty: none.
    """

    secret_arn: str = Field(alias="SECRET_ARN", min_length=1)
    secret_header: str = Field(alias="SECRET_HEADER")
    stream_arn: str = Field(alias="STREAM_ARN", min_length=1)
    dead_letter_queue_url: str = Field(alias="DEAD_LETTER_QUEUE_URL", min_length=1)
