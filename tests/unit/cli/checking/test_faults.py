"""Where an answer does not fit, in words."""

from typing import Any

import pytest

from alert_responder_cli.checking.faults import MOST, schema_faults
from alert_responder_cli.checking.rules import differences

TYPES = "an object with type binary, host, note, user"


@pytest.mark.parametrize(
    ("contract", "document", "path", "what", "allowed"),
    [
        ("inspection_answer", [], "", "[] has none of the shapes allowed.", "an object or null"),
        ("inspection_answer", {"contents": None}, "contents", "This is null.", "an array"),
        (
            "inspection_answer",
            {"contents": [{"type": "hots"}]},
            "contents.0",
            '{"type": "hots"} has none of the shapes allowed.',
            TYPES,
        ),
        (
            "inspection_answer",
            {"contents": [{"type": "host", "os": "x"}]},
            "contents.0.os",
            "This is text.",
            "an array",
        ),
        (
            "inspection_answer",
            {"contents": [{"type": "host", "related_domains": [{}]}]},
            "contents.0.related_domains.0",
            "name is missing.",
            "an object with name",
        ),
        (
            "inspection_answer",
            {"contents": [{"type": "note", "title": True}]},
            "contents.0.title",
            "This is true or false.",
            "text",
        ),
        (
            "inspection_answer",
            {"new_attributes": [{"type": "x y", "value": "v"}]},
            "new_attributes.0.type",
            '"x y" does not have the form allowed.',
            "^[A-Za-z][A-Za-z0-9_-]{0,31}$",
        ),
        ("inspection_answer", {"throttled": ""}, "throttled", "This is too short.", "at least 1"),
        ("review_answer", None, "", "This is null.", "an object"),
        ("review_answer", {}, "", "severity is missing.", "an object with severity"),
        (
            "review_answer",
            {"severity": "safe", "reason": "x" * 4001},
            "reason",
            "This is too long: 4,001.",
            "at most 4,000",
        ),
        (
            "review_answer",
            {"severity": ["x" * 100]},
            "severity",
            '["' + "x" * 57 + "… is none of the words allowed.",
            "safe, unclassified, urgent",
        ),
        ("emission_answer", {"url": 7}, "url", "7 has none of the shapes allowed.", "text or null"),
    ],
)
def test_faults(contract: str, document: Any, path: str, what: str, allowed: str) -> None:
    found = list(schema_faults(contract, document))

    assert {(fault.path, fault.what, fault.allowed) for fault in found} >= {(path, what, allowed)}


def test_not_more_are_told_than_anybody_reads() -> None:
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
def test_differences_are_named_by_their_place(one: Any, other: Any, places: list[str]) -> None:
    assert list(differences(one, other)) == places
