"""Sweep: find open reports without a running execution, and start one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from alert_responder.domain.identifiers import parse_execution_name, ulid
from alert_responder.domain.records import MAX_DEAD_ROUNDS, Head
from alert_responder.store import keys
from alert_responder.store.reports import ReportStore
from alert_responder.usecases.ports import Clock, Workflow
from alert_responder.usecases.start_round import start_current_round, start_round

SWEEP_SECONDS = 240
"""Time after which a sweep stops [s]; the coordinator's timeout is 300 s."""

INTERVAL_SECONDS = 300
"""Time between two sweeps [s]; see `sweeper.tf`."""

REPORTS_PER_SWEEP = 1_000
"""Number of open reports by which the start moves from one sweep to the next; a sweep reaches about 3,000."""

YOUNG_SECONDS = 60
"""Age below which a report is swept after all others [s]: its round has probably just started."""


class Sweep(NamedTuple):
    """Result of a sweep.

    Attributes
    ----------
    revived
        Heads, with the dead round, of reports whose next round was started.
    failed
        Heads of reports with `MAX_DEAD_ROUNDS` dead rounds, which are published without lookups and review.
    not_reached
        Number of open reports that are left to later sweeps.
    """

    revived: tuple[Head, ...]
    failed: tuple[Head, ...]
    not_reached: int = 0


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps open reports. Sweeps may run concurrently: every write is conditional."""

    store: ReportStore
    workflow: Workflow
    clock: Clock

    def open_reports(self) -> list[str]:
        """List the open reports in the index."""
        return [keys.report_id_of(pk) for shard in keys.OPEN_SHARDS for pk in self.store.table.open_reports(shard)]

    def sweep_open_reports(self) -> Sweep:
        """Sweep the open reports, until the time is over."""
        began = self.clock()
        in_turn = _in_turn(self.open_reports(), began)
        dead: list[Head] = []
        for position, report_id in enumerate(in_turn):
            if self.clock() >= began + SWEEP_SECONDS * 1000:
                return _result(dead, not_reached=len(in_turn) - position)
            dead += self._sweep(report_id)
        return _result(dead)

    def sweep_execution(self, name: str) -> Sweep:
        """Sweep the report of a failed execution; an execution with another name is ignored."""
        parsed = parse_execution_name(name)
        return _result(self._sweep(parsed[0]) if parsed else [])

    def _sweep(self, report_id: str) -> list[Head]:
        """Start a round that was not started; return the head of a report whose round is dead."""
        head = self.store.head(report_id, self.clock())
        if head is None:
            return []
        if head.started < head.round:
            start_round(head, self.store, self.workflow)
            return []
        if head.state != "open" or (running := self.workflow.is_running(report_id, head.round)):
            return []
        if running is None:
            # Not dead: the answer may be older than the execution. Starting an execution that exists has no effect.
            self.workflow.start(report_id, head.alert_id, head.round, as_it_stands=head.as_it_stands)
            return []
        return [head] if self._replace(head) else []

    def _replace(self, head: Head) -> bool:
        """Count the head's round as dead and start the next one; return False if the head has changed."""
        replaced = self.store.give_up(head) if _is_last(head) else self.store.next_round(head, dead=True)
        start_current_round(head.report_id, self.clock(), self.store, self.workflow)
        return replaced


def _result(dead: Sequence[Head], not_reached: int = 0) -> Sweep:
    return Sweep(
        revived=tuple(head for head in dead if not _is_last(head)),
        failed=tuple(head for head in dead if _is_last(head)),
        not_reached=not_reached,
    )


def _in_turn(report_ids: list[str], now: int) -> list[str]:
    """Order reports so that sweeps that do not reach all of them start with different ones."""
    # Report ids sort by time.
    youngest = ulid(max(now - YOUNG_SECONDS * 1000, 0), bytes(10))
    old = [report_id for report_id in report_ids if report_id < youngest]
    young = [report_id for report_id in report_ids if report_id >= youngest]
    first = now // (INTERVAL_SECONDS * 1000) * REPORTS_PER_SWEEP % max(len(old), 1)
    return old[first:] + old[:first] + young


def _is_last(head: Head) -> bool:
    """Whether another dead round makes the report fail."""
    return head.dead_rounds + 1 >= MAX_DEAD_ROUNDS
