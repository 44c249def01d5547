"""A report holds as much as its functions can read; further alerts are counted and archived, with a note."""

import json
from typing import Any

import pytest

from alert_responder.domain import report_caps
from alert_responder.domain.records import AlertOrigin, Event
from alert_responder.domain.report_caps import Held, intake
from alert_responder.store import reports
from tests.fakes.installation import Installation
from tests.unit.domain.builders import attribute, event

WINDOW_MS = 10_800_000


@pytest.fixture(autouse=True)
def small_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_caps, "MAX_ATTRIBUTES", 6)
    monkeypatch.setattr(report_caps, "MAX_COUNTED", 8)


def installation() -> tuple[Installation, list[dict[str, Any]]]:
    delivered: list[dict[str, Any]] = []
    made = Installation(
        {"i": lambda _: None},
        lambda _: {"severity": "safe", "reason": "Nothing bad is known."},
        {"inbox": lambda request: delivered.append(request["report"])},
        window_ms=WINDOW_MS,
    )
    return made, delivered


def alert(number: int) -> Event:
    return event(number, 10_000 + number, attribute(f"{number}.test"), attribute(f"{number}.example"))


def counted(made: Installation) -> list[str]:
    objects = {key: json.loads(value) for key, value in made.archive.objects.items() if key.startswith("counted/")}
    return sorted(each["event_id"] for document in objects.values() for each in document)


@pytest.mark.parametrize(
    ("held", "group", "how"),
    [
        (Held(0, 0, 0), Held(6, 0, 1), "whole"),
        (Held(0, 0, 0), Held(7, 0, 1), "counted"),
        (Held(5, 0, 0), Held(2, 0, 1), "counted"),
        (Held(0, 20_000_000, 3), Held(0, 0, 1), "whole"),
        (Held(0, 20_000_000, 3), Held(0, 1, 1), "counted"),
        (Held(0, 0, 7), Held(0, 0, 1), "whole"),
        (Held(0, 0, 7), Held(0, 0, 2), "uncounted"),
        (Held(0, 0, 1, more=True), Held(0, 0, 1), "uncounted"),
    ],
)
def test_a_group_is_stored_whole_or_counted_or_neither(held: Held, group: Held, how: str) -> None:
    assert intake(held, group) == how


@pytest.mark.parametrize(
    ("held", "group", "how"),
    [
        (Held(60, 20_000_000, 80), Held(6, 2_000_000, 8), "whole"),
        (Held(60, 20_000_000, 80), Held(7, 0, 1), "counted"),
        (Held(60, 20_000_000, 80), Held(0, 2_000_001, 1), "counted"),
        (Held(60, 0, 80, more=True), Held(6, 0, 8), "whole"),
        (Held(60, 0, 80, more=True), Held(6, 0, 9), "uncounted"),
    ],
)
def test_claims_leave_room_for_verified_alerts(
    monkeypatch: pytest.MonkeyPatch, held: Held, group: Held, how: str
) -> None:
    monkeypatch.setattr(report_caps, "MAX_ATTRIBUTES", 60)
    monkeypatch.setattr(report_caps, "MAX_COUNTED", 80)
    assert intake(held, group, verified=True) == how
    assert intake(held, group) != "whole"


def test_a_verified_alert_is_in_a_report_that_claims_have_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_caps, "MAX_ATTRIBUTES", 20)
    monkeypatch.setattr(report_caps, "MAX_COUNTED", 30)
    made, delivered = installation()
    for number in range(40):
        made.receive(alert(number))
    made.receive(alert(50)._replace(origin=AlertOrigin("444455556666", "us-east-1", verified=True)))
    made.run()
    (report,) = delivered
    assert [each["event_id"] for each in report["alerts"] if each["origin"]["verified"]] == ["e50"]
    assert {"50.test", "50.example"} <= {each["value"] for each in report["attributes"]}


def test_alerts_beyond_what_a_report_holds_are_counted_and_archived() -> None:
    made, delivered = installation()
    for number in range(5):
        made.receive(alert(number))
    made.run()
    (report,) = delivered
    assert (report["alert_count"], len(report["alerts"]), len(report["attributes"])) == (5, 3, 6)
    assert counted(made) == ["e3", "e4"]
    assert not report["complete"]
    assert (report["result"]["severity"], report["result"]["reviewer_severity"]) == ("unclassified", "safe")
    assert any("2 alerts exceed what one report can hold" in note for note in report["notes"])


def test_the_first_group_of_a_report_is_within_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MAX_GROUP_ATTRIBUTES", 4)
    made, delivered = installation()
    made.receive(*(alert(number) for number in range(8)))
    made.run()
    (report,) = delivered
    assert (report["alert_count"], len(report["attributes"])) == (8, 6)


def test_alerts_delivered_again_in_any_grouping_are_counted_once() -> None:
    made, delivered = installation()
    for events in ([0, 1], [2, 3], [1, 2, 3], [0], [3, 1]):
        made.receive(*map(alert, events))
        made.run()
    assert delivered[-1]["alert_count"] == 4
    assert {each["event_id"] for each in delivered[-1]["alerts"]} == {"e0", "e1"}


def test_a_report_with_uncounted_alerts_says_at_least() -> None:
    made, delivered = installation()
    for number in range(12):
        made.receive(alert(number))
    made.run()
    (report,) = delivered
    assert report["alert_count"] == 8
    assert any("at least 8 alerts" in note for note in report["notes"])
    assert counted(made) == sorted(f"e{number}" for number in range(3, 12))
    revision = made.heads()[0].revision
    made.receive(alert(11))
    made.run_and_sweep()
    assert (made.heads()[0].revision, len(delivered)) == (revision, 1)


def test_a_safe_report_is_published_again_when_alerts_go_uncounted() -> None:
    made, delivered = installation()
    for number in range(8):
        made.receive(event(number, 10_000 + number))
    made.run()
    assert (delivered[-1]["complete"], delivered[-1]["result"]["severity"]) == (True, "safe")
    for number in range(8, 11):
        made.receive(alert(number))
    made.run()
    assert (delivered[-1]["complete"], delivered[-1]["result"]["severity"]) == (False, "unclassified")
    assert (len(delivered), made.heads()[0].state) == (2, "settled")
