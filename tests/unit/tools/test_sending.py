"""Everything is put on the stream, also what was turned away at first."""

from typing import Any

import pytest

from alert_responder_cli import sending
from tools.account import Account
from tools.errors import ToolError
from tools.installation import Installation
from tools.sending import send


class Stream:
    """Takes records, but turns the first ones of each of its bad days away."""

    def __init__(self, *turned_away: int):
        self._turned_away = list(turned_away)
        self.taken: list[bytes] = []

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert len(Records) <= 500
        bad = self._turned_away.pop(0) if self._turned_away else 0
        self.taken += [record["Data"] for record in Records[bad:]]
        return {"Records": [{"ErrorCode": "Throttled"}] * bad + [{}] * (len(Records) - bad)}


def installation(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(Installation, "client", lambda self, service: stream)
    return Installation(Account("", ""), "n", "s", "t", "a", "e", "w")


def test_many_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream()
    records = [str(number).encode() for number in range(1201)]

    send(installation(stream, monkeypatch), records)

    assert stream.taken == records


def test_what_was_turned_away_goes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(2, 1)

    send(installation(stream, monkeypatch), [b"1", b"2", b"3"])

    assert sorted(stream.taken) == [b"1", b"2", b"3"]


def test_giving_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "full_jitter", lambda *_: 0)
    with pytest.raises(ToolError, match="1 record away"):
        send(installation(Stream(*[1] * sending.TRIES), monkeypatch), [b"1"])
