"""One call to Slack with its own client: time limits, waiting for its rate limit, and what went wrong."""

import http.client
import logging
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.slack.errors import UnsureError, fault_of

TIMEOUT_SECONDS = 6
"""Longest wait for one answer [s]."""

_LEAST_SECONDS = 1.0
_DEFAULT_WAIT = 1.0
_MOST_TRIES = 3

Answer = TypeVar("Answer")


def quiet_logger() -> logging.Logger:
    """Give a logger that lets nothing through: the client logs addresses, and a webhook's address is a secret."""
    logger = logging.getLogger("alert_responder_plugins.slack.client")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


class _Patient(RetryHandler):
    """Waits only where there is time for one more answer after it."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(max_retry_count=_MOST_TRIES - 1)
        self._patience = patience

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002 - the client's signature
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        """Wait, or leave it at what came."""
        state.next_attempt_requested = self._patience.wait(self._seconds(state, response), TIMEOUT_SECONDS)
        state.increment_current_attempt()

    def _seconds(self, state: RetryState, response: HttpResponse | None) -> float:  # noqa: ARG002
        return self.interval_calculator.calculate_sleep_duration(state.current_attempt)


class RateLimit(_Patient, RateLimitErrorRetryHandler):
    """Waits as long as Slack asks for; what it refuses so it has not done."""

    def _seconds(self, state: RetryState, response: HttpResponse | None) -> float:  # noqa: ARG002
        return _retry_after(response)


class Failure(_Patient, ServerErrorRetryHandler):
    """Tries again what Slack has failed to answer."""


class Connection(_Patient):
    """Tries again what was lost on the way."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        lost = ConnectionErrorRetryHandler(_MOST_TRIES - 1)
        return lost.can_retry(state=state, request=request, response=response, error=error)


def while_writing(patience: Patience) -> list[RetryHandler]:
    """List the handlers for what must not be done twice: only what Slack has surely not done is tried again."""
    return [RateLimit(patience)]


def while_reading(patience: Patience) -> list[RetryHandler]:
    """List the handlers for what may be asked any number of times."""
    return [RateLimit(patience), Connection(patience), Failure(patience)]


def called(call: Callable[[], Answer]) -> Answer:
    """Make a call.

    Raises
    ------
    CodeError
        Slack refused, and has done nothing.
    UnsureError
        Nobody saw how it ended.
    ReceiverFailedError
        Slack was not reached, or refused for its rate limit, and has done nothing.
    """
    try:
        return call()
    except SlackApiError as error:
        # Without its words: they may be anything, and its answer holds what was sent.
        raise fault_of(str(error.response.get("error") or ""), _status(error)) from None
    except (SlackClientError, ValueError):
        raise UnsureError("Slack's answer could not be read; it may have taken the message.") from None
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError):
            raise ReceiverFailedError("Slack could not be reached.") from None
        raise UnsureError("The connection to Slack broke; it may have taken the message.") from None
    except (OSError, http.client.HTTPException):
        raise UnsureError("The connection to Slack broke; it may have taken the message.") from None


def timeout(patience: Patience) -> int:
    """Tell how long to wait for the next answer [whole s].

    Raises
    ------
    ReceiverFailedError
        When there is no time left.
    """
    left = patience.left()
    if left < _LEAST_SECONDS:
        raise ReceiverFailedError("There was not enough time for Slack.")
    return max(min(TIMEOUT_SECONDS, int(left)), 1)


def _retry_after(response: HttpResponse | None) -> float:
    headers = response.headers if response is not None else {}
    found = next((values for name, values in headers.items() if name.lower() == "retry-after"), None)
    text = found[0] if isinstance(found, list) else found
    return float(text) if isinstance(text, str) and text.isascii() and text.isdigit() else _DEFAULT_WAIT


def _status(error: SlackApiError) -> int:
    status = getattr(error.response, "status_code", 0)
    return status if isinstance(status, int) else 0
