"""Start the Python functions' processes quickly: fork them from a process that has imported what all of them import.

MiniStack unpacks the package and starts an interpreter for each process of a function, which then imports boto3 and
compiles the package: half a second of processor time. Here equal packages are unpacked once, so that Python finds
its byte code, and a process is forked from a template with boto3 and pydantic. Everything else is as before: each
process has its own environment variables, imports the function's modules itself, and can be killed by its id.

Run as a program, this module is the template. Standard library only until it imports what it preloads.
"""

import contextlib
import functools
import gc
import hashlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
import weakref
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

PRELOADED = ("boto3", "botocore.handlers", "botocore.signers", "pydantic")
_LENGTH = struct.Struct("!Q")
_STREAMS = 3
"""Standard input, output and error."""


class SharedZip(zipfile.ZipFile):
    """A zip that is unpacked once for all processes: as on Lambda, functions do not write into their package."""

    # Not `_lock`, which each zip file has.
    _one_unpacks = threading.Lock()

    def extractall(self, path: Any = None, members: Iterable[Any] | None = None, pwd: bytes | None = None) -> None:
        """Unpack the package if no equal one is, and replace the empty folder `path` by a link to it."""
        target = Path(path or ".")
        content = Path(str(self.filename)).read_bytes()
        shared = target.parent.parent / f"package-{hashlib.sha256(content).hexdigest()}"
        with self._one_unpacks:
            if not shared.is_dir():
                super().extractall(target, members, pwd)
                target.rename(shared)
            else:
                target.rmdir()
        target.symlink_to(shared)


class ForkedProcess:
    """A process forked from the template, with those members of `subprocess.Popen` that MiniStack uses."""

    def __init__(self, pid: int, life: int, streams: Sequence[IO[str]]):
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = streams
        # Ends when the process ends: no other process has the other end.
        self._life = life
        weakref.finalize(self, os.close, life)

    def poll(self) -> int | None:
        """Return None while the process runs, and -1 afterwards: the exit code is not known."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended."""
        code = self._ended(None if timeout is None else timeout * 1000)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def terminate(self) -> None:
        """Ask the process to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self._signal(signal.SIGKILL)

    def _ended(self, milliseconds: float | None) -> int | None:
        if self.returncode is None:
            waiting = select.poll()
            waiting.register(self._life, select.POLLIN)
            if waiting.poll(milliseconds):
                self.returncode = -1
        return self.returncode

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Template:
    """The process from which functions are forked; started with the first function, and ends with this process.

    Parameters
    ----------
    preloaded : Sequence
        Names of the modules that it imports.
    """

    def __init__(self, preloaded: Sequence[str] = PRELOADED) -> None:
        self._preloaded = preloaded
        self._lock = threading.Lock()
        self._running: tuple[socket.socket, subprocess.Popen[bytes]] | None = None

    def end(self) -> None:
        """End the template; processes forked from it continue."""
        with self._lock:
            if self._running:
                connection, process = self._running
                connection.close()
                process.wait()
                self._running = None

    def popen(self, command: Sequence[str], *, cwd: str, env: Mapping[str, str], **options: Any) -> Any:
        """Start a process as `subprocess.Popen` does; only Python's processes are forked."""
        if command[0] != sys.executable:
            return subprocess.Popen(command, cwd=cwd, env=env, **options)
        own, given = zip(*(_pipe(writing=number == 0) for number in range(_STREAMS)), strict=True)
        life, held = os.pipe()
        try:
            pid = self._fork({"command": list(command), "folder": cwd, "environment": dict(env)}, (*given, held))
        finally:
            for number in (*given, held):
                os.close(number)
        modes = ("w", "r", "r")
        streams = [os.fdopen(number, mode, 1, "utf-8") for number, mode in zip(own, modes, strict=True)]
        return ForkedProcess(pid, life, streams)

    def _fork(self, request: Mapping[str, Any], descriptors: Sequence[int]) -> int:
        body = json.dumps(request).encode()
        with self._lock:
            self._running = self._running or _start(self._preloaded)
            connection, _ = self._running
            socket.send_fds(connection, [_LENGTH.pack(len(body))], list(descriptors))
            connection.sendall(body)
            (pid,) = _LENGTH.unpack(_read(connection, _LENGTH.size))
        return int(pid)


def _pipe(*, writing: bool) -> tuple[int, int]:
    """Return the end of a pipe for this process, and the one for the function's process."""
    read, write = os.pipe()
    return (write, read) if writing else (read, write)


def _start(preloaded: Sequence[str]) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    own, given = socket.socketpair()
    with given:
        command = [sys.executable, __file__, str(given.fileno()), *preloaded]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[given.fileno()])
    return own, process


def _read(connection: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        part = connection.recv(length - len(found))
        if not part:
            raise EOFError("The other side of the template's connection has ended.")
        found += part
    return found


def preload(names: Iterable[str] = PRELOADED) -> None:
    """Import modules; with boto3, also load what the first clients of most functions need, 80 ms of processor time."""
    for name in names:
        importlib.import_module(name)
    if boto3 := sys.modules.get("boto3"):
        session: Any = importlib.import_module("botocore.session")
        session.create_loader = functools.cache(session.create_loader)
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}  # no secrets  # nosec B105
        for service in ("dynamodb", "lambda", "s3", "stepfunctions"):
            boto3.Session(**keys).client(service)
    gc.freeze()


def _serve(connection: socket.socket, preloaded: Iterable[str]) -> None:
    """Fork a process for each request, until the emulator ends."""
    preload(preloaded)
    # The system removes processes that ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        header, descriptors, *_ = socket.recv_fds(connection, _LENGTH.size, _STREAMS + 1)
        if not header:
            return
        header += _read(connection, _LENGTH.size - len(header))
        request = json.loads(_read(connection, *_LENGTH.unpack(header)))
        pid = os.fork()
        if pid == 0:
            connection.close()
            _become(request, descriptors)
        for number in descriptors:
            os.close(number)
        connection.sendall(_LENGTH.pack(pid))


def _become(request: Mapping[str, Any], descriptors: Sequence[int]) -> NoReturn:
    """Run a function's program in this process, and end."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(descriptors[:_STREAMS]):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        folders = request["folder"], *os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep)
        if _shadows(*folders) or any(name.startswith("PYTHON") for name in os.environ):
            os.set_inheritable(descriptors[_STREAMS], True)
            os.execv(request["command"][0], request["command"])  # noqa: S606  # a fixed command  # nosec B606
        os.set_inheritable(descriptors[_STREAMS], False)
        sys.argv = request["command"][1:]
        sys.path[0] = str(Path(sys.argv[0]).parent)
        runpy.run_path(sys.argv[0], run_name="__main__")
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - the process ends here
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os._exit(code)


def _shadows(*folders: str) -> bool:
    """Check whether a function brings its own version of a module that this process has imported."""
    places = [Path(folder, *inner) for folder in folders if folder for inner in ((), ("python",))]
    names = {path.name.partition(".")[0] for place in places if place.is_dir() for path in place.iterdir()}
    return not names.isdisjoint(sys.modules)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
