"""Local programs with a custom runtime get their events from the runtime API."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder_cli.checking.runtime_target import RuntimeTarget
from alert_responder_cli.errors import CommandError

PROGRAM = f"""#!{sys.executable}
import json, os, sys, time, urllib.error, urllib.request

API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime"
print("hostile")


def post(path, document):
    try:
        return urllib.request.urlopen(API + path, json.dumps(document).encode()).status
    except urllib.error.HTTPError as error:
        return error.code


if os.environ.get("INIT"):
    post("/init/error", {{"errorType": "Runtime.NoSuchHandler", "errorMessage": "no \\x1b[31m"}})
    sys.exit(1)
calls = 0
while True:
    with urllib.request.urlopen(API + "/invocation/next") as given:
        event, request = json.load(given), given.headers["Lambda-Runtime-Aws-Request-Id"]
        deadline = int(given.headers["Lambda-Runtime-Deadline-Ms"])
    calls += 1
    place = "/invocation/" + request
    match event:
        case {{"do": "fail"}}:
            post(place + "/error", {{"errorType": "ValueError", "errorMessage": "no \\x1b[31m"}})
        case {{"do": "babble"}}:
            post(place + "/error", "no")
        case {{"do": "die"}}:
            os._exit(3)
        case {{"do": "hang"}}:
            time.sleep(60)
        case {{"do": "ask"}}:
            wrong = [post("/invocation/another/response", 1), post(place + "/answer", 1), post("/next", 1)]
            post(place + "/response", wrong)
        case _:
            left = deadline - time.time() * 1000
            root, handler = os.environ["LAMBDA_TASK_ROOT"], os.environ["_HANDLER"]
            post(place + "/response", [calls, os.getpid(), 0 < left <= 30_000, root, os.getcwd(), handler])
"""


@pytest.fixture
def bootstrap(tmp_path: Path) -> Path:
    path = tmp_path / "bootstrap"
    path.write_text(PROGRAM)
    path.chmod(0o755)
    return path


@pytest.fixture
def target(bootstrap: Path) -> Iterator[RuntimeTarget]:
    with RuntimeTarget(str(bootstrap), "function.handler") as made:
        yield made


def call(target: RuntimeTarget, event: Any, seconds: float = 30) -> Any:
    return json.loads(target.call(event, seconds))


def test_a_program_answers_call_after_call_in_its_own_folder(target: RuntimeTarget, tmp_path: Path) -> None:
    first, second = call(target, {}), call(target, {})

    assert first == [1, first[1], True, str(tmp_path), str(tmp_path), "function.handler"]
    assert second[:2] == [2, first[1]]


def test_a_restart_is_a_new_process_and_loses_no_event(target: RuntimeTarget) -> None:
    first = call(target, {})
    time.sleep(0.1)  # By now it waits for the next event.
    target.restart()

    assert call(target, {})[0] == 1
    assert call(target, {})[1] != first[1]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("fail", r"The function failed: ValueError: no \x1b[31m"),
        ("babble", "The function failed: unknown error: "),
        ("die", "The function failed: Runtime.ExitError: its process ended with status 3."),
    ],
)
def test_failures_are_reported_as_by_lambda_and_escaped(target: RuntimeTarget, what: str, reason: str) -> None:
    with pytest.raises(PluginFailedError) as error:
        call(target, {"do": what})

    assert error.value.reason == reason
    assert call(target, {})[0] in (1, 2)


def test_a_hanging_program_times_out(target: RuntimeTarget) -> None:
    process = call(target, {})[1]

    with pytest.raises(PluginTimeoutError, match=r"No answer within 0 s\."):
        call(target, {"do": "hang"}, 0.2)
    assert call(target, {})[0] == 1
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_requests_that_lambda_would_reject_are_rejected(target: RuntimeTarget) -> None:
    assert call(target, {"do": "ask"}) == [400, 400, 400]
    assert len(target.refused) == 3


def test_the_init_error_of_a_runtime_is_reported(bootstrap: Path) -> None:
    with (
        RuntimeTarget(str(bootstrap), "function.handler", {"INIT": "fails"}) as made,
        pytest.raises(CommandError) as error,
    ):
        call(made, {})

    assert str(error.value) == rf"{bootstrap} cannot be started: Runtime.NoSuchHandler: no \x1b[31m"


def test_a_program_that_cannot_be_started_is_an_error(bootstrap: Path) -> None:
    bootstrap.write_text("#!/no/such/shell\n")
    with (
        RuntimeTarget(str(bootstrap), "function.handler") as made,
        pytest.raises(CommandError, match=r"bootstrap cannot be started: No such file or directory\."),
    ):
        call(made, {})

    bootstrap.chmod(0o644)
    with pytest.raises(CommandError, match=rf"is not executable: run chmod \+x {bootstrap}$"):
        RuntimeTarget(str(bootstrap), "function.handler")


def test_its_output_goes_to_the_log_only(bootstrap: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    bootstrap.write_text(PROGRAM.replace('print("hostile")', 'print("hostile", flush=True)'))
    with log.open("wb") as kept, RuntimeTarget(str(bootstrap), "function.handler", log=kept) as made:
        call(made, {})
    with RuntimeTarget(str(bootstrap), "function.handler") as made:
        call(made, {})

    assert capfd.readouterr() == ("", "")
    assert log.read_bytes() == b"hostile\n"
