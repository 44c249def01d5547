"""Send an event by PagerDuty's own client: what it tries again, for how long, and what its answers mean."""

from collections.abc import Callable
from typing import Any

from httpx2 import Response
from pagerduty import Error, EventsApiV2Client

from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.errors import (
    PluginFaultError,
    ReceiverFailedError,
    ReceiverRefusedError,
    SettingsFaultError,
)
from alert_responder_plugins.pagerduty.decision import Action

TIMEOUT_SECONDS = 4
"""Longest wait for one answer [s]."""

_TRIES_AGAIN = {429: 3, 500: 2, 502: 2, 503: 3, 504: 2}
_MOST_TRIES = 3
_NETWORK_TRIES = 2
_SPARE_SECONDS = 12.0
_KEY_LENGTH = 32


class Sender:
    """Sends events to one service's integration.

    Parameters
    ----------
    routing_key
        Gives the integration's key at its newest.
    pause
        Half of the first wait before something is tried again [s]; each one is twice as long as the one before.
    """

    def __init__(self, routing_key: Callable[[], str], api_url: str, patience: Patience, pause: float = 0.5) -> None:
        self._routing_key = routing_key
        self._api_url = api_url
        self._patience = patience
        self._pause = pause

    def send(self, action: Action, dedup_key: str, event: dict[str, Any]) -> None:
        """Send an event; sent again it changes nothing, as PagerDuty tells events apart by `dedup_key`.

        Raises
        ------
        SettingsFaultError
            The secret is no routing key, or PagerDuty does not know it.
        ReceiverRefusedError
            PagerDuty finds the event invalid.
        ReceiverFailedError
            It could not be reached, failed, or went on refusing for its rate limit.
        """
        key = self._routing_key()
        if len(key) != _KEY_LENGTH or not key.isascii() or not key.isalnum():
            raise SettingsFaultError(
                "The secret is no routing key: 32 letters and digits, of an Events API v2 integration."
            )
        with _Client(key, self._api_url, self._patience, self._pause) as client:
            try:
                client.send_event(action, dedup_key, **event)
            except Error as error:
                # Without its words: it quotes what it was sent.
                if error.response is not None:
                    raise _fault_of(error.response) from None
                raise ReceiverFailedError("PagerDuty could not be reached.") from None


class _Client(EventsApiV2Client):
    """The client, within the time of a call."""

    def __init__(self, key: str, api_url: str, patience: Patience, pause: float) -> None:
        super().__init__(key)
        # Set past the client's own check, which refuses this machine too; the setting was checked.
        self._url = api_url
        self._patience = patience
        self.timeout = TIMEOUT_SECONDS
        self.retry.update(_TRIES_AGAIN)
        self.max_http_attempts = _MOST_TRIES
        self.max_network_attempts = _NETWORK_TRIES
        self.sleep_timer = pause

    def postprocess(self, response: Response) -> None:
        """Leave it at this answer where there is no time for another."""
        if response.status_code in _TRIES_AGAIN and self._patience.left() < _SPARE_SECONDS:
            raise _fault_of(response)


def _fault_of(response: Response) -> PluginFaultError:
    status = response.status_code
    if status == 429:
        return ReceiverFailedError("PagerDuty refused the event for its rate limit.")
    if status in (401, 403, 404) or (status == 400 and "routing_key" in response.text):
        return SettingsFaultError(
            "PagerDuty does not take the routing key; put that of an Events API v2 integration there."
        )
    if 400 <= status < 500:
        return ReceiverRefusedError(f"PagerDuty finds the event invalid (status {status}).")
    return ReceiverFailedError(f"PagerDuty failed with status {status}.")
