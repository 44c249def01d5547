"""Plug-ins on Lambda: one call with a time limit, and its outcome."""

import json
import time
from collections.abc import Callable
from concurrent.futures import Executor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
)

from alert_responder.adapters.aws_errors import error_code, full_jitter
from alert_responder.errors import (
    PluginError,
    PluginFailedError,
    PluginThrottledError,
    PluginTimeoutError,
    PluginUnreachableError,
)

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

THROTTLE_WAIT_SECONDS = (0.2, 5.0)
"""Upper bound of the first wait after a throttled call, and of any wait [s]."""

LEAST_RETRY_SECONDS = 2.0
"""Least remaining time with which a throttled call is retried [s]; with less, a healthy function would time out."""

_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "EC2ThrottledException", "ENILimitReachedException"}
_WARMING = {"ResourceNotReadyException", "ResourceConflictException", "ServiceException", "InternalFailure"}
_UNREACHABLE = {
    "ResourceNotFoundException": "the function does not exist; it may have been deleted",
    "AccessDeniedException": "calling the function is not allowed",
    "RequestTooLargeException": "the request is larger than Lambda's limit (6 MB)",
    "ValidationException": "its ARN is invalid",
    "InvalidParameterValueException": "Lambda rejected the request",
    "KMSAccessDeniedException": "Lambda may not use the key of the function's environment",
}
_QUOTED_CHARACTERS = 500


class LambdaPlugins:
    """See `usecases.ports.PluginCalls`.

    Parameters
    ----------
    client
        A client without retries, whose read timeout is longer than any call.
    executor
        Threads in which the calls wait; a call that timed out keeps waiting there, and its answer is discarded.
    """

    def __init__(
        self,
        client: "LambdaClient",
        executor: Executor,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._executor = executor
        self._clock = clock
        self._sleep = sleep

    def call(self, arn: str, document: bytes, seconds: float) -> bytes:
        """Invoke a function and return its answer; throttled calls are retried while there is time for an answer."""
        until = self._clock() + seconds
        attempt = 0
        while True:
            try:
                return self._executor.submit(self._invoke, arn, document).result(timeout=until - self._clock())
            except FutureTimeoutError:
                raise PluginTimeoutError(f"No answer within {_whole(seconds)}.") from None
            except PluginThrottledError:
                spare = until - self._clock() - LEAST_RETRY_SECONDS
                if spare <= 0:
                    raise PluginThrottledError(f"Lambda throttled every call for {_whole(seconds)}.") from None
                self._sleep(min(full_jitter(attempt, *THROTTLE_WAIT_SECONDS), spare))
                attempt += 1

    def _invoke(self, arn: str, document: bytes) -> bytes:
        try:
            answer = self._client.invoke(FunctionName=arn, InvocationType="RequestResponse", Payload=document)
            body = answer["Payload"].read()
        except ClientError as error:
            raise _rejected(error) from error
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            raise PluginThrottledError("Lambda could not be reached.") from error
        except ParamValidationError as error:
            raise PluginUnreachableError("Cannot be called: its ARN is invalid.") from error
        except BotoCoreError as error:
            # The request may have been sent, so the function may have run.
            raise PluginTimeoutError(f"The connection broke before the answer ({type(error).__name__}).") from error
        if answer.get("FunctionError"):
            raise _failed(body)
        return body


def _whole(seconds: float) -> str:
    return f"{max(1, round(seconds))} s"


def _rejected(error: ClientError) -> PluginError:
    code = error_code(error)
    if code in _THROTTLED | _WARMING:
        return PluginThrottledError(f"Lambda throttled the call ({code}).")
    cause = _UNREACHABLE.get(code, "Lambda rejected the request")
    return PluginUnreachableError(f"Cannot be called: {cause} ({code}).")


def _failed(body: bytes) -> PluginError:
    """Distinguish a function's own timeout from its other errors; the message is escaped and shortened."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    fields = document if isinstance(document, dict) else {}
    kind, message = str(fields.get("errorType", "unknown error")), str(fields.get("errorMessage", ""))
    if kind == "Sandbox.Timedout" or "Task timed out after" in message:
        return PluginTimeoutError("The function reached its own timeout.")
    quoted = ascii(f"{kind}: {message}"[:_QUOTED_CHARACTERS])[1:-1]
    return PluginFailedError(f"The function failed: {quoted}")
