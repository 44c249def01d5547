"""Inspect: call the inspectors of a chunk in parallel and store what each returns, or why it returns nothing."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from alert_responder.domain.deadlines import TOO_LATE, chunk_end, least_call
from alert_responder.domain.lookup_batches import failure_of_batch, in_calls
from alert_responder.domain.plugin_answers import InvalidAnswerError, read_inspection, split_answers
from alert_responder.domain.records import LookupRecord
from alert_responder.errors import PluginError, PluginFailedError, PluginThrottledError, SupersededError
from alert_responder.store.ledger import Ledger, PackedAnswer
from alert_responder.usecases.ports import Clock, PluginCalls
from alert_responder.usecases.rate_limit import RateLimiter, SlotQueue

_Result = TypeVar("_Result")


class Inspected(NamedTuple):
    """Result of a chunk.

    Attributes
    ----------
    found
        Number of lookups that returned, or may have returned, new attributes: the round is planned again.
    ended
        Outcomes stored by this call, counted by inspector.
    ignored
        Number of answers to unknown tasks, by inspector.
    """

    found: int
    ended: Mapping[str, Counter[str]]
    ignored: Mapping[str, int]


class _Settled(NamedTuple):
    """Result of one lookup: whether it may have returned new attributes, and the outcome stored by this call."""

    lookup: LookupRecord
    found: bool
    outcome: str | None = None


class _Answered(NamedTuple):
    """How a lookup ended: its outcome, the reason, the answer if there is one, and whether a limit cut it."""

    outcome: str
    reason: str | None = None
    answer: PackedAnswer | None = None
    incomplete: bool = False


Call = Sequence[LookupRecord]
"""The lookups of one call: one, or the batch of an inspector with `batch_size`."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Runs chunks of lookups.

    Attributes
    ----------
    executor
        Threads for the calls of a chunk.
    writers
        Threads for the writes of a batch.
    timeout_ms
        Maximum duration of one inspector call [ms].
    """

    ledger: Ledger
    rate_limiter: RateLimiter
    plugins: PluginCalls
    clock: Clock
    executor: Executor
    writers: Executor
    timeout_ms: int

    def inspect(
        self, report_id: str, round_: int, task_ids: Sequence[str], deadline: int, planned_at: int | None = None
    ) -> Inspected:
        """Store an outcome for every lookup of a chunk.

        Lookups with an outcome are left alone, so that a repeated call only does what is missing. An inspector cannot
        fail the chunk: each failure is an outcome. If an inspector has a quota, the call waits for its slot, and its
        lookups end as `throttled` if the slot is too late; other calls do not wait for it.

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
        calls = in_calls(lookup for lookup in lookups if lookup.outcome is None)
        queues = self.rate_limiter.queues(report_id, calls, end)
        ignored: Counter[str] = Counter()
        settle = partial(self._settle, report_id, end, ignored)
        settled = [each for call in self.executor.map(settle, calls, queues) for each in call]
        ended: dict[str, Counter[str]] = {}
        for lookup, _, outcome in settled:
            if outcome:
                ended.setdefault(lookup.inspector, Counter())[outcome] += 1
        earlier = sum(bool(lookup.new_attributes) for lookup in lookups if lookup.outcome is not None)
        return Inspected(earlier + sum(each.found for each in settled), ended, ignored)

    def _settle(
        self, report_id: str, end: int, ignored: Counter[str], call: Call, queue: SlotQueue | None
    ) -> list[_Settled]:
        settled: list[_Settled] = []
        begins = queue.next_slot() if queue else None
        while queue is None or begins is not None:
            if begins is not None:
                self.rate_limiter.wait(begins)
            left = min(self.timeout_ms, end - self.clock())
            if left < least_call(self.timeout_ms):
                return settled + self._without_turn(report_id, call, TOO_LATE)
            # Claimed after the wait: if the runner dies while it waits, the lookup is handed out again.
            claims = self._each(call, lambda lookup: self.ledger.claim(report_id, lookup.task_id, self.clock()))
            # If another runner has stored an outcome, the next Plan reads its attributes.
            settled += [_Settled(lookup, found=True) for lookup, mine in zip(call, claims, strict=True) if not mine]
            call = [lookup for lookup, mine in zip(call, claims, strict=True) if mine]
            if not call:
                return settled
            if begins is None or not self.rate_limiter.missed(begins):
                return settled + self._with_call(report_id, call, left, ignored)
            begins = queue.another_slot() if queue else None
        return settled + self._without_turn(report_id, call, queue.refusal())

    def _without_turn(self, report_id: str, call: Call, reason: str, claims: int = 0) -> list[_Settled]:
        now = self.clock()

        def end(lookup: LookupRecord) -> _Settled:
            # If another runner has claimed the lookup, the inspector may have been called, and is not called again.
            if self.ledger.had_no_turn(report_id, lookup, reason, now, claims=claims) or self.ledger.throttled(
                report_id, lookup, reason, now
            ):
                return _Settled(lookup, found=False, outcome="throttled")
            # Another runner has stored an outcome, or a later Plan owns the lookup.
            return _Settled(lookup, found=True)

        return self._each(call, end)

    def _with_call(self, report_id: str, call: Call, left: int, ignored: Counter[str]) -> list[_Settled]:
        try:
            answers = self._answers(call, left / 1000, ignored)
        except PluginThrottledError as error:
            return self._without_turn(report_id, call, error.reason, claims=1)
        now = self.clock()

        def store(lookup: LookupRecord) -> _Settled:
            outcome, why, answer, incomplete = answers[lookup.task_id]
            if not self.ledger.record(report_id, lookup.task_id, outcome, why, now, answer, incomplete=incomplete):
                return _Settled(lookup, found=True, outcome=outcome)  # As above, during the call.
            # An answer that lacks something, or has a reason for being empty, may be another one for the next report.
            if answer and not why and (seconds := lookup.reuse_seconds(empty=answer.is_empty)):
                self.ledger.keep(lookup.answer_key, answer, now // 1000 + seconds)
            return _Settled(lookup, bool(answer and answer.new_attributes), outcome)

        return self._each(call, store)

    def _answers(self, call: Call, seconds: float, ignored: Counter[str]) -> dict[str, _Answered]:
        batched = call[0].batch_size > 1
        request = {"tasks": [lookup.task for lookup in call]} if batched else call[0].task
        task_ids = [lookup.task_id for lookup in call]
        try:
            body = self.plugins.call(call[0].arn, json.dumps(request).encode(), seconds)
            bodies = split_answers(body) if batched else {call[0].task_id: body}
        except PluginThrottledError:
            raise
        except PluginError as error:
            fails = batched and isinstance(error, PluginFailedError)
            reason = failure_of_batch(error.reason, call[0].batch_size) if fails else error.reason
            return dict.fromkeys(task_ids, _Answered(error.outcome, reason))
        except InvalidAnswerError as error:
            return dict.fromkeys(task_ids, _Answered("invalid", error.reason))
        if unknown := len(bodies.keys() - set(task_ids)):
            ignored[call[0].inspector] += unknown
        return {task_id: _read(bodies.get(task_id, b"")) for task_id in task_ids}

    def _each(self, call: Call, function: Callable[[LookupRecord], _Result]) -> list[_Result]:
        """Apply a function to the lookups of a call, in parallel if there are several."""
        return list(map(function, call) if len(call) == 1 else self.writers.map(function, call))


def _read(body: bytes) -> _Answered:
    try:
        found = read_inspection(body)
    except InvalidAnswerError as error:
        return _Answered("invalid", error.reason)
    if found.throttled is not None:
        return _Answered("throttled", f"The inspector was throttled: {ascii(found.throttled)[1:-1]}")
    incomplete = found.incomplete is not None
    if found.failed is not None:
        return _Answered("error", f"The inspector failed: {ascii(found.failed)[1:-1]}", incomplete=incomplete)
    contents = tuple(
        content.model_dump(mode="json", exclude_defaults=True) | {"type": content.type} for content in found.contents
    )
    answer = PackedAnswer.of(contents, found.new_attributes)
    why = found.incomplete or (found.unknown if answer.is_empty else None)
    return _Answered("empty" if answer.is_empty else "ok", ascii(why)[1:-1] if why else None, answer, incomplete)
