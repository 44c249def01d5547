"""Call VirusTotal's API with its own client, with retries and translated errors.

The client's errors do not contain the status and headers of the response, on which retries depend; they are evaluated
here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import vt

from alert_responder.adapters.aws_errors import full_jitter
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, ReceiverRefusedError

MAX_ATTEMPTS = 3
"""Maximum number of attempts per call."""

TIMEOUT_SECONDS = 15.0
"""Time limit of one request [s]."""

_WAIT_SECONDS = (1.0, 4.0)
_QUOTED_CHARACTERS = 200
_NOT_OF_THE_API = ("ClientError", "ServerError")
"""Codes by which the client reports responses that are not VirusTotal's, such as a page of a proxy."""

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
    key
        The API key, which no message may contain.
    """

    client: vt.Client
    key: str
    deadline: Deadline
    sleep: Callable[[float], Awaitable[None]]

    async def get(
        self, kind: type[_Data], path: str, identifier: str, parameters: Mapping[str, str] | None = None
    ) -> _Data:
        """Return the data of a response.

        Parameters
        ----------
        kind
            Type of the data: dict for an object, list for a page of objects.
        path
            Path with `{}` in place of the identifier.

        Raises
        ------
        QuotaExceededError, NotKnownError, WrongKeyError
            See these classes.
        ReceiverRefusedError
            The request was rejected for another reason.
        ReceiverFailedError
            No valid response arrived in time.
        """
        for attempt in range(MAX_ATTEMPTS):
            left = self.deadline.remaining()
            if left <= 0:
                raise ReceiverFailedError("VirusTotal did not answer within the time limit of the lookup.")
            try:
                async with asyncio.timeout(min(left, TIMEOUT_SECONDS)):
                    response = await self.client.get_async(path, identifier, params=dict(parameters or {}))
                    error = await _error_of(self.client, response)
                    if error is None:
                        return _data_of(await response.json_async(), kind)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                fault: PluginFaultError = ReceiverFailedError("VirusTotal did not answer.")
                wait: float | None = full_jitter(attempt, *_WAIT_SECONDS)
            except (aiohttp.ClientError, ValueError):
                raise ReceiverFailedError("VirusTotal's response is invalid.") from None
            else:
                fault = _fault_of(response.status, error, self.key)
                wait = _wait_of(response.status, response.headers.get("Retry-After"), attempt)
            # Do not wait past the deadline.
            if wait is None or attempt + 1 == MAX_ATTEMPTS or wait >= self.deadline.remaining():
                raise fault
            await self.sleep(wait)
        raise AssertionError  # The last attempt has returned or raised.


async def _error_of(client: vt.Client, response: vt.ClientResponse) -> vt.APIError | None:
    try:
        error = await client.get_error_async(response)
    except (AttributeError, KeyError, TypeError, ValueError):
        error = vt.APIError(_NOT_OF_THE_API[0], "")
    # For an error without the documented form, the status is sufficient.
    return vt.APIError("", "") if error is not None and error.code in _NOT_OF_THE_API else error


def _data_of(document: Any, kind: type[_Data]) -> _Data:
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, kind):
        raise ReceiverFailedError("VirusTotal's response is invalid.")
    return data


def _fault_of(status: int, error: vt.APIError, key: str) -> PluginFaultError:
    # A proxy may return the request, which contains the key.
    text = _printable(": ".join(str(part) for part in (error.code, error.message) if part).replace(key, "***"))
    details = f"{status}, {text}" if text else str(status)
    if status == 429:
        return QuotaExceededError(f"A quota of VirusTotal is exceeded ({details}).")
    # A 404 of another server, such as at a wrong address, must not look like an unknown object.
    if status == 404 and error.code == "NotFoundError":
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
