"""Lambda functions, which get no concurrency: Lambda begins no further invocation of any version."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, PartLocation, SimpleAction, error_of
from alert_responder_plugins.quarantine.model import Part, TargetState

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

STOPPED: Final = 0
"""The reserved concurrency of a contained function."""

_NO_FUNCTION = "ResourceNotFoundException"
_MEANINGS = {
    "InvalidParameterValueException": "other functions may have reserved the concurrency meanwhile, of which Lambda "
    "leaves a minimum unreserved: reserve less for them, or raise the quota",
    "ResourceConflictException": "the function is being changed",
}


class Function(SimpleAction):
    """See `actions.Action`; the only part is the reserved concurrency; a number, or None if none is reserved.

    Parameters
    ----------
    client
        Returns the client of this region and account.
    arns
        Prefix of the functions' ARNs in this region and account: `arn:aws:lambda:eu-west-1:111122223333:function:`.
    """

    def __init__(self, client: Callable[[], "LambdaClient"], arns: str) -> None:
        self._client = client
        self._arns = arns

    def look(self, target: str) -> TargetState:
        """Return the reserved concurrency of a function, unless it is 0, and the function's ARN."""
        # The whole ARN: Lambda reads a name alone in more than one way.
        arn = f"{self._arns}{target}"
        before = self.read(PartLocation(target, "", arn))
        if before == GONE:
            return TargetState(refusal="The function does not exist in this account and region.")
        return TargetState(
            parts=() if before == STOPPED else (Part(name=arn, before=before, after=STOPPED),), arns=(arn,)
        )

    def read(self, location: PartLocation) -> Any:
        """Return the reserved concurrency."""
        found = self._call("get_function_concurrency", location.part)
        return GONE if found is None else found.get("ReservedConcurrentExecutions")

    def write(self, location: PartLocation, value: Any) -> None:
        """Reserve concurrency, or reserve none."""
        if value is None:
            written = self._call("delete_function_concurrency", location.part)
        else:
            written = self._call("put_function_concurrency", location.part, ReservedConcurrentExecutions=value)
        if written is None:
            raise ActionFailedError(f"put_function_concurrency: {_NO_FUNCTION}")

    def _call(self, operation: str, arn: str, **request: Any) -> Any:
        """Return the answer; None if the function does not exist."""
        call = getattr(self._client(), operation)
        try:
            return call(FunctionName=arn, **request)
        except ClientError as error:
            code = error_code(error)
            if code == _NO_FUNCTION:
                return None
            if code in _MEANINGS:
                raise ActionFailedError(f"{operation}: {code} ({_MEANINGS[code]})") from None
            raise error_of(call, error) from None
        except BotoCoreError as error:
            raise ActionFailedError(f"{operation}: {type(error).__name__}") from None
