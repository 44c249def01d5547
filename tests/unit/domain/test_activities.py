"""The most telling activities come first, with what "new or usual" is based on."""

from itertools import islice, permutations
from typing import Any

import pytest

from alert_responder.contracts.inspection import Activity
from alert_responder.domain.activities import failed, most_telling_first, sightings
from alert_responder.domain.activity_text import new_or_usual, sentence
from tests.unit.domain.builders import finding, report


def activity(action: str, **fields: Any) -> Activity:
    return Activity(action=action, **fields)


def test_new_activities_come_before_errors_and_errors_before_frequent_ones() -> None:
    expected = [
        activity("DeleteTrail (AccessDenied)", usual=False, count=1),
        activity("CreateUser", usual=False, count=9),
        activity("CreateAccessKey", usual=False),
        activity("GET (403)", count=2),
        activity("GET (200)", count=5),
        activity("Login"),
        activity("ListBuckets (AccessDenied)", usual=True, count=1),
        activity("ListBuckets", usual=True, count=9_000),
    ]
    for shuffled in islice(permutations(expected), 0, None, 797):
        assert most_telling_first(shuffled) == expected


def test_activities_that_are_equally_telling_keep_their_order() -> None:
    same = [activity("b", count=1), activity("a", count=1), activity("c", count=1)]
    assert most_telling_first(same) == same


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("GetObject (AccessDenied)", True),
        ("connected to (rejected)", True),
        ("connected to (accepted)", False),
        ("resolved (NXDOMAIN)", True),
        ("resolved (NOERROR)", False),
        ("GET (200)", False),
        ("GET (302)", False),
        ("GET (404)", True),
        ("GET (503)", True),
        ("GET (\u0664\u0660\u0664)", True),
        ("ConsoleLogin (4625)", True),
        ("ran f()", False),
        ("(not) an error", False),
        ("(", False),
        (")", False),
        ("", False),
        ("(" * 100_000, False),
        (f"x ({'9' * 100_000})", True),
    ],
)
def test_an_error_is_in_parentheses_at_the_end_of_the_action(action: str, error: bool) -> None:
    assert failed(activity(action)) is error


@pytest.mark.parametrize(
    ("usual", "basis", "text"),
    [
        (None, "", "not known"),
        (None, "the rollup has not run yet", "not known: the rollup has not run yet"),
        (False, "", "new"),
        (False, "first time in 30 days; 14 calls before", "new: first time in 30 days; 14 calls before"),
        (True, "3 times in 30 days", "usual: 3 times in 30 days"),
        (True, "new: x" * 100, f"usual: {('new: x' * 100)[:299]}…"),
    ],
)
def test_new_or_usual_is_stated_with_its_basis(usual: bool | None, basis: str, text: str) -> None:
    assert new_or_usual(activity("x", usual=usual, basis=basis)) == text


def test_a_sentence_has_every_field() -> None:
    said = activity(
        "CreateUser",
        principal="alice",
        service_name="iam",
        target="eve",
        remote_addr="198.51.100.7",
        last_seen="2026-01-31T00:00:00Z",
        count=1_200,
        usual=False,
        basis="first time in 30 days",
    )
    assert sentence(said) == (
        "alice iam CreateUser on eve from 198.51.100.7 at 2026-01-31T00:00:00Z, 1,200 times, new: first time in 30 days"
    )
    assert sentence(activity("Login", count=1)) == "Login, 1 time"
    assert sentence(activity("")) == ""


def test_no_value_displaces_the_others() -> None:
    long = "x" * 100_000
    fields = ("service_name", "remote_addr", "principal", "target", "first_seen", "last_seen", "basis")
    said = sentence(activity(long, **dict.fromkeys(fields, long), count=10**4_000, usual=False))
    assert said.count("…") == 8
    assert len(said) < 1_300
    assert "new: x" in said


def test_equal_activities_of_several_lookups_are_listed_once() -> None:
    login, key = {"action": "Login", "count": 2}, {"action": "CreateAccessKey", "usual": False}
    found = report(
        findings=[
            finding("a.test", {"type": "user", "activities": [login, key], "source": "first"}),
            finding("b.test", {"type": "note", "title": "n"}, {"type": "host", "activities": [login]}),
        ]
    ).findings
    assert [(each.activity.action, each.finding.attribute_value, each.source) for each in sightings(found)] == [
        ("CreateAccessKey", "a.test", "first"),
        ("Login", "a.test", "first"),
    ]
