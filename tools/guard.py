"""Run a server and clean up after it, even if the process that started it is killed. Standard library only.

``python guard.py [--detached] FOLDER LOG COMMAND...`` runs the command in its own process group. The group is killed
and the folder removed when the command ends, on SIGTERM, and, unless detached, when standard input closes, which
happens when the parent ends for any reason. SIGUSR1 asks the command to end.
"""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the command, clean up after it, and return its exit code, or 0 if it was asked to end."""
    detached = arguments[:1] == ["--detached"]
    folder, log, *command = arguments[1:] if detached else arguments
    asked = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A server needs more connections than the usual soft limit on open files allows.
    with contextlib.suppress(OSError, ValueError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with Path(log).open("wb") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=folder, process_group=0
        )

    def end(*_: object) -> None:
        asked.set()
        _kill_group(server.pid)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGUSR1, lambda *_: server.terminate())
    if not detached:
        threading.Thread(target=_at_end_of_input, args=(end,), daemon=True).start()
    code = server.wait()
    # Processes that the server started are still in its group.
    _kill_group(server.pid)
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if asked.is_set() else code


def _at_end_of_input(call: Callable[[], None]) -> None:
    # Not through sys.stdin: this thread would hold its lock, which makes the interpreter crash at exit.
    while os.read(0, 1024):
        pass
    call()


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
