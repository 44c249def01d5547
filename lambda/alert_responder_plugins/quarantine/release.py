"""Release targets: restore the parts that the quarantine changed, and leave those that others changed since."""

from collections.abc import Callable
from typing import Any

from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, PartLocation
from alert_responder_plugins.quarantine.executor import LEASE_MILLISECONDS, MAX_ATTEMPTS
from alert_responder_plugins.quarantine.journal import ConcurrentUpdateError, Journal, StoredEntry
from alert_responder_plugins.quarantine.model import UNDOABLE, Entry, State
from alert_responder_plugins.quarantine.places import Places


class Releaser:
    """Releases contained targets; repeating it has no effect.

    Parameters
    ----------
    clock
        Returns the time [ms since the epoch].
    """

    def __init__(self, journal: Journal, places: Places, clock: Callable[[], int]) -> None:
        self._journal = journal
        self._places = places
        self._clock = clock

    def release(self, stored: StoredEntry, by: str | None, *, force: bool = False) -> Entry:
        """Release one target, or withdraw an entry that was not carried out.

        Parts with the value that the quarantine wrote are restored. Parts with another value are left unchanged unless
        `force` is true, and the entry becomes a `conflict` that names them. Parts that no longer exist are ignored. If
        the account has left the organisation, `force` gives up what cannot be restored.

        Raises
        ------
        ConcurrentUpdateError
            Another call is processing the entry; the release can be repeated in two minutes.
        """
        entry = stored.entry
        if entry.state in ("waiting", "queued"):
            return self._put(stored, "refused", refusal="The entry was withdrawn.", released_by=by, proof=None).entry
        if entry.state not in UNDOABLE:
            return entry
        if entry.lease_until > self._clock():
            raise ConcurrentUpdateError("Another call is processing the entry; try again in two minutes.")
        attempts = entry.attempts + 1 if entry.state == "releasing" else 1
        lease = self._clock() + LEASE_MILLISECONDS
        stored = self._put(stored, "releasing", released_by=by, attempts=attempts, lease_until=lease)
        try:
            changed = self._undo(stored.entry, force=force)
        except ActionFailedError as error:
            self._places.learn(entry.location, error)
            if force and (departure := self._places.departure(entry.location)):
                refusal = f"Not everything could be restored. {departure}"
                return self._put(stored, "released", refusal=refusal, lease_until=0, released_at=self._clock()).entry
            state: State = "conflict" if attempts >= MAX_ATTEMPTS else "releasing"
            return self._put(stored, state, refusal=f"The release failed. {error}", lease_until=0).entry
        if changed:
            refusal = f"Somebody else changed it since, and it was left unchanged: {', '.join(changed)}."
            return self._put(stored, "conflict", refusal=refusal, lease_until=0).entry
        return self._put(stored, "released", refusal=None, lease_until=0, released_at=self._clock()).entry

    def _undo(self, entry: Entry, *, force: bool) -> list[str]:
        action = self._places.action(entry.location)
        changed = []
        for part in entry.parts:
            location = PartLocation(entry.target, entry.owner, part.name)
            now = action.read(location)
            if now == GONE:
                continue
            # The previous value is written even if it is read: IAM may still return the state before the containment.
            if now not in (part.before, part.after) and not force:
                changed.append(part.name)
                continue
            action.write(location, part.before)
        return changed

    def _put(self, stored: StoredEntry, state: State, **update: Any) -> StoredEntry:
        return self._journal.put(stored.entry.model_copy(update={"state": state, **update}), stored)
