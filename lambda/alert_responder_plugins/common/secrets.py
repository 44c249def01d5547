"""Secrets from Secrets Manager, cached by Powertools."""

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from aws_lambda_powertools.utilities.parameters.secrets import SecretsProvider
from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, SettingsFaultError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS = 300
"""How long a value is cached [s]: a rotated secret is used within five minutes, without a call for each lookup."""

_CAUSES = {
    "AccessDeniedException": "access is denied",
    "DecryptionFailure": "its KMS key cannot be used",
    "InvalidRequestException": "it is scheduled for deletion",
    "ResourceNotFoundException": "it does not exist",
    "ValidationException": "its ARN is invalid",
}


class Secret:
    """One secret; no error message and no representation contains its value.

    Parameters
    ----------
    field
        Field of the JSON object that the secret contains; None if the secret is the value itself.
    """

    def __init__(self, client: "SecretsManagerClient", arn: str, field: str | None = None) -> None:
        self._provider = SecretsProvider(boto3_client=client)
        self._arn = arn
        self._field = field

    def value(self) -> str:
        """Return the value, which is at most five minutes old.

        Raises
        ------
        SettingsFaultError
            The secret does not exist, cannot be read, or does not have the required form.
        ReceiverFailedError
            Secrets Manager did not answer.
        """
        try:
            text = self._provider.get(self._arn, max_age=MAX_AGE_SECONDS)
        except GetParameterError as error:
            raise self._error_of(error.__context__) from None
        value = self._read(text)
        if not value:
            self.forget()
            form = "a string" if self._field is None else f"a JSON object with the string {self._field}"
            raise SettingsFaultError(f"The secret {self._arn} must be {form}, and not empty.")
        return value

    def forget(self) -> None:
        """Read the secret again next time: a receiver rejected the value, which may have been rotated."""
        self._provider.clear_cache()  # type: ignore[no-untyped-call]

    def _read(self, text: Any) -> str | None:
        if not isinstance(text, str) or self._field is None:
            return text.strip() if isinstance(text, str) else None
        try:
            document = json.loads(text)
        except ValueError:
            return None
        value = document.get(self._field) if isinstance(document, dict) else None
        return value if isinstance(value, str) else None

    def _error_of(self, cause: BaseException | None) -> PluginFaultError:
        if not isinstance(cause, ClientError):
            return ReceiverFailedError("Secrets Manager did not answer.")
        if reason := _CAUSES.get(error_code(cause)):
            return SettingsFaultError(f"The secret {self._arn} cannot be read: {reason}.")
        return ReceiverFailedError(f"Secrets Manager rejected the call: {error_code(cause)}.")
