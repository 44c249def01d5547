"""The table of activities on a page."""

from typing import Any

from alert_responder.page.bounds import BOUNDS, MAX_PAGE_BYTES
from alert_responder.page.renderer import render
from alert_responder.page.view import view_of
from tests.fakes.reports import a_report
from tests.unit.page.builders import a_page, attribute, finding, read

NEW = {
    "principal": "arn:aws:iam::111122223333:user/alice",
    "service_name": "iam.amazonaws.com",
    "action": "CreateAccessKey",
    "target": "bob",
    "remote_addr": "198.51.100.7",
    "first_seen": "2026-01-31T09:00:00Z",
    "last_seen": "2026-01-31T10:00:00Z",
    "count": 1_234,
    "usual": False,
    "basis": "first time in 30 days; 14 calls before, none from this network",
}
USUAL = {"principal": "alice", "action": "ListBuckets", "usual": True, "basis": "90 times in 30 days", "count": 1}
UNKNOWN = {"principal": "alice", "action": "Login", "last_seen": "yesterday"}


def with_activities(*activities: dict[str, Any]) -> Any:
    contents = [{"type": "user", "activities": activities}]
    return a_report(attributes=[attribute("a.example")], findings=[finding("a.example", contents=contents)])


def test_a_row_states_who_did_what_from_where_when_how_often_and_whether_it_is_new() -> None:
    view = view_of(a_page(with_activities(USUAL, UNKNOWN, NEW)), BOUNDS[0])
    assert [
        (each.at, each.who, each.what, each.source, each.how_often, each.usual, each.new_or_usual)
        for each in view.activities
    ] == [
        (
            "2026-01-31 09:00:00 to 2026-01-31 10:00:00",
            "arn:aws:iam::111122223333:user/alice",
            "iam.amazonaws.com CreateAccessKey on bob",
            "198.51.100.7",
            "1,234",
            False,
            "new: first time in 30 days; 14 calls before, none from this network",
        ),
        ("yesterday", "alice", "Login", "", "", None, "not known"),
        ("", "alice", "ListBuckets", "", "1", True, "usual: 90 times in 30 days"),
    ]
    first = view.activities[0]
    assert (first.inspector, first.type, first.value, first.anchor) == (
        "reputation",
        "domain",
        "a.example",
        "attribute-1",
    )


def test_the_table_is_on_the_page_and_the_finding_leads_to_it() -> None:
    reader = read(with_activities(USUAL, NEW))
    assert "new: first time in 30 days; 14 calls before, none from this network" in reader.text
    assert "2, in the table of activities" in reader.text
    assert "activities" in reader.ids
    assert "activities" not in read(a_report()).ids


def test_any_number_of_hostile_activities_fits_on_a_page() -> None:
    many = [
        dict.fromkeys(("principal", "service_name", "action", "target", "basis"), f"{number}" + "\u202e" * 900)
        | {"remote_addr": "\u202e" * 900, "first_seen": "\u202e" * 900, "last_seen": f"{number}" + "\u202e" * 900}
        for number in range(900)
    ]
    page = render(a_page(with_activities(*many)))
    assert len(page) <= MAX_PAGE_BYTES
    assert b"more activities are in the JSON or in the archive" in page
