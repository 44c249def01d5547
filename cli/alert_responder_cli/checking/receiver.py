"""A local receiver for emitters that accepts every request, and counts those that may change something."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Receiver:
    """Serves on a free port of the loopback interface while it is open.

    Parameters
    ----------
    answer
        The JSON answer to every request.
    """

    def __init__(self, answer: str = "{}") -> None:
        self._count = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, answer.encode()))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def received(self) -> int:
        """Return the number of requests so far, without GET, HEAD and OPTIONS."""
        return self._count

    def take(self, method: str) -> None:
        """Count a request."""
        self._count += method not in _READING

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver, answer: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            receiver.take(self.command)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _take  # noqa: N815 - the server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the server's name
            """Log nothing: requests may contain hostile text."""

    return Handler
