"""A mapping for the same event, spelt in another way or in another place."""

from typing import Any

import pytest

from alert_responder.formats.mapping_variants import camel, respelled, snake, within, without

MAPPING: dict[str, Any] = {
    "name": "one",
    "match": "type(aField) == 'aText' && bField",
    "rule_id": 'list[?aKey == `{"aKey": 1}`]."aQuoted.name" | [0]',
    "attributes": [{"type": "ipaddr", "key": "aKey", "value": "anIP.hereNow", "context": ["remote"]}],
}


def test_fields_are_respelt_and_literals_quoted_names_and_functions_are_not() -> None:
    assert respelled(MAPPING, "two", snake) == {
        "name": "two",
        "match": "type(a_field) == 'aText' && b_field",
        "rule_id": 'list[?a_key == `{"aKey": 1}`]."aQuoted.name" | [0]',
        "attributes": [{"type": "ipaddr", "key": "aKey", "value": "an_ip.here_now", "context": ["remote"]}],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Aa.bB", "aa.bB"), ("to_array (Aa)", "to_array (aa)"), ("'it\\'s Aa' || Aa", "'it\\'s Aa' || aa"), ("", "")],
)
def test_what_begins_with_a_capital_becomes_camel_case(text: str, expected: str) -> None:
    assert respelled({"match": text}, "two", camel)["match"] == expected


def test_an_event_may_lie_in_a_field() -> None:
    changed = within(MAPPING, "two", "event")

    assert changed["match"] == f"event | {MAPPING['match']}"
    assert changed["attributes"][0] == {**MAPPING["attributes"][0], "value": "event | anIP.hereNow"}
    assert within({"match": "a"}, "two", "event") == {"name": "two", "match": "event | a"}


def test_an_event_that_lay_in_a_field_may_come_without() -> None:
    mapping = {
        "name": "one",
        "rule_id": "event.a || [event][?b == 'c'].d || metadata.e",
        "attributes": [{"type": "ipaddr", "value": "[event.a, event.f]"}],
    }

    assert without(mapping, "two", "event") == {
        "name": "two",
        "rule_id": "a || [@][?b == 'c'].d || metadata.e",
        "attributes": [{"type": "ipaddr", "value": "[a, f]"}],
    }
