"""An incoming webhook of Slack: it accepts messages, but cannot read or update them."""

from collections.abc import Callable
from typing import Any

from slack_sdk.webhook import WebhookClient

from alert_responder_plugins.common.addresses import receiver_address
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.slack.client import call_slack, silent_logger, timeout, write_retries
from alert_responder_plugins.slack.errors import error_of
from alert_responder_plugins.slack.message import Message


class Webhook:
    """One webhook.

    Parameters
    ----------
    address
        Returns the current URL, which is a secret.
    """

    def __init__(self, address: Callable[[], str], deadline: Deadline) -> None:
        self._address = address
        self._deadline = deadline

    def post(self, message: Message) -> None:
        """Post a message; raises the errors of `client.call_slack`."""
        try:
            address = receiver_address(self._address())
        except ValueError as error:
            raise SettingsFaultError(
                f"The secret is not a webhook URL: it {error}. If it is a bot token, set channel_id as well."
            ) from None
        client = WebhookClient(
            address, timeout(self._deadline), logger=silent_logger(), retry_handlers=write_retries(self._deadline)
        )
        answer = call_slack(lambda: client.send_dict(_body(message)))
        if answer.status_code != 200 or answer.body != "ok":
            raise error_of(answer.body or "", answer.status_code)


def _body(message: Message) -> dict[str, Any]:
    off = {"mrkdwn": False, "link_names": False, "unfurl_links": False, "unfurl_media": False}
    return {"text": message.text, "parse": "none", **off, **message.content}
