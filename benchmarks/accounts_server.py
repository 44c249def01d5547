"""An organisation as the command `accounts` sees it, in a separate process: STS, IAM and the directory over TLS.

Each call takes as long as one to AWS, and the first of each connection longer, for the handshakes.
"""

import asyncio
import base64
import json
import re
import ssl
import sys
import time
from collections import Counter, deque
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs

from alert_responder.domain.directory import AccountFacts, Directory
from tests.fakes.directory import directory_item

NAME, EXTERNAL_ID = "secops", "benchmark"
CALL_SECONDS, HANDSHAKE_SECONDS = 0.15, 0.3
_SETTINGS = {
    "INSTALLATION": NAME,
    "TABLE_NAME": NAME,
    "ARCHIVE_BUCKET": f"{NAME}-archive",
    "WORKFLOW_ARN": f"arn:aws:states:us-east-1:111122223333:stateMachine:{NAME}",
}
_TAGS = {"alert-responder:member": "1", "alert-responder:actions": "access_key principal"}


class Organization:
    """The accounts, and what was called.

    Parameters
    ----------
    rate
        Calls of STS that are answered in any second; others are throttled.
    """

    def __init__(self, count: int, rate: int) -> None:
        facts = [
            AccountFacts(id=f"{number:012}", name=f"account {number}", status="active", kind="member", unit="Root/Prod")
            for number in range(count)
        ]
        self._rate = rate
        self._answered: deque[float] = deque()
        self.calls: Counter[str] = Counter()
        item = directory_item(Directory(accounts=tuple(facts), read_at=int(time.time() * 1000)))
        self._item = json.dumps({"Item": item}, default=lambda data: base64.b64encode(data).decode()).encode()

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body."""
        if path == "/calls":
            return 200, json.dumps(self.calls).encode()
        if path.endswith("/configuration"):
            handler = "alert_responder.handlers.coordinator.handler"
            return 200, json.dumps({"Handler": handler, "Environment": {"Variables": _SETTINGS}}).encode()
        if body.startswith(b"{"):
            return 200, self._item
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        action = asked["Action"]
        if action == "AssumeRole" and self._is_throttled():
            self.calls["throttled"] += 1
            return 400, b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"
        self.calls[action] += 1
        return 200, f"<{action}Response><{action}Result>{_result(action)}</{action}Result></{action}Response>".encode()

    def _is_throttled(self) -> bool:
        now = time.monotonic()
        while self._answered and now - self._answered[0] > 1:
            self._answered.popleft()
        if len(self._answered) >= self._rate:
            return True
        self._answered.append(now)
        return False


def _result(action: str) -> str:
    if action == "AssumeRole":
        key = "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
        return f"<Credentials>{key}<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
    if action == "GetRole":
        tags = "".join(f"<member><Key>{key}</Key><Value>{value}</Value></member>" for key, value in _TAGS.items())
        return f"<Role><RoleName>role</RoleName><Tags>{tags}</Tags></Role>"
    return "<Arn>arn:aws:sts::111122223333:assumed-role/analyst/alice</Arn>"


class Answering(asyncio.Protocol):
    """The subset of HTTP/1.1 that botocore uses."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._read = b""
        self._handshakes = HANDSHAKE_SECONDS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport for answers."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer a complete request after the time of a call."""
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self._read = b""
        status, answer = self._organization.answer(head.split(b" ", 2)[1].decode(), body)
        written = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(answer), answer)
        asyncio.get_running_loop().call_later(CALL_SECONDS + self._handshakes, self._transport.write, written)
        self._handshakes = 0.0


async def serve(count: int, rate: int, certificate: Path) -> None:
    """Print the port, and serve until the process is ended."""
    organization = Organization(count, rate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(
        lambda: Answering(organization), "127.0.0.1", 0, ssl=context, backlog=1000
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
