"""Carry out what the journal says: begin an action, do its parts, and do them again after somebody else undid them."""

from collections.abc import Callable
from typing import Any

from alert_responder_plugins.quarantine import guards
from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, Actions, PartLocation
from alert_responder_plugins.quarantine.approval import Caller, NotProvenError
from alert_responder_plugins.quarantine.journal import (
    ConcurrentUpdateError,
    Journal,
    RateLimitError,
    StoppedError,
    StoredEntry,
)
from alert_responder_plugins.quarantine.model import Entry, Kind, Part, State, TargetState
from alert_responder_plugins.quarantine.settings import QuarantineSettings

LEASE = 90_000
"""How long one call has the say over an entry [ms]: longer than the function may run, so that it is gone by then."""

TRIES = 3
"""How often something is begun before it is given up."""

Verify = Callable[[Entry], Caller]
"""Returns who approved an entry; raises `NotProvenError` if nobody who may has (`approval.verified`)."""


class Executor:
    """Contains what the journal lists. Nothing here is done twice, whoever calls how often.

    Parameters
    ----------
    own_arn
        Returns the ARN of the session this code runs in; asked once a call. What it raises means: no action.
    clock
        Returns the time [ms since the epoch].
    verify
        Asked before an action begins that needs an approval.
    """

    def __init__(
        self,
        settings: QuarantineSettings,
        journal: Journal,
        actions: Actions,
        own_arn: Callable[[], str],
        clock: Callable[[], int],
        verify: Verify,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._actions = actions
        self._own_arn = own_arn
        self._clock = clock
        self._verify = verify

    def judge(self, kind: Kind, target: str) -> tuple[TargetState, str | None]:
        """Look at a target and ask all guards; return the reason not to contain it. Whatever goes wrong is one."""
        action = self._actions.get(kind)
        if action is None:
            return TargetState(), f"The kind {kind} is not switched on."
        try:
            current = action.look(target)
            return current, guards.about_target(kind, target, current, self._settings, self._own_arn())
        except ActionFailedError as error:
            return TargetState(), f"It could not be looked at. {error}"

    def resume(self, stored: StoredEntry) -> Entry:
        """Contain what is queued, and finish what was begun; `ConcurrentUpdateError` when another call is at it."""
        if stored.entry.state == "queued":
            stored = self._begin(stored)
        elif stored.entry.state == "acting":
            stored = self._take_over(stored)
        return self._act(stored) if stored.entry.state == "acting" else stored.entry

    def reapply(self, stored: StoredEntry, parts: tuple[Part, ...]) -> Entry:
        """Contain again what somebody else has undone; it counts against the rate like any action.

        Parameters
        ----------
        parts
            What is not as it should be now. Parts that are new, such as an interface that was attached since, are added
            to those that are made as they were on release.
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
            return self.put(stored, "undone", refusal=f"Somebody else has undone it. {error}").entry

    def put(self, stored: StoredEntry, state: State, **update: Any) -> StoredEntry:
        """Write an entry in another state."""
        return self._journal.put(stored.entry.model_copy(update={"state": state, **update}), stored)

    def _begin(self, stored: StoredEntry) -> StoredEntry:
        entry = stored.entry
        current, refusal = self.judge(entry.kind, entry.target)
        if refusal or self._settings.dry_run:
            return self.put(stored, "refused", refusal=refusal or "dry_run was switched on meanwhile.")
        if self._settings.approval:
            try:
                entry = entry.model_copy(update={"approved_by": self._verify(entry).arn, "proof": None})
            except NotProvenError as error:
                # What the table says of an approval is not enough: a person has to sign again.
                return self.put(stored, "waiting", refusal=str(error), approved_by=None, proof=None)
        begun = self._as_acting(entry.model_copy(update={"parts": current.parts, "owner": current.owner}))
        try:
            return self._journal.begin(begun, stored, current.evidence, self._settings)
        except RateLimitError as error:
            return self.put(stored, "refused", refusal=str(error), limited=True)
        except StoppedError as error:
            return self.put(stored, "refused", refusal=str(error))

    def _as_acting(self, entry: Entry) -> Entry:
        update = {"state": "acting", "attempts": 1, "lease_until": self._clock() + LEASE}
        return entry.model_copy(update=update)

    def _take_over(self, stored: StoredEntry) -> StoredEntry:
        entry = stored.entry
        if entry.lease_until > self._clock():
            raise ConcurrentUpdateError("Another call goes on with it.")
        if self._settings.dry_run or self._journal.stopped():
            return self._give_up(stored, "It was stopped while it was being done.")
        if entry.attempts >= TRIES:
            return self._give_up(stored, f"It did not end in {TRIES} tries.")
        return self.put(stored, "acting", attempts=entry.attempts + 1, lease_until=self._clock() + LEASE)

    def _give_up(self, stored: StoredEntry, refusal: str) -> StoredEntry:
        """Leave it half done: a person may release it."""
        return self.put(stored, "failed", refusal=refusal, lease_until=0)

    def _act(self, stored: StoredEntry) -> Entry:
        entry, action = stored.entry, self._actions[stored.entry.kind]
        try:
            evidence = action.secure(entry.target, entry.token)
            if evidence != entry.evidence:
                entry = entry.model_copy(update={"evidence": evidence})
                stored = self._journal.put(entry, stored)
            changed = [part.name for part in entry.parts if not self._make(entry, part)]
        except ActionFailedError as error:
            over = entry.attempts >= TRIES or error.final
            return self._finish(stored, "failed" if over else "acting", f"AWS does not do it. {error}")
        if changed:
            return self._finish(stored, "failed", f"Somebody else has changed it meanwhile: {', '.join(changed)}.")
        return self._finish(stored, "contained", None)

    def _make(self, entry: Entry, part: Part) -> bool:
        """Make one part so; False when somebody else has made it something that it may not be."""
        action, place = self._actions[entry.kind], PartLocation(entry.target, entry.owner, part.name)
        now = action.read(place)
        if now not in (part.after, GONE):
            # Done again, whatever it was made in between is not kept: it is what gets around the containment.
            if now != part.before and not entry.reapplied:
                return False
            action.write(place, part.after)
        return True

    def _finish(self, stored: StoredEntry, state: State, refusal: str | None) -> Entry:
        update: dict[str, Any] = {"refusal": refusal, "lease_until": 0}
        if state == "contained":
            update["attempts"] = 0
            if stored.entry.contained_at is None:
                now, hours = self._clock(), self._settings.release_after_hours
                update |= {"contained_at": now, "release_at": None if hours is None else now + hours * guards.HOUR}
        return self.put(stored, state, **update).entry
