"""A replay delivers records as the stream did; unreadable objects are listed and do not stop the others."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from alert_responder.domain.stream import rejected_document
from alert_responder.kinesis_records import read_record
from alert_responder_cli.errors import CommandError
from alert_responder_cli.recovery.rejections import replay_and_check
from alert_responder_cli.recovery.replay import (
    MAX_EVENT_BYTES,
    MAX_EVENT_RECORDS,
    PREFIXES,
    Record,
    Replay,
    objects,
    records_of,
    replay,
)
from tests.fakes.failure_destination import invocation_record

SHARD = "shardId-000000000003"


def record(number: int, data: bytes = b"{", shard: str = SHARD) -> Record:
    return {
        "eventID": f"{shard}:{number}",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": str(number),
            "partitionKey": "p\u2028",
            "approximateArrivalTimestamp": 1_760_000_000.007,
            "data": base64.b64encode(data).decode(),
        },
    }


def rejected(number: int, data: bytes = b"{", shard: str = SHARD) -> tuple[str, bytes]:
    written = rejected_document(read_record(record(number, data, shard)), [(None, "it is not JSON")])
    return f"rejected/2025-10-09/{shard}/{number}.json", written


def given_up(*numbers: int) -> tuple[str, bytes]:
    return invocation_record([record(number) for number in numbers], 1_760_021_601, tries=9, number=numbers[0])


class Receptor:
    """Takes batches; fails with some records, and gives others back."""

    def __init__(self, deadly: str = "", given_back: str = "") -> None:
        self.batches: list[list[str]] = []
        self._deadly, self._given_back = deadly, given_back

    def __call__(self, event: dict[str, Any]) -> dict[str, Any] | None:
        assert len(json.dumps(event)) <= 6 * 1024 * 1024
        numbers = [found["kinesis"]["sequenceNumber"] for found in event["Records"]]
        self.batches.append(numbers)
        if self._deadly in numbers:
            return None
        return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers if number == self._given_back]}


def test_a_rejected_record_is_replayed_as_delivered() -> None:
    assert records_of(rejected(7, b"\xff\x00")[1]) == [record(7, b"\xff\x00")]


def test_a_discarded_batch_is_replayed_as_delivered() -> None:
    assert records_of(given_up(1, 2)[1]) == [record(1), record(2)]


def test_a_discarded_batch_may_hold_its_event_as_an_object() -> None:
    document = given_up(1, 2)[1]
    event = json.loads(json.loads(document)["payload"])
    assert records_of(changed(document, payload=event)) == [record(1), record(2)]


def changed(document: bytes, **fields: Any) -> bytes:
    found = json.loads(document)
    for name, value in fields.items():
        found.pop(name) if value is None else found.update({name: value})
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"\xff", ["not JSON"]),
        (b"[" * 100_000, ["not JSON"]),
        (b"[]", ["the document"]),
        (changed(rejected(1)[1], data="%", shard=None), ["shard", "data", "base64"]),
        (changed(rejected(1)[1], arrived_at="yesterday", sequence_number="x"), ["arrived_at", "sequence_number"]),
        (changed(given_up(1)[1], payload=None), ["payload"]),
        (changed(given_up(1)[1], payload="secret"), ["not JSON"]),
        (changed(given_up(1)[1], payload='{"Records": []}'), ["Records"]),
        (
            changed(given_up(1)[1], payload='{"Records": [{"eventID": "secret", "kinesis": {}}]}'),
            ["eventID", "data", "partitionKey", "approximateArrivalTimestamp"],
        ),
    ],
)
def test_all_problems_of_an_object_are_listed_without_its_content(document: bytes, said: list[str]) -> None:
    with pytest.raises(ValueError, match=said[0]) as raised:
        records_of(document)
    assert [word for word in said if word not in str(raised.value)] == []
    assert "secret" not in str(raised.value)


def test_an_object_that_cannot_be_read_does_not_stop_the_others() -> None:
    receptor = Receptor()
    done = replay([rejected(1), ("rejected/wrong", b"{}"), given_up(2, 3)], receptor)
    assert (done.objects, done.taken, list(done.unreadable)) == (3, 3, ["rejected/wrong"])
    assert receptor.batches == [["1", "2", "3"]]


def test_a_record_in_several_objects_is_replayed_once() -> None:
    receptor = Receptor()
    assert replay([rejected(1), given_up(1, 2), given_up(2)], receptor) == Replay(objects=3, taken=2)
    assert receptor.batches == [["1", "2"]]


def test_only_failed_records_and_those_that_crash_the_receptor_are_listed() -> None:
    done = replay([given_up(*range(8))], Receptor(deadly="5", given_back="2"))
    assert done.taken == 6
    assert done.failing.keys() == {f"{SHARD}:2", f"{SHARD}:5"}


def test_a_batch_has_one_shard_and_at_most_the_batch_size() -> None:
    receptor = Receptor()
    numbers = range(MAX_EVENT_RECORDS + 1)
    assert replay([given_up(*numbers), rejected(9_999, shard="shardId-1")], receptor).taken == MAX_EVENT_RECORDS + 2
    assert [len(batch) for batch in receptor.batches] == [MAX_EVENT_RECORDS, 1, 1]


def test_a_batch_respects_the_payload_limit_of_lambda() -> None:
    receptor = Receptor()
    large = [rejected(number, b"x" * 1024 * 1024) for number in range(9)]
    done = replay([*large, rejected(10, b"x" * MAX_EVENT_BYTES)], receptor)
    assert done.taken == 9
    assert len(receptor.batches) == 3
    assert list(done.failing) == [f"{SHARD}:10"]


class Archive:
    """S3 and Lambda, as far as a replay asks them."""

    def __init__(
        self, objects: dict[str, bytes], error: ClientError | None = None, rejects: Sequence[str] = ()
    ) -> None:
        self.objects, self.error, self.rejects = objects, error, rejects
        self.versions: dict[str, str] = {}
        self.invoked: list[tuple[str, dict[str, Any]]] = []

    def get_paginator(self, _: str) -> "Archive":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        return [{}, {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}]

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        return {"Body": _Body(self.objects[Key])}

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return {"VersionId": self.versions.get(Key, "first")}

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        if self.error:
            raise self.error
        self.invoked.append((FunctionName, json.loads(Payload)))
        for key in self.rejects:
            self.versions[key] = f"after call {len(self.invoked)}"
            self.objects.setdefault(key, rejected(2)[1])
        return {"Payload": _Body(b'{"batchItemFailures": []}')}


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self) -> bytes:
        return self._content


@dataclass(frozen=True)
class Installed:
    """An installation, as far as a replay asks for it."""

    archive: Archive
    name: str = "name"
    archive_bucket: str = "bucket"

    def client(self, service: str, **_: Any) -> Archive:
        return self.archive


def replay_archive(archive: Archive, prefixes: Sequence[str] = PREFIXES) -> Replay:
    return replay_and_check(Installed(archive), objects(Installed(archive), prefixes))


def test_rejected_records_and_discarded_batches_are_replayed() -> None:
    archive = Archive(dict([rejected(1), given_up(2), ("reports/1/1.json", b"{}")]))
    assert replay_archive(archive) == Replay(objects=2, taken=2)
    assert archive.invoked == [("name-receptor", {"Records": [record(1), record(2)]})]


def test_records_that_the_receptor_archives_again_are_still_rejected() -> None:
    again, of_a_batch = rejected(1)[0], rejected(2)[0]
    archive = Archive(dict([rejected(1), given_up(2, 3), rejected(4)]), rejects=[again, of_a_batch, rejected(5)[0]])

    done = replay_archive(archive)

    assert done.taken == 4
    assert done.still_rejected == {again: ("it is not JSON",), of_a_batch: ("it is not JSON",)}


def test_only_the_given_prefixes_are_replayed() -> None:
    archive = Archive(dict([rejected(1), rejected(2)]))
    assert replay_archive(archive, [rejected(2)[0]]).taken == 1
    assert archive.invoked == [("name-receptor", {"Records": [record(2)]})]


def test_other_prefixes_and_denied_calls_are_errors() -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Invoke")
    archive = Archive(dict([rejected(1)]), error)
    with pytest.raises(CommandError, match="reports/"):
        replay_archive(archive, ["reports/"])
    with pytest.raises(CommandError, match="the permission for Invoke is missing"):
        replay_archive(archive)
