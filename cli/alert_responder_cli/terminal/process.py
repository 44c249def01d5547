"""The end of the process: silent when the reader of a pipe is gone, and soon after Ctrl-C."""

import io
import os
import select
import signal
import subprocess  # nothing is started here  # nosec B404
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn, cast

INTERRUPTED = 130
"""Exit code after Ctrl-C, as in shells."""

GRACE_SECONDS = 1.0
"""Time for a command to clean up after Ctrl-C. Then the process ends, since a thread may wait for AWS for minutes."""

_SHOW_CURSOR = b"\r\x1b[2K\x1b[?25h"
"""Clears the line of a progress bar, and shows the cursor again."""

children: set[subprocess.Popen[bytes]] = set()
"""Processes that this one started, each with its own process group, and that must not outlive it."""


def run(command: Callable[[], None]) -> NoReturn:
    """Run a command, and end the process.

    Parameters
    ----------
    command
        Returns, or raises `SystemExit` as Typer does.
    """
    pipes = [_noticing("stdout"), _noticing("stderr")]
    interruption = _Interruption()
    interruption.watch()
    code: int | str | None = 0
    try:
        command()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException:
        # Libraries may raise other exceptions for a closed pipe or an interruption.
        if not (interruption.happened or any(pipe.closed_by_reader for pipe in pipes if pipe)):
            raise
    interruption.finish()
    for pipe in filter(None, pipes):
        pipe.flush_or_drop()
    if interruption.happened:
        code = INTERRUPTED
    elif any(pipe.closed_by_reader for pipe in pipes if pipe):
        code = 0
    sys.exit(code)


def end_with_parent() -> None:
    """End this process and its children as soon as its parent process ends."""
    import multiprocessing  # needed in the processes of a pool only

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            end_now(INTERRUPTED)

    threading.Thread(target=wait, daemon=True).start()


def end_now(code: int) -> NoReturn:
    """End this process and its children at once, whatever its threads wait for."""
    for child in list(children):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    for stream in (1, 2):
        if os.isatty(stream):
            os.write(stream, _SHOW_CURSOR)
    os._exit(code)


class _Interruption:
    """Ends this process soon after Ctrl-C, even while Python cannot run a signal handler."""

    def __init__(self) -> None:
        self.happened = False
        self._finished = False

    def watch(self) -> None:
        """Start watching for interruptions, unless they are ignored, as under `nohup`."""
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            return
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, self._note)
        threading.Thread(target=self._end_soon_after, args=(reading,), daemon=True).start()

    def finish(self) -> None:
        """Mark the command as ended: an interruption from now on ends the process at once."""
        self._finished = True

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        again, self.happened = self.happened, True
        if not again and not self._finished:
            raise KeyboardInterrupt

    def _end_soon_after(self, pipe: int) -> None:
        """Wait for the first interruption, and then for the end of the process, a second interruption or some time."""
        while os.read(pipe, 1) != bytes([signal.SIGINT]):
            pass
        until = time.monotonic() + (0 if self._finished else GRACE_SECONDS)
        while (left := until - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            if os.read(pipe, 1) == bytes([signal.SIGINT]):
                break
        end_now(INTERRUPTED)


class _Pipe(io.FileIO):
    """A standard stream that notices when its reader is gone."""

    closed_by_reader = False

    def write(self, data: Any) -> int:
        """Write, and note a closed pipe."""
        try:
            return super().write(data)
        except BrokenPipeError:
            self.closed_by_reader = True
            raise

    def flush_or_drop(self) -> None:
        """Flush the stream; if the pipe is closed, discard the rest so that Python prints no error at exit."""
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and stream.fileno() == self.fileno():
                try:
                    stream.flush()
                except BrokenPipeError:
                    os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())


def _noticing(name: str) -> _Pipe | None:
    """Put a `_Pipe` below `sys.stdout` or `sys.stderr`; return None if the stream is closed or replaced."""
    stream = getattr(sys, name)
    if not isinstance(stream, io.TextIOWrapper):
        return None
    stream.flush()
    pipe = _Pipe(stream.fileno(), "w", closefd=False)
    below = pipe if stream.write_through else io.BufferedWriter(pipe)
    above = io.TextIOWrapper(
        cast("io.BufferedWriter", below),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
    setattr(sys, name, above)
    return pipe
