"""Send events with PagerDuty's own client, within the time limit of a delivery."""

from collections.abc import Callable
from typing import Any

from httpx2 import Response
from pagerduty import Error, EventsApiV2Client

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.pagerduty.errors import error_of
from alert_responder_plugins.pagerduty.state import Action

TIMEOUT_SECONDS = 4
"""Time limit of one request [s]."""

_ATTEMPTS_BY_STATUS = {429: 3, 500: 2, 502: 2, 503: 3, 504: 2}
_MAX_ATTEMPTS = 3
_MAX_NETWORK_ATTEMPTS = 2
_RESERVE_SECONDS = 12.0
_KEY_LENGTH = 32


class PagerDutyClient:
    """Sends events to one integration of a service.

    Parameters
    ----------
    routing_key
        Returns the current key of the integration.
    pause
        Half of the wait before the first retry [s]; each further wait is twice as long.
    """

    def __init__(self, routing_key: Callable[[], str], api_url: str, deadline: Deadline, pause: float = 0.5) -> None:
        self._routing_key = routing_key
        self._api_url = api_url
        self._deadline = deadline
        self._pause = pause

    def send(self, action: Action, dedup_key: str, event: dict[str, Any]) -> None:
        """Send an event; events with the same `dedup_key` belong to the same incident.

        Raises
        ------
        SettingsFaultError
            The secret is not a routing key, or PagerDuty does not know the key.
        ReceiverRefusedError
            PagerDuty rejected the event as invalid.
        ReceiverFailedError
            PagerDuty could not be reached, failed, or kept throttling.
        """
        key = self._routing_key()
        if len(key) != _KEY_LENGTH or not key.isascii() or not key.isalnum():
            raise SettingsFaultError(
                "The secret must be the routing key of an Events API v2 integration: 32 letters and digits."
            )
        with _TimedClient(key, self._api_url, self._deadline, self._pause) as client:
            try:
                client.send_event(action, dedup_key, **event)
            except Error as error:
                # The client's message is left out: it quotes the request.
                if error.response is not None:
                    raise error_of(error.response) from None
                raise ReceiverFailedError("PagerDuty could not be reached.") from None


class _TimedClient(EventsApiV2Client):
    """PagerDuty's client, which retries only while there is time."""

    def __init__(self, key: str, api_url: str, deadline: Deadline, pause: float) -> None:
        super().__init__(key)
        # Bypasses the client's own check, which rejects the loopback addresses of tests; the setting was validated.
        self._url = api_url
        self._deadline = deadline
        self.timeout = TIMEOUT_SECONDS
        self.retry.update(_ATTEMPTS_BY_STATUS)
        self.max_http_attempts = _MAX_ATTEMPTS
        self.max_network_attempts = _MAX_NETWORK_ATTEMPTS
        self.sleep_timer = pause

    def postprocess(self, response: Response) -> None:
        """Raise the error at once if too little time is left for a retry."""
        if response.status_code in _ATTEMPTS_BY_STATUS and self._deadline.remaining() < _RESERVE_SECONDS:
            raise error_of(response)
