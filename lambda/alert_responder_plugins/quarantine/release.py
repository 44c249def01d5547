"""Undoing: what we changed is made as it was, and what somebody else has changed since is left to him."""

from collections.abc import Callable
from typing import Any

from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, Actions, Place
from alert_responder_plugins.quarantine.executor import LEASE, TRIES
from alert_responder_plugins.quarantine.journal import Held, Journal, MovedError
from alert_responder_plugins.quarantine.model import UNDOABLE, Entry, State


class Releasing:
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

    def release(self, held: Held, by: str | None, *, force: bool = False) -> Entry:
        """Undo one containment, or take back what was not done yet.

        Each part that is as we left it becomes what it was. One that is something else stays, unless `force`, and the
        entry becomes a `conflict` that names it. One that is gone needs nothing.

        Raises
        ------
        MovedError
            Another call is at it; it may be tried again in two minutes.
        """
        entry = held.entry
        if entry.state in ("waiting", "queued"):
            return self._put(held, "refused", refusal="It was withdrawn.", released_by=by, proof=None).entry
        if entry.state not in UNDOABLE:
            return entry
        if entry.lease_until > self._clock():
            raise MovedError("Another call is at it; try again in two minutes.")
        attempts = entry.attempts + 1 if entry.state == "releasing" else 1
        lease = self._clock() + LEASE
        held = self._put(held, "releasing", released_by=by, attempts=attempts, lease_until=lease)
        try:
            changed = self._undo(held.entry, force=force)
        except ActionFailedError as error:
            state: State = "conflict" if attempts >= TRIES else "releasing"
            return self._put(held, state, refusal=f"AWS does not undo it. {error}", lease_until=0).entry
        if changed:
            refusal = f"Somebody else has changed it since, and it was left so: {', '.join(changed)}."
            return self._put(held, "conflict", refusal=refusal, lease_until=0).entry
        return self._put(held, "released", refusal=None, lease_until=0, released_at=self._clock()).entry

    def _undo(self, entry: Entry, *, force: bool) -> list[str]:
        action = self._actions.get(entry.kind)
        if action is None:
            raise ActionFailedError(f"The kind {entry.kind} is not switched on.")
        changed = []
        for part in entry.parts:
            place = Place(entry.target, entry.owner, part.name)
            now = action.read(place)
            if now in (part.before, GONE):
                continue
            if now != part.after and not force:
                changed.append(part.name)
                continue
            action.write(place, part.before)
        return changed

    def _put(self, held: Held, state: State, **update: Any) -> Held:
        return self._journal.put(held.entry.model_copy(update={"state": state, **update}), held)
