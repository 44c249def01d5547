"""Sweep: find open reports that nobody works on and have somebody work on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from alert_responder.domain.identifiers import INDEX_SHARDS, parse_execution_name
from alert_responder.domain.records import MAX_DEAD_ROUNDS, Head
from alert_responder.store import keys
from alert_responder.store.reports import ReportStore
from alert_responder.usecases.ports import Clock, Workflow
from alert_responder.usecases.start_round import start_current_round, start_round


class Sweep(NamedTuple):
    """What a sweep found.

    Attributes
    ----------
    revived
        Heads, with the round that had died, of reports whose next round was started.
    failed
        Those of reports that have had `MAX_DEAD_ROUNDS` dead rounds and go out as they stand.
    """

    revived: tuple[Head, ...]
    failed: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps open reports. Any number of sweeps may run at once: every change is conditional."""

    store: ReportStore
    workflow: Workflow
    clock: Clock

    def open_reports(self) -> list[str]:
        """List the reports that the index says are open."""
        shards = (f"open/{number}" for number in range(INDEX_SHARDS))
        return [keys.report_id_of(pk) for shard in shards for pk in self.store.table.open_reports(shard)]

    def sweep(self, report_ids: Iterable[str]) -> Sweep:
        """Look after some reports.

        Raises
        ------
        DependencyError
            At the first call that fails; what was done until then stays done.
        """
        buried = [head for report_id in report_ids if (head := self._look_after(report_id))]
        return Sweep(
            revived=tuple(head for head in buried if not _is_last(head)),
            failed=tuple(head for head in buried if _is_last(head)),
        )

    def sweep_execution(self, name: str) -> Sweep:
        """Look after the report whose execution of this name has failed; a name of others is nobody's."""
        parsed = parse_execution_name(name)
        return self.sweep([parsed[0]] if parsed else [])

    def _look_after(self, report_id: str) -> Head | None:
        """Start what is not started; return the head of a report whose round was found dead."""
        head = self.store.head(report_id, self.clock())
        if head is None:
            return None
        if head.started < head.round:
            start_round(head, self.store, self.workflow)
            return None
        if head.state != "open" or self.workflow.is_running(report_id, head.round):
            return None
        return head if self._bury(head) else None

    def _bury(self, head: Head) -> bool:
        """Count the head's round as dead and begin the next; False if it has moved on."""
        buried = self.store.give_up(head) if _is_last(head) else self.store.next_round(head, dead=True)
        start_current_round(head.report_id, self.clock(), self.store, self.workflow)
        return buried


def _is_last(head: Head) -> bool:
    """Whether another dead round is the last one."""
    return head.dead_rounds + 1 >= MAX_DEAD_ROUNDS
