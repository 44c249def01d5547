"""Requests as products send them, and stand-ins of the stream and the secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any

from alert_responder.errors import DependencyError
from alert_responder_plugins.webhook.receive import Receiver
from alert_responder_plugins.webhook.request import Answer, read_request

SECRET, PREVIOUS = b"correct horse battery", b"the one that was rotated"
NOW = 1_780_000_000.0
BODY = json.dumps({"alerts": [], "status": "firing"}).encode()


def hmac_of(content: bytes, secret: bytes = SECRET) -> bytes:
    return hmac.new(secret, content, hashlib.sha256).digest()


def bearer(secret: bytes = SECRET) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret.decode()}"}


def basic(secret: bytes = SECRET, user: bytes = b"grafana") -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(user + b':' + secret).decode()}"}


def github(body: bytes = BODY, secret: bytes = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hmac_of(body, secret).hex()}"}


def grafana(body: bytes = BODY, secret: bytes = SECRET, time: str | None = None) -> dict[str, str]:
    signed = body if time is None else f"{time}:".encode() + body
    headers = {"X-Grafana-Alerting-Signature": hmac_of(signed, secret).hex()}
    return headers if time is None else {**headers, "X-Grafana-Alerting-Timestamp": time}


def crowdstrike(body: bytes = BODY, secret: bytes = SECRET, time: str = str(int(NOW))) -> dict[str, str]:
    signature = base64.b64encode(hmac_of(body + time.encode(), secret)).decode()
    return {"X-Cs-Primary-Signature": signature, "X-Cs-Delivery-Timestamp": time}


PRODUCTS: dict[str, Callable[..., dict[str, str]]] = {
    "bearer": lambda secret: bearer(secret),
    "basic": lambda secret: basic(secret),
    "header": lambda secret: {"X-Api-Key": secret.decode()},
    "github": lambda secret: github(secret=secret),
    "grafana": lambda secret: grafana(secret=secret),
    "grafana with a time": lambda secret: grafana(secret=secret, time=str(int(NOW))),
    "crowdstrike": lambda secret: crowdstrike(secret=secret),
    "crowdstrike in milliseconds": lambda secret: crowdstrike(secret=secret, time=str(int(NOW * 1000))),
    "crowdstrike in words": lambda secret: crowdstrike(secret=secret, time="2026-05-28T20:26:40Z"),
}
"""Headers by the way in which a product authenticates its requests, from the secret."""


def event(
    body: bytes | str = BODY, headers: dict[str, Any] | None = None, method: str = "POST", **more: Any
) -> dict[str, Any]:
    """Build an event of an HTTP API, payload format 2.0, with header names as the API writes them."""
    given = {name.lower(): value for name, value in (bearer() if headers is None else headers).items()}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", **given},
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "a1b2c3d4",
            "http": {"method": method, "path": "/", "protocol": "HTTP/1.1", "sourceIp": "198.51.100.7"},
            "stage": "$default",
        },
        "body": body if isinstance(body, str) else body.decode(),
        "isBase64Encoded": False,
        **more,
    }


class Secret:
    """The versions of the secret; `rotated` are those after the first read."""

    def __init__(self, *versions: bytes, rotated: Sequence[bytes] = ()) -> None:
        self.now = versions or (SECRET, PREVIOUS)
        self.rotated = tuple(rotated)
        self.reads: list[float] = []

    def versions(self, max_age: float = 300) -> Sequence[bytes]:
        self.reads.append(max_age)
        if self.rotated and max_age < 300:
            self.now = self.rotated
        return self.now


class Stream:
    """Keeps what is put; `failing` names the calls that AWS refuses."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.records: list[bytes] = []
        self.dead_letters: list[bytes] = []

    def put(self, document: bytes) -> None:
        if "put" in self.failing:
            raise DependencyError("put_record: ProvisionedThroughputExceededException")
        self.records.append(document)

    def keep(self, document: bytes) -> None:
        if "keep" in self.failing:
            raise DependencyError("send_message: AccessDenied")
        self.dead_letters.append(document)


def answered(given: dict[str, Any], stream: Stream | None = None, secret: Secret | None = None) -> Answer:
    receiver = Receiver(secret or Secret(), stream or Stream(), lambda: NOW, "x-api-key")
    return receiver.answer(read_request(given))
