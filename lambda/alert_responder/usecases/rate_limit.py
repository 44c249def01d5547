"""Waiting for one's turn: the calls of a chunk that a quota bounds."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from alert_responder.domain.deadlines import LEAST_CALL_MS
from alert_responder.domain.quota import TOLERANCE_MS
from alert_responder.domain.records import TaskRecord
from alert_responder.errors import ConditionFailedError
from alert_responder.store.quotas import Quotas, Reserved
from alert_responder.usecases.ports import Clock


@dataclass(slots=True)
class Line:
    """The tasks of a chunk that wait for turns of one inspector: they reserve together, and share what they get.

    Attributes
    ----------
    waiting
        How many have no turn yet.
    end
        When the last call has to have ended [ms].
    """

    turns: "Turns"
    inspector: str
    report_id: str
    per_minute: int
    waiting: int
    end: int
    _over: bool = False
    _times: deque[int] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begins(self) -> int | None:
        """Return when the next task may be called [ms]; None if its turn would come too late."""
        # Who has to ask again waits for that with the lock: so would all that come behind.
        with self._lock:
            if not self._times and not self._over:
                self._times.extend(self.turns.reserve(self, self.waiting))
                self._over = not self._times
            if self._over:
                return None
            self.waiting -= 1
            return self._times.popleft()

    def again(self) -> int | None:
        """Return another turn for a task that has missed its own [ms]; None if it would come too late."""
        return next(iter(self.turns.reserve(self, 1)), None)


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

    def lines(self, report_id: str, tasks: Sequence[TaskRecord], end: int) -> dict[str, Line]:
        """Line up the open tasks of a chunk that have a quota.

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
        lines: dict[str, Line] = {}
        for (inspector, per_minute), group in groupby(sorted(bounded, key=quota), key=quota):
            task_ids = [task.task_id for task in group]
            lines |= dict.fromkeys(task_ids, Line(self, inspector, report_id, per_minute, len(task_ids), end))
        return lines

    def wait(self, begins: int) -> None:
        """Sleep until a turn begins."""
        self.sleep(max(0, begins - self.clock()))

    def missed(self, begins: int) -> bool:
        """Whether so much time has passed since a turn began that the quota does not cover a call any more."""
        return self.clock() >= begins + TOLERANCE_MS

    def reserve(self, line: Line, wanted: int) -> tuple[int, ...]:
        """Reserve turns, at least one unless all would come too late; waits while the report holds all it may."""
        while True:
            reserved = self._ask(line, wanted)
            if reserved.times or reserved.ask_again is None or reserved.ask_again >= line.end - LEAST_CALL_MS:
                return reserved.times
            self.wait(reserved.ask_again)

    def _ask(self, line: Line, wanted: int) -> Reserved:
        attempt = 0
        while (now := self.clock()) < line.end:
            try:
                latest = max(now, line.end - LEAST_CALL_MS)
                return self.quotas.reserve(line.inspector, line.report_id, line.per_minute, wanted, now, latest)
            except ConditionFailedError:
                self.pause(attempt)
                attempt += 1
        return Reserved(())
