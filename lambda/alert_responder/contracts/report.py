"""The report, and the requests and answers of reviewers and emitters."""

from typing import Annotated, Any, Literal

from pydantic import Field

from alert_responder.contracts.alert import AttemptOutcome, Attribute, Source
from alert_responder.contracts.base import Incoming, Outgoing
from alert_responder.contracts.inspection import Content
from alert_responder.contracts.primitives import Severity

Outcome = Literal["ok", "empty", "error", "throttled", "timeout", "invalid", "cached", "skipped"]
Omitted = Literal["attributes", "lookups", "findings"]
DeliveryOutcome = Literal["ok", "failed", "unknown", "superseded", "late", "pending"]


class Result(Outgoing):
    """How bad it is.

    Attributes
    ----------
    reviewer
        The reviewer's function ARN; null where no reviewer gave this result.
    reviewer_severity
        What the reviewer answered, where `severity` is something else: `safe` for a report that is not complete, which
        becomes `unclassified`. Null otherwise.
    """

    severity: Severity
    reason: str
    reviewer: str | None
    reviewer_severity: Severity | None = None


class Omission(Outgoing):
    """What a limit left out of the report.

    Attributes
    ----------
    what
        `attributes` that were not read, or are not in the report; `lookups` that were not made; `findings` of which
        details are not in the report.
    count
        How many, at least.
    reason
        One sentence that names the limit.
    """

    what: Omitted
    count: int
    reason: str


class ReportedAlert(Outgoing):
    """One alert of the report, with its body.

    Attributes
    ----------
    event_id
        What it is counted by.
    arrived_at
        When it came in on the stream [RFC 3339].
    source
        The product, region and standards it came by; null where it is the detector itself.
    """

    event_id: str
    arrived_at: str
    detector: str
    rule_id: str
    rule_name: str
    alert_key: str
    description: str
    timestamp: str | None
    severity: str | None
    attributes: tuple[Attribute, ...]
    body: Any
    source: Source | None = None


class Origin(Outgoing):
    """Where an attribute comes from: an alert (both fields null), or an inspector and what it was looking up."""

    inspector: str | None = None
    attribute_type: str | None = None
    attribute_value: str | None = None


class ReportedAttribute(Outgoing):
    """One attribute of the report.

    Attributes
    ----------
    id
        Hash of type and canonical value; findings refer to it.
    valid
        False: the value does not fit its type and was not inspected.
    """

    id: str
    type: str
    key: str
    value: str
    context: tuple[str, ...]
    timestamp: str | None
    valid: bool
    depth: int
    origin: Origin


class Finding(Outgoing):
    """What one inspector said of one attribute, or why it said nothing.

    Attributes
    ----------
    reason
        Why there is no answer; null for `ok`, `empty`, `cached`.
    seconds
        How long the inspector took; null where it was not called.
    no_turn
        True: the inspector was not asked, since the lookup had no turn in time: other alerts have their share of the
        round, no runner or inspector was free, or its quota was used up. The report is not complete then. A lookup that
        had no turn is made once more in the next round, which follows by itself.
    """

    inspector: str
    attribute_id: str
    attribute_type: str
    attribute_value: str
    depth: int
    outcome: Outcome
    reason: str | None
    seconds: float | None
    contents: tuple[Content, ...]
    no_turn: bool = False


class Emission(Outgoing):
    """One delivery of an earlier round.

    Attributes
    ----------
    at
        When it ended [RFC 3339]; null where that is not known.
    """

    emitter: str
    round: int
    outcome: DeliveryOutcome
    reason: str | None
    url: str | None
    at: str | None = None


class TimelineEntry(Outgoing):
    """Something that happened to the report, at a time [RFC 3339, UTC]."""

    at: str
    what: str


class Account(Outgoing):
    """An account that alerts are about, and what it is called; null where nobody says so."""

    id: str
    name: str | None = None


class Overview(Outgoing):
    """What the detector says of the incident in all, in one form whatever the format of the alerts.

    Attributes
    ----------
    severity
        The detector's own severity in words, the worst of the alerts; null where it has none. It is not that of
        `result`.
    first_seen, last_seen
        When it happened first and last, by the detector [RFC 3339, UTC]; null where it does not say.
    occurrences
        How often the detector says it saw this, which may be more than there are alerts; null where it does not say.
    accounts
        At most 10.
    regions
        By name, at most 20.
    outcome
        Whether what was attempted came about: `success` if the detector says so of any alert; `failure` if it says of
        all whose outcome it tells that they failed or were blocked; null where it does not say.
    """

    severity: str | None = None
    outcome: AttemptOutcome | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    occurrences: int | None = None
    accounts: tuple[Account, ...] = ()
    regions: tuple[str, ...] = ()


class OverflowKey(Outgoing):
    """What tells one incident in an overflow report from another; texts are cut short at 200 characters."""

    detector: str
    rule_id: str
    alert_key: str


class Overflow(Outgoing):
    """Why a report holds alerts of many incidents: more new reports in an hour than `max_new_reports_per_hour` allows.

    Attributes
    ----------
    scope
        Which limit was reached: that of the alerts' detector, or that of the installation.
    limit
        What the limit was when the report opened.
    hour
        When the hour of the alerts' arrival began [RFC 3339].
    first_keys
        The first 20 incidents that have no report of their own.
    """

    scope: Literal["detector", "installation"]
    limit: int
    hour: str
    first_keys: tuple[OverflowKey, ...]


class Report(Outgoing):
    """One incident: its alerts, what was found about them, and how bad it is.

    Attributes
    ----------
    id
        A ULID; sorts by the time the report was opened.
    title
        The rule's name in the first alert.
    alerts
        Oldest first; where there are more than 25, the 10 oldest, the 10 newest, and up to 5 of the others that the
        detector calls worst.
    alert_count
        All alerts, each counted once.
    sources
        The ways in which its alerts came, each product and region once, by name: several where copies of one finding
        collapsed. At most 20, the first by name.
    overview
        What the detector says of it in all; null in a report that an earlier version made.
    overflow
        Set in an overflow report, which holds the alerts of many incidents; else null.
    notes
        Limits met, what was skipped, and why.
    truncated
        True: the report exceeded 5 MB, and what matters least was left out (`notes` says what).
    complete
        False: a limit left out attributes, lookups or findings, and `omissions` says which. Such a report is never
        rated `safe`. What `max_inspection_depth` excludes, what an egress rule keeps back, and a plug-in's own failures
        do not count. True also in a report that an earlier version made.
    """

    id: str
    alert_id: str
    previous_report_id: str | None
    round: int
    title: str
    alerts: tuple[ReportedAlert, ...]
    alert_count: int
    sources: tuple[Source, ...] = ()
    overview: Overview | None = None
    overflow: Overflow | None = None
    attributes: tuple[ReportedAttribute, ...]
    findings: tuple[Finding, ...]
    result: Result
    emissions: tuple[Emission, ...]
    timeline: tuple[TimelineEntry, ...]
    notes: tuple[str, ...]
    created_at: str
    updated_at: str
    truncated: bool
    complete: bool = True
    omissions: tuple[Omission, ...] = ()


class EmissionRequest(Outgoing):
    """A report to tell of.

    Attributes
    ----------
    emission_id
        The same on every try of the same delivery: an emitter that has seen it need not act again.
    state
        What this emitter answered as `state` when last told of this report; null the first time.
    report_url
        Where a person opens the page of this report; null where there is no page, or no links are given out. It may be
        a secret that opens the page to whoever has it (`report_link_type`): tell it to people, and log it nowhere.
    """

    report: Report
    emitter: str
    emission_id: str
    state: Any
    report_url: str | None = None


class ReviewAnswer(Incoming):
    """A reviewer's answer."""

    severity: Severity
    reason: Annotated[str, Field(max_length=4_000)] = ""


class EmissionAnswer(Incoming):
    """An emitter's answer; `null` is the same as an empty one.

    Attributes
    ----------
    state
        Anything the emitter wants back with the report's next delivery, such as an issue number.
    url
        Where people find what the emitter created from the report.
    note
        One sentence that people should know although the delivery succeeded, such as what a limit cut off; at most
        1,000 characters. Later rounds of the report, and its page, show it.
    """

    state: Any = None
    url: str | None = None
    note: Annotated[str, Field(max_length=1_000)] | None = None
