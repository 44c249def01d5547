"""Look at and end a process of which only the number is known."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from tools.errors import ToolError


def runs(pid: int, program: str) -> bool:
    """Say whether process `pid` runs and has `program` in its command line; numbers are used again."""
    processes = Path("/proc")
    if (processes / "self" / "cmdline").exists():
        try:
            # A process that has ended but was not waited for yet has no command line any more.
            return os.fsencode(program) in (processes / str(pid) / "cmdline").read_bytes()
        except OSError:
            return False
    run = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return program in run.stdout


def end_process(pid: int, program: str, *, timeout_seconds: float) -> bool:
    """Ask a process to end and wait until it has.

    Returns
    -------
    bool
        False when there is no such process.

    Raises
    ------
    ToolError
        It has not ended in time.
    """
    if not runs(pid, program):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + timeout_seconds
    while runs(pid, program):
        if time.monotonic() > end:
            raise ToolError(f"Process {pid} does not end.")
        time.sleep(0.1)
    return True


def end_group(process: subprocess.Popen[str], *, timeout_seconds: float) -> None:
    """Interrupt a process and all others of its group, and kill what has not ended in time."""
    _signal_group(process.pid, signal.SIGINT)
    try:
        process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal_group(process.pid, signal.SIGKILL)
        process.communicate()


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
