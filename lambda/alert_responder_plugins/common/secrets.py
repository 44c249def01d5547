"""Secrets from Secrets Manager, read when they are needed and remembered for a while."""

import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError

MAX_AGE_SECONDS = 300
"""How long a secret is remembered [s]: a rotated one is used within five minutes, without a call for each lookup."""

_WRONG = {
    "AccessDeniedException": "reading it is not allowed",
    "DecryptionFailure": "its key may not be used",
    "InvalidRequestException": "it is being deleted",
    "ResourceNotFoundException": "it does not exist",
    "ValidationException": "its ARN is not valid",
}


class Secret:
    """One secret; its value stands in no message and no representation.

    Parameters
    ----------
    client
        A boto3 client of Secrets Manager.
    arn
        The secret's ARN.
    field
        The field to take of a secret that is a JSON object; None: the secret is the value itself.
    """

    def __init__(
        self, client: Any, arn: str, field: str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._arn = arn
        self._field = field
        self._clock = clock
        self._value: str | None = None
        self._read_at = 0.0

    def value(self) -> str:
        """Return the value, at most five minutes old.

        Raises
        ------
        SettingsFaultError
            When it does not exist, may not be read, or is not of the form it should be.
        ReceiverFailedError
            When Secrets Manager does not answer.
        """
        now = self._clock()
        if self._value is None or now - self._read_at >= MAX_AGE_SECONDS:
            self._value = self._pick(self._read())
            self._read_at = now
        return self._value

    def forget(self) -> None:
        """Read it anew next time: a receiver has refused it, so that it may have been rotated."""
        self._value = None

    def _read(self) -> str:
        try:
            answer = self._client.get_secret_value(SecretId=self._arn)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _WRONG:
                raise SettingsFaultError(f"The secret {self._arn} cannot be read: {_WRONG[code]}.") from None
            raise ReceiverFailedError("Secrets Manager refused the call.") from None
        except BotoCoreError:
            raise ReceiverFailedError("Secrets Manager did not answer.") from None
        text: str | None = answer.get("SecretString")
        if not text:
            raise SettingsFaultError(f"The secret {self._arn} has no text; it has to be a string.")
        return text

    def _pick(self, text: str) -> str:
        if self._field is None:
            return text.strip()
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        found = document.get(self._field) if isinstance(document, dict) else None
        if not isinstance(found, str) or not found:
            raise SettingsFaultError(f"The secret {self._arn} has to be a JSON object with the text {self._field}.")
        return found
