"""The model of the quarantine: proposals, targets with their parts, and entries of the journal."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["address", "access_key", "bucket", "function", "instance", "principal"]
"""Kinds of targets: an address in WAF IP sets, an access key, an S3 bucket, a Lambda function, an EC2 instance, an IAM
user or role."""

KINDS: tuple[Kind, ...] = ("access_key", "principal", "address", "bucket", "function", "instance")
"""Kinds in the order of containment: quick actions that remove permissions come first."""

State = Literal[
    "planned",  # Not carried out, because dry_run is true.
    "refused",  # A guard or a limit prevents it; `refusal` has the reason.
    "waiting",  # Waits for approval.
    "queued",  # Carried out at once, or by the next call of the schedule.
    "acting",  # The previous state is stored; parts may have been changed.
    "contained",  # All parts have been changed.
    "undone",  # Somebody else changed a part after the containment.
    "failed",  # Failed after several attempts; parts may have been changed.
    "releasing",  # The release is in progress.
    "released",  # All parts that still exist are restored.
    "conflict",  # Somebody else changed a part, and an operator must decide.
]

INERT: frozenset[State] = frozenset({"planned", "refused", "released"})
"""States of entries that are neither in force nor pending, and can be replaced by another proposal."""

MAX_RELEASED_REPORTS = 50
"""Maximum number of reports that an entry lists because its target was released for them."""

UNDOABLE: frozenset[State] = frozenset({"acting", "contained", "undone", "failed", "releasing", "conflict"})
"""States in which changes of the quarantine may be in force."""


class Part(BaseModel):
    """A resource that is changed, such as a network interface.

    Attributes
    ----------
    name
        Its id or ARN.
    before
        Value before the containment, which a release writes again.
    after
        Value of the containment; never equal to `before`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Location:
    """What a target is, and where.

    Attributes
    ----------
    target
        `i-0123`, an access key's id, `user/<name>` or `role/<name>` (with the path if the ARN has one), or an
        address; the name of a bucket or of a function; validated.
    account, region
        Member account of 12 digits, and the region, `global` for IAM; or `unknown`. Both are empty for a target in the
        account and region of the installation, and for addresses, which the IP sets of the installation hold.
    """

    kind: Kind
    target: str
    account: str = ""
    region: str = ""

    def __str__(self) -> str:
        """Return `<kind>/<target>`, preceded by `<account>/<region>/` in a member account."""
        place = f"{self.account}/{self.region}/" if self.account else ""
        return f"{place}{self.kind}/{self.target}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A target of a report that is to be contained.

    Attributes
    ----------
    location
        The target. Within it, no part is hostile text.
    reason
        Why it is proposed; contains no hostile text.
    refusal
        Why the report's alerts exempt it, or None.
    """

    location: Location
    report_id: str
    reason: str
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class TargetState:
    """The current state of a target.

    Attributes
    ----------
    parts
        Parts that a containment would change; may be empty.
    arns
        ARNs of the target and of its owner, as returned by AWS, so that they cannot be chosen freely.
    owner
        Resource through which a part is accessed, such as the user of an access key; may be "".
    evidence
        Description that is kept from before the change, any JSON; None for none.
    refusal
        Why the target must not be contained, independently of the settings; None if it may be.
    void
        Why a containment has no effect although all parts have been changed; None if it has.
    """

    parts: tuple[Part, ...] = ()
    arns: tuple[str, ...] = ()
    owner: str = ""
    evidence: Any = None
    refusal: str | None = None
    void: str | None = None


class Entry(BaseModel):
    """The journal's record of one target.

    Attributes
    ----------
    kind, target, account, region
        As in `Location`.
    token
        Identifies this containment in approvals and evidence.
    reason
        Why the target was proposed; `refusal` is why it is not contained, or what an operator must know.
    owner
        As in `TargetState`.
    evidence
        Ids of snapshots.
    attempts
        Number of attempts at the containment or the release.
    lease_until
        Time until which one call owns the entry [ms since the epoch].
    contained_at, release_at, released_at, created_at
        Times [ms since the epoch]; None for not yet or never.
    approved_by, released_by
        ARN of the principal; `schedule` after `release_after_hours`.
    proof
        Signature of the approver, kept until the action begins, when it is verified again.
    reapplied
        Number of repetitions after somebody else undid the containment.
    limited
        Whether it was refused because of a limit only.
    released_reports
        Ids of the reports for which earlier containments of the target were released; see `released_for`.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    target: str
    account: str = ""
    region: str = ""
    state: State
    token: str
    report_id: str
    reason: str
    refusal: str | None = None
    parts: tuple[Part, ...] = ()
    owner: str = ""
    evidence: tuple[str, ...] = ()
    attempts: int = 0
    lease_until: int = 0
    created_at: int
    contained_at: int | None = None
    release_at: int | None = None
    released_at: int | None = None
    approved_by: str | None = None
    released_by: str | None = None
    proof: dict[str, Any] | None = None
    reapplied: int = 0
    limited: bool = False
    released_reports: tuple[str, ...] = ()

    @property
    def location(self) -> Location:
        """The target."""
        return Location(self.kind, self.target, self.account, self.region)

    @property
    def id(self) -> str:
        """The printed location, by which operators identify the entry."""
        return str(self.location)

    @property
    def released_for(self) -> tuple[str, ...]:
        """Ids of the newest reports for which the target was released, in order."""
        own = (self.report_id,) if self.state == "released" else ()
        return tuple(sorted({*self.released_reports, *own})[-MAX_RELEASED_REPORTS:])

    def is_released_for(self, report_id: str) -> bool:
        """Whether the target was released for a report.

        Ids of reports sort by time: if the list is full, older ones than those in it may have been left out, and count
        as well.
        """
        listed = self.released_for
        return report_id in listed or (len(listed) == MAX_RELEASED_REPORTS and report_id < listed[0])
