"""The chain of reports of one alert id: whether a report is resolved, repeats the one before, or is news.

A detector's finding is followed by its own id through all reports; alerts without one count as one finding. See
`docs/protocol.md`, Chain.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.primitives import SEVERITIES, Status, digest_of
from alert_responder.domain.records import DeliveryRecord, EmitterRecord, FindingState, GroupSummary, Head, Meta

if TYPE_CHECKING:
    from alert_responder.contracts.report import Report, Result
    from alert_responder.domain.body_details import BodyDetails

MAX_FINDINGS = 100
"""Maximum number of findings of a report whose states are compared. A report with more is active, and always news."""

MAX_DELAY_MS = 3_600_000
"""How long before its arrival an alert may claim to have happened when alerts are put in order [ms], so that a wrong
clock does not make every new alert an old one."""

MAX_WAITS = 3
"""Rounds in which a report waits for the one before it."""

AGAIN = "Nothing has changed since the previous report: emitters that were notified of it are not notified again."
RESOLVED = "The detector reports that it is resolved."
ONLY_KNOWN = "All alerts are resolved: only emitters that were notified before are notified."

_HASH_LENGTH = 40


class Previous(NamedTuple):
    """The report before, with its last publication and deliveries."""

    head: Head
    meta: Meta
    deliveries: list[DeliveryRecord]
    emitters: Mapping[str, EmitterRecord]

    @property
    def states(self) -> dict[str, FindingState] | None:
        """The published states by finding; None if it is unpublished, or they are unknown."""
        if self.meta.snapshot is None or self.meta.states is None:
            return None
        return {state.finding: state for state in self.meta.states}

    def known_by(self) -> dict[str, EmitterRecord]:
        """Return the emitters' records, without those that were inherited before the report became news."""
        published = substance(self.meta.states)
        return {
            name: each for name, each in self.emitters.items() if not each.inherited_from or each.substance == published
        }

    def knows(self, emitter: EmitterRecord) -> bool:
        """Whether an emitter has certainly been notified of all that the report says, except what it lacks."""
        begun = [each for each in self.deliveries if each.emitter == emitter.emitter]
        if emitter.inherited_from:
            return emitter.knows and not begun
        later = any(each.round > emitter.round and each.attempts > each.failures for each in begun)
        same = (emitter.digest, emitter.substance) == (self.meta.digest, substance(self.meta.states))
        return same and not later


class Continuation(NamedTuple):
    """How a report continues the one before.

    Attributes
    ----------
    states
        The states that the report's successor compares; None if they are unknown.
    inherits
        Whether emitters' states are inherited from `previous`: it is resolved, or repeats what was reported.
    known_only
        Whether only emitters that were notified before may be notified, because all its alerts are resolved.
    waits
        Whether another round follows, because the report before is still open.
    changed
        Whether emitters that know the report before must be notified: its findings are now all resolved, the severity
        is worse than its, or the report is not suppressed any more.
    unfinished
        Whether its alerts are all resolved, but not those of the report before: incidents of both stay open.
    findings
        The findings of the report itself; `states` may have others.
    """

    status: Status = "active"
    states: tuple[FindingState, ...] | None = None
    previous: Previous | None = None
    inherits: bool = False
    known_only: bool = False
    waits: bool = False
    changed: bool = False
    unfinished: bool = False
    findings: frozenset[str] = frozenset()

    def inherited(self) -> dict[str, EmitterRecord]:
        """Return the emitters' records to inherit, by emitter."""
        if not self.inherits or self.waits or self.previous is None:
            return {}
        source = self.previous
        return {
            name: EmitterRecord(
                name,
                0,
                each.digest,
                each.state,
                source.head.report_id,
                not self.changed and source.knows(each) and self.findings.isdisjoint(each.lacks),
                substance(self.states),
                self.lacks(name),
            )
            for name, each in source.known_by().items()
        }

    def rated(self, result: "Result") -> "Continuation":
        """Return the continuation after the review: a worse severity, or a suppression that ends, is a change."""
        if not self.inherits or self.known_only or self.previous is None:
            return self
        before = self.previous.meta
        worse = SEVERITIES.index(result.severity) > SEVERITIES.index(before.severity)
        ended = before.is_suppressed and not result.is_suppressed
        broken = result.breakthrough is not None and result.breakthrough != before.breakthrough
        return self._replace(changed=True) if worse or ended or broken else self

    def lacks(self, emitter: str) -> tuple[str, ...]:
        """Return the findings in `states` that an emitter does not certainly know when it is notified of the report."""
        others = {state.finding for state in self.states or ()} - self.findings
        record = self.previous.known_by().get(emitter) if others and self.previous else None
        if record and self.previous and self.previous.knows(record):
            others &= set(record.lacks)
        return tuple(sorted(others))

    def noted(self, report: "Report") -> "Report":
        """Return the report with a note on who is notified, if it is not everyone."""
        note = ONLY_KNOWN if self.known_only else AGAIN if self.inherits and not self.changed else None
        return report.model_copy(update={"notes": (note, *report.notes)}) if note else report


def finding_state(
    alert: Alert,
    arrival: int,
    details: "BodyDetails",
    attributes: Iterable[tuple[str, tuple[str, ...]]],
    *,
    verified: bool = False,
) -> FindingState:
    """Return the state of a finding according to one alert.

    Parameters
    ----------
    attributes
        Identity and contexts of each attribute.
    verified
        Whether the alert's origin is verified. The finding is then another one than that of alerts of producers.
    """
    happened = arrival if alert.timestamp is None else int(alert.timestamp.timestamp() * 1000)
    compared = ""
    if alert.finding_id:
        parts = (
            alert.severity or "",
            alert.status,
            str(details.occurrences),
            str(details.outcome),
            *(word for identity, contexts in sorted(set(attributes)) for word in ("", identity, *contexts)),
        )
        compared = digest_of(*parts)[:_HASH_LENGTH]
    return FindingState(
        finding=digest_of(alert.alert_id, alert.finding_id, *(("verified",) if verified else ()))[:_HASH_LENGTH],
        at=max(arrival - MAX_DELAY_MS, min(happened, arrival)),
        arrival=arrival,
        resolved=alert.status == "resolved",
        substance=compared,
    )


def united_states(states: Iterable[FindingState]) -> dict[str, FindingState]:
    """Keep the latest state of each finding, and whether its alerts differ; the order of `states` does not matter."""
    latest: dict[str, FindingState] = {}
    for state in states:
        other = latest.get(state.finding, state)
        mixed = other.mixed or state.mixed or (other.substance, other.resolved) != (state.substance, state.resolved)
        latest[state.finding] = max(other, state, key=_order)._replace(mixed=mixed)
    return latest


def states_of(groups: Iterable[GroupSummary], head: Head) -> dict[str, FindingState] | None:
    """Return the states of a report's findings; None if there are too many, or alerts are only counted."""
    groups = list(groups)
    if head.held.more or any(group.states is None for group in groups):
        return None
    states = united_states(state for group in groups for state in group.states or ())
    return states if 0 < len(states) <= MAX_FINDINGS else None


def substance(states: Iterable[FindingState] | None) -> str | None:
    """Return a hash of what a report says of its findings, without times; None if the states are unknown."""
    if states is None:
        return None
    parts = sorted((state.finding, state.substance, str(state.resolved)) for state in states)
    return digest_of(*(text for part in parts for text in part))[:_HASH_LENGTH]


def all_resolved(states: Mapping[str, FindingState] | None) -> bool:
    """Whether the latest alert of every finding is resolved; false if the states are unknown."""
    return states is not None and all(state.resolved for state in states.values())


def continuation(
    own: Mapping[str, FindingState] | None,
    previous: Previous | None,
    *,
    round_: int,
    whole: bool,
    is_newest: Callable[[], bool],
) -> Continuation:
    """Decide how a report continues the one before.

    Parameters
    ----------
    own
        See `states_of`.
    previous
        None if there is none, or it has expired.
    whole
        Whether no limit left anything of the alerts out of the report.
    is_newest
        Returns whether no later report of the alert id exists; called only if all alerts are resolved.
    """
    if own is None:
        return Continuation()
    published = previous.states if previous else None
    before = published or {}
    latest = {name: max(state, before.get(name, state), key=_order) for name, state in own.items()}
    over = {name for name, state in own.items() if latest[name].resolved or (state.resolved and not state.mixed)}
    again = whole and all(name in over or _repeats(state, before.get(name)) for name, state in own.items())
    quiet = len(over) == len(own) or again
    resolved = all_resolved(latest) and is_newest()
    all_over = all_resolved({**before, **latest})
    states = _stored(latest, before if quiet else {})
    if states is not None and not whole:
        states = tuple(state._replace(substance="") for state in states)
    return Continuation(
        status="resolved" if resolved else "active",
        states=states,
        previous=previous,
        inherits=quiet and published is not None,
        known_only=len(over) == len(own),
        waits=quiet and previous is not None and previous.head.state == "open" and round_ <= MAX_WAITS,
        changed=resolved and all_over and not all_resolved(before),
        unfinished=len(over) == len(own) and not all_over,
        findings=frozenset(own),
    )


def _repeats(state: FindingState, before: FindingState | None) -> bool:
    return before is not None and not state.mixed and bool(state.substance) and state.substance == before.substance


def _stored(latest: Mapping[str, FindingState], before: Mapping[str, FindingState]) -> tuple[FindingState, ...] | None:
    """Return the states of a report and those that it inherits; of too many, the oldest resolved ones are left out."""
    others = sorted(
        (state for name, state in before.items() if name not in latest), key=lambda state: (state.resolved, -state.at)
    )
    room = MAX_FINDINGS - len(latest)
    if any(not state.resolved for state in others[room:]):
        return None
    return tuple(state._replace(mixed=False) for state in (*latest.values(), *others[:room]))


def _order(state: FindingState) -> tuple[int, int, bool, str]:
    return state.at, state.arrival, not state.resolved, state.substance
