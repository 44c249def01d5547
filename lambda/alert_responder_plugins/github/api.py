"""Requests of GitHub's REST API, repeated as its documentation demands and within the time limit of a delivery."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from pydantic import BaseModel

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import OutcomeUnknownError, ReceiverFailedError, ReceiverRefusedError
from alert_responder_plugins.common.http import HttpClient, HttpResponse, NoAnswerError, UnreachableError
from alert_responder_plugins.github.errors import REQUEST_SECONDS, error_of, is_rate_limited, wait_for_request

DEFAULT_WAIT_SECONDS = 60.0
"""Wait after a rate limit without `Retry-After` [s]."""

_ATTEMPTS = 6
_BACKOFF_SECONDS = 0.5
_PER_PAGE = 100
_REDIRECTS = (301, 302, 307, 308)
_MAX_REDIRECTS = 3
_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="next"')
_HEADERS = {"Accept": "application/vnd.github+json", "User-Agent": "AlertResponder"}

Model = TypeVar("Model", bound=BaseModel)


class GithubApi:
    """The API for one delivery.

    Parameters
    ----------
    api_url
        Address of the API, without a slash at the end.
    bearer
        Returns the token or JWT for the next request.
    seconds_between_writes
        Pause between writes [s]; GitHub asks for one second.
    """

    def __init__(
        self, api_url: str, bearer: Callable[[], str], deadline: Deadline, seconds_between_writes: float = 1.0
    ) -> None:
        self._api_url = api_url
        self._bearer = bearer
        self._deadline = deadline
        self._pause = seconds_between_writes
        self._last_write: float | None = None
        self._http = HttpClient()

    def read(self, model: type[Model], path: str, action: str) -> Model:
        """Return a resource; for parameters and errors see `write`."""
        response = self._request("GET", self._api_url + path, action, ReceiverFailedError)
        return _parsed(model, _json(response, action, ReceiverFailedError), action, ReceiverFailedError)

    def pages(self, model: type[Model], path: str, action: str, parameters: dict[str, str]) -> Iterator[Model]:
        """Yield the items of a list; a page is requested when it is needed, as long as there is time for it."""
        url = f"{self._api_url}{path}?{urlencode({**parameters, 'per_page': str(_PER_PAGE)})}"
        while url:
            response = self._request("GET", url, action, ReceiverFailedError)
            items = _json(response, action, ReceiverFailedError)
            for item in items if isinstance(items, list) else [items]:
                yield _parsed(model, item, action, ReceiverFailedError)
            following = _NEXT.search(response.headers.get("link", ""))
            url = self._same_host(urljoin(url, following[1])) if following else ""

    def write(
        self, model: type[Model], method: str, path: str, document: Any, action: str, *, once: bool = False
    ) -> Model:
        """Change something, and return the result.

        Rate-limited requests are always repeated, because they had no effect.

        Parameters
        ----------
        action
            The action as an infinitive, for error messages.
        once
            Whether the request must not be repeated after a lost response or an error of GitHub: the caller must then
            look for its effect.

        Raises
        ------
        OutcomeUnknownError
            The request, made `once`, may have taken effect.
        ReceiverFailedError
            GitHub failed, or demands a wait for which there is not enough time.
        RefusedError, SettingsFaultError
            GitHub rejected the request.
        ReceiverRefusedError
            GitHub redirects to another host.
        """
        if self._last_write is not None:
            wait_for_request(self._deadline, max(self._last_write + self._pause - self._deadline.elapsed(), 0.0))
        failed = OutcomeUnknownError if once else ReceiverFailedError
        try:
            response = self._request(method, self._api_url + path, action, failed, document, once)
        finally:
            self._last_write = self._deadline.elapsed()
        return _parsed(model, _json(response, action, failed), action, failed)

    def _request(
        self,
        method: str,
        url: str,
        action: str,
        failed: type[ReceiverFailedError],
        document: Any = None,
        once: bool = False,
    ) -> HttpResponse:
        wait = 0.0
        for attempt in range(_ATTEMPTS):
            wait_for_request(self._deadline, wait)
            last = attempt + 1 == _ATTEMPTS
            wait = _BACKOFF_SECONDS * 2**attempt
            try:
                response = self._send(method, url, document)
            except NoAnswerError as error:
                if last or (once and not isinstance(error, UnreachableError)):
                    text = f"GitHub could not be reached, or did not answer, while trying to {action}."
                    raise failed(text) from None
                continue
            if 200 <= response.status < 300:
                return response
            if last or not (is_rate_limited(response) or (response.status >= 500 and not once)):
                raise error_of(response, action, failed)
            wait = _wait_after(response, wait)
        raise AssertionError  # The last attempt has returned or raised.

    def _send(self, method: str, url: str, document: Any) -> HttpResponse:
        """Send a request, also to the new address of a renamed repository on the same host."""
        headers = {**_HEADERS, "Authorization": f"Bearer {self._bearer()}"}
        for _ in range(_MAX_REDIRECTS):
            response = self._http.send(method, url, headers, REQUEST_SECONDS, document)
            if response.status not in _REDIRECTS:
                return response
            url = self._same_host(urljoin(url, response.headers.get("location", "")))
        raise ReceiverRefusedError("GitHub redirects too often; check base_url and repository.")

    def _same_host(self, url: str) -> str:
        """Return an address that GitHub named; raise `ReceiverRefusedError` if it would send the token elsewhere."""
        try:
            same = urlsplit(url)[:2] == urlsplit(self._api_url)[:2]
        except ValueError:
            same = False
        if not same:
            raise ReceiverRefusedError("GitHub redirects to another address; check base_url and repository.")
        return url


def _json(response: HttpResponse, action: str, failed: type[ReceiverFailedError]) -> Any:
    try:
        return response.json()
    except ValueError:
        raise failed(f"GitHub's response is not valid JSON while trying to {action}.") from None


def _parsed(model: type[Model], document: Any, action: str, failed: type[ReceiverFailedError]) -> Model:
    try:
        return model.model_validate(document)
    except ValueError:
        raise failed(f"GitHub's response is invalid while trying to {action}.") from None


def _wait_after(response: HttpResponse, backoff: float) -> float:
    """Return the wait before the next attempt [s]."""
    demanded = _seconds(response.headers.get("retry-after"))
    if not is_rate_limited(response):
        return max(backoff, demanded or 0.0)
    if demanded is not None:
        return demanded
    reset = _seconds(response.headers.get("x-ratelimit-reset"))
    if response.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - time.time(), 0.0) + 1
    return DEFAULT_WAIT_SECONDS


def _seconds(text: str | None) -> float | None:
    return float(text[:12]) if text and text.isascii() and text.isdecimal() else None
