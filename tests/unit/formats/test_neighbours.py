"""An unusable value costs only its field or element, and does not affect the others."""

import json
from typing import Any

import pytest

from alert_responder.contracts.primitives import MAX_JSON_DEPTH
from alert_responder.formats import ParsedAlert, parse_record
from alert_responder.formats.lenient_json import lenient_json, without_unfit
from alert_responder.formats.registry import FormatRegistry

FORMATS = FormatRegistry()

UNUSABLE = {
    "deep": "[" * 150 + "]" * 150,
    "very deep": '{"a":[' * 50_000 + "0" + "]}" * 50_000,
    "a key twice": '{"x":1,"y":2,"x":3}',
    "infinity": "[Infinity]",
    "no number": "NaN",
    "out of range": "-2e4000",
    "long": "7" * 1_500,
    "a long fraction": "0." + "3" * 1_500,
}
ODD = {"a control character": '"\x07"', "a NUL": '"\x00"', "a line feed": '"\n"', "half a pair": '"\\udead"'}


def native(key: str, body: str) -> str:
    return f'{{"detector":"waf","rule_id":"sqli","alert_key":"{key}","body":{{"kept":1,"inside":{body}}}}}'


def records(body: str) -> dict[str, bytes]:
    """Write three alerts, the second of which is hostile, in every container of several alerts."""
    alerts = ",".join((native("first", "0"), native("second", body), native("third", "0")))
    message = json.dumps({"TopicArn": "t", "Message": f'{{"findings":[{alerts}]}}'})
    return {
        "list": f"[{alerts}]".encode(),
        "findings": f'{{"findings":[{alerts}]}}'.encode(),
        "an envelope": f'{{"detail-type":"t","detail":{{"findings":[{alerts}]}}}}'.encode(),
        "a message": message.encode(),
    }


def read(data: bytes) -> tuple[dict[str, ParsedAlert], list[str]]:
    parsed, rejects = parse_record(data, FORMATS)
    return {each.alert.alert_key: each for each in parsed}, [each.reason for each in rejects]


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize("around", ["list", "findings", "an envelope", "a message"])
def test_an_unusable_value_costs_only_its_field(around: str, name: str) -> None:
    found, reasons = read(records(UNUSABLE[name])[around])
    assert {key: each.unfit for key, each in found.items()} == {"first": 0, "second": 1, "third": 0}
    assert found["second"].alert.body["kept"] == 1
    assert found["first"].alert.body == {"kept": 1, "inside": 0}
    (reason,) = reasons
    assert reason.startswith("alert 1 was parsed; 1 of its fields are invalid, left out or changed: ")
    assert len(reason) < 400


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("around", ["list", "findings", "an envelope", "a message"])
def test_unusual_characters_cost_nothing(around: str, name: str) -> None:
    found, reasons = read(records(ODD[name])[around])
    assert (list(found), reasons) == (["first", "second", "third"], [])


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xbf\xbf", b"\xf8\x88"])
def test_bytes_that_are_not_utf_8_are_escaped(broken: bytes) -> None:
    found, reasons = read(records('"<>"')["list"].replace(b"<>", b"a" + broken + b"z"))
    assert list(found) == ["first", "second", "third"]
    assert found["second"].alert.body["inside"] == "a" + "".join(f"\\udc{byte:02x}" for byte in broken) + "z"
    assert len(reasons) == 1
    assert reasons[0].startswith("the record is not UTF-8 at byte ")


def test_an_unusable_element_costs_only_itself() -> None:
    alerts = ",".join((native("first", "0"), "NaN", "[" * 200 + "]" * 200, native("second", "0")))
    found, reasons = read(f"[{alerts}]".encode())
    assert list(found) == ["first", "second"]
    assert len(reasons) == 2


def test_a_rule_given_twice_is_rejected() -> None:
    found, (reason,) = read(b'{"detector": "d", "rule_id": "a", "alert_key": "k", "rule_id": "b"}')
    assert found == {}
    assert reason == "rule_id is required; rule_id is given twice in one object"


def test_a_duplicate_key_in_json_in_a_string_costs_only_that_field() -> None:
    event = {"alertRuleId": "r", "Entities": '[{"Type": "ip", "Address": "192.0.2.1", "x": 1, "x": 2}]'}
    value = lenient_json(event["Entities"])
    notes: list[Any] = []
    assert without_unfit(value, lambda *note: notes.append(note)) == [{"Type": "ip", "Address": "192.0.2.1"}]
    assert notes == [("[0].x", "is given twice in one object")]


def test_values_of_the_maximum_depth_are_kept() -> None:
    deep = "[" * MAX_JSON_DEPTH + "]" * MAX_JSON_DEPTH
    assert lenient_json(deep) == json.loads(deep)
    notes: list[Any] = []
    kept = without_unfit(lenient_json(f'[{{"a":{deep}}}, "[[["]'), lambda *note: notes.append(note))
    # The list and the object around it take two levels.
    assert json.dumps(kept).count("[") == 1 + (MAX_JSON_DEPTH - 2) + 3
    assert len(notes) == 1
