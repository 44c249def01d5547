"""Rounds at the limits of AWS, which `aws.limits` enforces: processed, or rejected with a reason."""

import base64
import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.aggregation import TOO_LARGE
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.plugin_answers import MAX_ANSWER_BYTES
from alert_responder.domain.stream import StreamRecord
from alert_responder.domain.truncation import MAX_REPORT_BYTES
from alert_responder.errors import DependencyError
from alert_responder.formats.record import MAX_RECORD_BYTES
from alert_responder.formats.registry import FormatRegistry
from alert_responder.usecases.intake import Intake, receive_batch
from alert_responder_cli.aws.in_memory import SerialExecutor
from alert_responder_cli.aws.limits import PAYLOAD_BYTES, STATE_BYTES
from tests.fakes.installation import Installation
from tests.fakes.memory import Crash
from tests.fakes.plugins import Plugin

KB, KIB, MIB = 1000, 1024, 1024 * 1024
_random = random.Random(7)
_PRINTABLE = bytes(byte for byte in range(0x21, 0x7F) if byte not in b'"\\')
_TO_PRINTABLE = bytes(_PRINTABLE[number % len(_PRINTABLE)] for number in range(256))

SIZES = [
    *(1, 2, 3, 100, KIB),
    *(255 * KIB, 256 * KIB, 257 * KIB),
    *(399 * KB, 400 * KB, 401 * KB, 399 * KIB, 400 * KIB, 401 * KIB),
    *(MIB - 1, MIB, MIB + 1),
    *(MAX_RECORD_BYTES, MAX_RECORD_BYTES + 1, 10 * MIB),
]


def noise(length: int) -> str:
    """Build text that hardly compresses, with one byte for each character."""
    return _random.randbytes(length).translate(_TO_PRINTABLE).decode()


def alert(size: int, **fields: Any) -> bytes:
    """Build an alert of a size [bytes]; below the minimum size it is not an alert."""
    document = {"detector": "d", "rule_id": "r", "alert_key": "k", "body": "", **fields}
    left = size - len(json.dumps(document))
    return noise(size).encode() if left < 0 else json.dumps({**document, "body": noise(left)}).encode()


def deliver(made: Installation, *records: bytes, first: int = 0) -> Intake:
    batch = [StreamRecord("shard-1", str(number), number, "p", data) for number, data in enumerate(records, first)]
    with ThreadPoolExecutor(1) as executor:
        return receive_batch(batch, made.receiver, lambda: made.archive, executor)


def note(text: str) -> dict[str, Any]:
    return {"contents": [{"type": "note", "title": "t", "text": text}]}


@pytest.mark.parametrize("size", SIZES)
def test_a_record_of_any_size_is_reported_or_rejected(size: int) -> None:
    made = Installation({"i": lambda _: note("seen")}, emitters={"e": lambda _: None})
    attributes = [{"type": "username", "value": noise(10)}] if size > KIB else []
    data = alert(size, attributes=attributes)
    assert len(data) == size
    intake = deliver(made, data)
    assert intake.failed == set()
    made.run()
    if 100 <= size <= MAX_RECORD_BYTES and intake.alerts:
        report = made.report()
        assert made.deliveries()["e", 1].outcome == "ok"
        shown = report["alerts"][0]["body"]
        assert shown == json.loads(data)["body"] or (report["truncated"] and "bodies" in report["notes"][-1])
        assert (shown is None) == (len(json.dumps(shown or json.loads(data)["body"])) > MAX_REPORT_BYTES - 10 * KB)
    else:
        (key,) = made.archive.objects
        document = json.loads(made.archive.objects[key])
        assert (key[:9], document["rejects"][0]["reason"][:10]) == ("rejected/", "the record")
        assert made.table.items == {}


def test_a_record_is_rejected_only_if_it_exceeds_lambda_s_payload() -> None:
    """Lambda gets a record in base64; a larger one goes to the destination of the event source mapping."""
    assert MAX_RECORD_BYTES * 4 // 3 <= PAYLOAD_BYTES < (MAX_RECORD_BYTES + 3) * 4 // 3


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 999, 1000, 1001])
def test_any_number_of_attributes_is_reported(count: int) -> None:
    made = Installation({"i": lambda _: None}, limits=Limits(0, 500))
    attributes = [{"type": "username", "value": f"{number}"} for number in range(count)]
    assert deliver(made, alert(300 * KIB, attributes=attributes)).failed == set()
    made.run()
    report = made.report()
    assert len(report["attributes"]) == min(count, 1000)
    assert sum(arn == "i" for arn, _ in made.plugins.calls) == min(count, 375), "a quarter is kept for later alerts"
    assert any("exceed an alert's limit" in text for text in report["notes"]) is (count > 1000)
    assert any("max_inspections_per_report" in text for text in report["notes"]) is (count > 375)


@pytest.mark.parametrize(("length", "count"), [(4095, 1), (4096, 1), (4097, 1), (4000, 25), (4001, 25), (4096, 200)])
def test_values_that_are_too_long_for_lookups_are_noted(length: int, count: int) -> None:
    made = Installation({"i": lambda _: None})
    values = [f"{number:03d}{noise(length - 3)}" for number in range(count)]
    deliver(made, json.dumps(alert_with(values)).encode())
    made.run()
    report = made.report()
    inspected = 0 if length > 4096 else min(count, 100_000 // length)
    assert [one["value"] for one in report["attributes"]] == values[:inspected]
    assert [one["value"] for one in report["alerts"][0]["attributes"]] == values
    assert any("too large" in text for text in report["notes"]) is (inspected < count)


def alert_with(values: list[str]) -> dict[str, Any]:
    attributes = [{"type": "username", "value": value} for value in values]
    return {"detector": "d", "rule_id": "r", "alert_key": "k", "attributes": attributes}


@pytest.mark.parametrize("excess", [-1, 0, 1])
def test_an_answer_is_stored_up_to_its_limit(excess: int) -> None:
    answer = json.dumps(note("")).encode()
    text = noise(MAX_ANSWER_BYTES - len(answer) + excess)
    made = Installation({"i": lambda _: note(text)})
    deliver(made, json.dumps(alert_with(["u"])).encode())
    made.run()
    (finding,) = made.report()["findings"]
    if excess > 0:
        assert (finding["outcome"], finding["contents"]) == ("invalid", [])
        assert f"{MAX_ANSWER_BYTES:,} are allowed" in finding["reason"]
    else:
        assert (finding["outcome"], finding["contents"][0]["text"]) == ("ok", text)


def test_a_report_of_large_alerts_and_answers_is_truncated_to_lambda_s_payload() -> None:
    made = Installation(
        {"i": lambda _: note(noise(240 * KB)), "j": lambda _: note(noise(240 * KB))},
        lambda _: {"severity": "urgent", "reason": noise(4_000)},
        {"e": lambda _: {"state": noise(30 * KB)}},
    )
    records = [alert(300 * KB, attributes=alert_with([f"u{number}"])["attributes"]) for number in range(25)]
    for number, record in enumerate(records):
        assert deliver(made, record, first=number).failed == set()
    made.run()
    report = made.report()
    assert report["truncated"] is True
    assert len(json.dumps(report)) <= MAX_REPORT_BYTES
    assert report["alert_count"] == 25
    assert {one["outcome"] for one in report["findings"]} == {"ok"}
    assert [one for one in report["notes"] if "Left out because" in one]
    deliver(made, alert(300 * KB), first=99)
    made.run()
    last = [call for arn, call in made.plugins.calls if arn == "e"][-1]
    assert made.deliveries()["e", last["report"]["round"]].outcome == "ok"


def test_the_state_of_a_round_with_the_maximum_number_of_lookups_fits_step_functions() -> None:
    """Names have the maximum length that Terraform allows; a quarter of 667 lookups is kept for later alerts."""
    names = [f"{number:02d}".ljust(40, "x") for number in range(5)]
    made = Installation({name: lambda _: None for name in names}, limits=Limits(5, 667))
    deliver(made, json.dumps(alert_with([f"u{number}" for number in range(100)])).encode())
    (head,) = made.heads()
    plan = made._planner.plan(head.report_id, 1, 1, None)
    assert sum(map(len, plan.chunks)) == 500
    assert len(json.dumps(plan)) < STATE_BYTES // 4
    made.run()
    assert {outcome for outcome, _ in made.findings().values()} == {"empty"}


def test_deliveries_to_the_maximum_number_of_emitters_fit_a_transaction() -> None:
    """About 45 plug-ins fit the policies of a role. The next round ends the deliveries of a dead round."""

    def dies(_: Any) -> Any:
        raise DependencyError("the runner died")

    def dies_before_close(step: str) -> None:
        if step == "close" and made.plugins.functions["reviewer"] is not safe:
            made.plugins.functions = {**made.plugins.functions, "reviewer": safe}
            raise Crash

    def safe(_: Any) -> dict[str, Any]:
        return {"severity": "safe"}

    emitters: dict[str, Plugin] = {f"{number:02d}".ljust(40, "x"): dies for number in range(45)}
    made = Installation({}, lambda _: {"severity": "urgent"}, emitters, between=dies_before_close)
    deliver(made, json.dumps(alert_with(["u"])).encode())
    made.run_and_sweep()
    assert {(round_, one.outcome) for (_, round_), one in made.deliveries().items()} == {(1, "unknown"), (2, "unknown")}
    assert len(made.deliveries()) == 90


def test_alerts_with_the_longest_names_and_keys_are_reported() -> None:
    wide = "\U0001f4a3" * 1024
    made = Installation({"i": lambda _: None})
    document = {"detector": wide, "rule_id": wide, "alert_key": wide, "rule_name": wide * 100, "severity": wide * 100}
    intake = deliver(made, json.dumps(document).encode())
    assert (intake.alerts, [stored.opened for stored in intake.stored]) == (1, [True])
    assert not intake.failed
    assert not intake.rejected
    made.run()
    assert made.report()["alerts"][0]["rule_name"] == wide * 100


def test_the_largest_cached_answer_fits_an_item() -> None:
    cached = InspectorPlugin(name="i", arn="i", version=1, cache_seconds=100)
    text = noise(MAX_ANSWER_BYTES - 100)
    made = Installation({"i": lambda _: note(text)}, filters=[cached])
    deliver(made, json.dumps(alert_with(["u"])).encode())
    made.run()
    made.now += 1
    deliver(made, json.dumps({**alert_with(["u"]), "alert_key": "other"}).encode())
    made.run()
    assert made.findings()["i", "u"] == ("cached", None)
    assert made.report()["findings"][0]["contents"][0]["text"] == text


@pytest.mark.parametrize("values", [1, 900])
@pytest.mark.parametrize("kind", ["first", "falco", "description"])
def test_an_alert_whose_body_repeats_its_attributes_is_reported_without_its_body(kind: str, values: int) -> None:
    texts = [noise(4_200_000 // values) for _ in range(values)]
    documents: dict[str, dict[str, Any]] = {
        "first": {"name": "n", "rule": "r", "key": "k", "attrs": [{"type": "x", "value": text} for text in texts]},
        "falco": {
            "rule": "r",
            "priority": "p",
            "output": "o",
            "time": "2026-01-01T00:00:00Z",
            "output_fields": {"ct.srcip": texts},
        },
        "description": {"name": "n", "rule": "r", "key": "k", "attrs": [], "description": "".join(texts)},
    }
    made = Installation({"i": lambda _: None}, emitters={"e": lambda _: None})
    data = json.dumps(documents[kind]).encode()
    record = StreamRecord("shardId-000000000000", "1", 1_000, "p", data)
    other = record._replace(sequence_number="2", data=alert(300))
    intake = receive_batch(
        [record, other], made.receiver, lambda: made.archive, SerialExecutor(), tuple(FormatRegistry())
    )
    assert (intake.failed, intake.alerts) == (frozenset(), 2)
    assert not any(reject.internal for reject in intake.rejects)
    (key,) = [key for key in made.archive.objects if key.startswith("rejected/")]
    document = json.loads(made.archive.objects[key])
    assert base64.b64decode(document["data"]) == data
    assert document["rejects"][-1]["reason"].startswith("an alert is too large to be stored whole: its body and ")
    made.run()
    published = [key for key in made.archive.objects if key.startswith("reports/") and key.endswith(".json")]
    reports = [json.loads(made.archive.objects[key]) for key in published]
    (report,) = [report for report in reports if report["alerts"][0]["body"] == TOO_LARGE]
    assert report["alert_count"] == 1
    assert any("are invalid and were left out" in note for note in report["notes"])
