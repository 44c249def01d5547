"""An incoming webhook of Slack: it takes messages, and nothing can be asked of it or changed through it."""

from collections.abc import Callable
from typing import Any

from slack_sdk.webhook import WebhookClient

from alert_responder_plugins.common.addresses import receiver_address
from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.slack.client import called, quiet_logger, timeout, while_writing
from alert_responder_plugins.slack.errors import fault_of
from alert_responder_plugins.slack.message import Message


class Webhook:
    """One webhook.

    Parameters
    ----------
    address
        Gives its address at its newest; it is a secret.
    """

    def __init__(self, address: Callable[[], str], patience: Patience) -> None:
        self._address = address
        self._patience = patience

    def post(self, message: Message) -> None:
        """Post a message; raises as `calling.called` does."""
        try:
            address = receiver_address(self._address())
        except ValueError as error:
            raise SettingsFaultError(
                f"The secret is no webhook of Slack ({error}). With a bot's token, set channel_id as well."
            ) from None
        client = WebhookClient(
            address, timeout(self._patience), logger=quiet_logger(), retry_handlers=while_writing(self._patience)
        )
        answer = called(lambda: client.send_dict(_body(message)))
        if answer.status_code != 200 or answer.body != "ok":
            raise fault_of(answer.body or "", answer.status_code)


def _body(message: Message) -> dict[str, Any]:
    off = {"mrkdwn": False, "link_names": False, "unfurl_links": False, "unfurl_media": False}
    return {"text": message.text, "parse": "none", **off, **message.content}
