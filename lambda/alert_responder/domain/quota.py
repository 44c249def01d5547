"""When calls of an inspector with a quota may begin: a log of granted calls by second, and their number by day.

Reports take turns: each may hold at most half a minute's worth of pending calls. A report with more lookups asks again
when its next call begins, so that other reports find a short queue in the meantime.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

SPAN_SECONDS = 62
"""In any span of this many seconds, no more calls are granted than a minute may have. With `TOLERANCE_MS`, a minute may
also contain calls of the two seconds at its ends."""

TOLERANCE_MS = 2_000
"""A call that is granted for a second begins at most this long after the beginning of that second [ms]."""

DAY_SECONDS = 86_400

PAST = ""
"""Replaces the report of a call in the past, where it does not matter any more."""


class Entry(NamedTuple):
    """Number of calls that were granted to a report for a second since the epoch."""

    second: int
    calls: int
    report: str = PAST


Granted = tuple[Entry, ...]
"""Sorted by second."""

Days = Mapping[int, int]
"""Number of granted calls by day since the epoch (UTC)."""

NO_DAYS: Days = MappingProxyType({})


class Grant(NamedTuple):
    """The calls that a report was granted.

    Attributes
    ----------
    granted
        The whole log with the new calls, without entries that are too old to matter.
    times
        When the calls may begin [ms], ascending.
    ask_again
        When the report may ask for the remaining calls, if it holds as many pending calls as allowed [ms]. None if it
        got all calls, or if the remaining ones would begin too late.
    days
        The number of granted calls by day, without past days.
    day_is_full
        Whether the remaining calls would begin too late because the day has all its calls.
    """

    granted: Granted
    times: tuple[int, ...]
    ask_again: int | None
    days: Days = NO_DAYS
    day_is_full: bool = False


def most_pending(per_minute: int) -> int:
    """Return how many pending calls a report may hold."""
    return max(1, per_minute // 2)


def grant(
    granted: Granted,
    per_minute: int,
    wanted: int,
    now: int,
    latest: int,
    report: str,
    per_day: int = 0,
    days: Days = NO_DAYS,
) -> Grant:
    """Find the next free times for some calls of a report.

    Parameters
    ----------
    granted
        The log of granted calls.
    per_minute
        Maximum number of calls in any minute [0: any number].
    wanted
        Number of calls to grant.
    now, latest
        The current time, and the latest useful time [ms].
    report
        Identifies the report; not empty.
    per_day
        Maximum number of calls in a day (UTC) [0: any number].
    days
        The number of granted calls by day.

    Notes
    -----
    If each call begins within `TOLERANCE_MS` after its time, then at most `per_minute` calls begin in any 60 seconds (a
    half-open interval): such a minute touches the tolerance of at most `SPAN_SECONDS` consecutive seconds. This holds
    for the clock of `now`; with several clocks, up to their difference. The same applies to days: a call that may begin
    on either side of midnight counts for both.
    Calls may come in a burst: free calls are granted immediately. Later grants never get earlier times.
    """
    this_second = now // 1000
    seconds = [entry.second for entry in granted for _ in range(entry.calls)]
    pending = [entry.second for entry in granted if entry.report == report and entry.second > this_second]
    held = sum(entry.calls for entry in granted if entry.report == report and entry.second > this_second)
    new: list[int] = []
    ask_again: int | None = None
    counts = Counter({day: calls for day, calls in days.items() if day >= this_second // DAY_SECONDS})
    day_is_full = False
    for _ in range(wanted):
        second = max(this_second, seconds[-1] if seconds else this_second)
        if per_minute and len(seconds) >= per_minute:
            second = max(second, seconds[-per_minute] + SPAN_SECONDS)
        in_time = second * 1000 <= latest
        while per_day and (full := [day for day in _days(second) if counts[day] >= per_day]):
            second = (full[-1] + 1) * DAY_SECONDS
        if second > this_second:
            if second * 1000 > latest:
                day_is_full = in_time
                break
            if held >= most_pending(per_minute):
                ask_again = min(pending) * 1000
                break
            held += 1
            pending.append(second)
        seconds.append(second)
        new.append(second)
        counts.update(_days(second) if per_day else ())
    entries = [*granted, *(Entry(second, 1, report) for second in new)]
    times = tuple(second * 1000 for second in new)
    return Grant(_united(entries, this_second), times, ask_again, dict(counts), day_is_full)


def _days(second: int) -> tuple[int, ...]:
    """Return the day in which a call begins that is granted for a second; two if it may begin in either."""
    return tuple(dict.fromkeys((second // DAY_SECONDS, (second + TOLERANCE_MS // 1000) // DAY_SECONDS)))


def _united(entries: Iterable[Entry], this_second: int) -> Granted:
    """Merge entries of the same second and report; drop old entries, and the reports of calls in the past."""
    counts: dict[tuple[int, str], int] = {}
    for second, calls, report in entries:
        if second > this_second - 2 * SPAN_SECONDS:
            key = (second, report if second > this_second else PAST)
            counts[key] = counts.get(key, 0) + calls
    return tuple(Entry(second, calls, report) for (second, report), calls in sorted(counts.items()))
