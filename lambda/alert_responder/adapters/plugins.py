"""Plug-ins on Lambda: one call, waited for no longer than asked, and an honest word on what became of it."""

import json
import time
from collections.abc import Callable
from concurrent.futures import Executor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

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

THROTTLE_WAIT_SECONDS = (0.2, 5.0)
"""Bound of the first wait after a refused call, and of any [seconds]."""

_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "EC2ThrottledException", "ENILimitReachedException"}
_WARMING = {"ResourceNotReadyException", "ResourceConflictException", "ServiceException", "InternalFailure"}
_UNREACHABLE = {
    "ResourceNotFoundException": "the function does not exist; it may have been deleted",
    "AccessDeniedException": "calling the function is not allowed",
    "RequestTooLargeException": "the request is larger than Lambda takes (6 MB)",
    "ValidationException": "its ARN is not valid",
    "InvalidParameterValueException": "Lambda refused the request",
    "KMSAccessDeniedException": "Lambda may not use the key of the function's environment",
}
_QUOTED_CHARACTERS = 500


class LambdaPlugins:
    """See `usecases.ports.PluginCalls`.

    Parameters
    ----------
    client
        A boto3 Lambda client that does not retry by itself and waits for an answer longer than any task may take.
    executor
        Threads the calls wait in; one that is given up goes on waiting there, and its answer is thrown away.
    """

    def __init__(
        self,
        client: Any,
        executor: Executor,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._executor = executor
        self._clock = clock
        self._sleep = sleep

    def call(self, arn: str, document: bytes, seconds: float) -> bytes:
        """Invoke a function and return its answer's bytes; refused calls are tried again until the time is over."""
        until = self._clock() + seconds
        attempt = 0
        while True:
            left = until - self._clock()
            if left <= 0:
                raise PluginThrottledError(f"Lambda refused every call for {_whole(seconds)} for want of capacity.")
            try:
                return self._executor.submit(self._invoke, arn, document).result(timeout=left)
            except FutureTimeoutError:
                raise PluginTimeoutError(f"No answer within {_whole(seconds)}.") from None
            except PluginThrottledError:
                wait = full_jitter(attempt, *THROTTLE_WAIT_SECONDS)
                self._sleep(max(0.0, min(wait, until - self._clock())))
                attempt += 1

    def _invoke(self, arn: str, document: bytes) -> bytes:
        try:
            answer = self._client.invoke(FunctionName=arn, InvocationType="RequestResponse", Payload=document)
            body: bytes = answer["Payload"].read()
        except ClientError as error:
            raise _refused(error) from error
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            raise PluginThrottledError("Lambda could not be reached.") from error
        except ParamValidationError as error:
            raise PluginUnreachableError("Cannot be called: its ARN is not valid.") from error
        except BotoCoreError as error:
            # The request may have been sent: nobody knows whether the function ran.
            raise PluginTimeoutError(f"The connection broke before an answer came ({type(error).__name__}).") from error
        if "FunctionError" in answer:
            raise _failed(body)
        return body


def _whole(seconds: float) -> str:
    return f"{max(1, round(seconds))} s"


def _refused(error: ClientError) -> PluginError:
    code = error_code(error)
    if code in _THROTTLED | _WARMING:
        return PluginThrottledError(f"Lambda refused the call ({code}).")
    what = _UNREACHABLE.get(code, "Lambda refused the call")
    return PluginUnreachableError(f"Cannot be called: {what} ({code}).")


def _failed(body: bytes) -> PluginError:
    """Tell a function's own time-out from its other failures; its words are quoted, escaped and shortened."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    fields = document if isinstance(document, dict) else {}
    kind, message = str(fields.get("errorType", "unknown error")), str(fields.get("errorMessage", ""))
    if kind == "Sandbox.Timedout" or "Task timed out after" in message:
        return PluginTimeoutError("The function ran into its own time limit.")
    words = ascii(f"{kind}: {message}"[:_QUOTED_CHARACTERS])[1:-1]
    return PluginFailedError(f"The function failed: {words}")
