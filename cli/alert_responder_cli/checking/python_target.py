"""A Python function on this machine as a target: called in a process of its own, as Lambda would."""

import json
import os
import select
import subprocess  # nosec B404 - this interpreter alone is started, without a shell
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder_cli.errors import CommandError
from alert_responder_cli.process import children

_QUOTED_CHARACTERS = 500
_LOAD_SECONDS = 60
_PIECE = 65_536


class PythonTarget:
    """See `running.Target`; a context manager, which ends the process.

    Parameters
    ----------
    module
        A module's dotted name, or the path of a file that ends in `.py`.
    function
        The handler's name in it.
    environment
        What is added to this process' environment.
    log
        Takes what the plug-in prints; None: thrown away. It may hold what attackers wrote.
    """

    def __init__(
        self, module: str, function: str, environment: Mapping[str, str] | None = None, log: IO[bytes] | None = None
    ) -> None:
        self.name = f"{module}:{function}"
        self._module, self._function = module, function
        self._environment, self._log = dict(environment or {}), log
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._pending = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restart()

    def call(self, event: Any, seconds: float) -> bytes:
        """Call the function; the first call starts the process, and its time is part of it."""
        until = time.monotonic() + seconds
        process = self._started()
        assert process.stdin is not None  # nosec B101 # noqa: S101 - asked for when it was started
        line = json.dumps({"event": event, "seconds": seconds}).encode() + b"\n"
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        answer = self._answer(until, f"No answer within {seconds:.0f} s.")
        if "answer" in answer:
            return str(answer["answer"]).encode()
        raise PluginFailedError(f"The function failed: {_words(answer)}")

    def restart(self) -> None:
        """End the process; the next call starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        children.discard(process)
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
        os.close(self._answers)
        self._pending = b""

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None:
            return self._process
        reading, writing = os.pipe()
        # What can be imported here can be imported there, and what lies in the folder of the call.
        path = os.pathsep.join([os.getcwd(), *(part for part in sys.path if part)])  # noqa: PTH109
        output = self._log or subprocess.DEVNULL
        self._process = subprocess.Popen(  # nosec B603 # noqa: S603 - this interpreter and a module of ours
            [
                sys.executable,
                "-m",
                "alert_responder_cli.checking.python_worker",
                str(writing),
                self._module,
                self._function,
            ],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[writing],
            env={**os.environ, "PYTHONPATH": path, **self._environment},
        )
        children.add(self._process)
        os.close(writing)
        self._answers = reading
        try:
            ready = self._answer(time.monotonic() + _LOAD_SECONDS, f"It was not loaded within {_LOAD_SECONDS} s.")
        except (PluginFailedError, PluginTimeoutError) as error:
            raise CommandError(f"{self.name} cannot be loaded: {error.reason}") from None
        if "ready" not in ready:
            self.restart()
            raise CommandError(f"{self.name} cannot be loaded: {_words(ready)}")
        return self._process

    def _answer(self, until: float, late: str) -> dict[str, Any]:
        while b"\n" not in self._pending:
            readable, _, _ = select.select([self._answers], [], [], max(0.0, until - time.monotonic()))
            if not readable:
                self.restart()
                raise PluginTimeoutError(late)
            piece = os.read(self._answers, _PIECE)
            if not piece:
                raise self._ended()
            self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _ended(self) -> PluginFailedError:
        """Say of a process that ended by itself what Lambda says."""
        status = self._process.wait() if self._process else 0
        self.restart()
        return PluginFailedError(f"The function failed: Runtime.ExitError: its process ended with status {status}.")


def _words(failure: Mapping[str, Any]) -> str:
    """Quote a failure as AlertResponder does: escaped and shortened."""
    return ascii(f"{failure.get('errorType')}: {failure.get('errorMessage')}"[:_QUOTED_CHARACTERS])[1:-1]
