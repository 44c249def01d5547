"""What is kept of an alert id and of a report, as frozen values; `store.items` turns them into table items and back.

Arrival times are Kinesis' `approximateArrivalTimestamp` in milliseconds since the epoch [ms]. Other times are this
package's clock, in milliseconds as well.
"""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from alert_responder.contracts.alert import Alert, AttemptOutcome, Attribute, Source
from alert_responder.domain.admission import Key, Overflow
from alert_responder.domain.missing_attributes import Missing
from alert_responder.domain.report_caps import Held

ReportState = Literal["open", "settled", "failed"]


class Event(NamedTuple):
    """One alert as it came in.

    Attributes
    ----------
    event_id
        What the alert is counted by; equal on every delivery.
    arrival
        When it came in on the stream [ms].
    record
        Sequence number of the stream record that carried it.
    cut_off
        How many attributes it had beyond those that are read of one alert.
    beyond
        Of these the first of each type (`domain.missing.samples`).
    unfit
        How many of its fields did not fit and were left out or changed.
    """

    event_id: str
    arrival: int
    record: str
    alert: Alert
    cut_off: int = 0
    beyond: tuple[Attribute, ...] = ()
    unfit: int = 0


class Window(NamedTuple):
    """The newest report of an alert id, and where the previous one ends (protocol: P).

    Attributes
    ----------
    overflow
        Whether the report is an overflow report, which takes alerts of other alert ids as well.
    """

    report_id: str
    opened: int
    ends: int
    previous: str | None
    previous_ends: int | None
    overflow: bool = False


class Head(NamedTuple):
    """The state of a report (protocol: H).

    Attributes
    ----------
    revision
        Grows with every group of alerts stored.
    round, started
        The current round, and the last round whose execution is known to have been started.
    dead_rounds
        Rounds in a row that ended without closing.
    ends
        End of the report's window [ms]; `previous` and `previous_ends` chain to the report before it.
    overflow
        Set in a report that takes the alerts beyond `max_new_reports_per_hour`.
    held
        How much it holds; nothing in what earlier versions stored.
    """

    report_id: str
    alert_id: str
    revision: int
    state: ReportState
    round: int
    started: int
    opened: int
    ends: int
    previous: str | None
    previous_ends: int | None
    dead_rounds: int = 0
    overflow: Overflow | None = None
    held: Held = Held()

    @property
    def as_it_stands(self) -> bool:
        """Whether the current round reports without inspecting and reviewing, after `MAX_DEAD_ROUNDS` dead ones."""
        return self.dead_rounds >= MAX_DEAD_ROUNDS


CHUNK_SIZE = 10
"""Lookups a runner makes at once: it waits more than it works, and an execution has events for about 50 chunks."""

CARRIER_LENGTH = 32
"""Characters of a hash that tell an alert from the others of its report."""

MAX_DEAD_ROUNDS = 3
"""After so many dead rounds in a row a report goes out as it stands (design, workflow)."""


class AlertHead(NamedTuple):
    """An alert without attributes and body, as a group's summary keeps it.

    Attributes
    ----------
    attributes
        Positions of its attributes in the group.
    event
        Its place among the group's events; None in what earlier versions stored.
    outcome
        Whether what was attempted came about, if the detector says so.
    """

    detector: str
    rule_id: str
    rule_name: str
    alert_key: str
    description: str
    timestamp: str | None
    severity: str | None
    attributes: tuple[int, ...] = ()
    event: int | None = None
    outcome: AttemptOutcome | None = None


class GroupSummary(NamedTuple):
    """What planning needs of a group of alerts (protocol: G); of alerts that a report only counts, `events` alone.

    Attributes
    ----------
    events
        Event id and arrival [ms] of each alert, by arrival.
    heads
        The first alert, each further one that is the first to carry an attribute, or carries it further to the front
        than those before, and the worst.
    attributes
        The group's attributes united, in order of first appearance, each with the position of its head.
    left_out
        How many attributes are too large to be inspected; they stand in the alerts alone.
    cut_off
        How many attributes were too many for one alert; they stand in the archive alone.
    sources
        The ways in which the alerts came, as `domain.sources` unites them; empty in what earlier versions stored.
    missing
        Of what is left out or cut off, the first of each type; empty in what earlier versions stored.
    keys
        The first keys of a group with several, as overflow reports have them; else empty: the first head has the key.
    unfit
        How many fields of the alerts did not fit and were left out or changed; they stand in the archive alone.
    """

    group_id: str
    events: tuple[tuple[str, int], ...]
    heads: tuple[AlertHead, ...]
    attributes: tuple[tuple[Attribute, int], ...]
    left_out: int = 0
    cut_off: int = 0
    sources: tuple[Source, ...] = ()
    missing: tuple[Missing, ...] = ()
    keys: tuple[Key, ...] = ()
    unfit: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the alerts are there, and not only counted."""
        return bool(self.heads)

    def counted(self) -> "GroupSummary":
        """Return what is kept of alerts that a report only counts."""
        return GroupSummary(self.group_id, self.events, (), ())

    def carrier(self, position: int) -> str:
        """Name the alert of a head among all alerts of its report: the same in every group that it was delivered in."""
        event = self.heads[position].event
        name = f"{self.group_id}/{position}" if event is None else self.events[event][0]
        return hashlib.sha256(name.encode()).hexdigest()[:CARRIER_LENGTH]


class Origin(NamedTuple):
    """How an inspector's new attribute came up: which inspector found it, looking up which attribute (its hash)."""

    inspector: str
    attribute_id: str


class LookupRecord(NamedTuple):
    """One lookup in the ledger (protocol: T).

    Attributes
    ----------
    task
        The task as its inspector gets it, JSON of `contracts.inspection.InspectionTask`.
    sequence
        Round and iteration of the Plan that owns it, `round * 1000 + iteration`.
    claimed, ended
        When a runner took it and when its outcome was stored [ms].
    outcome, reason
        How it ended, and why; None while it is open.
    answer
        What the inspector answered, as `store.items.pack` writes it: it is read when it is wanted, one at a time.
    new_attributes
        What else the inspector brought up.
    cache_seconds, cache_empty_seconds
        How long a good answer may be reused, and an empty one [seconds]; 0: not at all.
    max_per_minute
        Most calls of the inspector in a minute, over all reports; 0: no quota.
    carrier
        The alert it was planned for, see `GroupSummary.carrier`; empty in what earlier versions stored.
    wave
        In which it was written first, whichever Plan owns it now, see `domain.sharing`; 0 in what earlier versions
        stored.
    no_turn
        It ended as `throttled` without that its inspector was asked: no runner, inspector or quota was free in time.
    reopened
        It had no turn before, and a later round opened it again: that is done once.
    """

    inspector: str
    attribute_id: str
    arn: str
    sequence: int
    depth: int
    task: dict[str, Any]
    cache_seconds: int = 0
    claimed: int | None = None
    ended: int | None = None
    outcome: str | None = None
    reason: str | None = None
    answer: bytes | None = None
    new_attributes: tuple[Attribute, ...] = ()
    max_per_minute: int = 0
    carrier: str = ""
    wave: int = 0
    no_turn: bool = False
    reopened: bool = False
    cache_empty_seconds: int = 0

    @property
    def task_id(self) -> str:
        """`<inspector>/<attribute hash>`."""
        return f"{self.inspector}/{self.attribute_id}"

    def reuse_seconds(self, *, empty: bool) -> int:
        """Return how long an answer to this task may be reused [seconds]; 0: not at all."""
        return self.cache_empty_seconds if empty else self.cache_seconds


class DeliveryRecord(NamedTuple):
    """One report to one emitter in one round (protocol: D).

    Attributes
    ----------
    digest
        Of the report's substance; see `domain.digest`.
    snapshot
        Key of the report in the archive bucket.
    attempts, lease, owner
        Calls begun; when the running one is given up for dead [ms]; the token of who runs it.
    failures
        Calls that failed definitely: the emitter ran and said so, or was not run.
    took
        How long the last call took that has ended [ms]; None: none has, or an earlier version called.
    expires_at
        When everything of the report may be deleted [seconds since the epoch].
    page
        Key of the round's page in the archive bucket; None: there is none.
    ended
        When its outcome was recorded [ms].
    """

    emitter: str
    round: int
    arn: str
    digest: str
    snapshot: str
    expires_at: int
    attempts: int = 0
    failures: int = 0
    lease: int | None = None
    owner: str | None = None
    outcome: str | None = None
    reason: str | None = None
    url: str | None = None
    took: int | None = None
    page: str | None = None
    ended: int | None = None


class EmitterRecord(NamedTuple):
    """What an emitter was last told of a report (protocol: E)."""

    emitter: str
    round: int = 0
    digest: str | None = None
    state: Any = None


class Meta(NamedTuple):
    """What lists show of a report (protocol: M).

    Attributes
    ----------
    snapshot, revision
        Key of the report as it was last published, and the revision that had been planned; None: it was not yet.
    alert_key
        Of its alerts; empty also in what earlier versions stored.
    lookups_left
        Whether the round left lookups to the next one, which therefore follows by itself.
    """

    report_id: str
    alert_id: str
    title: str
    detector: str
    rule_id: str
    created_at: str
    updated_at: str
    severity: str
    reason: str
    alert_count: int
    round: int
    snapshot: str | None = None
    revision: int | None = None
    timings: Mapping[str, int] = MappingProxyType({})
    alert_key: str = ""
    lookups_left: bool = False
