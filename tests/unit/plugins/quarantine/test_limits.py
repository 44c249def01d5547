"""Limits hold, refused targets do not use them up, and notes count targets beyond them."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from alert_responder.contracts.report import Report, ReportedAttribute
from alert_responder_plugins.quarantine import journal
from alert_responder_plugins.quarantine.actions import PartLocation
from alert_responder_plugins.quarantine.containment import Proposed
from alert_responder_plugins.quarantine.model import MAX_RELEASED_REPORTS, Part, TargetState
from alert_responder_plugins.quarantine.wiring import Quarantine
from tests.fakes.memory import MemoryTable
from tests.fakes.quarantine import OWN_ARN, Clock, attribute, report, settings

APPROVAL = {"APPROVAL": "true", "APPROVERS": '["*"]'}


class Keys:
    """Access keys in memory: those whose id ends in `R` exist, all others are invented."""

    def __init__(self) -> None:
        self.inactive: set[str] = set()
        self.looks = 0

    def resolve(self, target: str, /) -> str:
        return target

    def look(self, target: str) -> TargetState:
        self.looks += 1
        if not target.endswith("R"):
            return TargetState(refusal="The key does not exist in this account.")
        parts = () if target in self.inactive else (Part(name=target, before="Active", after="Inactive"),)
        return TargetState(parts=parts)

    def secure(self, _target: str, _token: str, /) -> tuple[str, ...]:
        return ()

    def read(self, place: PartLocation) -> Any:
        return "Inactive" if place.target in self.inactive else "Active"

    def write(self, place: PartLocation, value: Any) -> None:
        (self.inactive.add if value == "Inactive" else self.inactive.discard)(place.target)


class Installation:
    def __init__(self) -> None:
        self.table, self.clock, self.keys = MemoryTable(), Clock(), Keys()

    def quarantine(self, time_left: Callable[[], bool] = lambda: True, **changed: str) -> Quarantine:
        read = settings(**{"KINDS": '["access_key"]', "MAX_ACTIONS_PER_HOUR": "100", **changed})
        return Quarantine(read, self.table, {"access_key": self.keys}, lambda: OWN_ARN, self.clock, time_left)

    def propose(self, told: Report, **options: Any) -> Proposed:
        return self.quarantine(**options).containment.propose(told)

    def states(self) -> list[str]:
        return [stored.entry.state for stored in self.quarantine().journal.all()]


def looks(number: int) -> Callable[[], bool]:
    """Allow so many examinations of targets."""
    left = count(number, -1)
    return lambda: next(left) > 0


def invented(number: int) -> ReportedAttribute:
    return attribute("accesskey", f"AKIA{number:016d}", "subject")


def real(number: int) -> ReportedAttribute:
    return attribute("accesskey", f"AKIA{number:015d}R", "subject")


def report_id(number: int) -> str:
    return f"01KG9Z9Q7R2D4B6C8E0FGH{number:04d}"


def test_refused_targets_have_separate_limits() -> None:
    made = Installation()
    proposed = made.propose(report(*map(invented, range(400)), *map(real, range(18))))

    assert made.states().count("contained") == 18
    assert made.states().count("refused") == journal.MAX_NEW_OF_REPORT
    assert (proposed.unlisted, proposed.cut_off, proposed.later) == (380, 0, 0)
    assert proposed.note() == "Of the report's targets, 380 cannot be contained and are not listed."


def test_note_counts_targets_beyond_the_limits() -> None:
    made = Installation()
    told = report(*map(real, range(50)))
    proposed = made.propose(told, **APPROVAL)
    assert (made.states(), proposed.cut_off) == (["waiting"] * 20, 30)
    assert proposed.note() == "Of the report's targets, 30 were not contained because of a limit."

    # An hour later further actions may begin.
    made.clock.hours(1)
    proposed = made.propose(told, **APPROVAL)
    assert (len(made.states()), proposed.cut_off) == (40, 10)


def test_targets_beyond_the_rate_are_contained_in_a_later_round() -> None:
    made = Installation()
    told = report(*map(real, range(7)))
    assert made.propose(told, MAX_ACTIONS_PER_HOUR="3").cut_off == 4
    assert made.states().count("contained") == 3

    made.clock.hours(1.1)
    assert made.propose(told).cut_off == 0
    assert made.states() == ["contained"] * 7


def test_no_note_if_all_targets_are_contained() -> None:
    assert Installation().propose(report(real(1))).note() is None


def test_growth_of_the_journal_per_hour_is_limited() -> None:
    made = Installation()
    for number in range(12):
        attributes = [*(invented(number * 100 + each) for each in range(15)), real(number)]
        made.propose(report(*attributes, id_=report_id(number)))

    assert made.states().count("refused") == journal.MAX_NEW
    assert made.states().count("contained") == 12
    made.clock.hours(1)
    made.propose(report(invented(99_999)))
    assert made.states().count("refused") == journal.MAX_NEW + 1


def test_reports_older_than_the_listed_ones_do_not_contain_again() -> None:
    """The list of reports for which a target was released is full; their ids sort by time."""
    made = Installation()
    reports = [report(real(1), id_=report_id(number)) for number in range(MAX_RELEASED_REPORTS + 2)]
    for told in reports[:-1]:
        made.clock.hours(1)
        made.propose(told)
        (stored,) = made.quarantine().journal.all()
        made.quarantine().releaser.release(stored, None)

    (stored,) = made.quarantine().journal.all()
    assert len(stored.entry.released_for) == MAX_RELEASED_REPORTS
    for told in reports[:-1]:
        made.propose(told)
        assert made.states() == ["released"]
    made.propose(reports[-1])
    assert made.states() == ["contained"]


def test_later_round_does_not_count_again() -> None:
    made = Installation()
    told = report(*map(real, range(20)))
    assert made.propose(told, **APPROVAL).cut_off == 0
    assert made.propose(told, **APPROVAL).cut_off == 0
    assert made.states() == ["waiting"] * 20


def test_schedule_examines_the_backlog() -> None:
    made = Installation()
    told = report(*map(invented, range(200)), real(1))
    proposed = made.propose(told, time_left=looks(10))
    assert proposed.later == 191
    assert "191 follow within minutes" in str(proposed.note())

    for _ in range(30):
        made.quarantine(looks(60)).housekeeping.run()
    assert made.states().count("contained") == 1
    looked = made.keys.looks
    made.quarantine().housekeeping.run()
    # The backlog is empty; only containments are checked.
    assert made.keys.looks == looked + 1


def test_schedule_lets_reports_take_turns() -> None:
    made = Installation()
    made.propose(report(*map(invented, range(2_000)), id_=report_id(1)), time_left=lambda: False)
    made.propose(report(real(1), id_=report_id(2)), time_left=lambda: False)

    made.quarantine(looks(60)).housekeeping.run()
    assert made.states().count("contained") == 1


def test_withdrawn_backlog_is_not_examined() -> None:
    made = Installation()
    made.propose(report(*map(real, range(5))), time_left=lambda: False)
    made.propose(report(severity="safe"))

    made.quarantine().housekeeping.run()
    assert (made.states(), made.keys.looks) == ([], 0)


def test_targets_beyond_the_backlog_are_counted_as_cut_off() -> None:
    made = Installation()
    proposed = made.propose(report(*map(invented, range(5_200))), time_left=lambda: False)
    assert (proposed.later, proposed.cut_off) == (5_000, 200)


def test_targets_that_do_not_fit_an_item_are_counted_as_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_BACKLOG_BYTES", 1_000)
    proposed = Installation().propose(report(*map(invented, range(1_000))), time_left=lambda: False)
    assert proposed.later + proposed.cut_off == 1_000
    assert proposed.cut_off > 0 < proposed.later


def test_the_journal_is_read_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Installation()
    for number in range(7):
        made.propose(report(real(number), id_=report_id(number)))
    monkeypatch.setattr(journal, "PAGE", 3)
    sizes = []

    class Paged(MemoryTable):
        def query(self, pk: str, first: str, last: str) -> Any:
            raise AssertionError("all at once")

        def page(self, pk: str, first: str, last: str, limit: int) -> Any:
            found = self.items.between(pk, first, last)[:limit]
            sizes.append(len(found))
            return found

    paged = Paged()
    paged.items = made.table.items
    made.table = paged

    assert made.states() == ["contained"] * 7
    assert sizes == [3, 3, 1, 0]
