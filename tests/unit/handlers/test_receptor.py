"""The receptor: which records of a batch are delivered again, archived and counted."""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from alert_responder.bootstrap import receptor as bootstrap
from alert_responder.domain import aggregation
from alert_responder.domain.origin import NO_RULES
from alert_responder.errors import DependencyError, TimeLimitExceededError, UnstorableError
from alert_responder.formats import parse_record
from alert_responder.formats.registry import CODED_FORMATS
from alert_responder.handlers import observability, receptor
from alert_responder.store import keys, reports
from alert_responder.store.table import Put
from alert_responder.usecases import batch, intake
from tests.fakes.installation import Installation
from tests.fakes.memory import Crash

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


@pytest.fixture(name="installation")
def _installation() -> Installation:
    return Installation()


@pytest.fixture(name="deliver")
def _deliver(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deliver]:
    """Deliver records to the handler as the event source mapping does."""
    monkeypatch.setenv("INSTALLATION", "name")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "AlertResponder")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "receptor")
    observability.metrics.cache_clear()
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(bootstrap, "receptor", lambda: (installation.receiver, executor))
        monkeypatch.setattr(bootstrap, "archive", lambda: installation.archive)
        monkeypatch.setattr(bootstrap, "formats", lambda: (CODED_FORMATS, ()))
        monkeypatch.setattr(bootstrap, "rules", lambda: NO_RULES)
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


def test_a_batch_becomes_reports(
    installation: Installation, deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = deliver(record(1, alert("a")), record(2, alert("b")), record(3, alert("a")))
    assert answer == {"batchItemFailures": []}
    assert sorted(head.revision for head in installation.heads()) == [1, 1]
    assert len(installation.workflow.started) == 2
    assert counted(capsys.readouterr().out) == {"AlertsReceived": 3, "ReportsOpened": 2}


def test_a_rejected_record_is_archived_and_not_delivered_again(
    installation: Installation, deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        deliver(record(1, b"\xff\x00"), record(2, alert("a")), record(3, b'{"detector": 1}'))["batchItemFailures"] == []
    )
    assert sorted(installation.archive.objects) == [
        f"rejected/1970-01-01/{SHARD}/1.json",
        f"rejected/1970-01-01/{SHARD}/3.json",
    ]
    document = json.loads(installation.archive.objects[f"rejected/1970-01-01/{SHARD}/1.json"])
    assert base64.b64decode(document["data"]) == b"\xff\x00"
    assert document["rejects"][0]["reason"]
    assert document["arrived_at"] == "1970-01-01T00:00:01.500Z"
    assert len(installation.heads()) == 1
    assert counted(capsys.readouterr().out) == {"AlertsReceived": 1, "RejectedAlerts": 2, "ReportsOpened": 1}


def test_an_alert_with_too_many_attributes_is_truncated_and_archived(
    installation: Installation, deliver: Deliver
) -> None:
    attributes = [{"type": "username", "value": f"u{number}"} for number in range(1_200)]
    data = alert("a", attributes=attributes)
    assert deliver(record(1, data), record(2, alert("a"))) == {"batchItemFailures": []}
    installation.run()
    assert [note for note in installation.report()["notes"] if "exceed an alert" in note] == [
        "200 attributes exceed an alert's limit and were left out; they are archived under rejected/."
    ]
    document = json.loads(installation.archive.objects[f"rejected/1970-01-01/{SHARD}/1.json"])
    assert base64.b64decode(document["data"]) == data
    assert "200 attributes beyond" in document["rejects"][0]["reason"]


def test_a_batch_delivered_again_changes_nothing(installation: Installation, deliver: Deliver) -> None:
    batch = [record(1, alert("a")), record(2, b"{"), record(3, alert("a"))]
    deliver(*batch)
    before = dict(installation.table.items), dict(installation.archive.objects)
    deliver(*batch)
    deliver(batch[2])
    deliver(batch[0])
    installation.run()
    assert installation.report()["alert_count"] == 2
    assert (installation.archive.objects.keys() & before[1].keys()) == before[1].keys()
    assert len(installation.heads()) == 1


def test_only_the_records_of_a_failed_group_are_delivered_again_in_order(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = type(installation.receiver).receive

    def fails_for_two(receiver: Any, alert_id: str, events: Any, *more: Any) -> Any:
        if len(events) == 2:
            raise DependencyError("transact_write_items: ThrottlingException")
        return whole(receiver, alert_id, events, *more)

    monkeypatch.setattr(type(installation.receiver), "receive", fails_for_two)
    batch = [record(number, alert("a" if number in {9, 10} else f"{number}")) for number in (8, 9, 10, 11)]
    assert failures(deliver(*batch)) == ["9", "10"]
    assert len(installation.heads()) == 2


def test_a_rejected_record_that_cannot_be_archived_is_delivered_again(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise DependencyError("put_object: SlowDown")

    monkeypatch.setattr(installation.archive, "put", broken)
    assert failures(deliver(record(1, alert("a")), record(2, b"{"))) == ["2"]


def reasons(installation: Installation, sequence: int) -> list[str]:
    document = json.loads(installation.archive.objects[f"rejected/1970-01-01/{SHARD}/{sequence}.json"])
    return [reject["reason"] for reject in document["rejects"]]


@pytest.mark.parametrize("error", [KeyError("secret"), RecursionError(), MemoryError(), TimeLimitExceededError()])
def test_an_exception_while_parsing_affects_only_that_record(
    installation: Installation,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
) -> None:
    def broken(data: bytes, formats: Any) -> Any:
        if data == alert("a"):
            raise error
        return parse_record(data, formats)

    monkeypatch.setattr(batch, "parse_record", broken)
    assert failures(deliver(record(1, alert("a")), record(2, alert("b")), record(3, b"{"))) == []
    assert len(installation.heads()) == 1
    assert len(installation.archive.objects) == 2
    (reason,) = reasons(installation, 1)
    assert reason.startswith(f"internal error: {type(error).__name__} at ")
    output = capsys.readouterr().out
    assert "secret" not in reason + output
    assert counted(output) == {"AlertsReceived": 1, "InternalErrors": 1, "RejectedAlerts": 2, "ReportsOpened": 1}


def test_an_exception_while_packing_affects_only_that_alert(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = aggregation.summarise

    def broken(events: Any) -> Any:
        if any(event.record == "2" for event in events):
            raise ValueError("an alert's text")
        return whole(events)

    monkeypatch.setattr(reports, "summarise", broken)
    neighbours = json.dumps([json.loads(alert("a")), json.loads(alert("c"))]).encode()
    assert failures(deliver(record(1, neighbours), record(2, alert("a")), record(3, alert("a")))) == []
    assert [reason.partition(" at ")[0] for reason in reasons(installation, 2)] == ["internal error: ValueError"]
    assert len(installation.archive.objects) == 1
    installation.run()
    assert sorted(report["alert_count"] for report in published(installation)) == [1, 2]


def test_an_exception_while_storing_affects_only_that_group(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = installation.table.transact

    def refusing(actions: Any) -> None:
        if any(
            isinstance(action, Put) and action.key.sk.startswith(keys.GROUPS) and b"2:0" in zlib_texts(action)
            for action in actions
        ):
            raise UnstorableError("transact_write_items: ValidationError")
        whole(actions)

    monkeypatch.setattr(installation.table, "transact", refusing)
    assert failures(deliver(record(1, alert("a")), record(2, alert("a")), record(3, alert("b")))) == []
    assert [reason.partition(" at ")[0] for reason in reasons(installation, 2)] == ["internal error: UnstorableError"]
    assert len(installation.heads()) == 2


def published(installation: Installation) -> list[dict[str, Any]]:
    """Read the last round of each report."""
    found = {
        key.split("/")[1]: key for key in sorted(installation.archive.objects) if re.fullmatch(r"reports/.*\.json", key)
    }
    return [json.loads(installation.archive.objects[key]) for key in found.values()]


def zlib_texts(action: Put) -> bytes:
    return zlib.decompress(action.attributes["summary"])


def test_a_record_that_aws_refuses_is_delivered_again_at_every_try(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise DependencyError("transact_write_items: InternalServerError")

    with monkeypatch.context() as outage:
        outage.setattr(installation.table, "transact", broken)
        for _ in range(5):
            assert failures(deliver(record(1, alert("a")))) == ["1"]
    assert installation.archive.objects == {}
    assert failures(deliver(record(1, alert("a")))) == []
    assert len(installation.heads()) == 1


def test_a_record_that_ended_the_process_twice_is_archived_unparsed_and_parsed_when_it_is_replayed(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.now = 3_000_000

    def dying(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as deadly:
        deadly.setattr(batch, "parse_record", dying)
        for _ in range(2):
            with pytest.raises(Crash):
                deliver(record(1, alert("a")))
        assert failures(deliver(record(1, alert("a")))) == []
    assert reasons(installation, 1) == ["internal error: ProcessEnded while it was read, each time it was tried"]
    assert installation.heads() == []
    assert failures(deliver(record(1, alert("a")))) == []
    assert len(installation.heads()) == 1


def test_a_single_record_at_its_first_delivery_costs_no_extra_call(
    installation: Installation, deliver: Deliver
) -> None:
    installation.now = 2_000
    deliver(record(1, alert("a")))
    assert not [key for key in installation.table.items if key.sk == "tries"]


def test_a_record_whose_tries_cannot_be_counted_is_delivered_again(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.now = 3_000_000

    def broken(*_: object) -> None:
        raise DependencyError("update_item: ThrottlingException")

    monkeypatch.setattr(installation.table, "write", broken)
    assert failures(deliver(record(1, alert("a")))) == ["1"]
    assert installation.heads() == []


def test_records_without_time_left_are_delivered_again(
    installation: Installation, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "READING_SECONDS", -1)
    assert failures(deliver(record(1, alert("a")), record(2, b"{"))) == ["1", "2"]
    assert installation.heads() == []
    assert installation.archive.objects == {}


@pytest.mark.parametrize(
    "detector",
    [
        "\t",
        "\u2003",
        " \u00a0 ",
        "\u2029",
        "\x1f" * 3,
        " " * 500 + "edr",
        "\u3000" * 199 + "\ud800",
        "\ud800" * 150,
    ],
)
def test_a_detector_of_invisible_characters_is_reported(
    installation: Installation, deliver: Deliver, detector: str
) -> None:
    assert failures(deliver(record(1, alert("a", detector=detector)), record(2, alert("b")))) == []
    assert installation.archive.objects == {}
    installation.run()
    assert len(published(installation)) == 2
    assert all(source["product"] for report in published(installation) for source in report["sources"])


def test_an_empty_batch_has_no_failures(deliver: Deliver) -> None:
    assert deliver() == {"batchItemFailures": []}
