"""Formats made of expressions: custom ones and those of vendors."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.mapping import FormatMapping
from alert_responder.errors import RejectedAlertError
from alert_responder.formats import parse_record
from alert_responder.formats.alert_builder import Notes
from alert_responder.formats.extraction import MAX_ATTRIBUTES
from alert_responder.formats.mapping import MAX_VALUES, InvalidMappingError, MappedFormat, build_formats
from alert_responder.formats.messages import quoted
from alert_responder.formats.registry import CODED_FORMATS, FormatRegistry, vendor_formats

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
    (parsed,), rejected = parse_record(json.dumps(document).encode(), (*formats, *CODED_FORMATS))
    assert not rejected
    return parsed.alert


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("RESOLVED", "resolved"),
        ("Auto-Dismissed", "resolved"),
        ("auto_dismissed", "resolved"),
        ("Ok", "resolved"),
        ("firing", "active"),
        ("not resolved", "active"),
        ("resolved" * 100, "active"),
        (7, "active"),
        ("", "active"),
        (None, "active"),
    ],
)
def test_a_word_of_the_detector_decides_the_status(word: Any, status: str) -> None:
    mapped = format_of(status="state", finding_id="threat.id")
    event = EVENT | {"state": word, "threat": EVENT["threat"] | {"id": 4711}}

    alert = read(event, mapped)

    assert (alert.status, alert.finding_id) == (status, "4711")


@pytest.mark.parametrize("value", [{"a": 1}, ["resolved"], True])
def test_an_invalid_status_means_that_the_alert_is_active(value: Any) -> None:
    native = {"detector": "d", "rule_id": "r", "status": value, "finding_id": "f"}

    (parsed,), (reject,) = parse_record(json.dumps(native).encode())

    assert (parsed.alert.status, parsed.alert.finding_id) == ("active", "f")
    assert "status must be a string" in reject.reason


def test_an_event_becomes_an_alert() -> None:
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


def test_envelopes_are_opened_before_mapping() -> None:
    event = {"detail-type": "Threat", "source": "edr", "id": "e-1", "detail": EVENT}
    ((parsed,), _) = parse_record(json.dumps(event).encode(), (format_of(),))

    assert (parsed.event_id, parsed.alert.alert_key) == ("e-1", "h-1")


def test_custom_formats_are_tried_first() -> None:
    native = {"detector": "edr", "rule_id": "r", "alert_key": "k"}

    assert read(native, format_of(match="detector", rule_id="'mine'")).rule_id == "mine"


@pytest.mark.parametrize("field", ["rule_name", "description", "timestamp", "severity"])
def test_optional_fields_never_reject_an_alert(field: str) -> None:
    assert read(EVENT, format_of(**{field: "join('', threat.rule)"})).alert_key == "h-1"


def test_numbers_are_formatted_briefly() -> None:
    assert [
        read({**EVENT, "threat": {"rule": "r", "score": score}}, format_of()).severity for score in (8.0, 8.25, 8)
    ] == [
        "8",
        "8.25",
        "8",
    ]


@pytest.mark.parametrize("found", [None, False, "", [], {}])
def test_empty_results_do_not_match(found: Any) -> None:
    assert not format_of(match="x").recognises({"x": found})


@pytest.mark.parametrize("found", [True, 0, 1, "a", [0], {"a": None}])
def test_other_results_match(found: Any) -> None:
    assert format_of(match="x").recognises({"x": found})


def test_a_match_may_split_strings() -> None:
    mapping = format_of(match="contains(split(x, ','), 'a') && from_json(y).b")

    assert mapping.recognises({"x": "b, a", "y": '{"b": 1}'})
    assert not mapping.recognises({"x": "ba", "y": '{"b": 1}'})


@pytest.mark.parametrize("match", ["contains(x, 'a')", 'x >= `""`', "x > 'a'"])
def test_a_match_that_fails_on_an_event_does_not_hold(match: str) -> None:
    assert not format_of(match=match).recognises({"x": 1})


PIECES = st.sampled_from(
    [
        *(
            "threat",
            "host",
            ".id",
            "[",
            "]",
            "(",
            ")",
            "{",
            "}",
            ":",
            "::0",
            "0",
            "-1",
            "9" * 30,
            "`",
            "`1`",
            "'",
            "'x'",
        ),
        *('"', '"\\u12"', "\\", "|", "||", "&&", "!", "==", "<", ">=", "@", "&", "*", "?", "[?", "[*]", "[]", ",", "#"),
        *("sort_by(", "join(", "split(", "from_json(", "map(", "max_by(", "to_number(", " ", "\n", "\u00e9", "$"),
    ]
)


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")
@given(st.lists(PIECES, min_size=1, max_size=10).map("".join))
def test_any_string_is_an_expression_or_an_error(text: str) -> None:
    said = ""
    try:
        mapping = format_of(match=text, alert_key=text, attributes=[{"type": "ipaddr", "value": text}])
        assert mapping.recognises(EVENT) in (True, False)
        list(mapping.unfound(EVENT))
        mapping.to_alert(EVENT)
    except (InvalidMappingError, RejectedAlertError) as error:
        said = str(error)

    assert not said or said.startswith("format edr: ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"rule_id": "threat.none"},
            "rule_id: the expression 'threat.none' must return a string or a number, got null",
        ),
        ({"rule_id": "threat"}, "rule_id: the expression 'threat' must return a string or a number, got an object"),
        ({"detector": "`true`"}, "detector: the expression '`true`' must return a string or a number, got true"),
        ({"detector": "'x' && ''"}, "detector must have at least 1 character"),
        (
            {"rule_id": "join('', threat.rule)"},
            "rule_id: the expression \"join('', threat.rule)\" fails: 'In function join(), invalid type",
        ),
        (
            {"rule_id": 'threat.rule >= `""`'},
            "rule_id: the expression 'threat.rule >= `\"\"`' fails: \"'>=' not supported between",
        ),
    ],
)
def test_the_reason_for_an_invalid_detector_or_rule_names_mapping_and_field(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RejectedAlertError) as caught:
        format_of(**changes).to_alert(EVENT)
    assert caught.value.reason.startswith(f"format edr: {reason}")


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"alert_key": "join('', threat.rule)"},
            "alert_key: format edr: alert_key: the expression \"join('', threat.rule)\" fails: ",
        ),
        ({"alert_key": "threat"}, "alert_key must be a string and was converted, got an object"),
        (
            {"severity": "host"},
            "severity: format edr: severity: the expression 'host' must return a string or a number",
        ),
        (
            {
                "attributes": [
                    {"type": "ipaddr", "value": "connections[].peer"},
                    {"type": "x", "value": "join('', host)"},
                ]
            },
            "attributes[1].value: format edr: attributes[1].value: the expression \"join('', host)\" fails: ",
        ),
        (
            {"attributes": [{"type": "ipaddr", "value": "[host, connections[].peer]"}]},
            "attributes[0].value must return a string, an integer, or a list of them for type ipaddr, got an object",
        ),
        (
            {"attributes": [{"type": "ipaddr", "value": "[connections[].peer, threat.score]"}]},
            "attributes[0].value must return a string, an integer, or a list of them for type ipaddr, got 80.5",
        ),
    ],
)
def test_an_invalid_optional_field_costs_only_that_field(changes: dict[str, Any], note: str) -> None:
    notes = Notes()
    alert = format_of(**changes).to_alert(EVENT, notes)
    assert notes.count == 1
    assert notes.texts[0].startswith(note)
    assert (alert.detector, alert.rule_id) == ("edr", "17")
    assert [each.value for each in alert.attributes][:2] == ["198.51.100.7", "203.0.113.9"]


@pytest.mark.parametrize(
    ("field", "expression", "fault"),
    [
        ("match", "a ||", "incomplete expression"),
        ("rule_id", "'open", "unclosed ' delimiter at character 1"),
        ("detector", "a b", "unexpected 'b' at character 3"),
        ("timestamp", "unknown(", "incomplete expression"),
        ("events", "a ||", "incomplete expression"),
        ("alert_key", "a[?b==]", "unexpected ']' at character 7"),
        ("severity", "a # b", "unknown token # at character 3"),
        ("description", "(" * 490 + "a" + ")" * 490, "nested too deep"),
        ("rule_name", "a.", "incomplete expression"),
    ],
)
def test_the_error_names_an_invalid_expression(field: str, expression: str, fault: str) -> None:
    with pytest.raises(InvalidMappingError) as caught:
        format_of(**{field: expression})
    assert str(caught.value).startswith(f"format edr: {field}: invalid JMESPath: {fault}")
    assert str(caught.value).endswith(f", in {quoted(expression)}")
    assert "\n" not in str(caught.value)


def test_the_error_names_an_attribute_with_an_invalid_expression() -> None:
    attributes = [{"type": "ipaddr", "value": "ip"}, {"type": "domain", "value": "a ||"}]
    with pytest.raises(InvalidMappingError, match=r"format edr: attributes\[1\].value: invalid JMESPath: "):
        format_of(attributes=attributes)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("start_with(a, 'x')", "unknown function start_with; the functions are abs, "),
        ("a[?upper(b) == 'x']", "unknown function upper; "),
        ("contains(a)", "the function contains takes 2 arguments, got 1"),
        ("split(a, ',', 'b')", "the function split takes 2 arguments, got 3"),
        ("a[?b[1:9:0]]", "the step of a slice must not be 0"),
        ("not_null()", "the function not_null takes at least 1 argument, got 0"),
    ],
)
def test_a_call_that_always_fails_is_an_error_before_any_event(expression: str, fault: str) -> None:
    with pytest.raises(InvalidMappingError) as caught:
        format_of(match=expression)
    assert str(caught.value).startswith(f"format edr: match: {fault}")
    assert str(caught.value).endswith(expression + ('"' if "'" in expression else "'"))


@pytest.mark.parametrize(
    ("expression", "event", "found"),
    [
        ("split(x, ',')", {"x": " 192.0.2.1, ,192.0.2.2"}, ["192.0.2.1", "192.0.2.2"]),
        ("split(x, ':')[0]", {"x": "192.0.2.1:443"}, ["192.0.2.1"]),
        ("split(x, ',')", {"x": ["192.0.2.1"]}, ["192.0.2.1"]),
        ("split(x, ',')", {}, []),
        ("split(x, '')", {"x": "192.0.2.1"}, []),
        ("known([x, y])", {"x": "N/A", "y": "192.0.2.1"}, ["192.0.2.1"]),
        ("known([x, y.z])[0]", {"x": "any", "y": {"z": "192.0.2.1"}}, ["192.0.2.1"]),
        ("join('.', known([`192`, x, null, `0`, `true`, '2', `{}`, '1']))", {"x": " - "}, ["192.0.2.1"]),
        ("known(x)", {"x": "192.0.2.1"}, ["192.0.2.1"]),
        ("known(x)", {}, []),
        ("from_json(x)[].ip", {"x": '[{"ip": "192.0.2.1"}, {"ip": null}]'}, ["192.0.2.1"]),
        ("from_json(x).ip", {"x": {"ip": "192.0.2.1"}}, ["192.0.2.1"]),
        ("from_json(x).ip", {"x": "{"}, []),
        ("from_json(x).ip", {"x": "[" * 200}, []),
        ("from_json(x).ip", {}, []),
        ("from_json(x).[ip, port]", {"x": '{"ip": "192.0.2.1", "port": NaN}'}, ["192.0.2.1"]),
        ("before_last(x, ':')", {"x": "2001:db8::7:443"}, ["2001:db8::7"]),
        ("before_last(x, ':')", {"x": "192.0.2.1"}, []),
        ("before_last(x, '')", {"x": "192.0.2.1"}, []),
        ("before_last(x, ':')", {"x": ["192.0.2.1:443"]}, []),
        ("before_last(x, ':')", {}, []),
        ("lower(x)", {"x": "2001:DB8::A"}, ["2001:db8::a"]),
        ("lower(x)", {"x": ["2001:DB8::A"]}, ["2001:DB8::A"]),
        ("lower(x)", {}, []),
        ("x", {"x": [["192.0.2.1"], [[None, "192.0.2.2"]], []]}, ["192.0.2.1", "192.0.2.2"]),
    ],
)
def test_strings_and_nested_lists_are_split_into_values(
    expression: str, event: dict[str, Any], found: list[str]
) -> None:
    mapping = format_of(match="@", rule_id="'r'", attributes=[{"type": "ipaddr", "value": expression}])

    assert [each.value for each in mapping.to_alert({"y": 1} | event).attributes] == found


def test_the_number_of_values_from_a_string_is_limited() -> None:
    mapping = format_of(match="@", rule_id="'r'", attributes=[{"type": "ipaddr", "value": "split(x, ',')"}])
    event = {"x": ",".join(["0", *map(str, range(MAX_VALUES + 5))])}

    alert = mapping.to_alert(event)
    (parsed,), (reject,) = parse_record(json.dumps(event).encode(), (mapping,))

    assert [each.value for each in alert.attributes] == [str(number) for number in range(MAX_VALUES)]
    assert parsed.cut_off == MAX_VALUES - MAX_ATTRIBUTES
    assert "attributes beyond the first 1000" in reject.reason


def test_a_list_may_be_a_value_of_type_json() -> None:
    mapping = format_of(match="@", rule_id="'r'", attributes=[{"type": "json", "value": "x"}])

    assert [each.value for each in mapping.to_alert({"x": [[1, 2], {"a": 1.5}, None, ""]}).attributes] == [
        "[1,2]",
        '{"a":1.5}',
    ]
    assert [each.value for each in mapping.to_alert({"x": {"b": 2, "a": 1}}).attributes] == ['{"a":1,"b":2}']


def test_a_record_is_split_into_its_events() -> None:
    mapping = format_of(match="clicks", events="clicks", rule_id="rule", alert_key="user", attributes=[])
    clicks = [{"rule": "phishing", "user": "a"}, "none", {"user": "b"}, {"rule": "malware", "user": "c"}]
    event = {"detail-type": "Clicks", "id": "e-1", "detail": {"clicks": clicks}}

    parsed, rejected = parse_record(json.dumps([event, {"clicks": clicks[:1]}]).encode(), (mapping,))

    assert [(each.position, each.place, each.alert.rule_id, each.alert.body) for each in parsed] == [
        (0, "0/0", "phishing", clicks[0]),
        (3, "0/3", "malware", clicks[3]),
        (4, "1/0", "phishing", clicks[0]),
    ]
    assert [(each.position, each.reason) for each in rejected] == [
        (1, "event 1 of the list must be an object, got 'none'"),
        (2, "format edr: rule_id: the expression 'rule' must return a string or a number, got null"),
    ]


def test_events_of_a_record_have_different_places() -> None:
    mapping = format_of(match="clicks", events="clicks", rule_id="rule", alert_key="user", attributes=[])
    event = {"detail-type": "Clicks", "id": "e-1", "detail": {"clicks": [{"rule": "r", "user": name} for name in "ab"]}}

    parsed, _ = parse_record(json.dumps(event).encode(), (mapping,))

    assert [(each.event_id, each.place) for each in parsed] == [("e-1", "0/0"), ("e-1", "0/1")]


def test_an_invalid_events_expression_is_an_error() -> None:
    with pytest.raises(RejectedAlertError, match=r"format edr: events: the expression \"join\('', host\)\" fails: "):
        format_of(events="join('', host)").events({"host": {"id": "h"}})


def test_expressions_that_find_nothing_are_listed() -> None:
    mapping = format_of(
        timestamp="host.id",
        severity="join('', host)",
        attributes=[{"type": "ipaddr", "value": "peers[].ip"}, {"type": "domain", "value": "names"}],
    )

    unfound = list(mapping.unfound({**EVENT, "peers": [{"ip": ""}, {"ip": None}], "names": ["", ["example.com"]]}))

    assert unfound == [("timestamp", "host.id"), ("severity", "join('', host)"), ("attributes[0].value", "peers[].ip")]
    assert list(format_of(attributes=[]).unfound(EVENT)) == []


def test_a_format_keeps_its_match() -> None:
    assert format_of().match == EDR["match"]


@pytest.mark.parametrize(
    ("found", "given"), [([], "an empty list"), (None, "null"), ({"rule": "r"}, "an object"), ("text", "'text'")]
)
def test_a_record_without_the_list_of_its_events_is_rejected(found: Any, given: str) -> None:
    parsed, (reject,) = parse_record(
        json.dumps({"host": "h", "clicks": found}).encode(), (format_of(match="host", events="clicks"),)
    )

    assert parsed == []
    assert reject.reason.startswith("format edr: events: the expression 'clicks' must return a list of events, got ")
    assert reject.reason.endswith(f" got {given}")


def test_events_of_an_invalid_mapping_are_rejected_with_the_fault() -> None:
    wrong = FormatMapping.model_validate(EDR | {"rule_id": "a ||"})
    blind = FormatMapping.model_validate(EDR | {"name": "blind", "match": "nothing(a)"})

    formats, faults = build_formats([wrong, blind, FormatMapping.model_validate(EDR | {"name": "next"})])
    parsed, (reject,) = parse_record(json.dumps(EVENT).encode(), formats)

    assert parsed == []
    assert reject.reason == faults[0]
    assert reject.reason.startswith("format edr: rule_id: invalid JMESPath: ")
    assert faults[1].startswith("format blind: match: unknown function nothing")
    assert len(formats) == 2


@pytest.mark.parametrize("change", [{"type": "IP address"}, {"type": ""}, {"context": ["Remote"]}])
def test_types_and_contexts_are_words(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        format_of(attributes=[{"type": "ipaddr", "value": "host", **change}])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.fixed_dictionaries(dict.fromkeys(("threat", "host", "seen", "connections"), json_values)))
def test_any_event_has_a_result(event: dict[str, Any]) -> None:
    parsed, rejected = parse_record(json.dumps(event).encode(), FormatRegistry([format_of()]))

    assert len(parsed) + len(rejected) == 1
    assert not any(reject.internal for reject in rejected)


def test_all_vendor_formats_are_valid_with_unique_names() -> None:
    names = [each.name for each in vendor_formats()]

    assert names
    assert len(set(names)) == len(names)
