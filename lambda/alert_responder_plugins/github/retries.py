"""When PyGithub tries a request again: as GitHub's documentation asks, and in the time a delivery has."""

import time
from types import TracebackType
from typing import Any, Self

from github import GithubRetry
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader
from urllib3.response import BaseHTTPResponse, HTTPResponse

from alert_responder_plugins.github.budget import Budget

UNSAID_SECONDS = 60.0
"""How long to wait after a refusal for a rate limit that does not say how long [s]."""

_TRIES = 5
_REFUSED_FOR_RATE = (403, 429)


class Retry(GithubRetry):
    """PyGithub's retry, but for what would make something twice, and for waits there is no time for.

    Refusals for a rate limit (403 and 429) are tried again whatever the method, since nothing was taken. Where the
    answer was lost, or is a server's error, only requests are repeated that change nothing by it: the caller of the
    others has to look what they have done.
    """

    def __init__(self, budget: Budget | None = None, **options: Any) -> None:
        options = {
            "total": _TRIES,
            "backoff_factor": 0.5,
            "secondary_rate_wait": UNSAID_SECONDS,
            "status_forcelist": [429, *range(500, 600)],
            "allowed_methods": frozenset({"GET", "PATCH", "POST"}),
            **options,
        }
        super().__init__(**options)
        self._budget = budget or Budget()

    def new(self, **changed: Any) -> Self:
        """Return a copy that has the same time left."""
        return super().new(budget=self._budget, **changed)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Tell whether an answer means that the request is to be sent again."""
        if method == "POST" and status_code not in _REFUSED_FOR_RATE:
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
        """Count a try that failed, and raise what ends them."""
        if error is not None and method == "POST" and not self._is_connection_error(error):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as the answer asks; raise `ReceiverFailedError` when that is too long."""
        self._budget.wait(self.get_backoff_time() if response is None else self._asked(response))

    def _asked(self, response: BaseHTTPResponse) -> float:
        try:
            asked = self.get_retry_after(response)
        except InvalidHeader:
            asked = UNSAID_SECONDS
        if asked is not None:
            return asked
        # Of 403s it is PyGithub that reads what they say.
        if response.status == 429:
            return _until_reset(response) or UNSAID_SECONDS
        return self.get_backoff_time()


def _until_reset(response: BaseHTTPResponse) -> float | None:
    reset = response.headers.get("X-RateLimit-Reset", "")
    if response.headers.get("X-RateLimit-Remaining") != "0" or not reset.isdecimal():
        return None
    return max(int(reset) - time.time(), 0.0) + 1
