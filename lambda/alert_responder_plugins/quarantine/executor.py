"""Carry out the actions in the journal: begin them, change their parts, and repeat changes that others undid."""

from collections.abc import Callable
from typing import Any

from alert_responder_plugins.quarantine import guards
from alert_responder_plugins.quarantine.actions import GONE, Action, ActionFailedError, PartLocation
from alert_responder_plugins.quarantine.approval import Caller, NotProvenError
from alert_responder_plugins.quarantine.journal import (
    ConcurrentUpdateError,
    Journal,
    RateLimitError,
    StoppedError,
    StoredEntry,
)
from alert_responder_plugins.quarantine.model import Entry, Location, Part, State, TargetState
from alert_responder_plugins.quarantine.places import Places
from alert_responder_plugins.quarantine.rate import HOUR
from alert_responder_plugins.quarantine.settings import QuarantineSettings

LEASE_MILLISECONDS = 90_000
"""How long a call owns an entry [ms]: longer than the function's timeout, so that it has ended by then."""

MAX_ATTEMPTS = 3
"""Attempts before an action fails."""

Verify = Callable[[Entry], Caller]
"""Returns who approved an entry, or raises `NotProvenError` (see `approval.verified`)."""


class Executor:
    """Contains targets according to the journal. Repeated and concurrent calls have no further effect.

    Parameters
    ----------
    own_arn
        Returns the ARN of the session in which the function runs. If it raises, nothing is contained.
    clock
        Returns the time [ms since the epoch].
    verify
        Called before an action that requires an approval begins.
    """

    def __init__(
        self,
        settings: QuarantineSettings,
        journal: Journal,
        places: Places,
        own_arn: Callable[[], str],
        clock: Callable[[], int],
        verify: Verify,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._places = places
        self._own_arn = own_arn
        self._clock = clock
        self._verify = verify

    def judge(self, location: Location) -> tuple[TargetState, str | None]:
        """Read a target's state and apply all guards; return the state, and why it must not be contained, if so."""
        try:
            if refusal := self._places.refusal(location):
                return TargetState(), refusal
            current = self._places.action(location).look(location.target)
            return current, guards.about_target(location, current, self._settings, self._own_arn())
        except ActionFailedError as error:
            self._places.learn(location, error)
            return TargetState(), f"The target could not be read. {error}"

    def resume(self, stored: StoredEntry) -> Entry:
        """Begin a queued action or continue one; raise `ConcurrentUpdateError` if another call is processing it."""
        if stored.entry.state == "queued":
            stored = self._begin(stored)
        elif stored.entry.state == "acting":
            stored = self._take_over(stored)
            # The account may have left the organisation since.
            if stored.entry.state == "acting" and (refusal := self._places.account_refusal(stored.entry.location)):
                return self._not_yet(stored, refusal)
        return self._act(stored) if stored.entry.state == "acting" else stored.entry

    def reapply(self, stored: StoredEntry, parts: tuple[Part, ...]) -> Entry:
        """Repeat a containment that somebody else undid; it counts toward `max_actions_per_hour`.

        Parameters
        ----------
        parts
            Parts that differ from the contained state. New parts, such as an interface that was attached since, are
            added to the entry, so that a release restores them as well.
        """
        entry = stored.entry
        known = {part.name for part in entry.parts}
        again = entry.model_copy(
            update={
                "parts": (*entry.parts, *(part for part in parts if part.name not in known)),
                "reapplied": entry.reapplied + 1,
            }
        )
        try:
            return self._act(self._journal.begin(self._as_acting(again), stored, None, self._settings))
        except (RateLimitError, StoppedError) as error:
            return self.put(stored, "undone", refusal=f"Somebody else undid the containment. {error}").entry

    def put(self, stored: StoredEntry, state: State, **update: Any) -> StoredEntry:
        """Write an entry with another state."""
        return self._journal.put(stored.entry.model_copy(update={"state": state, **update}), stored)

    def _begin(self, stored: StoredEntry) -> StoredEntry:
        entry = stored.entry
        current, refusal = self.judge(entry.location)
        if refusal or self._settings.dry_run:
            return self.put(stored, "refused", refusal=refusal or "dry_run was enabled meanwhile.")
        if self._settings.approval:
            try:
                entry = entry.model_copy(update={"approved_by": self._verify(entry).arn, "proof": None})
            except NotProvenError as error:
                # The state in the table does not prove an approval, which must be signed again.
                return self.put(stored, "waiting", refusal=str(error), approved_by=None, proof=None)
        begun = self._as_acting(entry.model_copy(update={"parts": current.parts, "owner": current.owner}))
        try:
            return self._journal.begin(begun, stored, current.evidence, self._settings)
        except RateLimitError as error:
            return self.put(stored, "refused", refusal=str(error), limited=True)
        except StoppedError as error:
            return self.put(stored, "refused", refusal=str(error))

    def _as_acting(self, entry: Entry) -> Entry:
        update = {"state": "acting", "attempts": 1, "lease_until": self._clock() + LEASE_MILLISECONDS}
        return entry.model_copy(update=update)

    def _take_over(self, stored: StoredEntry) -> StoredEntry:
        entry = stored.entry
        if entry.lease_until > self._clock():
            raise ConcurrentUpdateError("Another call is processing the entry.")
        if self._settings.dry_run or self._journal.stopped():
            return self._give_up(stored, "The quarantine was stopped during the action.")
        if entry.attempts >= MAX_ATTEMPTS:
            return self._give_up(stored, f"The action did not complete in {MAX_ATTEMPTS} attempts.")
        return self.put(stored, "acting", attempts=entry.attempts + 1, lease_until=self._clock() + LEASE_MILLISECONDS)

    def _give_up(self, stored: StoredEntry, refusal: str) -> StoredEntry:
        """Leave the action incomplete; an operator can release it."""
        return self.put(stored, "failed", refusal=refusal, lease_until=0)

    def _act(self, stored: StoredEntry) -> Entry:
        entry = stored.entry
        try:
            action = self._places.action(entry.location)
            evidence = action.secure(entry.target, entry.token)
            if evidence != entry.evidence:
                entry = entry.model_copy(update={"evidence": evidence})
                stored = self._journal.put(entry, stored)
            changed = [part.name for part in entry.parts if not _make(action, entry, part)]
        except ActionFailedError as error:
            self._places.learn(entry.location, error)
            return self._not_yet(stored, f"The change failed. {error}", final=error.final)
        if changed:
            return self._finish(stored, "failed", f"Somebody else changed it meanwhile: {', '.join(changed)}.")
        return self._finish(stored, "contained", None)

    def _not_yet(self, stored: StoredEntry, refusal: str, *, final: bool = False) -> Entry:
        over = final or stored.entry.attempts >= MAX_ATTEMPTS
        return self._finish(stored, "failed" if over else "acting", refusal)

    def _finish(self, stored: StoredEntry, state: State, refusal: str | None) -> Entry:
        update: dict[str, Any] = {"refusal": refusal, "lease_until": 0}
        if state == "contained":
            update["attempts"] = 0
            if stored.entry.contained_at is None:
                now, hours = self._clock(), self._settings.release_after_hours
                update |= {"contained_at": now, "release_at": None if hours is None else now + hours * HOUR}
        return self.put(stored, state, **update).entry


def _make(action: Action, entry: Entry, part: Part) -> bool:
    """Change one part; return False if somebody else changed it to an unexpected value."""
    location = PartLocation(entry.target, entry.owner, part.name)
    now = action.read(location)
    if now not in (part.after, GONE):
        # A repeated containment overwrites every other value, which is how somebody undid it.
        if now != part.before and not entry.reapplied:
            return False
        action.write(location, part.after)
    return True
