"""Waiting for one's turn: the calls of a chunk that a quota bounds."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from alert_responder.domain.deadlines import LEAST_CALL_MS
from alert_responder.domain.quota import TOLERANCE_MS
from alert_responder.domain.records import TaskRecord
from alert_responder.errors import ConditionFailedError
from alert_responder.store.quotas import Quotas
from alert_responder.usecases.ports import Clock

Reserved = Future[tuple[int, ...]]


class Turn(NamedTuple):
    """A task's place among those of its inspector in the chunk."""

    reserved: Reserved
    place: int

    def begins(self) -> int | None:
        """Return when the task may be called [ms]; None if its turn would come too late."""
        times = self.reserved.result()
        return times[self.place] if self.place < len(times) else None


@dataclass(frozen=True, slots=True)
class Turns:
    """Reserves turns and waits for them.

    Attributes
    ----------
    sleep
        Sleeps for so long [ms].
    pause
        Waits before a reservation that met another one is tried again; its argument counts the tries, from 0.
    """

    quotas: Quotas
    clock: Clock
    sleep: Callable[[int], None]
    pause: Callable[[int], None]

    def take(self, executor: Executor, tasks: Sequence[TaskRecord], end: int) -> dict[str, Turn]:
        """Begin to reserve turns for the open tasks of a chunk that have a quota, at once for all of an inspector.

        Parameters
        ----------
        end
            When the last call has to have ended [ms].

        Returns
        -------
        dict
            By task id. Who has no quota is not in it, and costs and waits for nothing.
        """

        def quota(task: TaskRecord) -> tuple[str, int]:
            return task.inspector, task.max_per_minute

        bounded = [task for task in tasks if task.outcome is None and task.max_per_minute]
        turns: dict[str, Turn] = {}
        for (inspector, per_minute), group in groupby(sorted(bounded, key=quota), key=quota):
            task_ids = [task.task_id for task in group]
            reserved = executor.submit(self._reserve, inspector, per_minute, len(task_ids), end)
            turns |= {task_id: Turn(reserved, place) for place, task_id in enumerate(task_ids)}
        return turns

    def wait(self, begins: int) -> None:
        """Sleep until a turn begins."""
        self.sleep(max(0, begins - self.clock()))

    def missed(self, begins: int) -> bool:
        """Whether so much time has passed since a turn began that the quota does not cover a call any more."""
        return self.clock() >= begins + TOLERANCE_MS

    def again(self, task: TaskRecord, end: int) -> int | None:
        """Reserve another turn for a task that has missed its own; None if it would come too late."""
        times = self._reserve(task.inspector, task.max_per_minute, 1, end)
        return times[0] if times else None

    def _reserve(self, inspector: str, per_minute: int, wanted: int, end: int) -> tuple[int, ...]:
        attempt = 0
        while (now := self.clock()) < end:
            try:
                return self.quotas.reserve(inspector, per_minute, wanted, now, max(now, end - LEAST_CALL_MS))
            except ConditionFailedError:
                self.pause(attempt)
                attempt += 1
        return ()
