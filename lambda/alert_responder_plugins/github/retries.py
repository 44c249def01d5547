"""Retries of PyGithub: as GitHub's documentation demands, and within the time limit of a delivery."""

import time
from types import TracebackType
from typing import Any, Self

from github import GithubRetry
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader
from urllib3.response import BaseHTTPResponse, HTTPResponse

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.github.errors import wait_for_request

DEFAULT_WAIT_SECONDS = 60.0
"""Wait after a rate limit without `Retry-After` [s]."""

_ATTEMPTS = 5
_RATE_LIMITED = (403, 429)


class Retry(GithubRetry):
    """PyGithub's retry, without retries that could create something twice or exceed the time limit.

    Rate-limited requests (403 and 429) are retried with any method, because they had no effect. After a lost response
    or a server error, only idempotent requests are retried: callers of other requests must check their effect.
    """

    def __init__(self, deadline: Deadline, **options: Any) -> None:
        options = {
            "total": _ATTEMPTS,
            "backoff_factor": 0.5,
            "secondary_rate_wait": DEFAULT_WAIT_SECONDS,
            "status_forcelist": [429, *range(500, 600)],
            "allowed_methods": frozenset({"GET", "PATCH", "POST"}),
            **options,
        }
        super().__init__(**options)
        self._deadline = deadline

    def new(self, **changed: Any) -> Self:
        """Return a copy with the same deadline."""
        return super().new(deadline=self._deadline, **changed)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Whether a request is retried after this response."""
        if method == "POST" and status_code not in _RATE_LIMITED:
            return False
        return super().is_retry(method, status_code, has_retry_after)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: HTTPResponse | None = None,  # type: ignore[override]
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Any:
        """Count a failed attempt, and raise the error that ends the retries."""
        if error is not None and method == "POST" and not self._is_connection_error(error):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as the response demands; raise `ReceiverFailedError` if there is not enough time."""
        wait_for_request(self._deadline, self.get_backoff_time() if response is None else self._demanded(response))

    def _demanded(self, response: BaseHTTPResponse) -> float:
        try:
            demanded = self.get_retry_after(response)
        except InvalidHeader:
            demanded = DEFAULT_WAIT_SECONDS
        if demanded is not None:
            return demanded
        # PyGithub itself evaluates 403 responses.
        if response.status == 429:
            return _until_reset(response) or DEFAULT_WAIT_SECONDS
        return self.get_backoff_time()


def _until_reset(response: BaseHTTPResponse) -> float | None:
    reset = response.headers.get("X-RateLimit-Reset", "")
    if response.headers.get("X-RateLimit-Remaining") != "0" or not reset.isdecimal():
        return None
    return max(int(reset) - time.time(), 0.0) + 1
