"""Faults between the functions and the emulated AWS; see `fault_proxy`."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tools import guard
from tools.account import Account
from tools.emulator import free_port
from tools.paths import ROOT

Rule = Mapping[str, Any]
"""A rule of microburst: the calls it matches, its probability, and its fault."""

TRANSACTION_CONFLICT: Rule = {
    "service": "dynamodb",
    "operation": "TransactWriteItems",
    "error": {
        "code": "TransactionCanceledException",
        "status": 400,
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "fields": {"CancellationReasons": [{"Code": "TransactionConflict", "Message": "Transaction is ongoing"}]},
    },
}
"""AWS's answer to a transaction that conflicts with another; the emulator's transactions never conflict."""

_START_SECONDS = 30


def throttled(service: str, code: str, status: int = 400) -> Rule:
    """Make a rule that throttles a service's calls before they are executed."""
    return {"service": service, "error": {"code": code, "status": status, "message": "Rate exceeded"}}


def response_lost(service: str, operation: str) -> Rule:
    """Make a rule that executes a call and then loses the answer."""
    return {"service": service, "operation": operation, "response": {"abort_bytes": 0}}


class FaultProxy:
    """Injects faults into calls of an emulated account's functions, within `during` only.

    It ends with the process that started it.

    Attributes
    ----------
    endpoint : str
        The address for the functions; known before :meth:`start`.
    """

    def __init__(self) -> None:
        self._port = free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, account: Account) -> Self:
        """Start to forward to an account."""
        folder = Path(tempfile.mkdtemp(prefix="alert-responder-faults-"))
        log = folder / "proxy.log"
        command = [sys.executable, guard.__file__, str(folder), str(log)]
        command += [sys.executable, "-m", f"{__package__}.fault_proxy", account.endpoint, str(self._port)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SSL_CERT_FILE": account.authority},
            start_new_session=True,
        )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                self._control("GET", "health")
                return self
            time.sleep(0.1)
        text = log.read_text(errors="replace")[-2000:] if log.is_file() else ""
        self.stop()
        raise AssertionError(f"The fault proxy did not start.\n{text}")

    def stop(self) -> None:
        """Stop the proxy."""
        process, self._process = self._process, None
        if process and process.stdin:
            process.stdin.close()
            process.terminate()
            process.wait(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @contextmanager
    def during(self, *rules: Rule) -> Iterator[None]:
        """Inject the faults of rules."""
        self._control("DELETE", "fired")
        self._control("POST", "rules", list(rules))
        try:
            yield
        finally:
            self._control("POST", "rules", [])

    def struck(self) -> Counter[str]:
        """Count the injected faults since the last `during` began, by operation."""
        fired: Sequence[Mapping[str, str]] = self._control("GET", "fired?limit=100000")
        return Counter(event["operation"] for event in fired)

    def calls(self) -> Counter[str]:
        """Count all calls so far, by service."""
        found: Sequence[Mapping[str, Any]] = self._control("GET", "stats")["by_service"]
        return Counter({entry["service"]: entry["requests"] for entry in found})

    def _control(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.endpoint}/_microburst/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)
