"""What a TARGET means, and Python functions that run in a process of their own."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder_cli.checking.python_target import PythonTarget
from alert_responder_cli.checking.targets import LambdaFunction, PythonFunction, parse
from alert_responder_cli.errors import CommandError

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:whois"

PLUGIN = """
import os, sys, time
import helper

CALLS = []

def handler(event, context):
    print("\\x1b[31mhostile", event)
    CALLS.append(event)
    match event:
        case {"do": "fail"}:
            raise ValueError("no \\x1b[31m")
        case {"do": "die"}:
            os._exit(3)
        case {"do": "leave"}:
            sys.exit(0)
        case {"do": "hang"}:
            time.sleep(60)
        case {"do": "object"}:
            return object()
    left = context.get_remaining_time_in_millis()
    return {"calls": len(CALLS), "helper": helper.NAME, "left": left > 0, "pid": os.getpid(), "x": os.environ.get("X")}

not_a_function = 1
"""


@pytest.fixture
def plug_in(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text("NAME = 'beside it'\n")
    (tmp_path / "plug_in.py").write_text(PLUGIN)
    (tmp_path / "broken.py").write_text("import no_such_module\n")
    return tmp_path / "plug_in.py"


@pytest.fixture
def target(plug_in: Path) -> Iterator[PythonTarget]:
    with PythonTarget(str(plug_in), "handler", {"X": "given"}) as made:
        yield made


def call(target: PythonTarget, event: Any, seconds: float = 30) -> Any:
    return json.loads(target.call(event, seconds))


@pytest.mark.parametrize("name", [ARN, f"{ARN}:live", f"{ARN}:$LATEST", "whois", "secops-whois_2"])
def test_functions_on_lambda(name: str) -> None:
    assert parse(name) == LambdaFunction(name)


def test_python_functions(plug_in: Path) -> None:
    assert parse(f"{plug_in}:handler") == PythonFunction(str(plug_in), "handler")
    assert parse("plugins.whois:handler") == PythonFunction("plugins.whois", "handler")


@pytest.mark.parametrize(
    "name", ["", "a b", "module:", ":handler", "module:1", "arn:aws:s3:::bucket/x", "x" * 65, "a:b:c"]
)
def test_what_is_no_target_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(CommandError, match="give an ARN or a name of a Lambda function, module:function, or"):
        parse(name)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match=r"There is no file no/such\.py\."):
        parse("no/such.py:handler")


def test_a_process_answers_call_after_call_and_finds_modules_beside_the_file(target: PythonTarget) -> None:
    first, second = call(target, {}), call(target, {})

    assert first == {"calls": 1, "helper": "beside it", "left": True, "pid": first["pid"], "x": "given"}
    assert second == first | {"calls": 2}
    assert first["pid"] != os.getpid()


def test_a_restart_is_a_new_process(target: PythonTarget) -> None:
    first = call(target, {})
    target.restart()

    assert call(target, {})["calls"] == 1
    assert call(target, {})["pid"] != first["pid"]


def test_what_it_raises_is_said_as_lambda_says_it_and_escaped(target: PythonTarget) -> None:
    with pytest.raises(PluginFailedError) as error:
        call(target, {"do": "fail"})

    assert error.value.reason == r"The function failed: ValueError: no \x1b[31m"
    assert call(target, {})["calls"] == 2


def test_what_cannot_be_written_as_json_is_a_failure(target: PythonTarget) -> None:
    with pytest.raises(PluginFailedError, match="not JSON serializable"):
        call(target, {"do": "object"})


@pytest.mark.parametrize(("what", "status"), [("die", 3), ("leave", 0)])
def test_a_process_that_ends_is_said_as_lambda_says_it(target: PythonTarget, what: str, status: int) -> None:
    with pytest.raises(PluginFailedError, match=rf"Runtime\.ExitError: its process ended with status {status}\."):
        call(target, {"do": what})

    assert call(target, {})["calls"] == 1


def test_a_process_that_hangs_is_given_up(target: PythonTarget) -> None:
    call(target, {})

    with pytest.raises(PluginTimeoutError, match=r"No answer within 0 s\."):
        call(target, {"do": "hang"}, 0.2)
    assert call(target, {})["calls"] == 1


@pytest.mark.parametrize(
    ("module", "function", "why"),
    [
        ("broken.py", "handler", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("plug_in.py", "handle", "has no attribute 'handle'"),
        ("plug_in.py", "not_a_function", "not_a_function is no function"),
    ],
)
def test_what_cannot_be_loaded_is_said(plug_in: Path, module: str, function: str, why: str) -> None:
    with PythonTarget(str(plug_in.parent / module), function) as made, pytest.raises(CommandError) as error:
        made.call({}, 30)

    assert "cannot be loaded" in str(error.value)
    assert why in str(error.value)


def test_a_module_is_found_in_the_folder_of_the_call(plug_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plug_in.parent)
    with PythonTarget("plug_in", "handler") as made:
        assert call(made, {})["calls"] == 1


def test_what_it_prints_goes_to_the_log_alone(plug_in: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    with log.open("wb") as kept, PythonTarget(str(plug_in), "handler", log=kept) as made:
        call(made, {})
        made.restart()
        call(made, {"a": 1})
    with PythonTarget(str(plug_in), "handler") as made:
        call(made, {})

    assert capfd.readouterr() == ("", "")
    assert log.read_bytes().count(b"hostile") == 2
