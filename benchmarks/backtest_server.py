"""The part of AWS that a backtest calls, in a separate process and fast enough not to distort the measurement.

It has reports of the last 20 days that differ only in id and title. The emulator would be the bottleneck.
"""

import asyncio
import json
import re
import sys
from typing import Any, cast

from alert_responder.contracts.primitives import format_rfc3339, utc_day
from alert_responder.domain.identifiers import INDEX_SHARDS, index_shard, ulid
from tests.fakes.reports import a_finding, a_report, an_alert, an_attribute

DAYS = 20
NAME = "secops"
_PAGE = 500
_TITLE = "Login from a new address"
_SETTINGS = {
    "INSTALLATION": NAME,
    "TABLE_NAME": NAME,
    "ARCHIVE_BUCKET": f"{NAME}-archive",
    "WORKFLOW_ARN": f"arn:aws:states:us-east-1:111122223333:stateMachine:{NAME}",
}


def document(number: int, report_id: str) -> bytes:
    """Write a report of three attributes with two findings each, every third of them rated urgent."""
    values = [f"198.51.100.{number % 250}", f"host{number}.example.com", f"user{number % 500}@example.com"]
    content = {
        "type": "host",
        "verdict": "suspicious",
        "source": "list",
        "country": ["NL"],
        "tags": ["seen", "scanner"],
    }
    report = a_report(
        "urgent" if number % 3 == 0 else "unclassified",
        attributes=[an_attribute(value) for value in values],
        findings=[
            a_finding(name, attribute_value=value, contents=[content] * 3)
            for value in values
            for name in ("reputation", "history")
        ],
        id=report_id,
        title=f"{_TITLE} {number}",
        alerts=[an_alert(body={"event": number, "text": "x" * 1_500})],
    )
    dumped = report.model_dump(mode="json")
    dumped["result"]["reviewer"] = "arn:aws:lambda:us-east-1:111122223333:function:policy"
    return json.dumps(dumped).encode()


class Stored:
    """The stored reports, and the requests for them."""

    def __init__(self, count: int, now: int) -> None:
        self.documents: dict[str, bytes] = {}
        self.shards: dict[str, list[dict[str, Any]]] = {}
        for number in range(count):
            opened = now - number * DAYS * 86_400_000 // count
            report_id = ulid(opened, number.to_bytes(10, "big"))
            self.documents[report_id] = document(number, report_id)
            item = {
                "report_id": {"S": report_id},
                "title": {"S": f"{_TITLE} {number}"},
                "detector": {"S": "vpn"},
                "rule_id": {"S": "new-address"},
                "severity": {"S": "urgent" if number % 3 == 0 else "unclassified"},
                "reason": {"S": "Known for command and control."},
                "alert_count": {"N": "1"},
                "round": {"N": "1"},
                "snapshot": {"S": f"snapshots/{report_id}/000001/token.json"},
                "created_at": {"S": format_rfc3339(opened)},
                "updated_at": {"S": format_rfc3339(opened)},
                "expires_at": {"N": "4000000000"},
            }
            self.shards.setdefault(f"{utc_day(opened)}/{index_shard(report_id) % INDEX_SHARDS}", []).append(item)

    def query(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a Query of the index by day, a page at a time."""
        values = request["ExpressionAttributeValues"]
        found = self.shards.get(values[":shard"]["S"], [])
        begin = int(request.get("ExclusiveStartKey", {"at": {"N": "0"}})["at"]["N"])
        end = begin + min(request["Limit"], _PAGE)
        page = [item for item in found[begin:end] if values[":first"]["S"] <= item["report_id"]["S"]]
        more = {"LastEvaluatedKey": {"at": {"N": str(end)}}} if end < len(found) else {}
        return {"Items": page, "Count": len(page), "ScannedCount": len(page), **more}


class Answering(asyncio.Protocol):
    """The subset of HTTP/1.1 that botocore uses."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport for answers."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer each complete request."""
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, rest = self._read.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
            size = int(length[1]) if length else 0
            if len(rest) < size:
                return
            body, self._read = rest[:size], rest[size:]
            self._answer(head.split(b" ", 2)[1].decode(), body)

    def _answer(self, path: str, body: bytes) -> None:
        if "/reports/" in path:
            answer = self._stored.documents[path.split("/")[3]]
        elif path.endswith("/configuration"):
            answer = json.dumps(
                {
                    "Handler": "alert_responder.handlers.coordinator.handler",
                    "Environment": {"Variables": _SETTINGS},
                }
            ).encode()
        else:
            answer = json.dumps(self._stored.query(json.loads(body))).encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))


async def serve(count: int, now: int) -> None:
    """Print the port, and serve until the process is ended."""
    stored = Stored(count, now)
    server = await asyncio.get_running_loop().create_server(lambda: Answering(stored), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
