"""When a round's lookups end. The time of a lookup starts with its runner; waiting for runners extends the round."""

LONGEST_MS = 840_000
"""Maximum duration of a chunk, and of waiting for runners after a round's first Plan [ms]. A function may run for
900 s, and needs time to store the answers. `inspection_timeout_seconds` is at most as long."""

LEAST_CALL_MS = 5_000
"""Least remaining time with which a call is started [ms]."""

TOO_LATE = "The time for this round's lookups ended before a runner was free."
"""Reason of a lookup without a turn."""

RUNNER_STOPPED = "The runner stopped before the inspector's answer was stored."
"""Reason of a lookup that was claimed and never finished."""


def last_end(deadline: int, planned_at: int | None) -> int:
    """Return when the last lookup of a round ends [ms].

    Parameters
    ----------
    deadline
        When its lookups end if runners are free immediately [ms].
    planned_at
        When it was first planned [ms]; None if unknown, which does not extend the deadline.
    """
    return deadline if planned_at is None else max(deadline, planned_at + LONGEST_MS)


def chunk_end(begun: int, timeout_ms: int, deadline: int, planned_at: int | None) -> int:
    """Return when the lookups of a chunk end [ms]: each has its full time from the start of the runner."""
    return min(max(deadline, begun + timeout_ms), last_end(deadline, planned_at), begun + LONGEST_MS)


def least_call(timeout_ms: int) -> int:
    """Return the least remaining time with which an inspector is called, given its timeout [ms]."""
    return min(LEAST_CALL_MS, timeout_ms)
