"""When calls of an inspector with a quota may begin: a log of the calls granted, by the second they are granted for."""

from collections.abc import Sequence

SPAN_SECONDS = 62
"""In as many seconds in a row no more calls are granted than a minute may have: whoever keeps to `TOLERANCE_MS` begins
calls in two seconds that touch any minute at its two ends."""

TOLERANCE_MS = 2_000
"""A call granted for a second begins within so long after the beginning of that second, or not at all [ms]."""

Granted = tuple[tuple[int, int], ...]
"""Seconds since the epoch, each with the number of calls granted for it; ascending."""


def grant(granted: Granted, per_minute: int, wanted: int, now: int, latest: int) -> tuple[Granted, tuple[int, ...]]:
    """Find the next free times for some calls.

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

    Returns
    -------
    granted, times
        What is granted with these, without what is too long ago to matter; and the times from which the calls may
        begin [ms], ascending. There are fewer than wanted where the others would have to begin later than `latest`.

    Notes
    -----
    If each call begins within `TOLERANCE_MS` after the time it got, then at most `per_minute` calls begin in any 60
    seconds (one end of them open), wherever they start: such a minute touches the tolerance of at most `SPAN_SECONDS`
    seconds in a row. This holds by the clock that `now` comes from; with several clocks, up to their difference.
    Calls may come in a burst: what is free is granted at once. None is granted a time before one granted earlier.
    """
    seconds = [second for second, count in granted for _ in range(count)]
    this_second = now // 1000
    times: list[int] = []
    for _ in range(wanted):
        second = max(this_second, seconds[-1] if seconds else this_second)
        if len(seconds) >= per_minute:
            second = max(second, seconds[-per_minute] + SPAN_SECONDS)
        if second > this_second and second * 1000 > latest:
            break
        seconds.append(second)
        times.append(second * 1000)
    return _counted([second for second in seconds if second > this_second - 2 * SPAN_SECONDS]), tuple(times)


def _counted(seconds: Sequence[int]) -> Granted:
    counts: dict[int, int] = {}
    for second in seconds:
        counts[second] = counts.get(second, 0) + 1
    return tuple(counts.items())
