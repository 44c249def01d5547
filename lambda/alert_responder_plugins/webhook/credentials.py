"""The versions of the secret that are accepted, from Secrets Manager."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS = 300
"""How long the versions are cached [s]."""

MIN_AGE_SECONDS = 30
"""Age after which they are read again for a request that none of them matches [s]; each such request needs no call."""

MIN_LENGTH = 16
"""Minimum length of the secret [bytes]: anybody may send requests, so that a short one could be guessed."""


class Credentials:
    """The current and the previous version of a secret, so that it can be rotated without a rejected request.

    Parameters
    ----------
    clock
        Monotonic time [s].
    """

    def __init__(self, client: "SecretsManagerClient", arn: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._arn = arn
        self._clock = clock
        self._versions: tuple[bytes, ...] = ()
        self._read_at = 0.0

    def versions(self, max_age: float = MAX_AGE_SECONDS) -> tuple[bytes, ...]:
        """Return the versions, which were read at most `max_age` seconds ago.

        Raises
        ------
        SettingsFaultError
            The secret cannot be read, or is too short.
        ReceiverFailedError
            Secrets Manager did not answer.
        """
        if not self._versions or self._clock() - self._read_at > max_age:
            self._versions = self._read()
            self._read_at = self._clock()
        return self._versions

    def _read(self) -> tuple[bytes, ...]:
        current = self._version("AWSCURRENT")
        if current is None or len(current) < MIN_LENGTH:
            raise SettingsFaultError(f"The secret {self._arn} must be a text of at least {MIN_LENGTH} characters.")
        previous = self._version("AWSPREVIOUS")
        return (current,) if previous is None or len(previous) < MIN_LENGTH else (current, previous)

    def _version(self, stage: str) -> bytes | None:
        try:
            answer = self._client.get_secret_value(SecretId=self._arn, VersionStage=stage)
        except ClientError as error:
            code = error_code(error)
            if code == "ResourceNotFoundException" and stage == "AWSPREVIOUS":
                return None
            raise SettingsFaultError(f"The secret {self._arn} cannot be read: {code}.") from None
        except BotoCoreError:
            raise ReceiverFailedError("Secrets Manager did not answer.") from None
        text = answer.get("SecretString")
        return text.strip().encode() if text else None
