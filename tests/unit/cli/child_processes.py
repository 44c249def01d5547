"""Functions that tests of whole processes run in child processes, and how to start them."""

import ctypes
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alert_responder_cli.backtesting import process_pool
from alert_responder_cli.backtesting.rerate import Work
from alert_responder_cli.checking.targets import PythonFunction
from alert_responder_cli.terminal import process
from tools.paths import ROOT

REPORTED = "begun"
"""What a child says when there is something to interrupt."""

# A child inherits that Ctrl-C is ignored, as a shell has it for tests in the background.
_INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"


def start(code: str, *arguments: str | Path, **options: Any) -> "subprocess.Popen[str]":
    """Start Python with some code, as a process that a terminal would not interrupt with this one."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("lambda", "cli", "."))}
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-c", f"{_INTERRUPTIBLE}; {code}", *map(str, arguments)]
    return subprocess.Popen(command, env=environment, text=True, start_new_session=True, **streams)


def start_command(*arguments: str | Path, **options: Any) -> "subprocess.Popen[str]":
    """Start a command of the command line."""
    return start("from alert_responder_cli.__main__ import run; run()", *arguments, **options)


def start_here(function: Callable[..., None], *arguments: str | Path) -> "subprocess.Popen[str]":
    """Start a function of this module."""
    code = f"import sys; from tests.unit.cli import child_processes; child_processes.{function.__name__}(*sys.argv[1:])"
    return start(code, *arguments)


def _report() -> None:
    sys.stdout.write(f"{REPORTED}\n")
    sys.stdout.flush()


def waiting_in_c() -> None:
    """Wait as for a name server: no handler of Python's runs until the call comes back."""

    def command() -> None:
        library, lock = ctypes.CDLL(None), ctypes.create_string_buffer(256)
        library.pthread_mutex_lock(lock)
        _report()
        library.pthread_mutex_lock(lock)

    process.run(command)


def waiting_in_threads() -> None:
    """Wait for threads that wait for AWS."""

    def command() -> None:
        with ThreadPoolExecutor(2) as executor:
            waits = [executor.submit(threading.Event().wait) for _ in range(2)]
            _report()
            waits[0].result()

    process.run(command)


def leaving_a_thread() -> None:
    """End, though a thread still waits for AWS."""

    def command() -> None:
        ThreadPoolExecutor(1).submit(threading.Event().wait)
        _report()

    process.run(command)


def swallowing() -> None:
    """Go on after an interruption, as a library may, for a moment."""

    def command() -> None:
        try:
            _report()
            time.sleep(60)
        except KeyboardInterrupt:
            return

    process.run(command)


@dataclass(frozen=True)
class _Access:
    def fixed(self) -> "_Access":
        return self


@dataclass(frozen=True)
class _Archive:
    """S3, as far as a report is read; the same one under every key."""

    access: _Access
    archive_bucket: str = "archive"

    def client(self, _service: str, **_settings: Any) -> Any:
        return self

    def get_object(self, **_request: str) -> dict[str, Any]:
        result = {"severity": "safe", "reason": "r", "reviewer": "arn"}
        return {"Body": _Body(json.dumps({"title": "t", "result": result}).encode())}


@dataclass(frozen=True)
class _Body:
    content: bytes

    def read(self) -> bytes:
        return self.content


def rating_in_processes(reviewer: str) -> None:
    """Rate reports in several processes."""
    from tests.unit.cli.example_ratings import listed

    module, _, function = reviewer.rpartition(":")
    made: Any = _Archive(_Access())
    work = Work(made, PythonFunction(module, function), at_once=2)
    process_pool.FEW = 0

    def command() -> None:
        for _ in process_pool.rate_reports(work, iter([listed(number) for number in range(400)]), 2):
            pass

    process.run(command)
