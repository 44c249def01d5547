"""Formats told by expressions: the operator's own and those that are shipped."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.mapping import FormatMapping
from alert_responder.errors import RejectedAlertError
from alert_responder.formats import FORMATS, parse_record
from alert_responder.formats.mapping import InvalidMappingError, MappedFormat
from alert_responder.formats.shipped import AllFormats, shipped

EDR: dict[str, Any] = {
    "name": "edr",
    "match": "threat && host.id",
    "detector": "'edr'",
    "rule_id": "threat.rule",
    "alert_key": "host.id",
    "description": "join(' on ', [threat.name, host.name])",
    "timestamp": "seen",
    "severity": "threat.score",
    "attributes": [
        {"type": "ipaddr", "value": "connections[].peer", "context": ["remote"], "key": "peer"},
        {"type": "filehashvalue", "value": "threat.sha256", "context": ["file"]},
    ],
}
EVENT: dict[str, Any] = {
    "threat": {"rule": 17, "name": "Miner", "score": 80.5, "sha256": None},
    "host": {"id": "h-1", "name": "db"},
    "seen": 1767225600000,
    "connections": [{"peer": "198.51.100.7"}, {"peer": ""}, {}, {"peer": "203.0.113.9"}],
}


def format_of(**changes: Any) -> MappedFormat:
    return MappedFormat(FormatMapping.model_validate(EDR | changes))


def read(document: Any, *formats: MappedFormat) -> Alert:
    (parsed,), rejected = parse_record(json.dumps(document).encode(), (*formats, *FORMATS))
    assert not rejected
    return parsed.alert


def test_event_becomes_an_alert() -> None:
    alert = read(EVENT, format_of())

    assert (alert.detector, alert.rule_id, alert.rule_name, alert.alert_key) == ("edr", "17", "17", "h-1")
    assert (alert.description, alert.severity) == ("Miner on db", "80.5")
    assert alert.timestamp is not None
    assert alert.timestamp.isoformat() == "2026-01-01T00:00:00+00:00"
    assert [(each.type, each.key, each.value, each.context) for each in alert.attributes] == [
        ("ipaddr", "peer", "198.51.100.7", ("remote",)),
        ("ipaddr", "peer", "203.0.113.9", ("remote",)),
    ]
    assert alert.body == EVENT


def test_envelopes_are_opened_before() -> None:
    event = {"detail-type": "Threat", "source": "edr", "id": "e-1", "detail": EVENT}
    ((parsed,), _) = parse_record(json.dumps(event).encode(), (format_of(),))

    assert (parsed.event_id, parsed.alert.alert_key) == ("e-1", "h-1")


def test_own_formats_are_asked_first() -> None:
    native = {"detector": "edr", "rule_id": "r", "alert_key": "k"}

    assert read(native, format_of(match="detector", rule_id="'mine'")).rule_id == "mine"


@pytest.mark.parametrize("field", ["rule_name", "description", "timestamp", "severity"])
def test_no_alert_is_refused_for_what_is_for_people(field: str) -> None:
    assert read(EVENT, format_of(**{field: "join('', threat.rule)"})).alert_key == "h-1"


@pytest.mark.parametrize("found", [None, False, "", [], {}])
def test_what_is_empty_does_not_match(found: Any) -> None:
    assert not format_of(match="x").recognises({"x": found})


@pytest.mark.parametrize("found", [True, 0, 1, "a", [0], {"a": None}])
def test_anything_else_matches(found: Any) -> None:
    assert format_of(match="x").recognises({"x": found})


def test_a_match_that_fails_on_an_event_does_not_hold() -> None:
    assert not format_of(match="contains(x, 'a')").recognises({"x": 1})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rule_id": "threat.none"}, "format edr: rule_id: "),
        ({"rule_id": "threat"}, "format edr: rule_id: must give text or a number, not an object"),
        ({"detector": "'x' && ''"}, "format edr: detector: "),
        ({"alert_key": "join('', threat.rule)"}, "format edr: alert_key: the expression fails: "),
        ({"attributes": [{"type": "ipaddr", "value": "[host]"}]}, "format edr: attributes[0].value: "),
    ],
)
def test_what_an_alert_cannot_have_is_rejected_with_mapping_and_field(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(RejectedAlertError) as caught:
        format_of(**changes).to_alert(EVENT)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("field", "expression"),
    [("match", "a ||"), ("rule_id", "'open"), ("detector", "a b"), ("timestamp", "unknown(")],
)
def test_what_is_no_expression_is_named(field: str, expression: str) -> None:
    with pytest.raises(InvalidMappingError, match=f"format edr: {field}: no JMESPath: "):
        format_of(**{field: expression})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.fixed_dictionaries(dict.fromkeys(("threat", "host", "seen", "connections"), json_values)))
def test_whatever_the_event_there_is_an_answer(event: dict[str, Any]) -> None:
    parsed, rejected = parse_record(json.dumps(event).encode(), AllFormats([format_of()]))

    assert len(parsed) + len(rejected) == 1
    assert not any("in our code" in reject.reason for reject in rejected)


def test_all_that_are_shipped_can_be_read_and_have_names_of_their_own() -> None:
    names = [each.name for each in shipped()]

    assert names
    assert len(set(names)) == len(names)
