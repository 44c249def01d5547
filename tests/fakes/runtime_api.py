"""An imitation of Lambda's runtime API on this machine, for plug-ins that are no Python.

After AWS' documentation of custom runtimes: a runtime asks for the next invocation and waits, and posts a response or
an error for it. What a runtime does otherwise is refused as there.
"""

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from alert_responder.errors import PluginFailedError, PluginTimeoutError

_Events = queue.Queue[tuple[str, bytes] | None]

_INVOCATION = "/2018-06-01/runtime/invocation/"


class RuntimeApi:
    """A function that runs in a process of its own; see `alert_responder_cli.checking.running.Target`.

    Parameters
    ----------
    command
        Starts the runtime, which finds the API by `AWS_LAMBDA_RUNTIME_API`.
    folder
        The function's files, `LAMBDA_TASK_ROOT`.
    """

    def __init__(self, name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.refused: list[str] = []
        self._command, self._folder = list(command), folder
        self._events: _Events = queue.Queue()
        self._answers: queue.Queue[tuple[str, str, bytes]] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "LAMBDA_TASK_ROOT": str(folder),
            **environment,
        }
        self._number = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.restart()
        self._server.shutdown()
        self._server.server_close()
        self.log.close()

    def call(self, event: Any, seconds: float) -> bytes:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdout=self.log, stderr=self.log
            )
        self._number += 1
        request = f"request-{self._number}"
        self._events.put((request, json.dumps(event).encode()))
        try:
            answered, what, body = self._answers.get(timeout=seconds)
        except queue.Empty:
            ended = self._process.poll()
            self.restart()
            if ended is None:
                raise PluginTimeoutError(f"No answer within {seconds:.0f} s.") from None
            raise PluginFailedError("The function failed: Runtime.ExitError: its process ended.") from None
        assert answered == request
        if what == "error":
            raise PluginFailedError(f"The function failed: {body.decode()}")
        return body

    def restart(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        # A process that is killed while it waits leaves its request behind, which would take the next event.
        left, self._events = self._events, queue.Queue()
        left.put(None)

    def next(self) -> tuple[str, bytes] | None:
        """Give the next event; None: the process that asked is gone."""
        return self._events.get()

    def answer(self, path: str, body: bytes) -> int:
        request, _, what = path.removeprefix(_INVOCATION).partition("/")
        if (
            not path.startswith(_INVOCATION)
            or what not in ("response", "error")
            or request != f"request-{self._number}"
        ):
            self.refused.append(path)
            return 400
        self._answers.put((request, what, body))
        return 202


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != f"{_INVOCATION}next":
                api.refused.append(self.path)
                self._reply(404, b"", {})
                return
            given = api.next()
            if given is None:
                self.close_connection = True
                return
            request, event = given
            headers = {"Lambda-Runtime-Aws-Request-Id": request, "Lambda-Runtime-Deadline-Ms": "1"}
            self._reply(200, event, headers | {"Content-Type": "application/json"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._reply(api.answer(self.path, body), b'{"status":"OK"}', {})

        def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
