"""Processes of emulated functions, forked from a template."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tools.emulated.workers import ForkedProcess, SharedZip, Template

ABOUT = """
import json, os, sys
sys.stderr.write("a log line\\n")
found = {"imported": "colorsys" in sys.modules, "name": os.environ.get("NAME"), "argv": sys.argv, "cwd": os.getcwd()}
print(json.dumps(found | {"pid": os.getpid(), "home": os.environ.get("HOME"), "here": sys.path[0]}), flush=True)
for line in sys.stdin:
    print(line.upper(), end="", flush=True)
"""


Start = Callable[..., ForkedProcess]


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    template = Template(["colorsys"])
    yield template
    template.end()


@pytest.fixture
def start(template: Template, tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as streams:

        def started(program: str = ABOUT, **environment: str) -> ForkedProcess:
            (tmp_path / "code").mkdir(exist_ok=True)
            script = tmp_path / "_worker.py"
            script.write_text(program, encoding="utf-8")
            pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
            process = template.popen(
                [sys.executable, str(script)], cwd=str(tmp_path / "code"), env=environment, **pipes
            )
            assert isinstance(process, ForkedProcess)
            for stream in (process.stdin, process.stdout, process.stderr):
                streams.enter_context(stream)
            return process

        yield started


def test_a_process_has_its_own_environment_folder_and_streams(start: Start, tmp_path: Path) -> None:
    one, two = (start(NAME=name) for name in ("one", "two"))
    found = [json.loads(process.stdout.readline()) for process in (one, two)]

    assert [about["name"] for about in found] == ["one", "two"]
    assert [about["pid"] for about in found] == [one.pid, two.pid]
    for about in found:
        assert (about["imported"], about["home"]) == (True, None)
        assert (about["cwd"], about["here"]) == (str(tmp_path / "code"), str(tmp_path))
        assert about["argv"] == [str(tmp_path / "_worker.py")]
    assert one.stderr.readline() == "a log line\n"
    for process in (one, two):
        process.stdin.write("ünder way\n")
        assert process.stdout.readline() == "ÜNDER WAY\n"


def test_a_process_ends_with_its_input_when_killed_and_with_an_error(start: Start) -> None:
    closed, killed = (start() for _ in range(2))
    assert (closed.poll(), killed.poll()) == (None, None)
    with pytest.raises(subprocess.TimeoutExpired):
        closed.wait(0.01)

    closed.stdin.close()
    killed.terminate()
    failed = start("raise ValueError('wrong')")

    assert (closed.wait(20), killed.wait(20), failed.wait(20)) == (-1, -1, -1)
    assert "ValueError: wrong" in failed.stderr.read()
    killed.kill()


@pytest.mark.parametrize("inner", ["code", "layer/python"])
def test_a_function_with_its_own_version_of_an_imported_module_gets_it(
    start: Start, tmp_path: Path, inner: str
) -> None:
    (tmp_path / inner).mkdir(parents=True)
    (tmp_path / inner / "colorsys.py").touch()
    process = start(_LAMBDA_LAYERS_DIRS=str(tmp_path / "layer"))

    assert json.loads(process.stdout.readline())["imported"] is False
    process.kill()
    assert process.wait(20) == -1


def test_other_programs_are_started_as_before(template: Template, tmp_path: Path) -> None:
    process = template.popen(["/bin/echo", "yes"], cwd=str(tmp_path), env=os.environ, stdout=subprocess.PIPE)

    assert isinstance(process, subprocess.Popen)
    assert process.communicate()[0] == b"yes\n"


def test_equal_packages_are_unpacked_once(tmp_path: Path) -> None:
    def unpack(process: str, content: str) -> Path:
        folder = tmp_path / process / "code"
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder.parent / "code.zip", "w") as package:
            package.writestr(zipfile.ZipInfo("index.py"), content)
        with SharedZip(folder.parent / "code.zip") as package:
            package.extractall(folder)
        assert (folder / "index.py").read_text(encoding="utf-8") == content
        return folder.resolve()

    with ThreadPoolExecutor(16) as executor:
        equal = set(executor.map(unpack, map(str, range(16)), ["a = 1"] * 16))
    assert len(equal) == 1
    assert unpack("other", "a = 2") not in equal
