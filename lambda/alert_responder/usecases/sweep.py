"""Sweep: find open reports that nobody works on and have somebody work on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from alert_responder.domain.identifiers import INDEX_SHARDS, parse_execution_name
from alert_responder.domain.records import MAX_DEAD_ROUNDS, Head
from alert_responder.store import keys
from alert_responder.store.reports import ReportStore
from alert_responder.usecases.ensure import ensure_report, ensure_started
from alert_responder.usecases.ports import Clock, Workflow


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found.

    Attributes
    ----------
    revived
        Reports whose round had died and whose next one was started.
    failed
        Reports that have had `MAX_DEAD_ROUNDS` dead rounds and go out as they stand.
    """

    revived: tuple[str, ...]
    failed: tuple[str, ...]


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
        seen = [(report_id, self._look_after(report_id)) for report_id in report_ids]
        return Sweep(
            revived=tuple(report_id for report_id, state in seen if state == "revived"),
            failed=tuple(report_id for report_id, state in seen if state == "failed"),
        )

    def sweep_execution(self, name: str) -> Sweep:
        """Look after the report whose execution of this name has failed; a name of others is nobody's."""
        parsed = parse_execution_name(name)
        return self.sweep([parsed[0]] if parsed else [])

    def _look_after(self, report_id: str) -> str:
        head = self.store.head(report_id, self.clock())
        if head is None:
            return "gone"
        if head.started < head.round:
            ensure_started(head, self.store, self.workflow)
            return "started"
        if head.state != "open" or self.workflow.is_running(report_id, head.round):
            return "alive"
        return self._bury(head)

    def _bury(self, head: Head) -> str:
        """Count the head's round as dead and begin the next."""
        last = head.dead_rounds + 1 >= MAX_DEAD_ROUNDS
        changed = self.store.give_up(head) if last else self.store.next_round(head, dead=True)
        ensure_report(head.report_id, self.clock(), self.store, self.workflow)
        if not changed:
            return "alive"
        return "failed" if last else "revived"
