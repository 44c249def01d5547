"""The stored records of alert ids and reports, as frozen values; `store.items` converts them to table items and back.

Arrival times are Kinesis' `approximateArrivalTimestamp` in milliseconds since the epoch [ms]. Other times are from this
package's clock, also in milliseconds. docs/protocol.md describes how the records are written.
"""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from alert_responder.contracts.alert import Alert, AttemptOutcome, Attribute, Source
from alert_responder.contracts.primitives import Status
from alert_responder.domain.admission import Key, Overflow
from alert_responder.domain.missing_attributes import Missing
from alert_responder.domain.report_caps import Held

ReportState = Literal["open", "settled", "failed"]


class AlertOrigin(NamedTuple):
    """Where an alert came from; see `contracts.report.AlertOrigin`, and `domain.origin` for the rules."""

    account: str | None = None
    region: str | None = None
    sender: str | None = None
    verified: bool = False
    named: str | None = None


UNKNOWN_ORIGIN = AlertOrigin()


class Event(NamedTuple):
    """One alert as it arrived.

    Attributes
    ----------
    event_id
        Identifies the alert; equal for every delivery.
    arrival
        When it arrived on the stream [ms].
    record
        Sequence number of its record.
    cut_off
        Number of attributes beyond the limit of one alert.
    beyond
        The first of these of each type (`domain.missing_attributes.samples`).
    unfit
        Number of invalid fields that were left out or changed.
    native
        Whether it came in a native format, in which the producer writes every field.
    origin
        Which account it is about, and who sent it.
    """

    event_id: str
    arrival: int
    record: str
    alert: Alert
    cut_off: int = 0
    beyond: tuple[Attribute, ...] = ()
    unfit: int = 0
    native: bool = False
    origin: AlertOrigin = UNKNOWN_ORIGIN


class Window(NamedTuple):
    """The newest report of an alert id, and the end of the previous one.

    Attributes
    ----------
    overflow
        Whether the report is an overflow report, which also takes alerts of other alert ids.
    """

    report_id: str
    opened: int
    ends: int
    previous: str | None
    previous_ends: int | None
    overflow: bool = False


class Head(NamedTuple):
    """The state of a report.

    Attributes
    ----------
    revision
        Increases with every stored group of alerts.
    round, started
        The current round, and the last round whose execution is known to have been started.
    dead_rounds
        Number of consecutive rounds that ended without closing.
    ends
        End of the report's window [ms]; `previous` and `previous_ends` refer to the report before it.
    overflow
        Set in an overflow report, which takes the alerts beyond `max_new_reports_per_hour`.
    held
        How much the report holds; empty in records of earlier versions.
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
        """Whether the current round publishes without lookups and review, after `MAX_DEAD_ROUNDS` dead ones."""
        return self.dead_rounds >= MAX_DEAD_ROUNDS


CHUNK_SIZE = 10
"""Calls of inspectors that a runner makes at once; an execution's history has room for about 50 chunks."""

MAX_LOOKUPS = 500
"""Maximum number of lookups of a report, however they share calls: 50 chunks, and 60 KB of ids in a payload."""

CARRIER_LENGTH = 32
"""Length of the hash that identifies an alert within its report [characters]."""

MAX_DEAD_ROUNDS = 3
"""After this many consecutive dead rounds, a report is published without lookups and review."""


class AlertHead(NamedTuple):
    """An alert without attributes and body, in a group's summary.

    Attributes
    ----------
    attributes
        Positions of its attributes in the group.
    event
        Its position among the group's events; None in records of earlier versions.
    outcome
        Whether the attempted action succeeded, if the detector reports it.
    account, region
        Those of its origin; None if unknown, or in records of earlier versions.
    verified
        Whether its origin is verified.
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
    account: str | None = None
    region: str | None = None
    verified: bool = False


class FindingState(NamedTuple):
    """The latest alert of a detector's finding; see `domain.chain`.

    Attributes
    ----------
    finding
        Hash of the alert id and the detector's id of the finding. An alert of the verified stream has another one: no
        alert of another producer resolves its finding, or makes it known.
    at, arrival
        When the alert happened, for the order of alerts, and when it arrived [ms].
    substance
        Hash of what makes an update news; empty if alerts of this finding are always news.
    mixed
        Whether the report's alerts of this finding differ.
    """

    finding: str
    at: int
    arrival: int
    resolved: bool
    substance: str = ""
    mixed: bool = False


class GroupSummary(NamedTuple):
    """Summary of a group of alerts for planning; only `events` if the alerts are only counted.

    Attributes
    ----------
    events
        Event id and arrival [ms] of each alert, by arrival.
    heads
        The first alert, each other one that is the first to have an attribute or has it at an earlier position than
        those before, and the worst alerts.
    attributes
        The merged attributes in order of first appearance, each with the position of its head.
    left_out
        Number of attributes that are too large to be inspected; only the stored alerts have them.
    cut_off
        Number of attributes beyond the limit of one alert; only the archive has them.
    sources
        The sources of the alerts, merged by `domain.sources`; empty in records of earlier versions.
    missing
        The first attribute of each type that was left out or cut off; empty in records of earlier versions.
    keys
        The first keys of a group with several keys, as in overflow reports. Otherwise empty: the first head has the
        key.
    unfit
        Number of invalid fields that were left out or changed; only the archive has them.
    states
        The state of each finding; None if there are too many, if the alerts are only counted, and in records of earlier
        versions.
    native
        Positions of the events that came in a native format; empty in records of earlier versions.
    mismatched
        Number of alerts that name another account than their sender; only stored alerts are counted.
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
    states: tuple[FindingState, ...] | None = None
    native: tuple[int, ...] = ()
    mismatched: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the alerts are stored, and not only counted."""
        return bool(self.heads)

    def counted(self) -> "GroupSummary":
        """Return the summary of a group whose alerts are only counted."""
        return GroupSummary(self.group_id, self.events, (), (), native=self.native)

    def carrier(self, position: int) -> str:
        """Return the id of a head's alert within its report; equal in every group with the alert."""
        event = self.heads[position].event
        name = f"{self.group_id}/{position}" if event is None else self.events[event][0]
        return hashlib.sha256(name.encode()).hexdigest()[:CARRIER_LENGTH]


class Origin(NamedTuple):
    """The origin of a new attribute: the inspector that found it, and the hash of the attribute that it looked up.

    A derived attribute has no inspector, and the hash of the attribute from which it is derived.
    """

    inspector: str | None
    attribute_id: str


class AnswerKey(NamedTuple):
    """What a cached answer is about.

    Attributes
    ----------
    arn
        The inspector's function.
    account
        The account of the alert, "" if it is unknown; None if answers do not depend on it.
    """

    arn: str
    attribute_id: str
    account: str | None = None


class LookupRecord(NamedTuple):
    """One lookup in the ledger.

    Attributes
    ----------
    task
        The request to the inspector, JSON of `contracts.inspection.InspectionTask`.
    sequence
        Sequence number of the Plan that owns it: `round * 1000 + iteration`.
    claimed, ended
        When a runner claimed it, and when its outcome was stored [ms].
    outcome, reason
        Outcome and its reason; None while it is open.
    answer
        The answer, packed by `store.items.pack`; answers are unpacked one at a time.
    new_attributes
        New attributes in the answer.
    cache_seconds, cache_empty_seconds
        How long an answer, or an empty answer, may be reused [seconds; 0: never].
    max_per_minute, max_per_day
        Quotas of the inspector: maximum number of calls per minute and per day, over all reports [0: no quota].
    carrier
        The alert for which it was planned, see `GroupSummary.carrier`; empty in records of earlier versions.
    wave
        The wave in which it was first planned, see `domain.lookup_shares`; 0 in records of earlier versions.
    no_turn
        Whether it ended as `throttled` without a call: no runner, inspector or quota was free in time.
    reopened
        Whether a later round reopened it after it had no turn, which is done once.
    batch_size
        Maximum number of lookups in a call with this one [1: it is asked without a batch].
    shares_call
        Whether it shares the call of another lookup, and does not count against `max_inspections_per_report`.
    per_account
        Whether an answer may be reused only for alerts about the same account.
    incomplete
        Whether a limit left out a part of the answer, as the inspector states.
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
    max_per_day: int = 0
    batch_size: int = 1
    shares_call: bool = False
    per_account: bool = False
    incomplete: bool = False

    @property
    def task_id(self) -> str:
        """`<inspector>/<attribute hash>`."""
        return f"{self.inspector}/{self.attribute_id}"

    @property
    def answer_key(self) -> AnswerKey:
        """The key of an answer to this task: the account is the one that the inspector receives."""
        account = (self.task["alert"].get("account") or "") if self.per_account else None
        return AnswerKey(self.arn, self.attribute_id, account)

    def reuse_seconds(self, *, empty: bool) -> int:
        """Return how long an answer to this task may be reused [seconds; 0: never]."""
        return self.cache_empty_seconds if empty else self.cache_seconds


class DeliveryRecord(NamedTuple):
    """The delivery of one report to one emitter in one round.

    Attributes
    ----------
    digest
        Digest of the report, see `domain.digest`.
    snapshot
        Key of the report in the archive bucket.
    attempts, lease, owner
        Number of started calls; when the lease of the current one expires [ms]; the token of its runner.
    failures
        Number of calls that certainly failed: the emitter reported an error, or did not run.
    took
        Duration of the last finished call [ms]; None if there is none, or in records of earlier versions.
    expires_at
        When the report may be deleted [seconds since the epoch].
    page
        Key of the round's page in the archive bucket; None without a page.
    ended
        When its outcome was recorded [ms].
    substance
        Hash of the findings' states at the publication, see `domain.chain.substance`; None if they are unknown.
    fresh
        Whether the emitter gets no inherited state, so that it notifies people of a new incident.
    lacks
        See `EmitterRecord`.
    updates
        Whether the emitter updates its incident of the report before.
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
    fresh: bool = False
    substance: str | None = None
    lacks: tuple[str, ...] = ()
    updates: bool = False


class EmitterRecord(NamedTuple):
    """The last delivery of a report to an emitter, and the emitter's state.

    Attributes
    ----------
    inherited_from
        The report before, if its delivery and state were inherited and this report has not been delivered.
    knows
        Whether the emitter was notified before of all that this report says; only of an inherited record.
    substance
        That of the delivery; of an inherited record, that of the publication.
    lacks
        Findings of earlier reports in `substance` of which the emitter was perhaps never notified.
    """

    emitter: str
    round: int = 0
    digest: str | None = None
    state: Any = None
    inherited_from: str | None = None
    knows: bool = False
    substance: str | None = None
    lacks: tuple[str, ...] = ()


class Meta(NamedTuple):
    """The part of a report that lists show.

    Attributes
    ----------
    snapshot, revision
        Key of the report's last publication, and the revision that had been planned; None before the first one.
    alert_key
        Alert key of its alerts; empty in records of earlier versions.
    lookups_left
        Whether the round left lookups to the next one, which therefore starts automatically, or waits for the
        report before.
    test, status
        See `contracts.report.Report`.
    labels, suppressed, breakthrough
        See `contracts.report.Result`; `suppressed` is the name of the suppression.
    digest, states
        Digest and findings' states of the last publication, which the next report of the alert id compares; None
        before the first one and in records of earlier versions, states also if they are unknown.
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
    test: bool = False
    status: Status = "active"
    digest: str | None = None
    states: tuple[FindingState, ...] | None = None
    labels: tuple[str, ...] = ()
    suppressed: str | None = None
    breakthrough: str | None = None

    @property
    def is_suppressed(self) -> bool:
        """Whether no emitter is notified of the report."""
        return self.suppressed is not None and self.breakthrough is None
