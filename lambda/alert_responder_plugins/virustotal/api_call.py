"""One call of VirusTotal's API by its own client, tried again where that may help, and what each refusal means.

The client raises its errors without the answer's status and headers, so that they are looked at here: what is to be
tried again depends on both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import vt

from alert_responder.adapters.aws_errors import full_jitter
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, ReceiverRefusedError

TRIES = 3
"""How often one call is made, where VirusTotal failed or asked to come back."""

PATIENCE_SECONDS = 15.0
"""Longest one call is waited for [s]."""

_WAIT_SECONDS = (1.0, 4.0)
_QUOTED_CHARACTERS = 200
_NOT_OF_THE_API = ("ClientError", "ServerError")
"""What the client calls an error whose text may be anything, such as a page of a proxy."""

_Data = TypeVar("_Data", dict[str, Any], list[Any])


class QuotaUsedUpError(PluginFaultError):
    """VirusTotal refused for a quota, and does not take more in time."""


class NotKnownError(PluginFaultError):
    """VirusTotal has no such object."""


class WrongKeyError(PluginFaultError):
    """VirusTotal does not take the key."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one lookup.

    Attributes
    ----------
    key
        The API key, which no message may hold.
    until
        When the time is over, by `clock` [s].
    """

    client: vt.Client
    key: str
    until: float
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    async def get(
        self, kind: type[_Data], path: str, identifier: str, parameters: Mapping[str, str] | None = None
    ) -> _Data:
        """Return the data of an answer.

        Parameters
        ----------
        kind
            What they have to be: dict for an object, list for a page of them.
        path
            With `{}` where the identifier goes.

        Raises
        ------
        QuotaUsedUpError, NotKnownError, WrongKeyError
            As they say.
        ReceiverRefusedError
            When the request is refused for good otherwise.
        ReceiverFailedError
            When there was no proper answer in time.
        """
        for attempt in range(TRIES):
            left = self.until - self.clock()
            if left <= 0:
                raise ReceiverFailedError("VirusTotal did not answer everything in the time there is for a lookup.")
            try:
                async with asyncio.timeout(min(left, PATIENCE_SECONDS)):
                    response = await self.client.get_async(path, identifier, params=dict(parameters or {}))
                    error = await _error_of(self.client, response)
                    if error is None:
                        return _data_of(await response.json_async(), kind)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                fault: PluginFaultError = ReceiverFailedError("VirusTotal did not answer.")
                wait: float | None = full_jitter(attempt, *_WAIT_SECONDS)
            except (aiohttp.ClientError, ValueError):
                raise ReceiverFailedError("VirusTotal's answer could not be read.") from None
            else:
                fault = _fault_of(response.status, error, self.key)
                wait = _wait_of(response.status, response.headers.get("Retry-After"), attempt)
            # A wait that would take the rest of the time away leads nowhere.
            if wait is None or attempt + 1 == TRIES or wait >= self.until - self.clock():
                raise fault
            await self.sleep(wait)
        raise AssertionError  # The last try has returned or raised.


async def _error_of(client: vt.Client, response: vt.ClientResponse) -> vt.APIError | None:
    try:
        error = await client.get_error_async(response)
    except (AttributeError, KeyError, TypeError, ValueError):
        error = vt.APIError(_NOT_OF_THE_API[0], "")
    # An error that is not of the documented form; its status says enough.
    return vt.APIError("", "") if error is not None and error.code in _NOT_OF_THE_API else error


def _data_of(document: Any, kind: type[_Data]) -> _Data:
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, kind):
        raise ReceiverFailedError("VirusTotal's answer could not be read.")
    return data


def _fault_of(status: int, error: vt.APIError, key: str) -> PluginFaultError:
    # Whoever stands in between may send back what it got.
    said = _plain(": ".join(str(part) for part in (error.code, error.message) if part).replace(key, "***"))
    answered = f"{status}, {said}" if said else str(status)
    if status == 429:
        return QuotaUsedUpError(f"VirusTotal refused for a quota ({answered}).")
    # Not if something else answers so: a wrong address would make everything unknown, and look like an answer.
    if status == 404 and error.code == "NotFoundError":
        return NotKnownError(f"VirusTotal does not know it ({answered}).")
    if status == 401:
        return WrongKeyError(f"VirusTotal does not take the API key ({answered}); put a valid one into its secret.")
    if status == 403:
        return ReceiverRefusedError(f"The API key is not allowed to ask this ({answered}).")
    if 400 <= status < 500:
        return ReceiverRefusedError(f"VirusTotal refused the request ({answered}).")
    return ReceiverFailedError(f"VirusTotal failed ({answered}).")


def _wait_of(status: int, retry_after: str | None, attempt: int) -> float | None:
    """Return how long to wait before the next try [s]; None: trying again cannot help."""
    if status >= 500 or status == 429:
        if retry_after and retry_after.isascii() and retry_after.isdigit():
            return float(retry_after[:9])
        # A quota is full again with the next minute, day or month. Which one it is, VirusTotal does not say.
        return None if status == 429 else full_jitter(attempt, *_WAIT_SECONDS)
    return None


def _plain(text: str) -> str:
    """Keep printable ASCII and shorten: the words of others go into reports and logs."""
    kept = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)
    return kept if len(kept) <= _QUOTED_CHARACTERS else f"{kept[:_QUOTED_CHARACTERS]}..."
