"""Undoing: what we changed is made as it was, and what somebody else has changed since is left to him."""

from collections.abc import Callable
from typing import Any

from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, Actions, PartLocation
from alert_responder_plugins.quarantine.executor import LEASE, TRIES
from alert_responder_plugins.quarantine.journal import ConcurrentUpdateError, Journal, StoredEntry
from alert_responder_plugins.quarantine.model import UNDOABLE, Entry, State


class Releaser:
    """Undoes what was contained; doing it again does nothing.

    Parameters
    ----------
    clock
        Returns the time [ms since the epoch].
    """

    def __init__(self, journal: Journal, actions: Actions, clock: Callable[[], int]) -> None:
        self._journal = journal
        self._actions = actions
        self._clock = clock

    def release(self, stored: StoredEntry, by: str | None, *, force: bool = False) -> Entry:
        """Undo one containment, or take back what was not done yet.

        Each part that is as we left it becomes what it was. One that is something else stays, unless `force`, and the
        entry becomes a `conflict` that names it. One that is gone needs nothing.

        Raises
        ------
        ConcurrentUpdateError
            Another call is at it; it may be tried again in two minutes.
        """
        entry = stored.entry
        if entry.state in ("waiting", "queued"):
            return self._put(stored, "refused", refusal="It was withdrawn.", released_by=by, proof=None).entry
        if entry.state not in UNDOABLE:
            return entry
        if entry.lease_until > self._clock():
            raise ConcurrentUpdateError("Another call is at it; try again in two minutes.")
        attempts = entry.attempts + 1 if entry.state == "releasing" else 1
        lease = self._clock() + LEASE
        stored = self._put(stored, "releasing", released_by=by, attempts=attempts, lease_until=lease)
        try:
            changed = self._undo(stored.entry, force=force)
        except ActionFailedError as error:
            state: State = "conflict" if attempts >= TRIES else "releasing"
            return self._put(stored, state, refusal=f"AWS does not undo it. {error}", lease_until=0).entry
        if changed:
            refusal = f"Somebody else has changed it since, and it was left so: {', '.join(changed)}."
            return self._put(stored, "conflict", refusal=refusal, lease_until=0).entry
        return self._put(stored, "released", refusal=None, lease_until=0, released_at=self._clock()).entry

    def _undo(self, entry: Entry, *, force: bool) -> list[str]:
        action = self._actions.get(entry.kind)
        if action is None:
            raise ActionFailedError(f"The kind {entry.kind} is not switched on.")
        changed = []
        for part in entry.parts:
            place = PartLocation(entry.target, entry.owner, part.name)
            now = action.read(place)
            if now in (part.before, GONE):
                continue
            if now != part.after and not force:
                changed.append(part.name)
                continue
            action.write(place, part.before)
        return changed

    def _put(self, stored: StoredEntry, state: State, **update: Any) -> StoredEntry:
        return self._journal.put(stored.entry.model_copy(update={"state": state, **update}), stored)
