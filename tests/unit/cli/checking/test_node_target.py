"""Local Node.js functions run as by Lambda's runtime of the same version."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder_cli.checking.node_target import NodeTarget
from alert_responder_cli.errors import CommandError
from tests.fakes.node import have_node, node_of_version

PLUGIN = """
import { NAME } from "./helper.mjs";

let calls = 0;

export const handler = async (event, context) => {
  console.log("\\x1b[31mhostile", event);
  console.error("hostile too");
  calls += 1;
  switch (event.do) {
    case "fail":
      throw new TypeError("no \\x1b[31m");
    case "throw text":
      throw "no";
    case "throw nothing":
      throw undefined;
    case "die":
      return process.exit(3);
    case "hang":
      for (;;);
    case "wait":
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    case "never":
      return new Promise(() => {});
    case "circle": {
      const circle = {};
      circle.circle = circle;
      return circle;
    }
    case "bigint":
      return { big: 1n };
    case "uncaught":
      return new Promise(() => setTimeout(() => { throw new RangeError("later"); }, 1));
    case "unhandled":
      Promise.reject(new Error("nobody listens"));
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    case "nothing":
      return undefined;
    case "echo":
      return event.text;
  }
  const { X, NODE_PATH, NODE_OPTIONS, LAMBDA_TASK_ROOT } = process.env;
  const left = context.getRemainingTimeInMillis();
  return {
    calls, left: left > 0 && left <= 30_000, pid: process.pid, helper: NAME, id: context.awsRequestId,
    X, NODE_PATH, NODE_OPTIONS, root: LAMBDA_TASK_ROOT, cwd: process.cwd(),
  };
};

export const notAFunction = 1;
export const api = { handler: () => "nested" };
"""
ESM = "export const handler = async (event) => ({ module: typeof require, event });\n"
CJS = "exports.handler = async (event) => ({ module: typeof require, event });\n"


@pytest.fixture(params=["20.0.0", "22.0.0", "24.0.0"])
def version(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    have_node(monkeypatch, node_of_version(tmp_path / "bin", request.param))
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    have_node(monkeypatch)
    made = tmp_path / "function"
    made.mkdir()
    return made


@pytest.fixture
def target(folder: Path) -> Iterator[NodeTarget]:
    (folder / "helper.mjs").write_text("export const NAME = 'beside it';\n")
    (folder / "index.mjs").write_text(PLUGIN)
    with NodeTarget(str(folder / "index.mjs"), "handler", {"X": "given"}) as made:
        yield made


def call(target: NodeTarget, event: Any, seconds: float = 30) -> Any:
    return json.loads(target.call(event, seconds))


def ask(file: Path, code: str, event: Any = None, function: str = "handler") -> Any:
    """Call a function once; give its answer, or why there is none."""
    file.write_text(code)
    with NodeTarget(str(file), function) as made:
        try:
            return call(made, event)
        except (PluginFailedError, CommandError) as error:
            return str(error)


def test_a_process_answers_call_after_call_in_its_own_folder(target: NodeTarget, folder: Path) -> None:
    first, second = call(target, {}), call(target, {})

    assert first == {
        "calls": 1,
        "left": True,
        "pid": first["pid"],
        "helper": "beside it",
        "id": "00000000-0000-0000-0000-000000000000",
        "X": "given",
        "root": str(folder),
        "cwd": str(folder),
    }
    assert (second["calls"], second["pid"]) == (2, first["pid"])
    assert first["pid"] != os.getpid()


def test_a_restart_is_a_new_process(target: NodeTarget) -> None:
    first = call(target, {})
    target.restart()

    assert call(target, {})["calls"] == 1
    assert call(target, {})["pid"] != first["pid"]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("fail", r"TypeError: no \x1b[31m"),
        ("throw text", "string: no"),
        ("throw nothing", "undefined: undefined"),
        ("circle", "TypeError: Converting circular structure to JSON"),
        ("bigint", "TypeError: Do not know how to serialize a BigInt"),
        ("never", "Runtime.NodeJsExit: A promise was never settled"),
    ],
)
def test_exceptions_are_reported_as_by_lambda_and_escaped(target: NodeTarget, what: str, reason: str) -> None:
    with pytest.raises(PluginFailedError) as error:
        call(target, {"do": what})

    assert error.value.reason.startswith(f"The function failed: {reason}")
    assert call(target, {})["calls"] == 2


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("die", "Runtime.ExitError: its process ended with status 3."),
        ("uncaught", "RangeError: later"),
        ("unhandled", "Runtime.UnhandledPromiseRejection: nobody listens"),
    ],
)
def test_the_end_of_a_process_is_reported_and_the_next_call_starts_another(
    target: NodeTarget, what: str, reason: str
) -> None:
    with pytest.raises(PluginFailedError) as error:
        call(target, {"do": what})

    assert error.value.reason == f"The function failed: {reason}"
    assert call(target, {})["calls"] == 1


@pytest.mark.parametrize("what", ["hang", "wait"])
def test_a_hanging_process_times_out(target: NodeTarget, what: str) -> None:
    call(target, {})

    with pytest.raises(PluginTimeoutError, match=r"No answer within 0 s\."):
        call(target, {"do": what}, 0.2)
    assert call(target, {})["calls"] == 1


def test_undefined_is_null_and_large_texts_are_complete(target: NodeTarget) -> None:
    assert call(target, {"do": "nothing"}) is None
    text = "\u017c\U0001f469\n" * 100_000

    assert call(target, {"do": "echo", "text": text}) == text


def test_its_output_goes_to_the_log_only(
    target: NodeTarget, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as kept, NodeTarget(str(folder / "index.mjs"), "handler", log=kept) as made:
        call(made, {})
    call(target, {})

    assert capfd.readouterr() == ("", "")
    assert log.read_bytes().count(b"hostile") == 2


def test_node_options_and_paths_of_the_environment_are_ignored(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "elsewhere"
    for place in (modules, tmp_path / ".node_modules"):
        (place / "found").mkdir(parents=True)
        (place / "found" / "index.js").write_text("module.exports = 1;\n")
    (tmp_path / "preloaded.cjs").write_text("throw new Error('preloaded');\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NODE_PATH", str(modules))
    monkeypatch.setenv("NODE_OPTIONS", f"--require={tmp_path / 'preloaded.cjs'}")
    monkeypatch.chdir(modules)

    failed = ask(folder / "index.cjs", "require('found'); exports.handler = async () => 1;")
    (folder / "node_modules").mkdir()
    (modules / "found").rename(folder / "node_modules" / "found")

    assert "cannot be loaded: Error: Cannot find module 'found'" in failed
    assert ask(folder / "index.cjs", "require('found'); exports.handler = async () => 1;") == 1


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize(
    ("name", "code", "description", "module"),
    [
        ("index.mjs", ESM, None, "undefined"),
        ("index.cjs", CJS, None, "function"),
        ("index.js", CJS, None, "function"),
        ("index.js", CJS, {"type": "commonjs"}, "function"),
        ("index.js", ESM, {"type": "module"}, "undefined"),
        ("index.cjs", CJS, {"type": "module"}, "function"),
    ],
)
def test_es_and_commonjs_modules_are_loaded(
    tmp_path: Path, name: str, code: str, description: Mapping[str, str] | None, module: str
) -> None:
    if description:
        (tmp_path / "package.json").write_text(json.dumps(description))

    assert ask(tmp_path / name, code, [1]) == {"module": module, "event": [1]}


def test_up_to_node_22_the_kind_of_module_is_not_detected(version: str, tmp_path: Path) -> None:
    found = ask(tmp_path / "index.js", ESM, [1])

    if version == "24.0.0":
        assert found == {"module": "undefined", "event": [1]}
    else:
        assert "cannot be loaded: SyntaxError: Unexpected token 'export'" in found
        assert 'An ES module must end in .mjs or have a package.json next to it with "type": "module".' in found


@pytest.mark.usefixtures("version")
def test_dots_in_the_handler_name_select_nested_functions(tmp_path: Path) -> None:
    code = "export const api = { v1: { handler: async () => 'nested' } };\n"

    assert ask(tmp_path / "index.mjs", code, function="api.v1.handler") == "nested"
    assert "Runtime.HandlerNotFound: api.v2.handler is not exported; exported: api." in ask(
        tmp_path / "index.mjs", code, function="api.v2.handler"
    )


CALLBACKS: dict[str, tuple[str, Any]] = {
    "an answer": ("callback(null, 1);", 1),
    "an answer later": ("setTimeout(() => callback(null, 2), 5);", 2),
    "an answer that is returned": ("return callback(null, 3);", 3),
    "what is still going on is waited for": ("callback(null, event); setTimeout(() => { event.x = 4; }, 5);", {"x": 4}),
    "unless it says otherwise": (
        "context.callbackWaitsForEmptyEventLoop = false; callback(null, 5); setInterval(() => {}, 1000);",
        5,
    ),
    "the first one counts": ("callback(null, 6); callback(null, 7);", 6),
    "an error": ("callback(new RangeError('no'));", "The function failed: RangeError: no"),
    "a text as an error": ("callback('no');", "The function failed: string: no"),
    "an error that is thrown": ("throw new RangeError('no');", "The function failed: RangeError: no"),
    "done": ("context.done(null, 8);", 8),
    "succeed": ("context.succeed(9);", 9),
    "fail": ("context.fail(new RangeError('no'));", "The function failed: RangeError: no"),
    "none": ("", None),
    "a return that Lambda ignores": ("return 10;", "The function failed: Runtime.ReturnIgnored"),
    "a promise": ("return Promise.resolve(11);", 11),
    "a promise beside it": ("callback(null, 12); return Promise.resolve(13);", 13),
}


@pytest.mark.parametrize("name", CALLBACKS)
def test_callbacks_are_called_as_up_to_node_22(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    have_node(monkeypatch, node_of_version(tmp_path / "bin", "22.11.0"))
    body, answer = CALLBACKS[name]
    found = ask(tmp_path / "index.js", f"exports.handler = (event, context, callback) => {{ {body} }};\n", {})

    if isinstance(answer, str):
        assert str(found).startswith(answer)
    else:
        assert found == answer


def test_an_async_handler_is_not_answered_by_its_callback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    have_node(monkeypatch, node_of_version(tmp_path / "bin", "22.11.0"))

    assert ask(tmp_path / "a.cjs", "exports.handler = async (event, context, callback) => callback(null, 1);") is None


def test_there_are_no_callbacks_from_node_24_on(folder: Path) -> None:
    with_callback = ask(folder / "index.cjs", "exports.handler = (event, context, callback) => callback(null, 1);\n")

    assert (
        "Runtime.CallbackHandlerDeprecated: From Node.js 24 on, Lambda does not support handlers with a callback"
        in with_callback
    )
    assert "To check it for nodejs22.x, put Node.js 22 on the PATH" in with_callback
    assert ask(folder / "index.mjs", "export const handler = (event, context) => Object.keys(context).length;") > 5
    assert ask(folder / "plain.mjs", "export const handler = () => ({ answer: 1 });") == {"answer": 1}
    assert ask(folder / "made.cjs", "const made = { handler: () => 1 }; module.exports = (() => made)();") == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import 'no-such-package';", "Cannot find package 'no-such-package'"),
        ("import '@aws-sdk/client-s3';", "Lambda provides the AWS SDK. Here, install the package next to the file"),
        ("throw new RangeError('at the start');", "cannot be loaded: RangeError: at the start"),
        ("await new Promise(() => {});", "cannot be loaded: Runtime.NodeJsExit: A promise was never settled"),
        ("process.exit(4);", "Runtime.ExitError: its process ended with status 4."),
        ("export const handle = 1;", "handler is not exported; exported: handle."),
        ("export const handler = 1;", "handler is not a function."),
        ("", "handler is not exported; exported: nothing."),
    ],
)
def test_a_function_that_cannot_be_loaded_is_an_error(folder: Path, code: str, why: str) -> None:
    found = ask(folder / "index.mjs", code)

    assert f"{folder / 'index.mjs'}:handler cannot be loaded: " in found
    assert why in found


def test_a_missing_node_is_an_error_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CommandError) as error:
        NodeTarget("index.mjs", "handler")

    assert str(error.value) == (
        "index.mjs needs Node.js 18 or newer, but 'node' was not found on the PATH. "
        "Install it from https://nodejs.org/en/download and add it to the PATH."
    )


def test_an_old_or_broken_node_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = node_of_version(tmp_path / "old", "16.20.2")
    have_node(monkeypatch, old)
    with pytest.raises(CommandError, match=rf"needs Node\.js 18 or newer, but {old} is Node\.js 16\.20\.2\. Install"):
        NodeTarget("index.mjs", "handler")

    broken = tmp_path / "broken" / "node"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    have_node(monkeypatch, broken)
    with pytest.raises(CommandError, match=rf"but {broken} cannot be run\. Install"):
        NodeTarget("index.mjs", "handler")
