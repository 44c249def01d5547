"""The result of a call of a plug-in: its answer, or an outcome, a reason, and whether it may have run."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)

from alert_responder.adapters.plugins import LEAST_RETRY_SECONDS, LambdaPlugins
from alert_responder.errors import (
    PluginError,
    PluginFailedError,
    PluginThrottledError,
    PluginTimeoutError,
    PluginUnreachableError,
)
from tests.unit.adapters.stubs import StubClient, refusal

URL = "https://lambda.test"


@pytest.fixture(name="executor")
def _executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


class Time:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds or 0.01


def answer(document: Any, **more: Any) -> dict[str, Any]:
    return {"Payload": io.BytesIO(json.dumps(document).encode()), **more}


def call(client: Any, executor: ThreadPoolExecutor, seconds: float = 10.0) -> bytes:
    time = Time()
    return LambdaPlugins(client, executor, lambda: time.now, time.sleep).call(
        "arn", json.dumps({"a": "ü"}).encode(), seconds
    )


def test_the_answer_is_returned_unchanged(executor: ThreadPoolExecutor) -> None:
    client = StubClient(answer({"contents": []}))
    assert call(client, executor) == b'{"contents": []}'
    ((operation, request),) = client.calls
    assert operation == "invoke"
    assert request == {"FunctionName": "arn", "InvocationType": "RequestResponse", "Payload": b'{"a": "\\u00fc"}'}


def error_of(error: Any, executor: ThreadPoolExecutor) -> PluginError:
    with pytest.raises(PluginError) as caught:
        call(StubClient(error), executor)
    assert "secret" not in caught.value.reason
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refusal("ResourceNotFoundException"), PluginUnreachableError),
        (refusal("AccessDeniedException"), PluginUnreachableError),
        (refusal("RequestTooLargeException"), PluginUnreachableError),
        (refusal("SomethingNewException"), PluginUnreachableError),
        (ParamValidationError(report="secret"), PluginUnreachableError),
        (ReadTimeoutError(endpoint_url=URL), PluginTimeoutError),
        (ConnectionClosedError(endpoint_url=URL), PluginTimeoutError),
        (refusal("TooManyRequestsException"), PluginThrottledError),
        (refusal("ServiceException"), PluginThrottledError),
        (ConnectTimeoutError(endpoint_url=URL), PluginThrottledError),
        (EndpointConnectionError(endpoint_url=URL), PluginThrottledError),
    ],
)
def test_each_error_of_the_call_has_its_kind(
    error: Exception, kind: type[PluginError], executor: ThreadPoolExecutor
) -> None:
    found = error_of(error, executor)
    assert type(found) is kind
    assert found.may_have_run is (kind is PluginTimeoutError)


@pytest.mark.parametrize("passing", [refusal("TooManyRequestsException"), EndpointConnectionError(endpoint_url=URL)])
def test_a_throttled_call_is_retried(passing: Exception, executor: ThreadPoolExecutor) -> None:
    client = StubClient(passing, passing, answer(None))
    assert call(client, executor) == b"null"
    assert len(client.calls) == 3


def test_a_throttled_call_is_not_retried_without_time_for_an_answer(executor: ThreadPoolExecutor) -> None:
    # The first call, and the last: a later one would be a timeout although the function never ran.
    time = Time()
    begun: list[float] = []

    class Throttled:
        def invoke(self, **_: Any) -> Any:
            begun.append(time.now)
            raise refusal("TooManyRequestsException")

    client: Any = Throttled()
    plugins = LambdaPlugins(client, executor, lambda: time.now, time.sleep)
    with pytest.raises(PluginThrottledError):
        plugins.call("arn", b"null", 15.0)
    assert begun[0] == 0
    assert begun[-1] == pytest.approx(15.0 - LEAST_RETRY_SECONDS)


@pytest.mark.parametrize("seconds", [0.5, LEAST_RETRY_SECONDS])
def test_a_short_call_is_made_once(seconds: float, executor: ThreadPoolExecutor) -> None:
    client = StubClient(refusal("TooManyRequestsException"), answer(None))
    with pytest.raises(PluginThrottledError):
        call(client, executor, seconds)
    assert len(client.calls) == 1


def test_a_call_that_may_have_run_is_never_repeated(executor: ThreadPoolExecutor) -> None:
    client = StubClient(ConnectionClosedError(endpoint_url=URL))
    with pytest.raises(PluginTimeoutError):
        call(client, executor)
    assert len(client.calls) == 1


@pytest.mark.parametrize(
    ("document", "kind", "words"),
    [
        ({"errorType": "KeyError", "errorMessage": "'x'"}, PluginFailedError, "KeyError: 'x'"),
        (
            {"errorMessage": "2026-01-01T00:00:00Z 1 Task timed out after 3.00 seconds"},
            PluginTimeoutError,
            "timeout",
        ),
        ({"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 1"}, PluginTimeoutError, "timeout"),
        ({"errorType": "Runtime.ExitError"}, PluginFailedError, "Runtime.ExitError"),
        (["not an object"], PluginFailedError, "unknown error"),
    ],
)
def test_an_error_of_the_function_is_quoted(
    document: Any, kind: type[PluginError], words: str, executor: ThreadPoolExecutor
) -> None:
    found = error_of(answer(document, FunctionError="Unhandled"), executor)
    assert type(found) is kind
    assert words in found.reason


def test_the_message_of_a_function_is_escaped_and_shortened(executor: ThreadPoolExecutor) -> None:
    document = {"errorType": "E", "errorMessage": "\x1b[31m\n\u202e" + "x" * 10_000}
    reason = error_of(answer(document, FunctionError="Unhandled"), executor).reason
    assert reason.isascii()
    assert reason.isprintable()
    assert len(reason) < 1_000


def test_a_slow_function_times_out(executor: ThreadPoolExecutor) -> None:
    done = Event()

    class Slow:
        def invoke(self, **_: Any) -> Any:
            done.wait(10)
            return answer(None)

    try:
        with pytest.raises(PluginTimeoutError):
            call(Slow(), executor, seconds=0.05)
    finally:
        done.set()
