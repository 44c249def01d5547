"""When calls of an inspector with a quota may begin: a log of the calls granted, by the second they are granted for.

Reports take turns: none may hold more than half a minute's worth of calls that are yet to begin. A report with more
lookups asks again when its next call begins, so that another one that comes meanwhile finds a short queue.
"""

from collections.abc import Iterable
from typing import NamedTuple

SPAN_SECONDS = 62
"""In as many seconds in a row no more calls are granted than a minute may have: whoever keeps to `TOLERANCE_MS` begins
calls in two seconds that touch any minute at its two ends."""

TOLERANCE_MS = 2_000
"""A call granted for a second begins within so long after the beginning of that second, or not at all [ms]."""

NOBODY = ""
"""Stands for the report of a call that is in the past: who made it does not matter any more."""


class Entry(NamedTuple):
    """Calls that were granted for a second since the epoch, how many, and to which report."""

    second: int
    calls: int
    report: str = NOBODY


Granted = tuple[Entry, ...]
"""By second, ascending."""


class Grant(NamedTuple):
    """What a report was granted.

    Attributes
    ----------
    granted
        All that is granted with it, without what is too long ago to matter.
    times
        When the calls may begin [ms], ascending.
    ask_again
        When the report may ask for the calls that it did not get, since it holds as many as it may [ms]; None: it got
        all it wanted, or the others would have to begin too late.
    """

    granted: Granted
    times: tuple[int, ...]
    ask_again: int | None


def most_pending(per_minute: int) -> int:
    """Return how many calls that are yet to begin a report may hold."""
    return max(1, per_minute // 2)


def grant(granted: Granted, per_minute: int, wanted: int, now: int, latest: int, report: str) -> Grant:
    """Find the next free times for some calls of a report.

    Parameters
    ----------
    granted
        What was granted so far.
    per_minute
        Most calls in any minute [1 or more].
    wanted
        Calls to find a time for.
    now, latest
        The time, and the latest time that is of use [ms].
    report
        Tells the report from others that have calls to make; not empty.

    Notes
    -----
    If each call begins within `TOLERANCE_MS` after the time it got, then at most `per_minute` calls begin in any 60
    seconds (one end of them open), wherever they start: such a minute touches the tolerance of at most `SPAN_SECONDS`
    seconds in a row. This holds by the clock that `now` comes from; with several clocks, up to their difference.
    Calls may come in a burst: what is free is granted at once. None is granted a time before one granted earlier.
    """
    this_second = now // 1000
    seconds = [entry.second for entry in granted for _ in range(entry.calls)]
    pending = [entry.second for entry in granted if entry.report == report and entry.second > this_second]
    held = sum(entry.calls for entry in granted if entry.report == report and entry.second > this_second)
    new: list[int] = []
    ask_again: int | None = None
    for _ in range(wanted):
        second = max(this_second, seconds[-1] if seconds else this_second)
        if len(seconds) >= per_minute:
            second = max(second, seconds[-per_minute] + SPAN_SECONDS)
        if second > this_second:
            if second * 1000 > latest:
                break
            if held >= most_pending(per_minute):
                ask_again = min(pending) * 1000
                break
            held += 1
            pending.append(second)
        seconds.append(second)
        new.append(second)
    entries = [*granted, *(Entry(second, 1, report) for second in new)]
    return Grant(_united(entries, this_second), tuple(second * 1000 for second in new), ask_again)


def _united(entries: Iterable[Entry], this_second: int) -> Granted:
    """Unite entries of a second and report; forget what is too long ago, and who made calls that are past."""
    counts: dict[tuple[int, str], int] = {}
    for second, calls, report in entries:
        if second > this_second - 2 * SPAN_SECONDS:
            key = (second, report if second > this_second else NOBODY)
            counts[key] = counts.get(key, 0) + calls
    return tuple(Entry(second, calls, report) for (second, report), calls in sorted(counts.items()))
