"""Asks VirusTotal for an object and what belongs to it, within a time and with the key of today."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import vt

from alert_responder_plugins.common.errors import PluginFaultError, SettingsFaultError
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.virustotal.api_call import Calls, NotKnownError, QuotaUsedUpError, WrongKeyError
from alert_responder_plugins.virustotal.contents import Found
from alert_responder_plugins.virustotal.queries import Question, page_of

_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{1,256}")


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
        key = self._key()
        try:
            return self._ask(key, question, until)
        except WrongKeyError as error:
            # It may have been rotated since it was read.
            self._secret.forget()
            newer = self._key()
            if newer == key:
                raise SettingsFaultError(str(error)) from None
        try:
            return self._ask(newer, question, until)
        except WrongKeyError as error:
            raise SettingsFaultError(str(error)) from None

    def _key(self) -> str:
        key = self._secret.value().strip()
        if not _KEY.fullmatch(key):
            raise SettingsFaultError("The secret does not hold an API key, that is letters and digits alone.")
        return key

    def _ask(self, key: str, question: Question, until: float) -> Found | None:
        try:
            return asyncio.run(self._look_up(key, question, until))
        except NotKnownError:
            return None

    async def _look_up(self, key: str, question: Question, until: float) -> Found:
        path = f"/{question.collection}/{{}}"
        related: dict[str, list[Any]] = {}
        missing: dict[str, str] = {}
        async with vt.Client(key, agent="AlertResponder", host=self._api_url) as client:
            calls = Calls(client, key, until, self._clock, self._sleep)
            document = await calls.get(dict, path, question.identifier)
            for number, name in enumerate(question.relationships):
                limit = {"limit": str(page_of(name))}
                try:
                    related[name] = await calls.get(list, f"{path}/{name}", question.identifier, limit)
                except NotKnownError:
                    related[name] = []
                except QuotaUsedUpError as error:
                    missing |= dict.fromkeys(question.relationships[number:], str(error))
                    break
                except PluginFaultError as error:
                    missing[name] = str(error)
        return Found(document, related, missing)
