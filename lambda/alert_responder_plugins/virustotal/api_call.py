"""Call VirusTotal's API, with retries and translated errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from alert_responder.adapters.aws_errors import full_jitter
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, ReceiverRefusedError
from alert_responder_plugins.common.http import HttpClient, HttpResponse, NoAnswerError

MAX_ATTEMPTS = 3
"""Maximum number of attempts per call."""

TIMEOUT_SECONDS = 15.0
"""Time limit of one request [s]."""

_WAIT_SECONDS = (1.0, 4.0)
_QUOTED_CHARACTERS = 200
_AGENT = "AlertResponder; gzip"
"""The word gzip is necessary: without it, Google's servers do not compress."""

_Data = TypeVar("_Data", dict[str, Any], list[Any])


class QuotaExceededError(PluginFaultError):
    """A quota of VirusTotal is exceeded, and is not renewed in time."""


class NotKnownError(PluginFaultError):
    """VirusTotal does not know the object."""


class WrongKeyError(PluginFaultError):
    """VirusTotal rejected the key."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one lookup.

    Attributes
    ----------
    api_url
        Scheme and host.
    key
        The API key, which no message may contain.
    """

    api_url: str
    key: str
    deadline: Deadline
    client: HttpClient = field(default_factory=HttpClient)

    def get(self, kind: type[_Data], path: str, parameters: Mapping[str, str] | None = None) -> _Data:
        """Return the data of a response.

        Parameters
        ----------
        kind
            Type of the data: dict for an object, list for a page of objects.
        path
            Path below the API's version.

        Raises
        ------
        QuotaExceededError, NotKnownError, WrongKeyError
            See these classes.
        ReceiverRefusedError
            The request was rejected for another reason.
        ReceiverFailedError
            No valid response arrived in time.
        """
        url = f"{self.api_url}/api/v3/{quote(path, safe='/:')}"
        if parameters:
            url += f"?{urlencode(parameters)}"
        headers = {"User-Agent": _AGENT, "X-Apikey": self.key}
        for attempt in range(MAX_ATTEMPTS):
            left = self.deadline.remaining()
            if left <= 0:
                raise ReceiverFailedError("VirusTotal did not answer within the time limit of the lookup.")
            try:
                response = self.client.send("GET", url, headers, min(left, TIMEOUT_SECONDS))
            except NoAnswerError:
                fault: PluginFaultError = ReceiverFailedError("VirusTotal did not answer.")
                wait: float | None = full_jitter(attempt, *_WAIT_SECONDS)
            else:
                if response.status == 200:
                    return _data_of(response, kind)
                fault = _fault_of(response, self.key)
                wait = _wait_of(response.status, response.headers.get("retry-after"), attempt)
            # Do not wait past the deadline.
            if wait is None or attempt + 1 == MAX_ATTEMPTS or wait >= self.deadline.remaining():
                raise fault
            self.deadline.sleep(wait)
        raise AssertionError  # The last attempt has returned or raised.


def _data_of(response: HttpResponse, kind: type[_Data]) -> _Data:
    try:
        document = response.json()
    except ValueError:
        document = None
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, kind):
        raise ReceiverFailedError("VirusTotal's response is invalid.")
    return data


def _error_of(response: HttpResponse) -> tuple[str, str]:
    """Return code and message of an error; both empty if it does not have the documented form, as of a proxy."""
    try:
        document = response.json() if response.status < 500 else None
    except ValueError:
        document = None
    error = document.get("error") if isinstance(document, dict) else None
    return (str(error.get("code", "")), str(error.get("message", ""))) if isinstance(error, dict) else ("", "")


def _fault_of(response: HttpResponse, key: str) -> PluginFaultError:
    status, (code, message) = response.status, _error_of(response)
    # A proxy may return the request, which contains the key.
    text = _printable(": ".join(part for part in (code, message) if part).replace(key, "***"))
    details = f"{status}, {text}" if text else str(status)
    if status == 429:
        return QuotaExceededError(f"A quota of VirusTotal is exceeded ({details}).")
    # A 404 of another server, such as at a wrong address, must not look like an unknown object.
    if status == 404 and code == "NotFoundError":
        return NotKnownError(f"VirusTotal does not know it ({details}).")
    if status == 401:
        return WrongKeyError(f"VirusTotal rejected the API key ({details}); store a valid one in the secret.")
    if status == 403:
        return ReceiverRefusedError(f"The API key does not permit this request ({details}).")
    if 400 <= status < 500:
        return ReceiverRefusedError(f"VirusTotal rejected the request ({details}).")
    return ReceiverFailedError(f"VirusTotal failed ({details}).")


def _wait_of(status: int, retry_after: str | None, attempt: int) -> float | None:
    """Return the wait before the next attempt [s], or None if retrying does not help."""
    if status >= 500 or status == 429:
        if retry_after and retry_after.isascii() and retry_after.isdigit():
            return float(retry_after[:9])
        # VirusTotal does not state whether the quota is renewed in the next minute, day or month.
        return None if status == 429 else full_jitter(attempt, *_WAIT_SECONDS)
    return None


def _printable(text: str) -> str:
    """Keep printable ASCII, and shorten: the text is written to reports and logs."""
    kept = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)
    return kept if len(kept) <= _QUOTED_CHARACTERS else f"{kept[:_QUOTED_CHARACTERS]}..."
