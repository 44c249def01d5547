"""Serve an imitation on a free loopback port, record its requests, and inject faults for tests."""

import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self, cast

from werkzeug.datastructures import Headers
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


class Imitation(Protocol):
    """A service that answers requests."""

    def answer(self, request: Request) -> Response:
        """Do what the service does, and answer as it does."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that replaces the answer to a request.

    Attributes
    ----------
    status
        Status of the answer; 0: the connection is reset without an answer.
    acted
        Whether the service handles the request first, so that only the response is lost.
    delay
        Wait before the fault [s].
    path
        The fault applies only to requests whose path contains this.
    """

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    acted: bool = False
    delay: float = 0.0
    path: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived, whether it was answered or not."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes


class Serving:
    """A running imitation; a context manager.

    Parameters
    ----------
    port
        Port on the loopback interface; 0: a free one.

    Attributes
    ----------
    asked
        All requests so far, oldest first.
    """

    def __init__(self, imitation: Imitation, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self._imitation = imitation
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, self._application, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.port}"

    def strike(self, *faults: Fault) -> None:
        """Apply these faults to the next matching requests, one each, in order."""
        with self._lock:
            self._faults.extend(faults)

    def recover(self) -> None:
        """Drop the faults that have not been applied yet."""
        with self._lock:
            self._faults.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _application(self, environ: dict[str, object], start_response: object) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()
        fault = self._note(Asked(request.method, request.path, request.query_string.decode(), request.headers, body))
        if fault is None:
            return self._imitation.answer(request)(environ, start_response)  # type: ignore[arg-type]
        time.sleep(fault.delay)
        if fault.acted:
            self._imitation.answer(request)
        if fault.status == 0:
            # This is how werkzeug documents closing a connection.
            cast(socket.socket, environ["werkzeug.socket"]).shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError  # The server handles it like a client that disconnected.
        return Response(fault.body, fault.status, dict(fault.headers))(environ, start_response)  # type: ignore[arg-type]

    def _note(self, asked: Asked) -> Fault | None:
        with self._lock:
            self.asked.append(asked)
            fault = next((each for each in self._faults if each.path in asked.path), None)
            if fault is not None:
                self._faults.remove(fault)
            return fault


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - its name in werkzeug
        pass
