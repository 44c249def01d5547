"""HTTP requests of plug-ins with urllib3, which boto3 brings: no redirects, no retries, a time limit.

Only what urllib3 1.26 and 2 have in common is used: the version in the Lambda runtime can change at any time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from alert_responder.errors import AlertResponderError


class NoAnswerError(AlertResponderError):
    """No complete response arrived: the request may have taken effect."""


class UnreachableError(NoAnswerError):
    """The connection failed: the request was not sent."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response with any status.

    Attributes
    ----------
    headers
        Its headers, with names in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Parse the body; raise `ValueError` if it is not valid JSON."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("too many levels") from None


class HttpClient:
    """Keeps connections open between requests; certificates are verified with the authorities of the system."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED")

    def send(
        self, method: str, url: str, headers: Mapping[str, str], timeout: float, document: Any = None
    ) -> HttpResponse:
        """Send a request, and return the response whatever its status is.

        Parameters
        ----------
        timeout
            Time limit for connecting, and then for each part of the response that arrives [s]. A server that sends its
            response in small parts is stopped by the function's own timeout only.
        document
            Sent as JSON; None: the request has no body.

        Raises
        ------
        UnreachableError, NoAnswerError
            See these classes; the messages contain no text of the request.
        """
        sent = {"Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        if document is not None:
            sent["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                method,
                url,
                body=None if document is None else json.dumps(document).encode(),
                headers=sent,
                timeout=urllib3.Timeout(total=timeout),
                retries=False,
                redirect=False,
            )
        except (ConnectTimeoutError, NewConnectionError):
            raise UnreachableError("the connection failed") from None
        except (HTTPError, OSError):
            raise NoAnswerError("no complete response arrived") from None
        names = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(response.status, names, response.data)
