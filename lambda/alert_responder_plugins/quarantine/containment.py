"""Record a report's targets in the journal, within the limits, and contain those that may be contained at once."""

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from alert_responder.contracts.report import Report
from alert_responder_plugins.quarantine import guards
from alert_responder_plugins.quarantine.actions import ActionFailedError
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.exemptions import exempt
from alert_responder_plugins.quarantine.journal import Backlog, ConcurrentUpdateError, Journal
from alert_responder_plugins.quarantine.model import INERT, Entry, Location, Proposal, State, TargetState
from alert_responder_plugins.quarantine.places import Places
from alert_responder_plugins.quarantine.proposals import MAX_EXAMINED, plan
from alert_responder_plugins.quarantine.settings import QuarantineSettings


@dataclass(frozen=True, slots=True)
class Proposed:
    """Result of a report's proposals.

    Attributes
    ----------
    entries
        Entries in the journal.
    unlisted
        Number of targets that cannot be contained and are not in the journal.
    later
        Number of targets that were not examined in time; the schedule continues with them.
    cut_off
        Number of targets that were not contained because of a limit.
    test
        Whether the report is a test.
    resolved
        Whether the report is resolved.
    """

    entries: tuple[Entry, ...] = ()
    unlisted: int = 0
    later: int = 0
    cut_off: int = 0
    test: bool = False
    resolved: bool = False

    def note(self) -> str | None:
        """Describe the targets that were not processed; None if there are none."""
        if self.test:
            return "This is a test report: no target is contained."
        if self.resolved:
            return "The detector reports this as resolved: no further target is contained."
        groups = [
            (self.cut_off, "were not contained because of a limit"),
            (self.later, "follow within minutes, because the time limit was reached"),
            (self.unlisted, "cannot be contained and are not listed"),
        ]
        parts = [f"{number:,} {what}" for number, what in groups if number]
        return f"Of the report's targets, {'; '.join(parts)}." if parts else None


class Containment:
    """Records what reports propose, and contains at once what may be contained.

    Parameters
    ----------
    own_arn
        See `Executor`.
    time_left
        Whether this call may begin another action. The remaining targets are kept for the schedule.
    """

    def __init__(
        self,
        settings: QuarantineSettings,
        journal: Journal,
        places: Places,
        executor: Executor,
        own_arn: Callable[[], str],
        clock: Callable[[], int],
        time_left: Callable[[], bool] = lambda: True,
        new_token: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._places = places
        self._executor = executor
        self._own_arn = own_arn
        self._clock = clock
        self._time_left = time_left
        self._new_token = new_token

    def propose(self, report: Report) -> Proposed:
        """Record a report's targets, and contain at once those that may be contained.

        Entries in force or waiting are unchanged. A target that was released for this report is not contained for it
        again; a refused target is evaluated again. What is only claimed, or exempt, replaces neither a released entry
        nor a plan of another report. Nothing is recorded of a test report, nor of a resolved one: what waits for
        approval still does, since an attacker may have archived the finding.
        """
        if report.test:
            return Proposed(test=True)
        if report.status == "resolved":
            return Proposed(resolved=True)
        if not self._settings.acts_on(report.result):
            return Proposed(self._withdraw(report))
        own = self._own_roles()
        directory = self._places.directory()
        planned = plan(report, self._settings, {} if own is None else exempt(report, self._settings, own, directory))
        if own is None:
            planned = tuple(replace(each, refusal=guards.UNKNOWN_ROLE) for each in planned)
        proposals = planned[:MAX_EXAMINED]
        proposed, left = self._examine(proposals, len(proposals))
        lost = self._journal.keep_backlog(report.id, left)
        return replace(
            proposed, later=len(left) - lost, cut_off=proposed.cut_off + len(planned) - len(proposals) + lost
        )

    def resume(self, backlog: Backlog, most: int) -> tuple[Proposed, Backlog]:
        """Examine at most `most` targets of a backlog; return the result and the remaining backlog."""
        proposed, left = self._examine(backlog.proposals, most)
        self._journal.keep_backlog(backlog.report_id, left, backlog)
        return proposed, Backlog(backlog.report_id, left, backlog.version + 1)

    def _examine(self, proposals: Iterable[Proposal], most: int) -> tuple[Proposed, tuple[Proposal, ...]]:
        waiting = deque(proposals)
        fewest = max(len(waiting) - most, 0)
        entries, unlisted, cut_off = [], 0, 0
        while len(waiting) > fewest and self._time_left():
            proposal = waiting.popleft()
            try:
                entry, written = self._take(proposal)
            except ConcurrentUpdateError:
                continue  # Another call is processing the entry.
            if written:
                entries.append(entry)
            elif entry.state == "refused":
                unlisted += 1
            limited = entry.limited and entry.report_id == proposal.report_id
            cut_off += limited or (not written and entry.state != "refused")
        return Proposed(tuple(entries), unlisted=unlisted, cut_off=cut_off), tuple(waiting)

    def _take(self, proposal: Proposal) -> tuple[Entry, bool]:
        """Evaluate a proposal and record it; the second value is whether it is in the journal."""
        location, refusal = self._resolved(proposal)
        stored = self._journal.get(str(location))
        if stored and not _replaceable(stored.entry, proposal):
            return stored.entry, True
        current = TargetState()
        if not refusal:
            current, refusal = self._executor.judge(location)
        entry = Entry(
            kind=location.kind,
            target=location.target,
            account=location.account,
            region=location.region,
            state=self._first_state(refusal),
            token=self._new_token(),
            report_id=proposal.report_id,
            reason=proposal.reason,
            refusal=refusal,
            parts=current.parts,
            owner=current.owner,
            created_at=self._clock(),
            released_reports=stored.entry.released_for if stored else (),
        )
        if stored and proposal.refusal and _outlasts_doubts(stored.entry, proposal):
            return entry, False
        if stored is None and not self._journal.admits(entry, self._settings):
            return entry, False
        stored = self._journal.put(entry, stored)
        return (self._executor.resume(stored) if entry.state == "queued" else entry), True

    def _resolved(self, proposal: Proposal) -> tuple[Location, str | None]:
        """Return the location with the target's canonical name, and why the target must not be contained, if so."""
        location = proposal.location
        # Nothing is called for a target that is refused already, nor in an account that is not known to be a member.
        if refusal := proposal.refusal or self._places.account_refusal(location):
            return location, refusal
        try:
            target = self._places.action(location).resolve(location.target)
        except ActionFailedError as error:
            return location, f"The target could not be read. {error}"
        return replace(location, target=target), None

    def _first_state(self, refusal: str | None) -> State:
        if refusal:
            return "refused"
        if self._settings.dry_run:
            return "planned"
        return "waiting" if self._settings.approval else "queued"

    def _own_roles(self) -> frozenset[str] | None:
        try:
            return self._settings.own_roles(self._own_arn())
        except ActionFailedError:
            return None

    def _withdraw(self, report: Report) -> tuple[Entry, ...]:
        """Withdraw the waiting entries of a report that became less severe; entries in force stay."""
        self._journal.keep_backlog(report.id, ())
        refusal = f"The report's severity is now {report.result.severity}."
        return tuple(
            self._executor.put(stored, "refused", refusal=refusal).entry
            if stored.entry.state in ("waiting", "queued")
            else stored.entry
            for stored in self._journal.all()
            if stored.entry.report_id == report.id
        )


def _replaceable(entry: Entry, proposal: Proposal) -> bool:
    return entry.state in INERT and not entry.is_released_for(proposal.report_id)


def _outlasts_doubts(entry: Entry, proposal: Proposal) -> bool:
    """Whether a report whose alerts exempt the target, or only claim its account, leaves an entry unchanged."""
    return entry.state == "released" or (entry.state == "planned" and entry.report_id != proposal.report_id)
