"""What the schedule does: what is due, what calls that died have left, and whether what is contained still is."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from alert_responder_plugins.quarantine.containment import Containment
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.guards import HOUR
from alert_responder_plugins.quarantine.journal import ConcurrentUpdateError, Journal, StoredEntry
from alert_responder_plugins.quarantine.model import Entry
from alert_responder_plugins.quarantine.release import Releaser
from alert_responder_plugins.quarantine.verification import UnverifiableError, Verifier

BY_TIME = "schedule"
"""Who releases what its time was over for."""

_EXAMINED_IN_TURN = 25
"""Targets of one report that are looked at before those of the next."""

_CYCLE = 300_000
"""How often the schedule calls [ms]."""


_GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, without their whole part, leave no gap from 0 to 1."""


@dataclass(frozen=True, slots=True)
class HousekeepingResult:
    """What a call of the schedule has done and seen.

    Attributes
    ----------
    entries
        Those that were changed, as they are now.
    undone
        How many somebody else has undone, those that were contained again included.
    failed
        How many are failed or in conflict: a person has to decide.
    cut_off
        How many targets a limit kept from being contained.
    unseen
        How many contained ones could not be looked at, at least.
    """

    entries: tuple[Entry, ...] = ()
    undone: int = 0
    failed: int = 0
    cut_off: int = 0
    unseen: int = 0


class Housekeeping:
    """What has to be done without anybody asking."""

    def __init__(
        self,
        journal: Journal,
        executor: Executor,
        containment: Containment,
        releaser: Releaser,
        verifier: Verifier,
        clock: Callable[[], int],
        approval_hours: int,
        time_left: Callable[[], bool] = lambda: True,
    ) -> None:
        self._journal = journal
        self._executor = executor
        self._containment = containment
        self._releaser = releaser
        self._verifier = verifier
        self._clock = clock
        self._approval_milliseconds = approval_hours * HOUR
        self._time_left = time_left

    def run(self) -> HousekeepingResult:
        """Release what is due, go on with what was begun, let approvals lapse, look at what is contained."""
        touched: dict[str, Entry] = {}
        watched, failed, unread = [], 0, 0
        for stored in self._journal.all():
            if not self._time_left():
                unread = 1
                break
            try:
                entry = self._one(stored)
            except ConcurrentUpdateError:
                continue
            if entry is not None:
                touched[entry.id] = entry
            after = entry or stored.entry
            failed += after.state in ("failed", "conflict")
            if entry is None and after.state in ("contained", "undone"):
                watched.append(after.id)
        seen, undone, unseen = self._watch(watched)
        examined, cut_off = self._examine()
        touched |= {entry.id: entry for entry in (*seen, *examined)}
        return HousekeepingResult(tuple(touched.values()), undone, failed, cut_off, unseen + unread)

    def lapsed(self, entry: Entry) -> bool:
        """Whether it can no longer be approved."""
        return entry.created_at + self._approval_milliseconds <= self._clock()

    def _one(self, stored: StoredEntry) -> Entry | None:
        entry, now = stored.entry, self._clock()
        in_force = entry.state in ("contained", "undone")
        if in_force and entry.release_at is not None and entry.release_at <= now:
            return self._releaser.release(stored, BY_TIME)
        if entry.state == "releasing":
            return self._releaser.release(stored, entry.released_by)
        if entry.state in ("queued", "acting"):
            return self._executor.resume(stored)
        if entry.state == "waiting" and self.lapsed(entry):
            return self._executor.put(stored, "refused", refusal="Nobody approved it in time.").entry
        return None

    def _watch(self, ids: list[str]) -> tuple[list[Entry], int, int]:
        """Look at what is contained, each call beginning elsewhere, so that every one is reached in time."""
        seen: list[Entry] = []
        undone = unseen = 0
        start = int(self._clock() // _CYCLE * _GOLDEN % 1 * len(ids))
        for number, id_ in enumerate(ids[start:] + ids[:start]):
            if not self._time_left():
                unseen += len(ids) - number
                break
            stored = self._journal.get(id_)
            if stored is None or stored.entry.state not in ("contained", "undone"):
                continue
            try:
                entry = self._verifier.check(stored)
            except UnverifiableError:
                unseen += 1
                continue
            except ConcurrentUpdateError:
                continue
            if entry is not None:
                seen.append(entry)
                undone += entry.state == "undone" or entry.reapplied > stored.entry.reapplied
        return seen, undone, unseen

    def _examine(self) -> tuple[list[Entry], int]:
        """Look at targets that calls had no time for; reports take turns."""
        entries: list[Entry] = []
        cut_off = 0
        waiting = deque(self._journal.backlogs())
        while waiting and self._time_left():
            backlog = waiting.popleft()
            try:
                proposed, backlog = self._containment.resume(backlog, _EXAMINED_IN_TURN)
            except ConcurrentUpdateError:
                continue
            entries += proposed.entries
            cut_off += proposed.cut_off
            if backlog.proposals:
                waiting.append(backlog)
        return entries, cut_off
