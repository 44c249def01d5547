"""The order and the time of sweeps over many open reports."""

from typing import Any

import pytest

from alert_responder.domain.identifiers import ulid
from alert_responder.store.keys import OPEN_SHARDS
from alert_responder.usecases.sweep import INTERVAL_SECONDS, SWEEP_SECONDS, YOUNG_SECONDS, Sweeper

NOW = 1_800_000_000_000


class Reports:
    """Open reports without rounds, each of which takes time to read."""

    def __init__(self, opened: list[int], milliseconds: int) -> None:
        self.now = NOW
        self.read: list[str] = []
        self.not_reached = 0
        self.table = self
        self.ids = [ulid(time, number.to_bytes(10, "big")) for number, time in enumerate(opened)]
        self._milliseconds = milliseconds

    def open_reports(self, shard: str) -> list[str]:
        return [f"report/{report_id}" for report_id in self.ids] if shard == OPEN_SHARDS[0] else []

    def head(self, report_id: str, _now: int) -> None:
        self.read.append(report_id)
        self.now += self._milliseconds

    def sweep(self) -> list[str]:
        self.read.clear()
        unused: Any = None
        store: Any = self
        self.not_reached = Sweeper(store, unused, lambda: self.now).sweep_open_reports().not_reached
        return list(self.read)


def test_sweeps_that_cannot_reach_all_reports_reach_them_in_turn() -> None:
    reports = Reports([NOW - 10**9] * 10_000, milliseconds=80)
    reached: set[str] = set()
    for number in range(10):
        reports.now = NOW + number * INTERVAL_SECONDS * 1000
        reached.update(reports.sweep())
        assert len(reports.read) + reports.not_reached == 10_000
        assert reports.now - (NOW + number * INTERVAL_SECONDS * 1000) <= SWEEP_SECONDS * 1000 + 80
    assert reached == set(reports.ids)


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_sweep_with_enough_time_reaches_all_reports_once(count: int) -> None:
    reports = Reports([NOW - 10**9] * count, milliseconds=80)
    assert sorted(reports.sweep()) == reports.ids
    assert reports.not_reached == 0


def test_reports_of_the_last_minute_are_swept_last() -> None:
    reports = Reports([NOW, NOW - YOUNG_SECONDS * 500, NOW - 10**9], milliseconds=1)
    assert reports.sweep()[0] == reports.ids[2]
