"""What the schedule does: what is due, what calls that died have left, and whether what is contained still is."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from alert_responder_plugins.quarantine.containment import Containing
from alert_responder_plugins.quarantine.executor import Acting
from alert_responder_plugins.quarantine.guards import HOUR
from alert_responder_plugins.quarantine.journal import Held, Journal, MovedError
from alert_responder_plugins.quarantine.model import Entry
from alert_responder_plugins.quarantine.release import Releasing
from alert_responder_plugins.quarantine.verification import UnseenError, Watching

BY_TIME = "schedule"
"""Who releases what its time was over for."""

_EXAMINED_IN_TURN = 25
"""Targets of one report that are looked at before those of the next."""

_CYCLE = 300_000
"""How often the schedule calls [ms]."""


_GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, without their whole part, leave no gap from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Tended:
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


class Tending:
    """What has to be done without anybody asking."""

    def __init__(
        self,
        journal: Journal,
        acting: Acting,
        containing: Containing,
        releasing: Releasing,
        watching: Watching,
        clock: Callable[[], int],
        approval_hours: int,
        time_left: Callable[[], bool] = lambda: True,
    ) -> None:
        self._journal = journal
        self._acting = acting
        self._containing = containing
        self._releasing = releasing
        self._watching = watching
        self._clock = clock
        self._approval_milliseconds = approval_hours * HOUR
        self._time_left = time_left

    def tend(self) -> Tended:
        """Release what is due, go on with what was begun, let approvals lapse, look at what is contained."""
        touched: dict[str, Entry] = {}
        watched, failed, unread = [], 0, 0
        for held in self._journal.all():
            if not self._time_left():
                unread = 1
                break
            try:
                entry = self._one(held)
            except MovedError:
                continue
            if entry is not None:
                touched[entry.id] = entry
            after = entry or held.entry
            failed += after.state in ("failed", "conflict")
            if entry is None and after.state in ("contained", "undone"):
                watched.append(after.id)
        seen, undone, unseen = self._watch(watched)
        examined, cut_off = self._examine()
        touched |= {entry.id: entry for entry in (*seen, *examined)}
        return Tended(tuple(touched.values()), undone, failed, cut_off, unseen + unread)

    def lapsed(self, entry: Entry) -> bool:
        """Whether it can no longer be approved."""
        return entry.created_at + self._approval_milliseconds <= self._clock()

    def _one(self, held: Held) -> Entry | None:
        entry, now = held.entry, self._clock()
        in_force = entry.state in ("contained", "undone")
        if in_force and entry.release_at is not None and entry.release_at <= now:
            return self._releasing.release(held, BY_TIME)
        if entry.state == "releasing":
            return self._releasing.release(held, entry.released_by)
        if entry.state in ("queued", "acting"):
            return self._acting.go_on(held)
        if entry.state == "waiting" and self.lapsed(entry):
            return self._acting.put(held, "refused", refusal="Nobody approved it in time.").entry
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
            held = self._journal.get(id_)
            if held is None or held.entry.state not in ("contained", "undone"):
                continue
            try:
                entry = self._watching.check(held)
            except UnseenError:
                unseen += 1
                continue
            except MovedError:
                continue
            if entry is not None:
                seen.append(entry)
                undone += entry.state == "undone" or entry.reapplied > held.entry.reapplied
        return seen, undone, unseen

    def _examine(self) -> tuple[list[Entry], int]:
        """Look at targets that calls had no time for; reports take turns."""
        entries: list[Entry] = []
        cut_off = 0
        waiting = deque(self._journal.rests())
        while waiting and self._time_left():
            rest = waiting.popleft()
            try:
                proposed, rest = self._containing.go_on(rest, _EXAMINED_IN_TURN)
            except MovedError:
                continue
            entries += proposed.entries
            cut_off += proposed.cut_off
            if rest.proposals:
                waiting.append(rest)
        return entries, cut_off
