"""A report is a test only by the mark that an operator wrote for it; no alert can make a report a test."""

from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.doctor_mark import DETECTOR, NOTE, RULE_ID
from alert_responder.domain.records import Event
from alert_responder.store import keys
from alert_responder.store.items import read_meta
from alert_responder.store.table import Put, Update
from tests.fakes.installation import WINDOW_MS, Installation
from tests.fakes.meter import Meter

FIRST = 10_000
"""Arrival of the first alert [ms]."""


def urgent(_: dict[str, Any]) -> dict[str, Any]:
    return {"severity": "urgent", "reason": "as the policy says"}


def alert(key: str = "nonce", **fields: Any) -> Alert:
    document = {"detector": DETECTOR, "rule_id": RULE_ID, "alert_key": key, **fields}
    attributes = [{"type": "domain", "value": "example.com"}]
    return Alert.model_validate({"attributes": attributes, **document})


def event(number: int = 1, arrival: int = FIRST, key: str = "nonce", **fields: Any) -> Event:
    return Event(f"e{number}", arrival, str(number), alert(key, **fields))


class World(Installation):
    """An installation whose emitter notes for each delivery whether the report was a test."""

    def __init__(self, **options: Any) -> None:
        self.delivered: list[bool] = []
        super().__init__({}, urgent, {"pager": self._note}, **options)

    def _note(self, emission: dict[str, Any]) -> None:
        self.delivered.append(emission["report"]["test"])

    def mark(self, key: str = "nonce", valid_from: int = 0, expires: int = 900_000) -> None:
        mark = {"valid_from": valid_from, "expires_at": expires // 1000}
        self.table.write(Put(keys.test_mark(alert(key).alert_id), mark))


def test_a_marked_report_is_a_test() -> None:
    world = World()
    world.mark()
    world.receive(event())
    world.run()
    report = world.report()
    assert report["test"]
    assert report["notes"][0] == NOTE
    assert report["result"]["severity"] == "urgent"
    assert world.delivered == [True]
    assert read_meta(world.table.get(keys.meta(report["id"]))).test
    # Later reports with the same attributes are not compared with it.
    assert not any(key.pk.startswith("attribute/") for key in world.table.items)


@pytest.mark.parametrize(
    "mark",
    [
        None,
        {"key": "another nonce"},
        {"expires": FIRST},
        {"expires": FIRST + 1_000},
        {"valid_from": FIRST + 1},
    ],
    ids=["no mark", "the mark of another alert id", "expired mark", "expired before the review", "mark not valid yet"],
)
def test_an_alert_without_a_valid_mark_is_handled_as_any_other(mark: dict[str, Any] | None) -> None:
    world = World()
    world.now = FIRST + 2_000
    if mark is not None:
        world.mark(**mark)
    world.receive(event(rule_name=NOTE, body={"test": True}))
    world.run()
    assert world.report()["test"] is False
    assert NOTE not in world.report()["notes"]
    assert world.delivered == [False]
    assert any(key.pk.startswith("attribute/") for key in world.table.items)


@pytest.mark.parametrize("fields", [{"detector": "other"}, {"rule_id": "other"}])
def test_a_mark_is_not_read_for_other_alerts(fields: dict[str, Any]) -> None:
    reads = []
    for given in ({}, fields):
        meter = Meter()
        world = World(meter=meter)
        world.table.write(Put(keys.test_mark(alert(**given).alert_id), {"valid_from": 0, "expires_at": 900}))
        world.receive(event(**given))
        world.run()
        reads.append((meter.requests["GetItem"], world.delivered))
    (with_mark, tested), (others, untested) = reads
    assert with_mark == others + 1
    assert (tested, untested) == ([True], [False])


def test_a_replayed_alert_in_the_same_report_ends_the_test() -> None:
    world = World()
    world.mark()
    world.receive(event())
    world.run()
    world.receive(event(2))
    world.run()
    # News for every emitter, although nothing else has changed.
    assert world.delivered == [True, False]
    assert world.report()["alert_count"] == 2
    assert not read_meta(world.table.get(keys.meta(world.report()["id"]))).test


def test_a_report_that_opens_with_two_alerts_is_not_a_test() -> None:
    world = World()
    world.mark()
    world.receive(event(), event(2))
    world.run()
    assert world.delivered == [False]


def test_an_alert_delivered_twice_is_still_one_alert() -> None:
    world = World()
    world.mark()
    world.receive(event())
    world.receive(event())
    world.run()
    assert world.delivered == [True]


def test_a_replayed_alert_in_a_later_report_is_not_a_test() -> None:
    world = World()
    world.mark()
    world.receive(event())
    world.run()
    world.receive(event(2, FIRST + WINDOW_MS))
    world.run()
    assert world.delivered == [True, False]


def test_an_overflow_report_is_not_a_test() -> None:
    world = World(admission=AdmissionLimits(per_detector=1, per_installation=None))
    world.mark()
    world.receive(event(key="other"))
    world.receive(event(2))
    world.run()
    assert world.delivered == [False, False]


def test_a_report_with_uncounted_alerts_is_not_a_test() -> None:
    world = World()
    world.mark()
    world.receive(event())
    (head,) = world.heads()
    world.table.write(Update(keys.head(head.report_id), assign={"more": True}))
    world.run()
    assert world.delivered == [False]


def test_a_round_after_the_mark_is_deleted_is_not_a_test() -> None:
    world = World()
    world.mark()
    world.receive(event())
    world.run()
    del world.table.items[keys.test_mark(alert().alert_id)]
    world.receive(event(2))
    world.run()
    assert world.delivered == [True, False]
