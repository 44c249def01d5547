"""Event ids: equal for every delivery of an alert, and unique even if an attacker writes the alerts."""

import base64
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.records import Event
from alert_responder.domain.stream import StreamRecord, event_id, payload_sha256, shared_ids
from alert_responder.formats import parse_record
from alert_responder.formats.registry import CODED_FORMATS
from alert_responder.kinesis_records import read_record, write_record
from alert_responder.usecases.batch import read_batch
from tests.fakes.installation import Installation
from tests.unit.formats.test_mapping import format_of

SHARD = "shardId-000000000003"


def record(document: Any, sequence: int = 1, arrival: int = 1_000) -> StreamRecord:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return StreamRecord(SHARD, str(sequence), arrival, "p", data)


def alert(text: str, key: str = "door-3") -> dict[str, Any]:
    return {"detector": "edr", "rule_id": "forced", "alert_key": key, "description": text}


def bridge(id_: str, detail: Any) -> dict[str, Any]:
    return {"detail-type": "t", "source": "s", "id": id_, "detail": detail}


def notice(id_: str, document: Any) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": id_, "TopicArn": "arn:t", "Message": json.dumps(document)}


def ids(*records: StreamRecord, formats: Any = CODED_FORMATS) -> list[str]:
    return [event.event_id for group in read_batch(records, formats).groups for event in group.events]


def reported(*batches: list[StreamRecord]) -> dict[str, Any]:
    """Deliver batches, and return the report with all alerts."""
    made = Installation({}, window_ms=10_000_000)
    for batch in batches:
        for group in read_batch(batch, CODED_FORMATS).groups:
            made.receiver.receive(group.alert_id, group.events, packed=group.packed)
    made.run()
    return made.report()


REAL = bridge("0b0f2f5e-6f5a-4b4e-9d0a-3b7d9b1f6c11", alert("real"))
CLAIMS = {
    "in a message": notice("m-1", bridge(REAL["id"], alert("harmless"))),
    "as an envelope": bridge(REAL["id"], alert("harmless")),
    "in an envelope": bridge("x", bridge(REAL["id"], alert("harmless"))),
    "as the id of a message": notice(REAL["id"], alert("harmless")),
    "in a list": [bridge(REAL["id"], alert("harmless"))],
    "as its own whole id": bridge(event_id(record(REAL), REAL["id"], "0/0"), alert("harmless")),
    "with a place behind": bridge(f"{REAL['id']}:{payload_sha256(record(REAL).data)[:32]}", alert("harmless")),
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("together", [True, False])
def test_a_forged_id_does_not_suppress_an_alert(claim: str, together: bool) -> None:
    records = [record(CLAIMS[claim], 1), record(REAL, 2)]
    report = reported(records) if together else reported(*([each] for each in records))
    assert report["alert_count"] == 2
    assert {each["description"] for each in report["alerts"]} == {"harmless", "real"}


def test_the_id_of_a_record_cannot_be_forged() -> None:
    (place,) = ids(record(alert("real"), 7))
    for claim in (place, place.removeprefix("record:"), f"{SHARD}:7:0", f"{SHARD}:7:0/0"):
        assert reported([record(bridge(claim, alert("harmless")), 1), record(alert("real"), 7)])["alert_count"] == 2


def test_an_event_that_a_service_delivers_twice_counts_once() -> None:
    for document in (REAL, notice("m-1", REAL), bridge("several", {"findings": [alert("a"), alert("b")]})):
        once = ids(record(document, 1))
        assert ids(record(document, 2, 5_000)) == once
        report = reported([record(document, 1)], [record(document, 2, 5_000)])
        assert report["alert_count"] == len(once)
        assert not [note for note in report["notes"] if "event id" in note]


def test_equal_ids_with_other_content_are_counted_and_noted() -> None:
    report = reported([record(bridge("1", alert("a"))), record(bridge("1", alert("b")), 2), record(REAL, 3)])
    assert report["alert_count"] == 3
    assert [note for note in report["notes"] if "event id" in note] == [
        "2 alerts have the same event id as an alert with other content; each is counted."
    ]


def test_a_replay_after_a_new_format_counts_each_alert_once() -> None:
    found = [{"unknown": 1, "clicks": [{"rule": "r", "user": "u"}] * 3}, alert("known")]
    for document in (bridge("e", {"findings": found}), {"findings": found}):
        mapping = format_of(match="clicks", events="clicks", rule_id="rule", alert_key="user", attributes=[])
        before, after = ids(record(document)), ids(record(document), formats=(mapping, *CODED_FORMATS))
        assert (len(before), len(after)) == (1, 4)
        assert set(before) <= set(after)


def test_a_replay_with_other_bytes_keeps_the_original_id() -> None:
    original = record(bridge("7", {"odd": 1}))
    native = json.dumps(bridge("7", alert("translated"))).encode()
    replayed = {
        "eventID": f"{SHARD}:1",
        "kinesis": {
            "sequenceNumber": "1",
            "approximateArrivalTimestamp": 1.0,
            "partitionKey": "p",
            "data": base64.b64encode(native).decode(),
        },
        "payloadSha256": payload_sha256(original.data),
    }
    assert ids(read_record(replayed)) == [event_id(original, "7", "0/0")]
    assert ids(read_record({**replayed, "payloadSha256": "no hash"})) == ids(original._replace(data=native))


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(":/e0123", min_size=1, max_size=6),
            st.sampled_from(["", "verified."]).flatmap(
                lambda kind: st.text("s:0", min_size=1, max_size=3).map(kind.__add__)
            ),
            st.text("01", min_size=1, max_size=2),
            st.binary(max_size=1),
            st.sampled_from(["0/0", "0/1", "1/0"]),
        ),
        max_size=6,
        unique=True,
    )
)
def test_different_alerts_have_different_ids(parts: list[tuple[str | None, str, str, bytes, str]]) -> None:
    seen: dict[str, tuple[object, ...]] = {}
    for envelope, shard, sequence, data, place in parts:
        made = event_id(StreamRecord(shard, sequence, 0, "", data), envelope, place)
        what = (shard, sequence, place) if envelope is None else (envelope, data, place, shard.startswith("verified."))
        assert seen.setdefault(made, what) == what


@given(
    st.builds(
        StreamRecord,
        shard=st.from_regex(r"shardId-[0-9]{12}", fullmatch=True),
        sequence_number=st.from_regex(r"[0-9]{1,56}", fullmatch=True),
        arrival=st.integers(0, 10**13),
        partition_key=st.text(max_size=9),
        data=st.binary(max_size=9),
        payload_sha256=st.none() | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
        stream=st.none() | st.just("arn:aws:kinesis:eu-central-1:111122223333:stream/secops"),
    )
)
def test_a_written_record_is_read_again(record: StreamRecord) -> None:
    assert read_record(json.loads(json.dumps(write_record(record)))) == record


def test_shared_ids_are_counted() -> None:
    first, second, third = (record({"n": number}, number) for number in range(3))
    of_one = [event_id(first, "a:9", "0/0"), event_id(first, "a:9", "1/0")]
    assert shared_ids([*of_one, event_id(second, "a", "0/0"), event_id(third, None, "0/0"), "e1", "envelope:x"]) == 0
    assert shared_ids([*of_one, event_id(second, "a:9", "0/0")]) == 3
    every = [event_id(each, "a", f"{n}/0") for each, n in itertools.product((first, second), range(2))]
    assert shared_ids(every) == 4


def test_builders_create_complete_events() -> None:
    (parsed,), _ = parse_record(record(REAL).data)
    (group,) = read_batch([record(REAL)], CODED_FORMATS).groups
    assert group.events == (
        Event(
            event_id(record(REAL), REAL["id"], parsed.place),
            1_000,
            "1",
            parsed.alert,
            native=True,
            origin=group.events[0].origin,
        ),
    )
