"""A guarded server leaves nothing behind, however it and its parent end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import guard, processes

# A server that starts another process, and prints both process ids.
SERVER = """
import os, subprocess, time
print(os.getpid(), subprocess.Popen(["sleep", "300"]).pid, flush=True)
time.sleep(300)
"""


class Guarded:
    """A guarded server with its folder."""

    def __init__(self, folder: Path, *options: str):
        self.folder = folder / "server"
        self.folder.mkdir()
        self._log = folder / "log"
        self.process = subprocess.Popen(
            [sys.executable, guard.__file__, *options, str(self.folder), str(self._log), sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        while not (self._log.exists() and self._log.read_text().endswith("\n")):
            time.sleep(0.01)
        self.server, self.child = (int(number) for number in self._log.read_text().split())

    def left_over(self) -> bool:
        end = time.monotonic() + 5
        while processes.runs(self.child, "sleep") and time.monotonic() < end:
            time.sleep(0.01)
        return processes.runs(self.child, "sleep") or self.folder.exists()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    found = Guarded(tmp_path)
    yield found
    found.process.terminate()
    found.process.communicate()


def test_all_processes_end_with_the_parent(guarded: Guarded) -> None:
    assert guarded.process.stdin is not None
    guarded.process.stdin.close()

    assert guarded.process.wait(10) == 0
    assert not guarded.left_over()


def test_all_processes_end_on_sigterm(guarded: Guarded) -> None:
    guarded.process.terminate()

    assert guarded.process.wait(10) == 0
    assert not guarded.left_over()


def test_an_interrupt_is_left_to_the_parent(guarded: Guarded) -> None:
    guarded.process.send_signal(signal.SIGINT)
    time.sleep(0.2)

    assert guarded.process.poll() is None


def test_processes_of_the_server_end_with_it(guarded: Guarded) -> None:
    os.kill(guarded.server, signal.SIGKILL)

    assert guarded.process.wait(10) != 0
    assert not guarded.left_over()


def test_a_detached_server_runs_until_sigterm(tmp_path: Path) -> None:
    found = Guarded(tmp_path, "--detached")
    assert found.process.stdin is not None
    found.process.stdin.close()
    time.sleep(0.2)
    assert found.process.poll() is None

    found.process.terminate()
    found.process.wait(10)

    assert not found.left_over()


def test_a_process_that_reused_the_id_is_left_alone() -> None:
    assert processes.end_process(os.getpid(), "no such program", timeout_seconds=1) is False
