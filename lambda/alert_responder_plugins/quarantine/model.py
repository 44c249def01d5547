"""What the quarantine thinks in: what is to be contained, its parts as they were and as they shall be, and entries."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["address", "access_key", "instance", "principal"]
"""What can be contained: an address in WAF IP sets, an access key, an EC2 instance, an IAM user or role."""

KINDS: tuple[Kind, ...] = ("access_key", "principal", "address", "instance")
"""In the order they are acted on: what is quick and cuts rights first."""

State = Literal[
    "planned",  # It would be contained, but dry_run is on.
    "refused",  # A guard said no; `reason` says which.
    "waiting",  # A person has to approve it.
    "queued",  # To be done at once, or by the next call that tends.
    "acting",  # What was before is stored; some parts may have been changed.
    "contained",  # All parts are as they shall be.
    "undone",  # Somebody else has changed a part since it was contained.
    "failed",  # Given up after several tries; some parts may have been changed.
    "releasing",  # Being undone.
    "released",  # All parts that are still there are as they were.
    "conflict",  # Somebody else has changed a part since: a person has to decide.
]

INERT: frozenset[State] = frozenset({"planned", "refused", "released"})
"""States in which nothing of ours is in force or about to be: another proposal may take the entry's place."""

UNDOABLE: frozenset[State] = frozenset({"acting", "contained", "undone", "failed", "releasing", "conflict"})
"""States in which something of ours may be in force."""


class Part(BaseModel):
    """One thing that is changed, such as a network interface.

    Attributes
    ----------
    name
        Its id or ARN.
    before
        What it was when we looked: the inverse is to write this again.
    after
        What we make of it. Never equal to `before`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something of a report that is to be contained.

    Attributes
    ----------
    target
        `i-0123`, an access key's id, `user/<name>` or `role/<name>` (with its path, where the ARN has one), or an
        address; checked, never as it came.
    reason
        Why, in our own words.
    refusal
        Why the report's own alerts speak against it; None: they do not.
    """

    kind: Kind
    target: str
    report_id: str
    reason: str
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class TargetState:
    """What there is of a target right now.

    Attributes
    ----------
    parts
        What would be changed; empty: there is nothing to do.
    arns
        The ARN of the target and of what it is reached through, as AWS gives them. Nobody chooses these freely.
    owner
        What a part is reached through, such as the user of an access key; "" where there is none.
    evidence
        What is kept of it before it is changed, any JSON; None: nothing.
    refusal
        Why it must not be contained, whatever the settings; None: nothing speaks against it.
    void
        Why a containment has no effect although every part is as it should be; None: it has.
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
    token
        Of this containment alone: an approval is bound to it, and evidence is marked with it.
    reason
        Why it was proposed; `refusal` why it is not done, or what a person has to know.
    owner
        As in `TargetState`.
    evidence
        Ids of snapshots that were made.
    attempts
        How often it was begun, to be contained or to be released.
    lease_until
        Until when nobody else may go on with it [ms since the epoch].
    contained_at, release_at, released_at, created_at
        [ms since the epoch]; None: not yet, or never.
    approved_by, released_by
        ARN of the person who said so; `schedule` where its time was over.
    proof
        The signature of who approved it, kept until the action begins, when it is verified again.
    reapplied
        How often it was contained again after somebody else had undone it.
    limited
        Whether a limit alone refused it.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    target: str
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

    @property
    def id(self) -> str:
        """`<kind>/<target>`: what people call it by."""
        return f"{self.kind}/{self.target}"
