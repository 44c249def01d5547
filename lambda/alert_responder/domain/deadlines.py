"""When a round's lookups end: a lookup's time begins with its runner, and waiting extends the round (INSPECT)."""

LONGEST_MS = 840_000
"""Longest a chunk may take, and runners are waited for after a round's first Plan [ms]: a function may run for 900 s,
and has to keep the answers (`inspection_timeout_seconds`, at most as long)."""

LEAST_CALL_MS = 5_000
"""What is to be left of the time when a call begins: less would be a call for nothing [ms]."""

TOO_LATE = "The time for this round's inspections was over before a runner was free."
"""Why a lookup had no turn."""


def last_end(deadline: int, planned_at: int | None) -> int:
    """Return when the last lookup of a round ends [ms].

    Parameters
    ----------
    deadline
        When its lookups end if runners are free at once [ms].
    planned_at
        When it was first planned [ms]; None: nobody says, and nothing extends the deadline.
    """
    return deadline if planned_at is None else max(deadline, planned_at + LONGEST_MS)


def chunk_end(begun: int, timeout_ms: int, deadline: int, planned_at: int | None) -> int:
    """Return when the lookups of a chunk end whose runner began then [ms]: each has the whole time of a lookup."""
    return min(max(deadline, begun + timeout_ms), last_end(deadline, planned_at), begun + LONGEST_MS)


def least_call(timeout_ms: int) -> int:
    """Return what has to be left of the time when an inspector is called that may take so long [ms]."""
    return min(LEAST_CALL_MS, timeout_ms)
