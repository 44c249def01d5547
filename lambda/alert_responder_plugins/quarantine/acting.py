"""From a report to what is contained: proposing, judging, and acting by the journal."""

import secrets
from collections.abc import Callable
from typing import Any

from alert_responder.contracts.report import Report
from alert_responder_plugins.quarantine import guards
from alert_responder_plugins.quarantine.actions import GONE, ActionFailedError, Actions, Place
from alert_responder_plugins.quarantine.journal import Held, Journal, MovedError, RateError, StoppedError
from alert_responder_plugins.quarantine.model import INERT, Entry, Kind, Part, Proposal, Sight, State
from alert_responder_plugins.quarantine.planning import plan
from alert_responder_plugins.quarantine.settings import QuarantineSettings

LEASE = 90_000
"""How long one call has the say over an entry [ms]: longer than the function may run, so that it is gone by then."""

TRIES = 3
"""How often something is begun before it is given up."""


class Containing:
    """Contains what reports name. Nothing here is done twice, whoever calls how often.

    Parameters
    ----------
    own_arn
        Returns the ARN of the session this code runs in; asked once a call. What it raises means: no action.
    clock
        Returns the time [ms since the epoch].
    time_left
        Whether this call may begin something. What is not begun in time is left to the next call that tends.
    """

    def __init__(
        self,
        settings: QuarantineSettings,
        journal: Journal,
        actions: Actions,
        own_arn: Callable[[], str],
        clock: Callable[[], int],
        time_left: Callable[[], bool] = lambda: True,
        new_token: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._actions = actions
        self._own_arn = own_arn
        self._clock = clock
        self._time_left = time_left
        self._new_token = new_token

    def propose(self, report: Report) -> list[Entry]:
        """Write down what of a report is to be contained, and do what may be done at once.

        What is in force, or waits for somebody, is left as it is. What a person (or its time) has released for this
        report is not contained for it again; what was refused is judged anew.
        """
        if report.result.severity not in self._settings.severities:
            return self._withdraw(report)
        refusal = self._about_report(report)
        entries = []
        for proposal in plan(report, self._settings):
            try:
                entries.append(self._take(proposal, refusal))
            except MovedError:
                continue  # Another call is at it.
        return entries

    def go_on(self, held: Held) -> Entry:
        """Contain what is queued, and finish what was begun; `MovedError` when another call is at it."""
        if held.entry.state == "queued":
            held = self._begin(held)
        elif held.entry.state == "acting":
            held = self._take_over(held)
        return self._act(held) if held.entry.state == "acting" else held.entry

    def _take(self, proposal: Proposal, report_refusal: str | None) -> Entry:
        action = self._actions.get(proposal.kind)
        target, refusal = proposal.target, report_refusal
        try:
            target = action.resolve(target) if action else target
        except ActionFailedError as error:
            refusal = refusal or f"It could not be looked at. {error}"
        held = self._journal.get(f"{proposal.kind}/{target}")
        if held and not _replaceable(held.entry, proposal):
            return held.entry
        # Whatever is queued or approved is judged when it begins: with no time left it is written down as it is.
        sight = Sight()
        if self._time_left():
            sight, refusal = self._judge(proposal.kind, target, refusal)
        entry = Entry(
            kind=proposal.kind,
            target=target,
            state=self._first_state(refusal),
            token=self._new_token(),
            report_id=proposal.report_id,
            reason=proposal.reason,
            refusal=refusal,
            parts=sight.parts,
            owner=sight.owner,
            created_at=self._clock(),
        )
        held = self._journal.put(entry, held)
        return self.go_on(held) if entry.state == "queued" and self._time_left() else entry

    def _first_state(self, refusal: str | None) -> State:
        if refusal:
            return "refused"
        if self._settings.dry_run:
            return "planned"
        return "waiting" if self._settings.approval else "queued"

    def _about_report(self, report: Report) -> str | None:
        try:
            own_arn = self._own_arn()
        except ActionFailedError:
            return "The role this runs with is not known."
        return guards.about_report(report, self._settings, own_arn)

    def _judge(self, kind: Kind, target: str, refusal: str | None = None) -> tuple[Sight, str | None]:
        """Look at a target and ask all guards; whatever goes wrong is a refusal."""
        if refusal:
            return Sight(), refusal
        action = self._actions.get(kind)
        if action is None:
            return Sight(), f"The kind {kind} is not switched on."
        try:
            sight = action.look(target)
            return sight, guards.about_target(kind, target, sight, self._settings, self._own_arn())
        except ActionFailedError as error:
            return Sight(), f"It could not be looked at. {error}"

    def _begin(self, held: Held) -> Held:
        entry = held.entry
        sight, refusal = self._judge(entry.kind, entry.target)
        if refusal or self._settings.dry_run:
            return self._refuse(held, refusal or "dry_run was switched on meanwhile.")
        begun = entry.model_copy(
            update={
                "state": "acting",
                "parts": sight.parts,
                "owner": sight.owner,
                "attempts": 1,
                "lease_until": self._clock() + LEASE,
            }
        )
        try:
            return self._journal.begin(begun, held, sight.evidence, self._settings)
        except (RateError, StoppedError) as error:
            return self._refuse(held, str(error))

    def _take_over(self, held: Held) -> Held:
        entry = held.entry
        if entry.lease_until > self._clock():
            raise MovedError("Another call goes on with it.")
        if self._settings.dry_run or self._journal.stopped():
            return self._give_up(held, "It was stopped while it was being done.")
        if entry.attempts >= TRIES:
            return self._give_up(held, f"It did not end in {TRIES} tries.")
        update = {"attempts": entry.attempts + 1, "lease_until": self._clock() + LEASE}
        return self._journal.put(entry.model_copy(update=update), held)

    def _give_up(self, held: Held, refusal: str) -> Held:
        """Leave it half done: a person may release it."""
        update = {"state": "failed", "refusal": refusal, "lease_until": 0}
        return self._journal.put(held.entry.model_copy(update=update), held)

    def _act(self, held: Held) -> Entry:
        entry, action = held.entry, self._actions[held.entry.kind]
        try:
            evidence = action.secure(entry.target, entry.token)
            if evidence != entry.evidence:
                entry = entry.model_copy(update={"evidence": evidence})
                held = self._journal.put(entry, held)
            changed = [part.name for part in entry.parts if not self._make(entry, part)]
        except ActionFailedError as error:
            over = entry.attempts >= TRIES
            return self._finish(held, "failed" if over else "acting", f"AWS does not do it. {error}")
        if changed:
            return self._finish(held, "failed", f"Somebody else has changed it meanwhile: {', '.join(changed)}.")
        return self._finish(held, "contained", None)

    def _make(self, entry: Entry, part: Part) -> bool:
        """Make one part so; False when it is neither as it was nor as it shall be."""
        action, place = self._actions[entry.kind], Place(entry.target, entry.owner, part.name)
        now = action.read(place)
        if now not in (part.after, GONE):
            if now != part.before:
                return False
            action.write(place, part.after)
        return True

    def _finish(self, held: Held, state: State, refusal: str | None) -> Entry:
        update: dict[str, Any] = {"state": state, "refusal": refusal, "lease_until": 0}
        if state == "contained":
            now, hours = self._clock(), self._settings.release_after_hours
            update |= {
                "contained_at": now,
                "release_at": None if hours is None else now + hours * guards.HOUR,
                "attempts": 0,
            }
        return self._journal.put(held.entry.model_copy(update=update), held).entry

    def _refuse(self, held: Held, refusal: str) -> Held:
        return self._journal.put(held.entry.model_copy(update={"state": "refused", "refusal": refusal}), held)

    def _withdraw(self, report: Report) -> list[Entry]:
        """Take back what waits for a report that is no longer so bad; what is in force stays."""
        mine = [held for held in self._journal.all() if held.entry.report_id == report.id]
        refusal = f"The report is {report.result.severity} now."
        return [
            self._refuse(held, refusal).entry if held.entry.state in ("waiting", "queued") else held.entry
            for held in mine
        ]


def _replaceable(entry: Entry, proposal: Proposal) -> bool:
    return entry.state in INERT and not (entry.state == "released" and entry.report_id == proposal.report_id)
