"""Check and end processes by process id."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from tools.errors import ToolError


def runs(pid: int, program: str) -> bool:
    """Check whether process `pid` runs and its command line contains `program`: the system reuses process ids."""
    processes = Path("/proc")
    if (processes / "self" / "cmdline").exists():
        try:
            # A process that ended but was not waited for (a zombie) has an empty command line.
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
        False if the process does not exist.

    Raises
    ------
    ToolError
        The process did not end in time.
    """
    if not runs(pid, program):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + timeout_seconds
    while runs(pid, program):
        if time.monotonic() > end:
            raise ToolError(f"Process {pid} did not end within {timeout_seconds:g} s.")
        time.sleep(0.1)
    return True


def end_group(process: subprocess.Popen[str], *, timeout_seconds: float) -> None:
    """Interrupt a process and its group, and kill those that do not end in time."""
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
