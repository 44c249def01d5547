"""Request an object and its relationships from VirusTotal, within a time limit and with the current key."""

import re
import time
from collections.abc import Callable
from typing import Any

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import PluginFaultError, SettingsFaultError
from alert_responder_plugins.common.secrets import Secret
from alert_responder_plugins.virustotal.api_call import Calls, NotKnownError, QuotaExceededError, WrongKeyError
from alert_responder_plugins.virustotal.contents import Response
from alert_responder_plugins.virustotal.queries import Question, page_of

_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{1,256}")


class VirusTotal:
    """VirusTotal's API.

    Parameters
    ----------
    secret
        Contains the API key.
    api_url
        Scheme and host.
    budget_seconds
        Time limit of a lookup, including all calls and waits [s].
    clock
        A monotonic clock [s].
    """

    def __init__(
        self,
        secret: Secret,
        api_url: str,
        budget_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._secret = secret
        self._api_url = api_url
        self._budget = budget_seconds
        self._clock = clock
        self._sleep = sleep

    def look_up(self, question: Question) -> Response | None:
        """Request an object and its relationships; return None if VirusTotal does not know the object.

        After the object was received, errors are not raised but recorded in `Response.missing`. No further
        relationships are requested once a quota is exceeded.

        Raises
        ------
        QuotaExceededError
            A quota is exceeded.
        SettingsFaultError
            The key was rejected, and a newly read one as well.
        ReceiverRefusedError
            The request was rejected.
        ReceiverFailedError
            No valid response arrived in time.
        """
        deadline = Deadline(self._budget, self._clock, self._sleep)
        key = self._key()
        try:
            return self._request(key, question, deadline)
        except WrongKeyError as error:
            # The key may have been rotated since it was read.
            self._secret.forget()
            newer = self._key()
            if newer == key:
                raise SettingsFaultError(str(error)) from None
        try:
            return self._request(newer, question, deadline)
        except WrongKeyError as error:
            raise SettingsFaultError(str(error)) from None

    def _key(self) -> str:
        key = self._secret.value().strip()
        if not _KEY.fullmatch(key):
            raise SettingsFaultError("The secret must be an API key of letters and digits.")
        return key

    def _request(self, key: str, question: Question, deadline: Deadline) -> Response | None:
        calls = Calls(self._api_url, key, deadline)
        path = f"{question.collection}/{question.identifier}"
        related: dict[str, list[Any]] = {}
        missing: dict[str, str] = {}
        limit: str | None = None
        try:
            document = calls.get(dict, path)
        except NotKnownError:
            return None
        for number, name in enumerate(question.relationships):
            try:
                related[name] = calls.get(list, f"{path}/{name}", {"limit": str(page_of(name))})
            except NotKnownError:
                related[name] = []
            except QuotaExceededError as error:
                limit = str(error)
                missing |= dict.fromkeys(question.relationships[number:], limit)
                break
            except PluginFaultError as error:
                missing[name] = str(error)
        return Response(document, related, missing, limit)
