"""The receptor: which records of a batch come back, what is archived, what is counted."""

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from alert_responder.bootstrap import receptor as bootstrap
from alert_responder.errors import DependencyError, UnexpectedError
from alert_responder.formats import FORMATS, parse_record
from alert_responder.handlers import observability, receptor
from tests.fakes.installation import Installation

SHARD = "shardId-000000000000"
Deliver = Callable[..., dict[str, Any]]


def record(sequence: int, data: bytes, arrival: float = 1.5) -> dict[str, Any]:
    return {
        "eventID": f"{SHARD}:{sequence}",
        "kinesis": {
            "sequenceNumber": str(sequence),
            "approximateArrivalTimestamp": arrival,
            "partitionKey": "p",
            "data": base64.b64encode(data).decode(),
        },
    }


def alert(key: str, **fields: Any) -> bytes:
    return json.dumps({"detector": "d", "rule_id": "r", "alert_key": key, **fields}).encode()


@pytest.fixture(name="made")
def _made() -> Installation:
    return Installation()


@pytest.fixture(name="deliver")
def _deliver(made: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deliver]:
    """Deliver records to the handler, as the event source mapping does."""
    monkeypatch.setenv("INSTALLATION", "name")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "AlertResponder")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "receptor")
    observability.metrics.cache_clear()
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(bootstrap, "receptor", lambda: (made.receiver, executor))
        monkeypatch.setattr(bootstrap, "archive", lambda: made.archive)
        monkeypatch.setattr(bootstrap, "formats", lambda: (FORMATS, ()))
        yield lambda *records: receptor.handler({"Records": list(records)}, None)
    observability.metrics.cache_clear()


def failures(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def counted(output: str) -> dict[str, Any]:
    (line,) = [line for line in output.splitlines() if "_aws" in line]
    found: dict[str, Any] = json.loads(line)
    assert found["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "AlertResponder"
    assert found["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["installation"]]
    assert found["installation"] == "name"
    return {name: value[0] for name, value in found.items() if isinstance(value, list)}


def test_a_batch_becomes_reports(made: Installation, deliver: Deliver, capsys: pytest.CaptureFixture[str]) -> None:
    answer = deliver(record(1, alert("a")), record(2, alert("b")), record(3, alert("a")))
    assert answer == {"batchItemFailures": []}
    assert sorted(head.revision for head in made.heads()) == [1, 1]
    assert len(made.workflow.started) == 2
    assert counted(capsys.readouterr().out) == {"AlertsReceived": 3, "ReportsOpened": 2}


def test_what_is_no_alert_is_archived_and_not_delivered_again(
    made: Installation, deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        deliver(record(1, b"\xff\x00"), record(2, alert("a")), record(3, b'{"detector": 1}'))["batchItemFailures"] == []
    )
    assert sorted(made.archive.objects) == [
        f"rejected/1970-01-01/{SHARD}/1.json",
        f"rejected/1970-01-01/{SHARD}/3.json",
    ]
    document = json.loads(made.archive.objects[f"rejected/1970-01-01/{SHARD}/1.json"])
    assert base64.b64decode(document["data"]) == b"\xff\x00"
    assert document["rejects"][0]["reason"]
    assert document["arrived_at"] == "1970-01-01T00:00:01.500Z"
    assert len(made.heads()) == 1
    assert counted(capsys.readouterr().out) == {"AlertsReceived": 1, "RejectedAlerts": 2, "ReportsOpened": 1}


def test_attributes_too_many_for_one_alert_are_noted_and_archived(made: Installation, deliver: Deliver) -> None:
    attributes = [{"type": "username", "value": f"u{number}"} for number in range(1_200)]
    data = alert("a", attributes=attributes)
    assert deliver(record(1, data), record(2, alert("a"))) == {"batchItemFailures": []}
    made.run()
    assert [note for note in made.report()["notes"] if "too many" in note] == [
        "200 attributes were too many for one alert and left out; the archive keeps them under rejected/."
    ]
    document = json.loads(made.archive.objects[f"rejected/1970-01-01/{SHARD}/1.json"])
    assert base64.b64decode(document["data"]) == data
    assert "200 attributes more" in document["rejects"][0]["reason"]


def test_a_batch_delivered_again_changes_nothing(made: Installation, deliver: Deliver) -> None:
    batch = [record(1, alert("a")), record(2, b"{"), record(3, alert("a"))]
    deliver(*batch)
    before = dict(made.table.items), dict(made.archive.objects)
    deliver(*batch)
    deliver(batch[2])
    deliver(batch[0])
    made.run()
    assert made.report()["alert_count"] == 2
    assert (made.archive.objects.keys() & before[1].keys()) == before[1].keys()
    assert len(made.heads()) == 1


def test_only_the_records_of_a_group_that_failed_come_back_in_order(
    made: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = type(made.receiver).receive

    def fails_for_two(receiver: Any, alert_id: str, events: Any, note: Any) -> Any:
        if len(events) == 2:
            raise DependencyError("transact_write_items: ThrottlingException")
        return whole(receiver, alert_id, events, note)

    monkeypatch.setattr(type(made.receiver), "receive", fails_for_two)
    batch = [record(number, alert("a" if number in {9, 10} else f"{number}")) for number in (8, 9, 10, 11)]
    assert failures(deliver(*batch)) == ["9", "10"]
    assert len(made.heads()) == 2


def test_a_reject_that_cannot_be_archived_comes_back(
    made: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise DependencyError("put_object: SlowDown")

    monkeypatch.setattr(made.archive, "put", broken)
    assert failures(deliver(record(1, alert("a")), record(2, b"{"))) == ["2"]


def test_a_mistake_of_ours_fails_the_batch_as_a_whole(
    made: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(type(made.receiver), "receive", broken)
    with pytest.raises(UnexpectedError, match="KeyError at test_receptor"):
        deliver(record(1, alert("a")))


def test_a_mistake_of_ours_keeps_nothing_from_the_rest_of_the_batch(
    made: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = type(made.receiver).receive

    def mistaken_in_reading(data: bytes, formats: Any) -> Any:
        if data == alert("a"):
            raise KeyError("a mistake")
        return parse_record(data)

    def mistaken_in_storing(receiver: Any, alert_id: str, events: Any, note: Any) -> Any:
        if events[0].alert.alert_key == "b":
            raise KeyError("a mistake")
        return whole(receiver, alert_id, events, note)

    monkeypatch.setattr(receptor, "parse_record", mistaken_in_reading)
    monkeypatch.setattr(type(made.receiver), "receive", mistaken_in_storing)
    with pytest.raises(UnexpectedError):
        deliver(record(1, alert("a")), record(2, alert("b")), record(3, alert("c")), record(4, b"{"))
    assert len(made.heads()) == 1
    assert [key.rpartition("/")[2] for key in made.archive.objects] == ["4.json"]


def test_an_empty_batch_is_fine(deliver: Deliver) -> None:
    assert deliver() == {"batchItemFailures": []}
