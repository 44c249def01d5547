"""The report, and the requests and answers of reviewers and emitters."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from alert_responder.contracts.alert import AttemptOutcome, Attribute, Source
from alert_responder.contracts.base import Incoming, Outgoing
from alert_responder.contracts.inspection import Content
from alert_responder.contracts.primitives import Severity, Status, parse_rfc3339

Outcome = Literal["ok", "empty", "error", "throttled", "timeout", "invalid", "cached", "skipped"]
Omitted = Literal["attributes", "lookups", "findings"]
DeliveryOutcome = Literal["ok", "failed", "unknown", "superseded", "late", "pending"]


Despite = Literal["malicious", "incomplete", "raised"]
"""What breaks through a suppression: a malicious verdict, a report that is not complete, a severity that the detector
raised; see `domain.suppressions`."""

MAX_REVIEW_ENTRIES = 20
"""Maximum number of labels, and of notes, in a reviewer's answer."""

Label = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Note = Annotated[str, Field(min_length=1, max_length=1_000)]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _end(text: str) -> datetime:
    """Parse the end of a suppression, or raise ValueError."""
    try:
        if moment := parse_rfc3339(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text):
            return moment
    except ValueError:
        pass
    raise ValueError("must be a date, which begins at 00:00 UTC, or an RFC 3339 time")


def _with_end(text: str) -> str:
    _end(text)
    return text


class Suppression(Incoming):
    """A decision of people that a known report is not delivered for a while.

    Attributes
    ----------
    owner
        The person or team to ask about it.
    expires
        When it ends, not included: a date, which begins at 00:00 UTC, or an RFC 3339 time.
    despite
        What does not break through, although it does otherwise.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    owner: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(min_length=1, max_length=1_000)]
    expires: Annotated[str, Field(max_length=40), AfterValidator(_with_end)]
    despite: Annotated[tuple[Despite, ...], Field(max_length=3)] = ()

    @property
    def ends(self) -> datetime:
        """The time of `expires`."""
        return _end(self.expires)


class Result(Outgoing):
    """The verdict on the report.

    Attributes
    ----------
    reviewer
        The reviewer's function ARN; null if no reviewer gave this result.
    reviewer_severity
        The reviewer's answer if `severity` differs from it: `safe` becomes `unclassified` for a report that is not
        complete, and if something breaks through a suppression. Null otherwise.
    rule
        The reviewer's rule that gave the severity; null if unknown.
    labels
        The reviewer's labels, by which emitters select reports.
    suppressed
        The suppression that the reviewer applied. No emitter is notified of the report, unless `breakthrough` is set.
    breakthrough
        Why the suppression does not apply, as one sentence; null if it does, or if there is none.
    """

    severity: Severity
    reason: str
    reviewer: str | None
    reviewer_severity: Severity | None = None
    rule: str | None = None
    labels: tuple[str, ...] = ()
    suppressed: Suppression | None = None
    breakthrough: str | None = None

    @property
    def is_suppressed(self) -> bool:
        """Whether no emitter is notified of the report."""
        return self.suppressed is not None and self.breakthrough is None


class Omission(Outgoing):
    """Something that a limit left out of the report.

    Attributes
    ----------
    what
        `attributes` that are not in the report, `lookups` that were not made, or `findings` that lack a part.
    count
        How many were left out, at least.
    reason
        One sentence that names the limit.
    """

    what: Omitted
    count: int
    reason: str


class AlertOrigin(Outgoing):
    """Where an alert came from. No field of the alert sets it.

    Attributes
    ----------
    account
        The account that the alert is about, 12 digits; null if unknown. For findings that a service sends from an
        administrator account: the account that the finding names. For other events of EventBridge: the account that
        sent the event. Without such an event: the account that the alert itself names.
    region
        Its region; null if unknown.
    sender
        The account that sent the event of EventBridge; null without one.
    verified
        True if the alert came by the verified stream, so that no producer can have forged its sender. Otherwise account
        and sender are only what the producer claims.
    named
        The account that the finding itself names, if it is another one than `account`; null otherwise.
    """

    account: str | None = None
    region: str | None = None
    sender: str | None = None
    verified: bool = False
    named: str | None = None


class ReportedAlert(Outgoing):
    """One alert of the report, with its body.

    Attributes
    ----------
    event_id
        Identifies the alert, so that it is counted once.
    arrived_at
        When it arrived on the stream [RFC 3339].
    status
        `resolved` if the alert reports that the problem is over, otherwise `active`.
    finding_id
        The detector's id of the finding, equal in each update of it; empty if unknown.
    source
        The product, region and standards from which it came; null for the detector itself.
    native
        Whether it came in a native format, in which the producer writes every field. False in a report of an earlier
        version.
    origin
        Which account the alert is about, and who sent it; null in a report of an earlier version.
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
    status: Status = "active"
    finding_id: str = ""
    attributes: tuple[Attribute, ...]
    body: Any
    source: Source | None = None
    native: bool = False
    origin: AlertOrigin | None = None


class Origin(Outgoing):
    """The origin of an attribute: an alert (all fields null), or an inspector and the attribute that it looked up.

    For the host of a URL and the domain of an e-mail address, `inspector` is null, and the other fields are those of
    the URL or e-mail address.
    """

    inspector: str | None = None
    attribute_type: str | None = None
    attribute_value: str | None = None


class ReportedAttribute(Outgoing):
    """One attribute of the report.

    Attributes
    ----------
    id
        Hash of type and canonical value, referred to by findings.
    valid
        False if the value does not fit its type; it was not looked up then.
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
    """The result of one lookup: an inspector's answer about an attribute, or the reason why there is none.

    Attributes
    ----------
    reason
        Reason for the outcome. For `ok` and `empty`, what a limit left out of the answer, or why it is empty; otherwise
        null, as for `cached`.
    seconds
        Duration of the inspector's call; null if it was not called.
    no_turn
        True if the inspector was not called in time: the round's lookups were shared with other alerts, no runner or
        inspector was free, or its quota was used up. The report is not complete then. The lookup is made once more in
        the next round, which starts automatically.
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
        When it ended [RFC 3339]; null if unknown.
    """

    emitter: str
    round: int
    outcome: DeliveryOutcome
    reason: str | None
    url: str | None
    at: str | None = None


class TimelineEntry(Outgoing):
    """An event in the life of the report, with its time [RFC 3339, UTC]."""

    at: str
    what: str


class Account(Outgoing):
    """An account that alerts are about.

    Attributes
    ----------
    name
        The name in the directory of accounts. For an account that is not in the directory: the name that an alert or an
        inspector gives; null if there is none.
    in_directory
        Whether the account is in the directory. Then no alert has set its name, unit, owner or environment.
    unit
        Names of the root and the organizational units above the account, such as `Root/Workloads/Prod`; null if
        unknown.
    owner, environment
        Values of the account's tags that the installation names; null without such a tag.
    """

    id: str
    name: str | None = None
    in_directory: bool = False
    unit: str | None = None
    owner: str | None = None
    environment: str | None = None


class Overview(Outgoing):
    """Summary of the detector's information about the incident, in one form for all formats.

    Attributes
    ----------
    severity
        The detector's severity in words, the worst of all alerts; null if there is none. Not the severity in `result`.
    first_seen, last_seen
        When the incident happened first and last, according to the detector [RFC 3339, UTC]; null if unknown.
    occurrences
        How often the detector saw it, which may be more often than there are alerts; null if unknown.
    accounts
        At most 10; those of verified alerts come first.
    directory_read_at
        When the directory was read in which the accounts are [RFC 3339]; null if none of them is in a directory.
    regions
        Sorted by name, at most 20.
    outcome
        `success` if the attempted action succeeded according to any alert; `failure` if it failed or was blocked
        according to all alerts with an outcome; null if unknown.
    """

    severity: str | None = None
    outcome: AttemptOutcome | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    occurrences: int | None = None
    accounts: tuple[Account, ...] = ()
    directory_read_at: str | None = None
    regions: tuple[str, ...] = ()


class OverflowKey(Outgoing):
    """Identifies one incident in an overflow report; texts are cut off at 200 characters."""

    detector: str
    rule_id: str
    alert_key: str


class Overflow(Outgoing):
    """Why a report holds alerts of many incidents: `max_new_reports_per_hour` was reached.

    Attributes
    ----------
    scope
        Which limit was reached: the one of the alerts' detector, or the one of the installation.
    limit
        The limit when the report opened.
    hour
        Start of the hour in which the alerts arrived [RFC 3339].
    first_keys
        The first 20 incidents in this report.
    """

    scope: Literal["detector", "installation"]
    limit: int
    hour: str
    first_keys: tuple[OverflowKey, ...]


class Report(Outgoing):
    """Everything about one incident: its alerts, attributes, findings, and severity.

    Attributes
    ----------
    id
        A ULID; it sorts by the time at which the report was opened.
    title
        The rule's name in the first alert.
    status
        `resolved` if the latest alert of each finding says that the problem is over, otherwise `active`.
    alerts
        Oldest first. Of more than 25, verified ones come first; of the others, or of more than 25 verified ones, the
        oldest, the newest, and the worst in between: 10, 10 and up to 5 of alerts that are not verified alone.
    alert_count
        Number of all alerts, each counted once.
    native_alerts
        How many of them came in a native format; 0 in a report of an earlier version.
    sources
        The products and regions from which the alerts came, each once, sorted by name; there are several if copies of
        one finding were aggregated. At most 20.
    overview
        Summary of the detector's information; null in a report of an earlier version.
    overflow
        Set only in an overflow report, which holds the alerts of many incidents.
    notes
        Limits that were reached, what was skipped, and why.
    truncated
        True if the report exceeded 5 MB, and its least important parts were left out (see `notes`).
    complete
        False if a limit left out attributes, lookups or findings (see `omissions`). Such a report is never rated
        `safe`. Throttled lookups and answers with `incomplete` count; lookups excluded by `max_inspection_depth` or an
        egress rule and other failures of plug-ins do not. Always true in a report of an earlier version.
    test
        True for the report that `alert-responder doctor --end-to-end` sends and marks; no alert can set it. Emitters
        show it as a test, and do not act on it.
    """

    id: str
    alert_id: str
    previous_report_id: str | None
    round: int
    title: str
    status: Status = "active"
    alerts: tuple[ReportedAlert, ...]
    alert_count: int
    native_alerts: int = 0
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
    test: bool = False


class EmissionRequest(Outgoing):
    """The request of an emitter: a report to deliver.

    Attributes
    ----------
    emission_id
        The same for every attempt of the same delivery: an emitter that has seen it does not need to act again.
    state
        The emitter's last answer's `state` for this report; null the first time. For a report that is resolved or
        repeats what was reported before, at first the one for the report before (`previous_report_id`).
    report_url
        Link to the page of this report; null without a page, or if links are switched off. The link may be a
        secret that gives access to the page (`report_link_type`): show it to people, and never log it.
    """

    report: Report
    emitter: str
    emission_id: str
    state: Any
    report_url: str | None = None


class ReviewAnswer(Incoming):
    """A reviewer's answer. Invalid optional fields are left out, and the report's notes name them.

    Attributes
    ----------
    rule
        The rule that gave the severity.
    labels
        Emitters select reports by them; lower-case letters, digits, `-` and `_`.
    notes
        Sentences for the notes of the report.
    suppressed
        Set it if no emitter is to be notified of the report.
    """

    severity: Severity
    reason: Annotated[str, Field(max_length=4_000)] = ""
    rule: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    labels: Annotated[tuple[Label, ...], Field(max_length=MAX_REVIEW_ENTRIES)] = ()
    notes: Annotated[tuple[Note, ...], Field(max_length=MAX_REVIEW_ENTRIES)] = ()
    suppressed: Suppression | None = None


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
