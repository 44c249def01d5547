"""A local program with a custom runtime as a target: it gets events from Lambda's runtime API.

The API is served on a free port of the loopback interface, as the AWS documentation of custom runtimes describes it: a
runtime requests the next invocation and waits, and posts a response or an error. Other requests are rejected.
"""

import json
import os
import queue
import signal
import subprocess  # the program that the user names is started, without a shell  # nosec B404
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder_cli.checking.process_target import words
from alert_responder_cli.errors import CommandError
from alert_responder_cli.terminal.process import children

_RUNTIME = "/2018-06-01/runtime/"
_INVOCATION = f"{_RUNTIME}invocation/"
_LOOK_SECONDS = 0.05
_ARN = "arn:aws:lambda:us-east-1:111122223333:function:check"

_Said = Literal["response", "error", "init"]


class RuntimeTarget:
    """See `target.Target`; a context manager that ends the program.

    Parameters
    ----------
    file
        The program, `bootstrap`; its folder is `LAMBDA_TASK_ROOT`.
    handler
        Value of the variable `_HANDLER`.
    environment
        Variables that are added to those of this process.
    log
        Gets the output of the program, which may contain text of attackers; None: discard it.

    Attributes
    ----------
    refused
        Requests that Lambda would have rejected.
    """

    def __init__(
        self, file: str, handler: str, environment: Mapping[str, str] | None = None, log: IO[bytes] | None = None
    ) -> None:
        self.name = file
        self.refused: list[str] = []
        self._file, self._log = Path(file).resolve(), log
        if not os.access(self._file, os.X_OK):
            raise CommandError(f"{file} is not executable: run chmod +x {file}")
        self._events: queue.Queue[tuple[Mapping[str, str], bytes] | None] = queue.Queue()
        self._answers: queue.Queue[tuple[str, _Said, bytes]] = queue.Queue()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "LAMBDA_TASK_ROOT": str(self._file.parent),
            "_HANDLER": handler,
            **(environment or {}),
        }
        self._number = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restart()
        self._server.shutdown()
        self._server.server_close()

    def call(self, event: Any, seconds: float) -> bytes:
        """Send the program an event; the first call includes the start of the program."""
        until = time.monotonic() + seconds
        process = self._process or self._start()
        self._number += 1
        headers = {
            "Lambda-Runtime-Aws-Request-Id": self._request,
            "Lambda-Runtime-Deadline-Ms": str(round((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": _ARN,
        }
        self._events.put((headers, json.dumps(event).encode()))
        what, body = self._answer(process, until, seconds)
        if what == "response":
            return body
        if what == "init":
            self.restart()
            raise CommandError(f"{self.name} cannot be started: {words(_failure(body))}")
        raise PluginFailedError(f"The function failed: {words(_failure(body))}")

    def restart(self) -> None:
        """Kill the program and its children; the next call starts it again."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            children.discard(process)
        # A killed program may leave a pending request behind, which would consume the next event.
        left, self._events = self._events, queue.Queue()
        left.put(None)

    def take_next(self) -> tuple[Mapping[str, str], bytes] | None:
        """Wait for the next event and return its headers and body; None: the program has ended."""
        return self._events.get()

    def take_answer(self, path: str, body: bytes) -> bool:
        """Accept a post of the program; return False if Lambda would reject it."""
        request, _, what = path.removeprefix(_INVOCATION).partition("/")
        if path == f"{_RUNTIME}init/error":
            self._answers.put((self._request, "init", body))
        elif path.startswith(_INVOCATION) and what in ("response", "error") and request == self._request:
            self._answers.put((request, "response" if what == "response" else "error", body))
        else:
            self.refused.append(path)
            return False
        return True

    @property
    def _request(self) -> str:
        return f"00000000-0000-0000-0000-{self._number:012d}"

    def _start(self) -> subprocess.Popen[bytes]:
        output = self._log or subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(  # nosec B603 # noqa: S603 - the program that the user names
                [str(self._file)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._file.parent,
                env={**os.environ, **self._environment},
                process_group=0,
            )
        except OSError as error:
            raise CommandError(f"{self.name} cannot be started: {error.strerror}.") from None
        children.add(self._process)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], until: float, seconds: float) -> tuple[_Said, bytes]:
        while True:
            # Poll before reading answers: an answer before the end counts.
            status = process.poll()
            try:
                request, what, body = self._answers.get(timeout=_LOOK_SECONDS if status is None else 0)
            except queue.Empty:
                if status is not None:
                    self.restart()
                    reason = f"The function failed: Runtime.ExitError: its process ended with status {status}."
                    raise PluginFailedError(reason) from None
                if time.monotonic() > until:
                    self.restart()
                    raise PluginTimeoutError(f"No answer within {seconds:.0f} s.") from None
                continue
            if request == self._request:
                return what, body


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: a killed program cannot receive its answer."""


def _failure(body: bytes) -> Mapping[str, Any]:
    """Parse an error like Lambda: an object with type and message, otherwise an unknown error."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    fields = document if isinstance(document, dict) else {}
    return {"errorType": fields.get("errorType", "unknown error"), "errorMessage": fields.get("errorMessage", "")}


def _handler(target: RuntimeTarget) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != f"{_INVOCATION}next":
                target.refused.append(self.path)
                self._reply(404, b"", {})
                return
            given = target.take_next()
            if given is None:
                self.close_connection = True
                return
            headers, event = given
            self._reply(200, event, {**headers, "Content-Type": "application/json"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            taken = target.take_answer(self.path, body)
            self._reply(202 if taken else 400, b'{"status":"OK"}', {})

        def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the server's name
            """Log nothing: requests may contain hostile text."""

    return Handler
