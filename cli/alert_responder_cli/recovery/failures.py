"""Failures, and groups of equal ones."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

Kind = Literal["execution", "delivery", "lookup", "batch"]
KINDS: tuple[Kind, ...] = ("execution", "delivery", "lookup", "batch")

NEWEST = 3
"""Number of the newest failures to name in a group."""


class Failure(BaseModel, frozen=True):
    """A failed execution, delivery, lookup or batch.

    Attributes
    ----------
    what
        Name of the execution, `<report id>/<emitter>/<round>`, `<report id>/<inspector>/<attribute hash>`, or a key.
    of
        The emitter or inspector; empty for executions and batches.
    at
        When it failed, if known [RFC 3339].
    open
        False: it is resolved by a later round, another delivery or a replay.
    redrive
        The action of `failures redrive`; None: nothing.
    """

    kind: Kind
    what: str
    of: str = ""
    report_id: str | None
    outcome: str
    reason: str
    at: str | None = None
    open: bool = True
    redrive: str | None = None


class FailureGroup(BaseModel, frozen=True):
    """Failures that differ only in time and name.

    Attributes
    ----------
    count
        Number of failures.
    first, last
        When the first and the last of them occurred, if known [RFC 3339].
    newest
        Names of the newest ones, newest first, at most `NEWEST`.
    """

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


class Failures(BaseModel, frozen=True):
    """A list of failures.

    Attributes
    ----------
    failures, groups
        Each failure, and groups of equal ones.
    resolved
        Number of resolved failures, which are listed on request only.
    more
        Whether there may be more than the limit.
    """

    failures: tuple[Failure, ...]
    groups: tuple[FailureGroup, ...]
    resolved: int
    more: bool

    @property
    def any_open(self) -> bool:
        """Whether one of them is unresolved."""
        return any(failure.open for failure in self.failures)


def grouped(failures: Iterable[Failure]) -> tuple[FailureGroup, ...]:
    """Group equal failures, ordered by kind, newest first within a kind."""
    groups: dict[tuple[object, ...], list[Failure]] = {}
    for each in failures:
        key = (each.kind, each.of, each.outcome, each.reason, each.open, each.redrive)
        groups.setdefault(key, []).append(each)
    result = [_group(sorted(equal, key=lambda each: (each.at or "", each.what))) for equal in groups.values()]
    # Sorting is stable: sort by kind last.
    result.sort(key=lambda group: group.last or "", reverse=True)
    return tuple(sorted(result, key=lambda group: KINDS.index(group.kind)))


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
