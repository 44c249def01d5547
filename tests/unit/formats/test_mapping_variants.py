"""Variants of a mapping for other spellings and places of the same event."""

from typing import Any

import pytest

from alert_responder.formats.mapping_variants import attribute, camel, respelled, snake, within, without

MAPPING: dict[str, Any] = {
    "name": "one",
    "match": "type(aField) == 'aText' && bField",
    "rule_id": 'list[?aKey == `{"aKey": 1}`]."aQuoted.name" | [0]',
    "attributes": [{"type": "ipaddr", "key": "aKey", "value": "anIP.hereNow", "context": ["remote"]}],
}


def test_a_part_has_the_fields_of_an_attribute() -> None:
    expected = {"type": "ipaddr", "key": "source", "value": "a.b", "context": ["client", "remote"]}
    assert attribute("ipaddr", "source", "a.b", "client", "remote") == expected


def test_only_unquoted_fields_are_respelled() -> None:
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
def test_capitalised_fields_become_camel_case(text: str, expected: str) -> None:
    assert respelled({"match": text}, "two", camel)["match"] == expected


def test_a_mapping_for_an_event_inside_a_field() -> None:
    changed = within(MAPPING, "two", "event")

    assert changed["match"] == f"event | {MAPPING['match']}"
    assert changed["attributes"][0] == {**MAPPING["attributes"][0], "value": "event | anIP.hereNow"}
    assert within({"match": "a"}, "two", "event") == {"name": "two", "match": "event | a"}


def test_a_mapping_for_an_event_without_the_outer_object() -> None:
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
