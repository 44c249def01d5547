"""Requests as API Gateway and function URLs pass them to a function (payload format 2.0), and the answers.

Every field is hostile, also the headers.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    Attributes
    ----------
    headers
        Names in lower case.
    body
        The bytes that the sender posted.
    """

    method: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    source_ip: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; a `fault` says what is wrong and what is allowed, and is empty for 200."""

    status: int
    fault: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_event(self) -> dict[str, Any]:
        """Return the response in payload format 2.0."""
        document = {"error": self.fault} if self.fault else {"status": "accepted"}
        return {
            "statusCode": self.status,
            "headers": {"content-type": "application/json", **self.headers},
            "body": json.dumps(document),
        }


def read_request(event: Mapping[str, Any]) -> Request:
    """Read a request; fields that are missing or of another type are empty."""
    http = _object(_object(event.get("requestContext")).get("http"))
    headers = {name.lower(): value for name, value in _object(event.get("headers")).items() if isinstance(value, str)}
    return Request(_text(http.get("method")), headers, _body(event), _text(http.get("sourceIp")))


def _body(event: Mapping[str, Any]) -> bytes:
    text = _text(event.get("body"))
    if event.get("isBase64Encoded") is True:
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            return b""
    return text.encode("utf-8", "surrogatepass")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
