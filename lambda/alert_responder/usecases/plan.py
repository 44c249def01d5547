"""Plan: write new lookups into the ledger, and hand out the lookups of this iteration."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, NamedTuple

from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.chain import all_resolved, states_of
from alert_responder.domain.deadlines import RUNNER_STOPPED, TOO_LATE, last_end
from alert_responder.domain.egress import reason
from alert_responder.domain.identifiers import round_of, sequence
from alert_responder.domain.internal import InternalEstate, internal_estate
from alert_responder.domain.lookup_plan import (
    Limits,
    agenda,
    forbidden,
    in_chunks,
    known_attributes,
    left_empty,
    lookup_record,
    redacted_task,
    reopenable,
    skipped_record,
)
from alert_responder.domain.records import Head, LookupRecord
from alert_responder.store.ledger import Ledger
from alert_responder.store.reports import ReportStore
from alert_responder.usecases.ports import Clock, Registry


class Planned(NamedTuple):
    """Result of a Plan.

    Attributes
    ----------
    chunks
        Ids of the lookups to make, one chunk for each call of the runner.
    revision
        The report's revision, as planned.
    deadline
        End of the round's inspections [ms].
    planned_at
        Time of this Plan [ms].
    """

    chunks: list[list[str]]
    revision: int
    deadline: int
    planned_at: int

    def payload(self) -> dict[str, Any]:
        """Return the payload for the state machine."""
        return {"status": "planned", **self._asdict()}


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans one iteration of a round.

    Attributes
    ----------
    inspection_timeout_ms
        Maximum duration of an inspector's call [ms]; a round has this time for each depth.
    """

    store: ReportStore
    ledger: Ledger
    registry: Registry
    clock: Clock
    executor: Executor
    limits: Limits
    inspection_timeout_ms: int

    def plan(
        self, report_id: str, round_: int, iteration: int, deadline: int | None, planned_at: int | None = None
    ) -> Planned:
        """Hand out the lookups of an iteration.

        Parameters
        ----------
        iteration
            Number of the Plan in the round, from 1.
        deadline
            End of the round's inspections [ms]; None in the first Plan, which sets it.
        planned_at
            Time of the first Plan [ms]; None in the first Plan.

        Returns
        -------
        Planned
            Repeated, the call returns the same lookups as long as they are open.

        Raises
        ------
        SupersededError
            The report is in another round.
        """
        now = self.clock()
        # The revision is read before the groups, so that Review notices groups that are stored after this read.
        current = self.store.current(report_id, round_, now)
        head, lookups = current.head, current.lookups
        this_plan = sequence(round_, iteration)
        groups = self.store.groups(report_id)
        plugins = self.registry.plugins()
        inspectors = {inspector.name: inspector for inspector in plugins.inspectors}
        # A resolved report needs no new lookups.
        asked = [] if all_resolved(states_of(groups, head)) else list(inspectors.values())
        internal = internal_estate(plugins.settings)
        open_lookups = [lookup for lookup in lookups if lookup.outcome is None]
        handed_out = {lookup.task_id for lookup in open_lookups if lookup.sequence == this_plan}
        earlier = [lookup for lookup in open_lookups if lookup.sequence < this_plan]
        late = deadline is not None and now > last_end(deadline, planned_at)
        if late:
            self._ids_where(lambda lookup: self.ledger.had_no_turn(report_id, lookup, TOO_LATE, now), earlier)
        else:
            handed_out |= self._ids_where(
                lambda lookup: self._take_over(report_id, lookup, inspectors, this_plan, internal), earlier
            )
        again = [
            lookup
            for lookup in reopenable(lookups, plugins.inspectors, internal)
            if round_of(lookup.sequence) < round_ and not late
        ]
        handed_out |= self._ids_where(
            lambda lookup: self._reopen(report_id, lookup, inspectors, this_plan, internal), again
        )
        if earlier or again:
            # An abandoned runner may have stored an answer meanwhile; only this Plan looks up its attributes.
            lookups = self.ledger.lookups(report_id)
        seen = dict(current.seen)
        while True:
            known = known_attributes(groups, lookups, internal)
            planned = agenda(known, asked, lookups, self.limits, internal, this_plan, seen)
            new = [lookup_record(report_id, look, this_plan, internal, planned.wave) for look in planned.lookups]
            new = self._answer_from_cache(new, now)
            if late:
                new = [lookup if lookup.outcome else _without_turn(lookup, now) for lookup in new]
            new += [skipped_record(report_id, look, rule, this_plan, now) for look, rule in planned.refused]
            handed_out |= self._write(head, new)
            lookups += new
            if empty := left_empty(planned, lookups, seen):
                seen |= dict.fromkeys(empty, planned.wave)
                of_this_wave = [carrier for carrier, wave in seen.items() if wave == planned.wave]
                expires_at = self.store.retention.expires_at(head.ends)
                self.ledger.remember_seen(report_id, planned.wave, of_this_wave, expires_at)
            # Only cached answers have new attributes here; each iteration is one depth further.
            if not any(lookup.new_attributes for lookup in new):
                break
        return Planned(
            chunks=in_chunks(lookup for lookup in lookups if lookup.task_id in handed_out),
            revision=head.revision,
            deadline=deadline or now + self.inspection_timeout_ms * (1 + self.limits.max_depth),
            planned_at=now,
        )

    def _take_over(
        self,
        report_id: str,
        lookup: LookupRecord,
        inspectors: dict[str, InspectorPlugin],
        this_plan: int,
        internal: InternalEstate,
    ) -> bool:
        if lookup.claimed is not None:
            self.ledger.record(report_id, lookup.task_id, "error", RUNNER_STOPPED, self.clock())
            return False
        inspector = inspectors.get(lookup.inspector)
        if inspector is None or inspector.arn != lookup.arn:
            detached = "detached: the inspector was detached or replaced before it was called."
            self.ledger.record(report_id, lookup.task_id, "error", detached, self.clock())
            return False
        # The settings may have changed since the lookup was written.
        rule = forbidden(lookup, inspector, internal)
        if rule is not None:
            self.ledger.record(report_id, lookup.task_id, "skipped", reason(rule), self.clock())
            return False
        changed = _changed_task(lookup, inspector, internal)
        return self.ledger.raise_sequence(report_id, lookup.task_id, this_plan, changed)

    def _reopen(
        self,
        report_id: str,
        lookup: LookupRecord,
        inspectors: dict[str, InspectorPlugin],
        this_plan: int,
        internal: InternalEstate,
    ) -> bool:
        changed = _changed_task(lookup, inspectors[lookup.inspector], internal)
        return self.ledger.reopen(report_id, lookup.task_id, this_plan, changed)

    def _answer_from_cache(self, new: list[LookupRecord], now: int) -> list[LookupRecord]:
        cacheable = [lookup for lookup in new if lookup.cache_seconds or lookup.cache_empty_seconds]
        cached = self.ledger.cached([lookup.answer_key for lookup in cacheable], now)
        return [
            lookup._replace(outcome="cached", ended=now, answer=answer.packed, new_attributes=answer.new_attributes)
            if (answer := cached.get(lookup.answer_key)) and lookup.reuse_seconds(empty=answer.is_empty)
            else lookup
            for lookup in new
        ]

    def _write(self, head: Head, new: list[LookupRecord]) -> set[str]:
        expires_at = self.store.retention.expires_at(head.ends)
        return self._ids_where(
            lambda lookup: self.ledger.hand_out(head.report_id, lookup, expires_at) and lookup.outcome is None, new
        )

    def _ids_where(self, function: Callable[[LookupRecord], bool], lookups: list[LookupRecord]) -> set[str]:
        """Apply a function to all lookups in parallel; return the ids of those for which it is true."""
        results = self.executor.map(function, lookups)
        return {lookup.task_id for lookup, result in zip(lookups, results, strict=True) if result}


def _changed_task(lookup: LookupRecord, inspector: InspectorPlugin, internal: InternalEstate) -> dict[str, Any] | None:
    """Return the task that the inspector may get now; None if it is unchanged."""
    task = redacted_task(lookup, inspector, internal)
    return None if task == lookup.task else task


def _without_turn(lookup: LookupRecord, now: int) -> LookupRecord:
    return lookup._replace(outcome="throttled", reason=TOO_LATE, ended=now, no_turn=True)
