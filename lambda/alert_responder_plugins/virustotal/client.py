"""Asks VirusTotal by its own client, within a time, and says what each refusal means.

The client raises its errors without the answer's status and headers, so that they are looked at here: what is to be
tried again depends on both.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import aiohttp
import vt

from alert_responder.adapters.retrying import full_jitter
from alert_responder_plugins.common.errors import (
    PluginFaultError,
    ReceiverFailedError,
    ReceiverRefusedError,
    SettingsFaultError,
)
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.virustotal.asking import Question, page_of
from alert_responder_plugins.virustotal.reading import Found

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


class _NotKnownError(PluginFaultError):
    """VirusTotal has no such object."""


class _WrongKeyError(PluginFaultError):
    """VirusTotal does not take the key."""


class VirusTotal:
    """VirusTotal's API.

    Parameters
    ----------
    secret
        Holds the API key.
    api_url
        Scheme and host.
    budget_seconds
        Longest a lookup may take, all calls and waits together [s].
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        secret: Secret,
        api_url: str,
        budget_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._secret = secret
        self._api_url = api_url
        self._budget = budget_seconds
        self._clock = clock
        self._sleep = sleep

    def look_up(self, question: Question) -> Found | None:
        """Ask for an object and then for its relationships; None if VirusTotal does not know it.

        Once the object is there, nothing is raised any more: what of the rest is not answered is in `Found.missing`,
        and after a refusal for a quota nothing more is asked.

        Raises
        ------
        QuotaUsedUpError
            When a quota is used up.
        SettingsFaultError
            When the key is not taken, a newly read one neither.
        ReceiverRefusedError
            When the request is refused for good.
        ReceiverFailedError
            When there was no proper answer in time.
        """
        until = self._clock() + self._budget
        key = self._secret.value()
        try:
            return asyncio.run(self._look_up(key, question, until))
        except _WrongKeyError as error:
            # It may have been rotated since it was read.
            self._secret.forget()
            newer = self._secret.value()
            if newer == key:
                raise SettingsFaultError(str(error)) from None
        except _NotKnownError:
            return None
        try:
            return asyncio.run(self._look_up(newer, question, until))
        except _WrongKeyError as error:
            raise SettingsFaultError(str(error)) from None
        except _NotKnownError:
            return None

    async def _look_up(self, key: str, question: Question, until: float) -> Found:
        async with vt.Client(key, agent="AlertResponder", host=self._api_url) as client:
            path = f"/{question.collection}/{{}}"
            document = await self._data(dict, client, path, question.identifier, {}, until)
            related: dict[str, list[Any]] = {}
            missing: dict[str, str] = {}
            for number, name in enumerate(question.relationships):
                parameters = {"limit": str(page_of(name))}
                try:
                    related[name] = await self._data(
                        list, client, f"{path}/{name}", question.identifier, parameters, until
                    )
                except _NotKnownError:
                    continue
                except QuotaUsedUpError as error:
                    missing |= dict.fromkeys(question.relationships[number:], str(error))
                    break
                except PluginFaultError as error:
                    missing[name] = str(error)
            return Found(document, related, missing)

    async def _data(
        self,
        kind: type[_Data],
        client: vt.Client,
        path: str,
        identifier: str,
        parameters: Mapping[str, str],
        until: float,
    ) -> _Data:
        """Make one call, and again where that may help and there is time."""
        for attempt in range(TRIES):
            left = until - self._clock()
            if left <= 0:
                raise ReceiverFailedError(f"VirusTotal did not answer everything within {self._budget:.0f} s.")
            try:
                async with asyncio.timeout(min(left, PATIENCE_SECONDS)):
                    response = await client.get_async(path, identifier, params=dict(parameters))
                    error = await _error_of(client, response)
                    if error is None:
                        return _data_of(await response.json_async(), kind)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                fault: PluginFaultError = ReceiverFailedError("VirusTotal did not answer.")
                wait: float | None = full_jitter(attempt, *_WAIT_SECONDS)
            except (aiohttp.ClientError, ValueError):
                raise ReceiverFailedError("VirusTotal's answer could not be read.") from None
            else:
                fault = _fault_of(response.status, error)
                wait = _wait_of(response.status, response.headers.get("Retry-After"), attempt)
            # A wait that would take the rest of the time away leads nowhere.
            if wait is None or attempt + 1 == TRIES or wait >= until - self._clock():
                raise fault
            await self._sleep(wait)
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


def _fault_of(status: int, error: vt.APIError) -> PluginFaultError:
    said = _plain(": ".join(part for part in (error.code, error.message) if part))
    answered = f"{status}, {said}" if said else str(status)
    if status == 429:
        return QuotaUsedUpError(f"VirusTotal refused for a quota ({answered}).")
    if status == 404:
        return _NotKnownError(f"VirusTotal does not know it ({answered}).")
    if status == 401:
        return _WrongKeyError(f"VirusTotal does not take the API key ({answered}); put a valid one into its secret.")
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
