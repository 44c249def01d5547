"""Inspect: call the inspectors of a chunk in parallel and store what each returns, or why it returns nothing."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from alert_responder.domain.deadlines import TOO_LATE, chunk_end, least_call
from alert_responder.domain.plugin_answers import InvalidAnswerError, read_inspection
from alert_responder.domain.records import LookupRecord
from alert_responder.errors import PluginError, PluginThrottledError, SupersededError
from alert_responder.store.ledger import Ledger, PackedAnswer
from alert_responder.usecases.ports import Clock, PluginCalls
from alert_responder.usecases.rate_limit import RateLimiter, SlotQueue

_NO_SLOT = "The quota max_per_minute ({:,} calls a minute over all reports) left no call in the available time."


class Inspected(NamedTuple):
    """Result of a chunk.

    Attributes
    ----------
    found
        Number of lookups that returned, or may have returned, new attributes: the round is planned again.
    ended
        Outcomes stored by this call, counted by inspector.
    """

    found: int
    ended: Mapping[str, Counter[str]]


class _Settled(NamedTuple):
    """Result of one lookup: whether it may have returned new attributes, and the outcome stored by this call."""

    found: bool
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """Runs chunks of lookups.

    Attributes
    ----------
    timeout_ms
        Maximum duration of one inspector call [ms].
    """

    ledger: Ledger
    rate_limiter: RateLimiter
    plugins: PluginCalls
    clock: Clock
    executor: Executor
    timeout_ms: int

    def inspect(
        self, report_id: str, round_: int, task_ids: Sequence[str], deadline: int, planned_at: int | None = None
    ) -> Inspected:
        """Store an outcome for every lookup of a chunk.

        Lookups with an outcome are left alone, so that a repeated call only does what is missing. An inspector cannot
        fail the chunk: each failure is an outcome. If an inspector has a quota, the lookup waits for its slot, and ends
        as `throttled` if the slot is too late; other lookups do not wait for it.

        Parameters
        ----------
        deadline
            End of the round's inspections [ms], if runners are free at once.
        planned_at
            Time of the round's first Plan [ms].

        Raises
        ------
        SupersededError
            The report is in another round; no inspector was called.
        """
        head, lookups = self.ledger.head_and_lookups(report_id, task_ids)
        if head is None or head.round != round_:
            raise SupersededError(f"round {round_} of {report_id} is over")
        end = chunk_end(self.clock(), self.timeout_ms, deadline, planned_at)
        queues = self.rate_limiter.queues(report_id, lookups, end)
        settle = partial(self._settle, report_id, end)
        settled = list(self.executor.map(settle, lookups, [queues.get(lookup.task_id) for lookup in lookups]))
        ended: dict[str, Counter[str]] = {}
        for lookup, (_, outcome) in zip(lookups, settled, strict=True):
            if outcome:
                ended.setdefault(lookup.inspector, Counter())[outcome] += 1
        return Inspected(sum(found for found, _ in settled), ended)

    def _settle(self, report_id: str, end: int, lookup: LookupRecord, queue: SlotQueue | None) -> _Settled:
        if lookup.outcome is not None:
            return _Settled(bool(lookup.new_attributes))
        begins = queue.next_slot() if queue else None
        while queue is None or begins is not None:
            if begins is not None:
                self.rate_limiter.wait(begins)
            left = min(self.timeout_ms, end - self.clock())
            if left < least_call(self.timeout_ms):
                return self._without_turn(report_id, lookup, TOO_LATE)
            # Claimed after the wait: if the runner dies while it waits, the lookup is handed out again.
            if not self.ledger.claim(report_id, lookup.task_id, self.clock()):
                return _Settled(found=True)  # Another runner has stored an outcome: the next Plan reads its attributes.
            if begins is None or not self.rate_limiter.missed(begins):
                return self._with_call(report_id, lookup, left)
            begins = queue.another_slot() if queue else None
        return self._without_turn(report_id, lookup, _NO_SLOT.format(lookup.max_per_minute))

    def _without_turn(self, report_id: str, lookup: LookupRecord, reason: str, claims: int = 0) -> _Settled:
        now = self.clock()
        # If another runner has claimed the lookup, the inspector may have been called, and is not called again.
        if self.ledger.had_no_turn(report_id, lookup, reason, now, claims=claims) or self.ledger.throttled(
            report_id, lookup, reason, now
        ):
            return _Settled(found=False, outcome="throttled")
        return _Settled(found=True)  # Another runner has stored an outcome, or a later Plan owns the lookup.

    def _with_call(self, report_id: str, lookup: LookupRecord, left: int) -> _Settled:
        try:
            outcome, why, answer = self._call(lookup, left / 1000)
        except PluginThrottledError as error:
            return self._without_turn(report_id, lookup, error.reason, claims=1)
        now = self.clock()
        if not self.ledger.record(report_id, lookup.task_id, outcome, why, now, answer):
            return _Settled(found=True, outcome=outcome)  # As above, during the call.
        if answer and (seconds := lookup.reuse_seconds(empty=answer.is_empty)):
            self.ledger.keep(lookup.arn, lookup.attribute_id, answer, now // 1000 + seconds)
        return _Settled(bool(answer and answer.new_attributes), outcome)

    def _call(self, lookup: LookupRecord, seconds: float) -> tuple[str, str | None, PackedAnswer | None]:
        try:
            found = read_inspection(self.plugins.call(lookup.arn, json.dumps(lookup.task).encode(), seconds))
        except PluginThrottledError:
            raise
        except PluginError as error:
            return error.outcome, error.reason, None
        except InvalidAnswerError as error:
            return "invalid", error.reason, None
        if found.throttled is not None:
            return "throttled", f"The inspector was throttled: {ascii(found.throttled)[1:-1]}", None
        contents = tuple(
            content.model_dump(mode="json", exclude_defaults=True) | {"type": content.type}
            for content in found.contents
        )
        answer = PackedAnswer.of(contents, found.new_attributes)
        return ("empty" if answer.is_empty else "ok"), None, answer
