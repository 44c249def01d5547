"""A local plug-in as a target: its own process gets one event after the other, as on Lambda.

The process is a worker that reads one JSON request per line from a pipe and writes one JSON answer per line to another,
so that standard input and output of the plug-in do not interfere.
"""

import json
import os
import select
import signal
import subprocess  # workers of this package are started, without a shell  # nosec B404
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
        Name of the plug-in for messages.
    folder
        Its working directory, like that of its package on Lambda; None: the current one.
    environment
        Variables that are added to those of this process.
    log
        Gets the output of the plug-in, which may contain text of attackers; None: discard it.
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
        """Return the command that starts the worker with these file descriptors."""
        raise NotImplementedError

    def advice(self, failure: Mapping[str, Any]) -> str:  # noqa: ARG002 - for subclasses
        """Return advice about a plug-in that cannot be loaded; may be empty."""
        return ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restart()

    def call(self, event: Any, seconds: float) -> bytes:
        """Call the plug-in; the first call includes the start of the process."""
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
        """Kill the process and its children; the next call starts another one."""
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
            # Its own process group, so that its children can be killed too.
            process_group=0,
        )
        children.add(self._process)
        os.close(events)
        os.close(answers)
        try:
            ready = self._answer(time.monotonic() + _LOAD_SECONDS, f"loading took more than {_LOAD_SECONDS} s.")
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
        """Return the error that Lambda reports for a process that ended."""
        status: int | str = "unknown"
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                status = self._process.wait(_END_SECONDS)
        self.restart()
        return PluginFailedError(f"The function failed: Runtime.ExitError: its process ended with status {status}.")


def words(failure: Mapping[str, Any]) -> str:
    """Format a failure as AlertResponder does: escaped and shortened."""
    return ascii(f"{failure.get('errorType')}: {failure.get('errorMessage')}"[:_QUOTED_CHARACTERS])[1:-1]
