"""Carry out what the journal says: begin an action, do its parts, and do them again after somebody else undid them."""

from collections.abc import Callable
from typing import Any

from alert_responder_plugins.quarantine import guards
from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, Actions, Place
from alert_responder_plugins.quarantine.approval import Caller, NotProvenError
from alert_responder_plugins.quarantine.journal import Held, Journal, MovedError, RateError, StoppedError
from alert_responder_plugins.quarantine.model import Entry, Kind, Part, Sight, State
from alert_responder_plugins.quarantine.settings import QuarantineSettings

LEASE = 90_000
"""How long one call has the say over an entry [ms]: longer than the function may run, so that it is gone by then."""

TRIES = 3
"""How often something is begun before it is given up."""

Verify = Callable[[Entry], Caller]
"""Returns who approved an entry; raises `NotProvenError` if nobody who may has (`approving.verified`)."""


class Acting:
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

    def judge(self, kind: Kind, target: str) -> tuple[Sight, str | None]:
        """Look at a target and ask all guards; return the reason not to contain it. Whatever goes wrong is one."""
        action = self._actions.get(kind)
        if action is None:
            return Sight(), f"The kind {kind} is not switched on."
        try:
            sight = action.look(target)
            return sight, guards.about_target(kind, target, sight, self._settings, self._own_arn())
        except ActionFailedError as error:
            return Sight(), f"It could not be looked at. {error}"

    def go_on(self, held: Held) -> Entry:
        """Contain what is queued, and finish what was begun; `MovedError` when another call is at it."""
        if held.entry.state == "queued":
            held = self._begin(held)
        elif held.entry.state == "acting":
            held = self._take_over(held)
        return self._act(held) if held.entry.state == "acting" else held.entry

    def reapply(self, held: Held, parts: tuple[Part, ...]) -> Entry:
        """Contain again what somebody else has undone; it counts against the rate like any action.

        Parameters
        ----------
        parts
            What is not as it should be now. Parts that are new, such as an interface that was attached since, are added
            to those that are made as they were on release.
        """
        entry = held.entry
        known = {part.name for part in entry.parts}
        again = entry.model_copy(
            update={
                "parts": (*entry.parts, *(part for part in parts if part.name not in known)),
                "reapplied": entry.reapplied + 1,
            }
        )
        try:
            return self._act(self._journal.begin(self._acting(again), held, None, self._settings))
        except (RateError, StoppedError) as error:
            return self.put(held, "undone", refusal=f"Somebody else has undone it. {error}").entry

    def put(self, held: Held, state: State, **update: Any) -> Held:
        """Write an entry in another state."""
        return self._journal.put(held.entry.model_copy(update={"state": state, **update}), held)

    def _begin(self, held: Held) -> Held:
        entry = held.entry
        sight, refusal = self.judge(entry.kind, entry.target)
        if refusal or self._settings.dry_run:
            return self.put(held, "refused", refusal=refusal or "dry_run was switched on meanwhile.")
        if self._settings.approval:
            try:
                entry = entry.model_copy(update={"approved_by": self._verify(entry).arn, "proof": None})
            except NotProvenError as error:
                # What the table says of an approval is not enough: a person has to sign again.
                return self.put(held, "waiting", refusal=str(error), approved_by=None, proof=None)
        begun = self._acting(entry.model_copy(update={"parts": sight.parts, "owner": sight.owner}))
        try:
            return self._journal.begin(begun, held, sight.evidence, self._settings)
        except RateError as error:
            return self.put(held, "refused", refusal=str(error), limited=True)
        except StoppedError as error:
            return self.put(held, "refused", refusal=str(error))

    def _acting(self, entry: Entry) -> Entry:
        update = {"state": "acting", "attempts": 1, "lease_until": self._clock() + LEASE}
        return entry.model_copy(update=update)

    def _take_over(self, held: Held) -> Held:
        entry = held.entry
        if entry.lease_until > self._clock():
            raise MovedError("Another call goes on with it.")
        if self._settings.dry_run or self._journal.stopped():
            return self._give_up(held, "It was stopped while it was being done.")
        if entry.attempts >= TRIES:
            return self._give_up(held, f"It did not end in {TRIES} tries.")
        return self.put(held, "acting", attempts=entry.attempts + 1, lease_until=self._clock() + LEASE)

    def _give_up(self, held: Held, refusal: str) -> Held:
        """Leave it half done: a person may release it."""
        return self.put(held, "failed", refusal=refusal, lease_until=0)

    def _act(self, held: Held) -> Entry:
        entry, action = held.entry, self._actions[held.entry.kind]
        try:
            evidence = action.secure(entry.target, entry.token)
            if evidence != entry.evidence:
                entry = entry.model_copy(update={"evidence": evidence})
                held = self._journal.put(entry, held)
            changed = [part.name for part in entry.parts if not self._make(entry, part)]
        except ActionFailedError as error:
            over = entry.attempts >= TRIES or error.final
            return self._finish(held, "failed" if over else "acting", f"AWS does not do it. {error}")
        if changed:
            return self._finish(held, "failed", f"Somebody else has changed it meanwhile: {', '.join(changed)}.")
        return self._finish(held, "contained", None)

    def _make(self, entry: Entry, part: Part) -> bool:
        """Make one part so; False when somebody else has made it something that it may not be."""
        action, place = self._actions[entry.kind], Place(entry.target, entry.owner, part.name)
        now = action.read(place)
        if now not in (part.after, GONE):
            # Done again, whatever it was made in between is not kept: it is what gets around the containment.
            if now != part.before and not entry.reapplied:
                return False
            action.write(place, part.after)
        return True

    def _finish(self, held: Held, state: State, refusal: str | None) -> Entry:
        update: dict[str, Any] = {"refusal": refusal, "lease_until": 0}
        if state == "contained":
            update["attempts"] = 0
            if held.entry.contained_at is None:
                now, hours = self._clock(), self._settings.release_after_hours
                update |= {"contained_at": now, "release_at": None if hours is None else now + hours * guards.HOUR}
        return self.put(held, state, **update).entry
