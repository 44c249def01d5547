"""Scheduled work: due releases, interrupted actions, expired approvals, the backlog, and checks of containments."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from alert_responder_plugins.quarantine.containment import Containment
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.journal import ConcurrentUpdateError, Journal, StoredEntry
from alert_responder_plugins.quarantine.model import Entry
from alert_responder_plugins.quarantine.rate import HOUR
from alert_responder_plugins.quarantine.release import Releaser
from alert_responder_plugins.quarantine.verification import UnverifiableError, Verifier

BY_TIME = "schedule"
"""Value of `released_by` for releases after `release_after_hours`."""

_EXAMINED_IN_TURN = 25
"""Targets of one report that are examined before those of the next."""

_CYCLE = 300_000
"""Interval of the schedule [ms]."""

_GOLDEN = (5**0.5 - 1) / 2
"""The fractional parts of its multiples are spread evenly between 0 and 1."""


@dataclass(frozen=True, slots=True)
class HousekeepingResult:
    """Result of a call by the schedule.

    Attributes
    ----------
    entries
        Changed entries, in their current state.
    undone
        Number of containments that somebody else undid, including those that were repeated.
    failed
        Number of entries that are failed or in conflict, for an operator to decide.
    cut_off
        Number of targets that were not contained because of a limit.
    unseen
        Minimum number of contained targets that could not be checked.
    """

    entries: tuple[Entry, ...] = ()
    undone: int = 0
    failed: int = 0
    cut_off: int = 0
    unseen: int = 0


class Housekeeping:
    """The work of one call by the schedule."""

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
        """Release due entries, resume actions, expire approvals, check containments, and process the backlog."""
        changed: dict[str, Entry] = {}
        to_check, failed, unread = [], 0, 0
        for stored in self._journal.all():
            if not self._time_left():
                unread = 1
                break
            try:
                entry = self._one(stored)
            except ConcurrentUpdateError:
                continue
            if entry is not None:
                changed[entry.id] = entry
            latest = entry or stored.entry
            failed += latest.state in ("failed", "conflict")
            if entry is None and latest.state in ("contained", "undone"):
                to_check.append(latest.id)
        checked, undone, unseen = self._check(to_check)
        examined, cut_off = self._examine()
        changed |= {entry.id: entry for entry in (*checked, *examined)}
        return HousekeepingResult(tuple(changed.values()), undone, failed, cut_off, unseen + unread)

    def lapsed(self, entry: Entry) -> bool:
        """Whether the time limit for the approval has passed."""
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
            return self._executor.put(stored, "refused", refusal="The entry was not approved in time.").entry
        return None

    def _check(self, ids: list[str]) -> tuple[list[Entry], int, int]:
        """Check containments; each call begins at another one, so that all are reached."""
        changed: list[Entry] = []
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
                changed.append(entry)
                undone += entry.state == "undone" or entry.reapplied > stored.entry.reapplied
        return changed, undone, unseen

    def _examine(self) -> tuple[list[Entry], int]:
        """Examine the targets for which earlier calls had no time; reports take turns."""
        entries: list[Entry] = []
        cut_off = 0
        queue = deque(self._journal.backlogs())
        while queue and self._time_left():
            backlog = queue.popleft()
            try:
                proposed, backlog = self._containment.resume(backlog, _EXAMINED_IN_TURN)
            except ConcurrentUpdateError:
                continue
            entries += proposed.entries
            cut_off += proposed.cut_off
            if backlog.proposals:
                queue.append(backlog)
        return entries, cut_off
