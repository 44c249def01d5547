"""Violations of a schema in words."""

from typing import Any

import pytest

from alert_responder_cli.checking.faults import MOST, schema_faults
from alert_responder_cli.checking.rules import differences

TYPES = "an object with type binary, host, note, user"


@pytest.mark.parametrize(
    ("contract", "document", "path", "what", "allowed"),
    [
        ("inspection_answer", [], "", "Invalid value: [].", "an object or null"),
        ("inspection_answer", {"contents": None}, "contents", "Wrong type: null.", "an array"),
        (
            "inspection_answer",
            {"contents": [{"type": "hots"}]},
            "contents.0",
            'Invalid value: {"type": "hots"}.',
            TYPES,
        ),
        (
            "inspection_answer",
            {"contents": [{"type": "host", "os": "x"}]},
            "contents.0.os",
            "Wrong type: text.",
            "an array",
        ),
        (
            "inspection_answer",
            {"contents": [{"type": "host", "related_domains": [{}]}]},
            "contents.0.related_domains.0",
            "Missing: name.",
            "an object with name",
        ),
        (
            "inspection_answer",
            {"contents": [{"type": "note", "title": True}]},
            "contents.0.title",
            "Wrong type: true or false.",
            "text",
        ),
        (
            "inspection_answer",
            {"new_attributes": [{"type": "x y", "value": "v"}]},
            "new_attributes.0.type",
            'Invalid value: "x y".',
            "^[A-Za-z][A-Za-z0-9_-]{0,31}$",
        ),
        ("inspection_answer", {"throttled": ""}, "throttled", "Too short: 0.", "at least 1"),
        ("review_answer", None, "", "Wrong type: null.", "an object"),
        ("review_answer", {}, "", "Missing: severity.", "an object with severity"),
        (
            "review_answer",
            {"severity": "safe", "reason": "x" * 4001},
            "reason",
            "Too long: 4,001.",
            "at most 4,000",
        ),
        (
            "review_answer",
            {"severity": ["x" * 100]},
            "severity",
            'Invalid value: ["' + "x" * 57 + "….",
            "safe, unclassified, urgent",
        ),
        ("emission_answer", {"url": 7}, "url", "Invalid value: 7.", "text or null"),
    ],
)
def test_faults(contract: str, document: Any, path: str, what: str, allowed: str) -> None:
    found = list(schema_faults(contract, document))

    assert {(fault.path, fault.what, fault.allowed) for fault in found} >= {(path, what, allowed)}


def test_the_number_of_reported_faults_is_limited() -> None:
    answer = {"contents": [{"type": "host", "verdict": str(number)} for number in range(50)]}

    assert len(list(schema_faults("inspection_answer", answer))) == MOST


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ["a.1.b"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ([1], [1, 2], ["the answer"]),
        ({"a": [1]}, {"a": []}, ["a"]),
        ({"a": 1}, {"a": True}, ["a"]),
        (None, {}, ["the answer"]),
    ],
)
def test_differences_are_named_by_path(one: Any, other: Any, places: list[str]) -> None:
    assert list(differences(one, other)) == places
