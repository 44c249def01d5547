"""A plug-in on this machine as a target: a process of its own that takes one event after the other, as on Lambda.

The process is a worker: it reads one JSON request a line from one pipe and writes one JSON answer a line to another,
so that what the plug-in reads and prints is kept apart from both.
"""

import json
import os
import select
import signal
import subprocess  # nosec B404 - workers of this package are started, without a shell
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder_cli.errors import CommandError
from alert_responder_cli.terminal.process import children

_QUOTED_CHARACTERS = 500
_LOAD_SECONDS = 60
_END_SECONDS = 5
_PIECE = 65_536


class ProcessTarget:
    """See `target.Target`; a context manager that ends the process.

    Parameters
    ----------
    name
        What the plug-in is called, for people.
    folder
        The folder it runs in, as its package on Lambda; None: the current one.
    environment
        Variables that are added to those of this process.
    log
        Takes what the plug-in prints; None: it is thrown away. It may hold what attackers wrote.
    """

    left_out: frozenset[str] = frozenset()
    """Variables of this process that the plug-in does not get."""

    def __init__(
        self,
        name: str,
        folder: Path | None,
        environment: Mapping[str, str] | None = None,
        log: IO[bytes] | None = None,
    ) -> None:
        self.name = name
        self._folder, self._log = folder, log
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._events = self._answers = -1
        self._pending = b""

    def command(self, events: int, answers: int) -> Sequence[str]:
        """Give the command that starts the worker, which reads from and writes to these file descriptors."""
        raise NotImplementedError

    def advice(self, failure: Mapping[str, Any]) -> str:  # noqa: ARG002 - for those that know some
        """Say what to do about a plug-in that cannot be loaded; empty: the failure says it."""
        return ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restart()

    def call(self, event: Any, seconds: float) -> bytes:
        """Call the plug-in; the first call starts the process, and its time is part of it."""
        until = time.monotonic() + seconds
        if self._process is None:
            self._start()
        late = f"No answer within {seconds:.0f} s."
        self._send(json.dumps({"event": event, "seconds": seconds}).encode() + b"\n", until, late)
        answer = self._answer(until, late)
        if answer.get("ends"):
            self.restart()
        if "answer" in answer:
            return str(answer["answer"]).encode()
        raise PluginFailedError(f"The function failed: {words(answer)}")

    def restart(self) -> None:
        """End the process and what it has started; the next call starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        children.discard(process)
        os.close(self._events)
        os.close(self._answers)
        self._pending = b""

    def _start(self) -> None:
        events, self._events = os.pipe()
        self._answers, answers = os.pipe()
        os.set_blocking(self._events, False)
        kept = {name: value for name, value in os.environ.items() if name not in self.left_out}
        root = {"LAMBDA_TASK_ROOT": str(self._folder)} if self._folder else {}
        output = self._log or subprocess.DEVNULL
        self._process = subprocess.Popen(  # nosec B603 # noqa: S603 - an interpreter and a worker of this package
            self.command(events, answers),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[events, answers],
            cwd=self._folder,
            env={**kept, **root, **self._environment},
            # A group of its own: what the plug-in starts ends with it.
            process_group=0,
        )
        children.add(self._process)
        os.close(events)
        os.close(answers)
        try:
            ready = self._answer(time.monotonic() + _LOAD_SECONDS, f"It was not loaded within {_LOAD_SECONDS} s.")
        except (PluginFailedError, PluginTimeoutError) as error:
            raise CommandError(f"{self.name} cannot be loaded: {error.reason}") from None
        if "ready" not in ready:
            self.restart()
            advice = self.advice(ready)
            raise CommandError(f"{self.name} cannot be loaded: {words(ready)}{advice and f' {advice}'}")

    def _send(self, line: bytes, until: float, late: str) -> None:
        left = memoryview(line)
        while left:
            _, writable, _ = select.select([], [self._events], [], max(0.0, until - time.monotonic()))
            if not writable:
                self.restart()
                raise PluginTimeoutError(late)
            try:
                left = left[os.write(self._events, left) :]
            except BrokenPipeError:
                raise self._ended() from None

    def _answer(self, until: float, late: str) -> dict[str, Any]:
        pieces = [self._pending]
        while b"\n" not in pieces[-1]:
            readable, _, _ = select.select([self._answers], [], [], max(0.0, until - time.monotonic()))
            if not readable:
                self.restart()
                raise PluginTimeoutError(late)
            pieces.append(os.read(self._answers, _PIECE))
            if not pieces[-1]:
                raise self._ended()
        line, _, self._pending = b"".join(pieces).partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _ended(self) -> PluginFailedError:
        """Say of a process that ended by itself what Lambda says."""
        status: int | str = "unknown"
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                status = self._process.wait(_END_SECONDS)
        self.restart()
        return PluginFailedError(f"The function failed: Runtime.ExitError: its process ended with status {status}.")


def words(failure: Mapping[str, Any]) -> str:
    """Quote a failure as AlertResponder does: escaped and shortened."""
    return ascii(f"{failure.get('errorType')}: {failure.get('errorMessage')}"[:_QUOTED_CHARACTERS])[1:-1]
