"""What failed, as lists show it, and what of it is the same."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["execution", "delivery", "lookup", "batch"]
KINDS: tuple[Kind, ...] = ("execution", "delivery", "lookup", "batch")

NEWEST = 3
"""Of equal failures so many are named, the newest ones."""


class Failure(BaseModel):
    """Something that failed.

    Attributes
    ----------
    what
        An execution's name, `<report id>/<emitter>/<round>`, `<report id>/<inspector>/<attribute hash>`, or a key.
    of
        The emitter or inspector; empty for executions and batches.
    at
        When, as far as that is known [RFC 3339].
    open
        False: it was made good since, by a later round, another delivery or a replay.
    redrive
        What `failures redrive` would do about it; None: nothing.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    what: str
    of: str = ""
    report_id: str | None
    outcome: str
    reason: str
    at: str | None = None
    open: bool = True
    redrive: str | None = None


class FailureGroup(BaseModel):
    """Failures that are equal in all but when they were and what they are called.

    Attributes
    ----------
    count
        How many there are.
    first, last
        When the first and the last of them was, as far as that is known [RFC 3339].
    newest
        What the last ones are called, the last one first, at most `NEWEST`.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    of: str
    outcome: str
    reason: str
    open: bool
    redrive: str | None
    count: int
    first: str | None
    last: str | None
    newest: tuple[str, ...]


class Failures(BaseModel):
    """What failed.

    Attributes
    ----------
    failures, groups
        Each, and equal ones together.
    made_good
        How many there were that were made good since; they are listed only where that is asked for.
    more
        Whether not everything was looked at.
    """

    model_config = ConfigDict(frozen=True)

    failures: tuple[Failure, ...]
    groups: tuple[FailureGroup, ...]
    made_good: int
    more: bool

    @property
    def any_open(self) -> bool:
        """Whether one of them is not made good."""
        return any(failure.open for failure in self.failures)


def grouped(failures: Iterable[Failure]) -> tuple[FailureGroup, ...]:
    """Put equal failures together: kinds in their order, and of each kind the last failure first."""
    groups: dict[tuple[object, ...], list[Failure]] = {}
    for each in failures:
        key = (each.kind, each.of, each.outcome, each.reason, each.open, each.redrive)
        groups.setdefault(key, []).append(each)
    installation = [_group(sorted(equal, key=lambda each: (each.at or "", each.what))) for equal in groups.values()]
    # Sorting keeps the order of what is equal: kinds last.
    installation.sort(key=lambda group: group.last or "", reverse=True)
    return tuple(sorted(installation, key=lambda group: KINDS.index(group.kind)))


def _group(equal: list[Failure]) -> FailureGroup:
    times = [each.at for each in equal if each.at]
    last = equal[-1]
    return FailureGroup(
        kind=last.kind,
        of=last.of,
        outcome=last.outcome,
        reason=last.reason,
        open=last.open,
        redrive=last.redrive,
        count=len(equal),
        first=min(times, default=None),
        last=max(times, default=None),
        newest=tuple(each.what for each in reversed(equal[-NEWEST:])),
    )
