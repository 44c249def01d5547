"""How calls are repeated, by the client of AWS with answers that are made here."""

import io
import json
from collections import Counter
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.retries.bucket import TokenBucket

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.organization.client import (
    CONFIG,
    CONNECT_SECONDS,
    READ_SECONDS,
    DeniedError,
    Organizations,
)

HOME = "111122223333"
MIN_RATE = 0.5
LEFT_SECONDS = 170
"""What the function's timeout leaves after its time budget (`tests/plan/test_organization.py`)."""


class Body(io.BytesIO):
    def stream(self, **_options: object) -> "Body":
        return self


class Service:
    """Refuses the first calls, and then lists one account; waiting takes no time, and is counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refusals: int, code: str = "TooManyRequestsException") -> None:
        self.waited = 0.0
        self.calls: Counter[str] = Counter()
        self._refusals, self._code = refusals, code
        monkeypatch.setattr("time.sleep", self._wait)
        # A client that is throttled also slows down, to one call in two seconds at least.
        monkeypatch.setattr(TokenBucket, "acquire", lambda *_arguments, **_options: self._wait(1 / MIN_RATE))
        client = boto3.client("organizations", config=CONFIG)
        client.meta.events.register("before-send.organizations", self._answer)
        self.reader = Organizations(client, Deadline(100))

    def _wait(self, seconds: float) -> None:
        self.waited += seconds

    def _answer(self, request: Any, **_options: object) -> AWSResponse:
        self.calls[request.headers["X-Amz-Target"].decode().split(".")[1]] += 1
        refused = self.calls.total() <= self._refusals
        body = (
            {"__type": self._code} if refused else {"Accounts": [{"Id": HOME, "Name": "Security", "State": "ACTIVE"}]}
        )
        return AWSResponse(request.url, 400 if refused else 200, HTTPHeaders(), Body(json.dumps(body).encode()))


def test_a_throttled_call_is_repeated_five_times_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch, refusals=5)
    assert [account.id for account in service.reader.accounts()] == [HOME]
    assert service.calls == {"ListAccounts": 6}

    service = Service(monkeypatch, refusals=99)
    with pytest.raises(ReceiverFailedError, match="organizations:ListAccounts was throttled"):
        service.reader.accounts()
    assert service.calls == {"ListAccounts": 6}


def test_the_last_call_ends_before_the_function_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    service = Service(monkeypatch, refusals=99)
    with pytest.raises(ReceiverFailedError):
        service.reader.accounts()
    attempts = service.calls.total()
    assert 0 < service.waited + attempts * (CONNECT_SECONDS + READ_SECONDS) < LEFT_SECONDS - 30


def test_a_refused_call_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(monkeypatch, refusals=99, code="AccessDeniedException")
    with pytest.raises(DeniedError, match="organizations:ListAccounts was denied"):
        service.reader.accounts()
    assert service.calls == {"ListAccounts": 1}
