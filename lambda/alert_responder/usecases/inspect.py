"""Inspect: call the inspectors of a chunk at once and store what each has answered, or why it has not."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

from alert_responder.domain.deadlines import TOO_LATE, chunk_end, least_call
from alert_responder.domain.plugin_answers import InvalidAnswerError, read_inspection
from alert_responder.domain.records import TaskRecord
from alert_responder.errors import PluginError, PluginThrottledError, SupersededError
from alert_responder.store.ledger import Answer, Ledger
from alert_responder.usecases.ports import Clock, PluginCalls
from alert_responder.usecases.rate_limit import Line, Turns

_NO_TURN = "The quota max_per_minute ({:,} calls a minute over all reports) left no call in the time there was."


class Inspected(NamedTuple):
    """What became of a chunk.

    Attributes
    ----------
    found
        Tasks that have, or may have, brought up attributes: the round is to be planned again.
    ended
        How many tasks came to which outcome in this call, by inspector.
    """

    found: int
    ended: Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Inspection:
    """Runs chunks of tasks.

    Attributes
    ----------
    timeout_ms
        Longest an inspector may take [ms].
    """

    ledger: Ledger
    turns: Turns
    plugins: PluginCalls
    clock: Clock
    executor: Executor
    timeout_ms: int

    def inspect(
        self, report_id: str, round_: int, task_ids: Sequence[str], deadline: int, planned_at: int | None = None
    ) -> Inspected:
        """Bring every task of a chunk to an outcome.

        Tasks that have one are left alone, so that a repeated call only does what is missing. No inspector can fail the
        chunk: whatever it does is an outcome. A task of an inspector with a quota waits for its turn, and ends as
        `throttled` if that would come too late; nobody else waits for it.

        Parameters
        ----------
        deadline
            When the round's inspections end [ms], if runners are free at once.
        planned_at
            When the round was first planned [ms].

        Returns
        -------
        Inspected
            What became of the chunk.

        Raises
        ------
        SupersededError
            When the report is in another round; nothing was called.
        """
        head, tasks = self.ledger.head_and_tasks(report_id, task_ids)
        if head is None or head.round != round_:
            raise SupersededError(f"round {round_} of {report_id} is over")
        end = chunk_end(self.clock(), self.timeout_ms, deadline, planned_at)
        lines = self.turns.lines(report_id, tasks, end)
        came = list(self.executor.map(lambda task: self._settle(report_id, task, end, lines.get(task.task_id)), tasks))
        ended: dict[str, Counter[str]] = {}
        for task, (_, outcome) in zip(tasks, came, strict=True):
            if outcome:
                ended.setdefault(task.inspector, Counter())[outcome] += 1
        return Inspected(sum(found for found, _ in came), ended)

    def _settle(self, report_id: str, task: TaskRecord, end: int, line: Line | None) -> tuple[bool, str | None]:
        """Return whether the task has, or may have, brought up attributes, and the outcome it came to here, if any."""
        if task.outcome is not None:
            return bool(task.new_attributes), None
        begins = line.begins() if line else None
        while line is None or begins is not None:
            if begins is not None:
                self.turns.wait(begins)
            left = min(self.timeout_ms, end - self.clock())
            if left < least_call(self.timeout_ms):
                return self._without_turn(report_id, task, TOO_LATE)
            # After the wait: should the runner die while it waits, the task is handed out again.
            if not self.ledger.claim(report_id, task.task_id, self.clock()):
                return True, None  # Someone else has just stored an outcome: let the next Plan see what it brought up.
            if begins is None or not self.turns.missed(begins):
                return self._with_call(report_id, task, left)
            begins = line.again() if line else None
        return self._without_turn(report_id, task, _NO_TURN.format(task.max_per_minute))

    def _without_turn(self, report_id: str, task: TaskRecord, reason: str, claims: int = 0) -> tuple[bool, str | None]:
        now = self.clock()
        # Should another runner have had this task, it may have asked: that is not done again.
        if self.ledger.had_no_turn(report_id, task, reason, now, claims=claims) or self.ledger.throttled(
            report_id, task, reason, now
        ):
            return False, "throttled"
        return True, None  # Another runner has stored an outcome, or a later Plan owns it: let the next Plan look.

    def _with_call(self, report_id: str, task: TaskRecord, left: int) -> tuple[bool, str | None]:
        try:
            outcome, why, answer = self._call(task, left / 1000)
        except PluginThrottledError as error:
            return self._without_turn(report_id, task, error.reason, claims=1)
        now = self.clock()
        if not self.ledger.record(report_id, task.task_id, outcome, why, now, answer):
            return True, outcome  # As above, while the inspector was at it.
        if answer and (seconds := task.reuse_seconds(empty=answer.is_empty)):
            self.ledger.keep(task.arn, task.attribute_id, answer, now // 1000 + seconds)
        return bool(answer and answer.new_attributes), outcome

    def _call(self, task: TaskRecord, seconds: float) -> tuple[str, str | None, Answer | None]:
        try:
            found = read_inspection(self.plugins.call(task.arn, json.dumps(task.task).encode(), seconds))
        except PluginThrottledError:
            raise
        except PluginError as error:
            return error.outcome, error.reason, None
        except InvalidAnswerError as error:
            return "invalid", error.reason, None
        if found.throttled is not None:
            return "throttled", f"The inspector says: {ascii(found.throttled)[1:-1]}", None
        contents = tuple(
            content.model_dump(mode="json", exclude_defaults=True) | {"type": content.type}
            for content in found.contents
        )
        return ("ok" if contents or found.new_attributes else "empty"), None, Answer.of(contents, found.new_attributes)
