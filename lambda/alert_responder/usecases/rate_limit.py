"""Keep the calls of a chunk within the inspectors' quotas (`max_per_minute`, `max_per_day`): reserve slots, wait."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from alert_responder.domain.deadlines import LEAST_CALL_MS
from alert_responder.domain.quota import TOLERANCE_MS
from alert_responder.domain.records import LookupRecord
from alert_responder.errors import ConditionFailedError
from alert_responder.store.quotas import Quotas, Reserved
from alert_responder.usecases.ports import Clock

_NO_SLOT = "The quota max_per_minute ({:,} calls a minute over all reports) left no call in the available time."
_NO_DAY = "The quota max_per_day ({:,} calls a day over all reports) leaves no call until 00:00 UTC."
_NO_TURN = "The quota max_per_day ({:,} calls a day over all reports) could not be reserved in the available time."


@dataclass(slots=True)
class SlotQueue:
    """The calls of a chunk that wait for slots of one inspector: they reserve together and share what they get.

    Attributes
    ----------
    waiting
        Number of calls without a slot.
    day_is_full
        Whether the last reservation failed because of the quota per day.
    end
        Time by which the last call must have ended [ms].
    """

    rate_limiter: "RateLimiter"
    inspector: str
    report_id: str
    per_minute: int
    per_day: int
    waiting: int
    end: int
    day_is_full: bool = False
    _over: bool = False
    _times: deque[int] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_slot(self) -> int | None:
        """Return when the next call may begin [ms]; None if that is too late."""
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
        """Return another slot for a call that missed its own [ms]; None if that is too late."""
        return next(iter(self.rate_limiter.reserve(self, 1)), None)

    def refusal(self) -> str:
        """Return why a call got no slot, as one sentence for the report."""
        if self.day_is_full:
            return _NO_DAY.format(self.per_day)
        return _NO_SLOT.format(self.per_minute) if self.per_minute else _NO_TURN.format(self.per_day)


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

    def queues(self, report_id: str, calls: Sequence[Sequence[LookupRecord]], end: int) -> list[SlotQueue | None]:
        """Queue the calls of a chunk that have a quota.

        Parameters
        ----------
        calls
            The lookups of each call.
        end
            Time by which the last call must have ended [ms].

        Returns
        -------
        list
            The queue of each call; None if it has no quota: it neither waits nor costs a request.
        """
        quotas = [(call[0].inspector, call[0].max_per_minute, call[0].max_per_day) for call in calls]
        queues = {
            (inspector, per_minute, per_day): SlotQueue(self, inspector, report_id, per_minute, per_day, waiting, end)
            for (inspector, per_minute, per_day), waiting in Counter(quotas).items()
            if per_minute or per_day
        }
        return [queues.get(quota) for quota in quotas]

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
            queue.day_is_full = reserved.day_is_full
            if reserved.times or reserved.ask_again is None or reserved.ask_again >= queue.end - LEAST_CALL_MS:
                return reserved.times
            self.wait(reserved.ask_again)

    def _ask(self, queue: SlotQueue, wanted: int) -> Reserved:
        attempt = 0
        while (now := self.clock()) < queue.end:
            try:
                latest = max(now, queue.end - LEAST_CALL_MS)
                return self.quotas.reserve(
                    queue.inspector, queue.report_id, queue.per_minute, wanted, now, latest, queue.per_day
                )
            except ConditionFailedError:
                self.pause(attempt)
                attempt += 1
        return Reserved(())
