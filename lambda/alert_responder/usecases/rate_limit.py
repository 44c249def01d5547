"""Keep the calls of a chunk within the inspectors' quotas (`max_per_minute`): reserve slots, and wait for them."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from alert_responder.domain.deadlines import LEAST_CALL_MS
from alert_responder.domain.quota import TOLERANCE_MS
from alert_responder.domain.records import LookupRecord
from alert_responder.errors import ConditionFailedError
from alert_responder.store.quotas import Quotas, Reserved
from alert_responder.usecases.ports import Clock


@dataclass(slots=True)
class SlotQueue:
    """The lookups of a chunk that wait for slots of one inspector: they reserve together and share what they get.

    Attributes
    ----------
    waiting
        Number of lookups without a slot.
    end
        Time by which the last call must have ended [ms].
    """

    rate_limiter: "RateLimiter"
    inspector: str
    report_id: str
    per_minute: int
    waiting: int
    end: int
    _over: bool = False
    _times: deque[int] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_slot(self) -> int | None:
        """Return when the next lookup may call its inspector [ms]; None if that is too late."""
        # A thread that has to ask again waits with the lock: the threads behind it would have to wait as well.
        with self._lock:
            if not self._times and not self._over:
                self._times.extend(self.rate_limiter.reserve(self, self.waiting))
                self._over = not self._times
            if self._over:
                return None
            self.waiting -= 1
            return self._times.popleft()

    def another_slot(self) -> int | None:
        """Return another slot for a lookup that missed its own [ms]; None if that is too late."""
        return next(iter(self.rate_limiter.reserve(self, 1)), None)


@dataclass(frozen=True, slots=True)
class RateLimiter:
    """Reserves slots of inspectors with a quota.

    Attributes
    ----------
    sleep
        Sleeps for a duration [ms].
    pause
        Waits before a reservation is tried again that collided with another; its argument is the attempt, from 0.
    """

    quotas: Quotas
    clock: Clock
    sleep: Callable[[int], None]
    pause: Callable[[int], None]

    def queues(self, report_id: str, lookups: Sequence[LookupRecord], end: int) -> dict[str, SlotQueue]:
        """Queue the open lookups of a chunk that have a quota.

        Parameters
        ----------
        end
            Time by which the last call must have ended [ms].

        Returns
        -------
        dict
            Queues by task id, without the lookups that have no quota: those neither wait nor cost a request.
        """

        def quota(lookup: LookupRecord) -> tuple[str, int]:
            return lookup.inspector, lookup.max_per_minute

        bounded = [lookup for lookup in lookups if lookup.outcome is None and lookup.max_per_minute]
        queues: dict[str, SlotQueue] = {}
        for (inspector, per_minute), group in groupby(sorted(bounded, key=quota), key=quota):
            task_ids = [lookup.task_id for lookup in group]
            queues |= dict.fromkeys(task_ids, SlotQueue(self, inspector, report_id, per_minute, len(task_ids), end))
        return queues

    def wait(self, begins: int) -> None:
        """Sleep until a slot begins."""
        self.sleep(max(0, begins - self.clock()))

    def missed(self, begins: int) -> bool:
        """Whether a slot began so long ago that the quota no longer covers a call."""
        return self.clock() >= begins + TOLERANCE_MS

    def reserve(self, queue: SlotQueue, wanted: int) -> tuple[int, ...]:
        """Reserve slots, at least one unless all are too late; wait while the report holds as many as it may."""
        while True:
            reserved = self._ask(queue, wanted)
            if reserved.times or reserved.ask_again is None or reserved.ask_again >= queue.end - LEAST_CALL_MS:
                return reserved.times
            self.wait(reserved.ask_again)

    def _ask(self, queue: SlotQueue, wanted: int) -> Reserved:
        attempt = 0
        while (now := self.clock()) < queue.end:
            try:
                latest = max(now, queue.end - LEAST_CALL_MS)
                return self.quotas.reserve(queue.inspector, queue.report_id, queue.per_minute, wanted, now, latest)
            except ConditionFailedError:
                self.pause(attempt)
                attempt += 1
        return Reserved(())
