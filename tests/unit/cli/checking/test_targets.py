"""Parsing of TARGET, and local Python functions in their own process."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder_cli.checking.python_target import PythonTarget
from alert_responder_cli.checking.targets import (
    CustomRuntime,
    LambdaFunction,
    NodeFunction,
    PythonFunction,
    parse,
    parse_local,
)
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
def test_names_and_arns_are_functions_on_lambda(name: str) -> None:
    assert parse(name) == LambdaFunction(name)


def test_files_and_modules_are_python_functions(plug_in: Path) -> None:
    assert parse(f"{plug_in}:handler") == PythonFunction(str(plug_in), "handler")
    assert parse("plugins.whois:handler") == PythonFunction("plugins.whois", "handler")


def test_file_endings_select_node_functions_and_custom_runtimes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("index.mjs", "index.js", "my index.cjs", "a:b.py", "bootstrap"):
        (tmp_path / name).write_text("")

    assert parse("index.mjs:handler") == NodeFunction("index.mjs", "handler")
    assert parse("./index.js:api.$handler") == NodeFunction("index.js", "api.$handler")
    assert parse(f"{tmp_path}/my index.cjs:handler") == NodeFunction(f"{tmp_path}/my index.cjs", "handler")
    assert parse("a:b.py:handler") == PythonFunction("a:b.py", "handler")
    assert parse("./bootstrap") == CustomRuntime("bootstrap", "function.handler")
    assert parse(f"{tmp_path}/bootstrap:mine.handler") == CustomRuntime(f"{tmp_path}/bootstrap", "mine.handler")


def test_a_file_of_the_same_name_does_not_change_the_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("whois", "bootstrap", "arn"):
        (tmp_path / name).write_text("")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "whois.py").write_text("")

    assert parse("whois") == LambdaFunction("whois")
    assert parse("bootstrap") == LambdaFunction("bootstrap")
    assert parse(ARN) == LambdaFunction(ARN)
    assert parse("plugins.whois:handler") == PythonFunction("plugins.whois", "handler")


@pytest.mark.parametrize(
    "name",
    ["", "a b", "module:", ":handler", "module:1", "arn:aws:s3:::bucket/x", "x" * 65, "a:b:c", "a/b", "a/b:handler"],
)
def test_an_invalid_target_is_an_error_with_the_allowed_forms(name: str) -> None:
    with pytest.raises(CommandError, match=r"A plug-in must be the name or ARN of a Lambda function, path/to"):
        parse(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("index.mjs", "The function is missing after the file: give index.mjs:handler."),
        (
            "plugins/whois.py",
            "The function is missing after the file: give plugins/whois.py:handler.",
        ),
        ("plug_in.py:a.b", "'a.b' in 'plug_in.py:a.b' is not the name of a function."),
        ("index.mjs:", "'' in 'index.mjs:' is not the name of a function."),
        ("index.ts:handler", "index.ts must be built first, as for Lambda: give the resulting .mjs, .cjs or .js file."),
        ("no/such.py:handler", "The file no/such.py does not exist."),
        ("no/such.mjs:handler", "The file no/such.mjs does not exist."),
        ("no/bootstrap", "The file no/bootstrap does not exist."),
    ],
)
def test_an_invalid_file_is_distinguished_from_a_name(name: str, sentence: str) -> None:
    with pytest.raises(CommandError) as error:
        parse(name)

    assert str(error.value) == sentence


def test_without_aws_only_local_functions_are_targets() -> None:
    assert parse_local("plugins.whois:handler") == PythonFunction("plugins.whois", "handler")
    for name in ("whois", ARN):
        with pytest.raises(CommandError, match=r"A local function must be path/to/file\.py:function"):
            parse_local(name)


def test_a_process_answers_call_after_call_and_imports_modules_next_to_the_file(target: PythonTarget) -> None:
    first, second = call(target, {}), call(target, {})

    assert first == {"calls": 1, "helper": "beside it", "left": True, "pid": first["pid"], "x": "given"}
    assert second == first | {"calls": 2}
    assert first["pid"] != os.getpid()


def test_a_restart_is_a_new_process(target: PythonTarget) -> None:
    first = call(target, {})
    target.restart()

    assert call(target, {})["calls"] == 1
    assert call(target, {})["pid"] != first["pid"]


def test_exceptions_are_reported_as_by_lambda_and_escaped(target: PythonTarget) -> None:
    with pytest.raises(PluginFailedError) as error:
        call(target, {"do": "fail"})

    assert error.value.reason == r"The function failed: ValueError: no \x1b[31m"
    assert call(target, {})["calls"] == 2


def test_an_answer_that_is_not_serialisable_is_a_failure(target: PythonTarget) -> None:
    with pytest.raises(PluginFailedError, match="not JSON serializable"):
        call(target, {"do": "object"})


@pytest.mark.parametrize(("what", "status"), [("die", 3), ("leave", 0)])
def test_the_end_of_a_process_is_reported_as_by_lambda(target: PythonTarget, what: str, status: int) -> None:
    with pytest.raises(PluginFailedError, match=rf"Runtime\.ExitError: its process ended with status {status}\."):
        call(target, {"do": what})

    assert call(target, {})["calls"] == 1


def test_a_hanging_process_times_out(target: PythonTarget) -> None:
    call(target, {})

    with pytest.raises(PluginTimeoutError, match=r"No answer within 0 s\."):
        call(target, {"do": "hang"}, 0.2)
    assert call(target, {})["calls"] == 1


@pytest.mark.parametrize(
    ("module", "function", "why"),
    [
        ("broken.py", "handler", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("plug_in.py", "handle", "has no attribute 'handle'"),
        ("plug_in.py", "not_a_function", "not_a_function is not a function"),
    ],
)
def test_a_function_that_cannot_be_loaded_is_an_error(plug_in: Path, module: str, function: str, why: str) -> None:
    with PythonTarget(str(plug_in.parent / module), function) as made, pytest.raises(CommandError) as error:
        made.call({}, 30)

    assert "cannot be loaded" in str(error.value)
    assert why in str(error.value)


def test_an_installed_module_is_found_and_runs_in_the_current_folder(
    plug_in: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path_factory.mktemp("here")
    (here / "helper.py").write_text("NAME = 'of the current folder'\n")
    monkeypatch.chdir(here)
    monkeypatch.syspath_prepend(str(plug_in.parent))
    with PythonTarget("plug_in", "handler") as made:
        assert call(made, {})["helper"] == "beside it"


def test_modules_of_the_current_folder_are_never_loaded(
    plug_in: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path_factory.mktemp("here")
    for name in ("json", "helper", "typing", "sitecustomize", "alert_responder_cli"):
        (here / f"{name}.py").write_text("raise RuntimeError('loaded from the current folder')\n")
    monkeypatch.chdir(here)
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.setenv("PYTHONSTARTUP", str(here / "json.py"))

    with PythonTarget(str(plug_in), "handler") as made:
        assert call(made, {})["helper"] == "beside it"


def test_pythonpath_allows_modules_of_the_current_folder(plug_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plug_in.parent)
    monkeypatch.syspath_prepend(str(plug_in.parent))
    with PythonTarget("plug_in", "handler") as made, pytest.raises(CommandError) as error:
        made.call({}, 30)
    assert "give its file: plug_in.py:handler." in str(error.value)

    monkeypatch.setenv("PYTHONPATH", str(plug_in.parent))
    with PythonTarget("plug_in", "handler") as made:
        assert call(made, {})["calls"] == 1


def test_a_name_with_an_alias_is_distinguished_from_a_module() -> None:
    with PythonTarget("whois", "live") as made, pytest.raises(CommandError, match=r"an alias .* give its ARN"):
        made.call({}, 30)


def test_it_runs_in_its_own_folder_as_on_lambda(plug_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (plug_in.parent / "where.py").write_text(
        "import os, sys\n\ndef handler(event, context):\n"
        "    return [os.getcwd(), os.environ['LAMBDA_TASK_ROOT'], sys.stdin.read()]\n"
    )
    monkeypatch.chdir(plug_in.parent.parent)
    folder = str(plug_in.parent)
    with PythonTarget(f"{plug_in.parent.name}/where.py", "handler") as made:
        assert call(made, {}) == [folder, folder, ""]


def test_child_processes_end_with_it(plug_in: Path) -> None:
    beat = plug_in.parent / "beat"
    (plug_in.parent / "parent.py").write_text(
        "import subprocess\n\ndef handler(event, context):\n"
        "    subprocess.Popen(['sh', '-c', 'while :; do touch beat; sleep 0.02; done'])\n"
    )
    with PythonTarget(str(plug_in.parent / "parent.py"), "handler") as made:
        call(made, {})
        until = time.monotonic() + 10
        while not beat.exists():
            assert time.monotonic() < until
    beat.unlink(missing_ok=True)
    time.sleep(0.2)

    assert not beat.exists()


def test_a_process_that_reads_no_more_events_times_out(target: PythonTarget) -> None:
    os.kill(call(target, {})["pid"], signal.SIGSTOP)

    with pytest.raises(PluginTimeoutError):
        call(target, {"large": "x" * 1_000_000}, 0.2)
    assert call(target, {"large": "x" * 1_000_000})["calls"] == 1


def test_its_output_goes_to_the_log_only(plug_in: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    with log.open("wb") as kept, PythonTarget(str(plug_in), "handler", log=kept) as made:
        call(made, {})
        made.restart()
        call(made, {"a": 1})
    with PythonTarget(str(plug_in), "handler") as made:
        call(made, {})

    assert capfd.readouterr() == ("", "")
    assert log.read_bytes().count(b"hostile") == 2
