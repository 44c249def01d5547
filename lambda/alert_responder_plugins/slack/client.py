"""Calls of Slack with its own client: time limits, retries and errors."""

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

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import OutcomeUnknownError, ReceiverFailedError
from alert_responder_plugins.slack.errors import error_of

TIMEOUT_SECONDS = 6
"""Time limit of one request [s]."""

_MIN_SECONDS = 1.0
_DEFAULT_WAIT_SECONDS = 1.0
_MAX_ATTEMPTS = 3
_MAX_THROTTLED_ATTEMPTS = 30

_Result = TypeVar("_Result")


def silent_logger() -> logging.Logger:
    """Return a logger that discards everything: the client logs URLs, and the URL of a webhook is a secret."""
    logger = logging.getLogger("alert_responder_plugins.slack.client")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


class _TimedRetry(RetryHandler):
    """Retries only while there is time for one more request."""

    _attempts = _MAX_ATTEMPTS

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(max_retry_count=self._attempts - 1)
        self._deadline = deadline

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002 - required by the client
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        """Wait, or give up if there is not enough time."""
        state.next_attempt_requested = self._deadline.wait(self._seconds(state, response), TIMEOUT_SECONDS)
        state.increment_current_attempt()

    def _seconds(self, state: RetryState, response: HttpResponse | None) -> float:  # noqa: ARG002
        return self.interval_calculator.calculate_sleep_duration(state.current_attempt)


class RateLimit(_TimedRetry, RateLimitErrorRetryHandler):
    """Waits as long as Slack demands, until the deadline; a throttled request had no effect."""

    _attempts = _MAX_THROTTLED_ATTEMPTS

    def _seconds(self, state: RetryState, response: HttpResponse | None) -> float:  # noqa: ARG002
        return _retry_after(response)


class ServerError(_TimedRetry, ServerErrorRetryHandler):
    """Retries after a server error."""


class ConnectionLost(_TimedRetry):
    """Retries after a connection error."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        handler = ConnectionErrorRetryHandler(_MAX_ATTEMPTS - 1)
        return handler.can_retry(state=state, request=request, response=response, error=error)


def write_retries(deadline: Deadline) -> list[RetryHandler]:
    """Return the retries for writes that must not be repeated: only throttled requests, which had no effect."""
    return [RateLimit(deadline)]


def read_retries(deadline: Deadline) -> list[RetryHandler]:
    """Return the retries for requests that can be repeated."""
    return [RateLimit(deadline), ConnectionLost(deadline), ServerError(deadline)]


def call_slack(call: Callable[[], _Result]) -> _Result:
    """Make a call, and translate its errors.

    Raises
    ------
    CodeError
        Slack rejected the request, which had no effect.
    OutcomeUnknownError
        The request may have taken effect.
    ReceiverFailedError
        Slack was not reached, or throttled the request, which had no effect.
    """
    try:
        return call()
    except SlackApiError as error:
        # The text is left out: it is arbitrary, and the response contains the request.
        raise error_of(str(error.response.get("error") or ""), _status(error)) from None
    except (SlackClientError, ValueError):
        raise OutcomeUnknownError("Slack's response is invalid; the message may have been posted.") from None
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError):
            raise ReceiverFailedError("Slack could not be reached.") from None
        raise OutcomeUnknownError("The connection to Slack was lost; the message may have been posted.") from None
    except (OSError, http.client.HTTPException):
        raise OutcomeUnknownError("The connection to Slack was lost; the message may have been posted.") from None


def timeout(deadline: Deadline) -> int:
    """Return the time limit of the next request [whole s].

    Raises
    ------
    ReceiverFailedError
        If no time is left.
    """
    left = deadline.remaining()
    if left < _MIN_SECONDS:
        raise ReceiverFailedError("The time limit of the delivery was reached before Slack was called.")
    return max(min(TIMEOUT_SECONDS, int(left)), 1)


def _retry_after(response: HttpResponse | None) -> float:
    headers = response.headers if response is not None else {}
    values = next((values for name, values in headers.items() if name.lower() == "retry-after"), None)
    text = values[0] if isinstance(values, list) else values
    return float(text) if isinstance(text, str) and text.isascii() and text.isdigit() else _DEFAULT_WAIT_SECONDS


def _status(error: SlackApiError) -> int:
    status = getattr(error.response, "status_code", 0)
    return status if isinstance(status, int) else 0
