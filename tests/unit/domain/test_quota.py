"""No minute has more calls than the quota, and no call waits longer than necessary."""

import heapq
import itertools
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.quota import DAY_SECONDS, SPAN_SECONDS, TOLERANCE_MS, Granted, most_pending
from alert_responder.domain.quota import grant as grant_to

FAR = 10**15
_reports = itertools.count()


def grant(granted: Granted, per_minute: int, wanted: int, now: int, latest: int) -> tuple[Granted, tuple[int, ...]]:
    """Request calls, each for another report."""
    found: list[int] = []
    for _ in range(wanted):
        granted, times, ask_again, *_ = grant_to(granted, per_minute, 1, now, latest, f"r{next(_reports)}")
        assert ask_again is None
        found += times
    return granted, tuple(found)


_steps = st.lists(
    st.tuples(st.sampled_from([0, 1, 400, 1_000, 5_000, 61_000, 200_000]), st.integers(1, 12)), max_size=25
)
_delays = st.lists(st.integers(0, TOLERANCE_MS - 1), min_size=1, max_size=30)


def run(steps: list[tuple[int, int]], per_minute: int, latest_in: int = FAR) -> list[int]:
    """Request calls one by one; return their times."""
    granted: Granted = ()
    found: list[int] = []
    now = 1_000_000_123
    for wait, wanted in steps:
        now += wait
        granted, times = grant(granted, per_minute, wanted, now, now + latest_in)
        assert all(time >= now - 999 for time in times)
        assert all(time <= now + latest_in for time in times)
        found += times
    return found


def busiest_minute(times: list[int]) -> int:
    """Count the calls in the busiest 60 seconds, excluding the end; the busiest minute begins with a call."""
    return max((sum(start <= time < start + 60_000 for time in times) for start in times), default=0)


@given(steps=_steps, per_minute=st.integers(1, 9), delays=_delays, latest=st.sampled_from([0, 50_000, 180_000, FAR]))
def test_no_minute_has_more_calls_than_the_quota(
    steps: list[tuple[int, int]], per_minute: int, delays: list[int], latest: int
) -> None:
    times = run(steps, per_minute, latest)
    begun = [time + delays[number % len(delays)] for number, time in enumerate(times)]
    assert busiest_minute(begun) <= per_minute
    assert times == sorted(times)


def test_the_span_is_as_short_as_possible() -> None:
    times = run([(0, 100)], 4)
    assert busiest_minute([time + (number % 4 == 0) * (TOLERANCE_MS - 1) for number, time in enumerate(times)]) == 4
    assert [time - times[0] for time in times[::4]] == [SPAN_SECONDS * 1000 * number for number in range(25)]
    # One second less is too short: a late call of one burst and a punctual next burst would be within a minute.
    assert busiest_minute([0 + TOLERANCE_MS - 1, (SPAN_SECONDS - 1) * 1000]) == 2


@given(st.integers(1, 9), st.integers(1, 9))
def test_free_calls_are_granted_immediately(per_minute: int, wanted: int) -> None:
    now = 5_000_999
    granted, times = grant((), per_minute, wanted, now, now)
    assert times == (5_000_000,) * min(per_minute, wanted)
    assert granted == ((5_000, min(per_minute, wanted), ""),)


def test_old_calls_are_dropped() -> None:
    granted, _ = grant((), 2, 2, 0, FAR)
    now = SPAN_SECONDS * 1000
    granted, times = grant(granted, 2, 3, now, FAR)
    assert times == (now, now, 2 * now)
    granted, _ = grant(granted, 2, 1, 10 * now, FAR)
    assert granted == ((10 * SPAN_SECONDS, 1, ""),)


def test_calls_that_would_begin_too_late_are_not_granted() -> None:
    granted, times = grant((), 2, 9, 0, SPAN_SECONDS * 1000)
    assert times == (0, 0, SPAN_SECONDS * 1000, SPAN_SECONDS * 1000)
    assert grant(granted, 2, 9, 1_000, SPAN_SECONDS * 1000) == (granted, ())
    assert grant((), 1, 1, 999, 0)[1] == (0,), "the current second is not late"


def test_a_clock_that_is_behind_gets_no_earlier_times() -> None:
    granted, _ = grant((), 5, 1, 10_000, FAR)
    assert grant(granted, 5, 1, 9_100, FAR)[1] == (10_000,)


@pytest.mark.parametrize("rates", [(9, 2), (2, 9)])
def test_during_a_change_of_quota_the_larger_one_applies(rates: tuple[int, int]) -> None:
    granted: Granted = ()
    times: list[int] = []
    for second in range(400):
        granted, found = grant(granted, rates[second // 7 % 2], 1, second * 1000, second * 1000)
        times += found
    assert busiest_minute(times) <= max(rates)


@given(_steps)
def test_the_log_stays_short(steps: list[tuple[int, int]]) -> None:
    granted: Granted = ()
    now = 0
    for wait, wanted in steps:
        now += wait
        granted, _ = grant(granted, 10_000, wanted, now, now + 840_000)
    assert len(granted) <= 2 * SPAN_SECONDS + 1
    assert [entry.second for entry in granted] == sorted({entry.second for entry in granted})


@pytest.mark.parametrize(("per_minute", "most"), [(1, 1), (2, 1), (4, 2), (9, 4)])
def test_a_report_holds_half_a_minute_of_calls_and_asks_again(per_minute: int, most: int) -> None:
    assert most_pending(per_minute) == most
    granted, times, ask_again, *_ = grant_to((), per_minute, 100, 0, FAR, "r")
    assert times == (0,) * per_minute + (SPAN_SECONDS * 1000,) * most
    assert ask_again == SPAN_SECONDS * 1000
    assert grant_to(granted, per_minute, 100, 1_000, FAR, "r")[:3] == (granted, (), ask_again)
    _, more, *_ = grant_to(granted, per_minute, 100, SPAN_SECONDS * 1000, FAR, "r")
    free = per_minute - most
    assert more == (SPAN_SECONDS * 1000,) * free + (2 * SPAN_SECONDS * 1000,) * most, "all of the quota is used"


@given(
    per_minute=st.integers(1, 9),
    flood=st.integers(1, 500),
    competing=st.integers(1, 5),
    comes=st.integers(0, 400_000),
    wanted=st.integers(1, 3),
)
def test_each_competing_report_delays_another_by_at_most_two_minutes(
    per_minute: int, flood: int, competing: int, comes: int, wanted: int
) -> None:
    granted: Granted = ()
    ask = dict.fromkeys(range(competing), 0)
    left = dict.fromkeys(range(competing), flood)
    while (now := min(ask.values())) < comes:
        report = min(ask, key=lambda one: ask[one])
        granted, times, ask_again, *_ = grant_to(granted, per_minute, left[report], now, FAR, f"r{report}")
        left[report] -= len(times)
        ask[report] = FAR if ask_again is None else ask_again
    alone = grant_to((), per_minute, wanted, comes, FAR, "late").times
    found = grant_to(granted, per_minute, wanted, comes, FAR, "late").times
    assert found[0] - alone[0] <= 2 * SPAN_SECONDS * 1000 * competing


def test_an_alert_with_many_addresses_every_minute_does_not_starve_others() -> None:
    """One hour, four calls per minute: every minute an alert with 20 addresses, and 30 s later one with one address."""
    granted: Granted = ()
    asks = [(minute * 60_000, f"many{minute}", 20, minute * 60_000) for minute in range(60)]
    asks += [(minute * 60_000 + 30_000, f"one{minute}", 1, minute * 60_000 + 30_000) for minute in range(60)]
    heapq.heapify(asks)
    called: dict[str, int] = {}
    while asks:
        now, report, wanted, began = heapq.heappop(asks)
        granted, times, ask_again, *_ = grant_to(granted, 4, wanted, now, began + 175_000, report)
        called[report] = called.get(report, 0) + len(times)
        if ask_again is not None and ask_again < began + 175_000:
            heapq.heappush(asks, (ask_again, report, wanted - len(times), began))
    assert [called[f"one{minute}"] for minute in range(60)] == [1] * 60


@given(
    steps=st.lists(st.tuples(st.integers(0, 20_000_000), st.integers(1, 30)), min_size=1, max_size=20),
    per_day=st.integers(1, 20),
    per_minute=st.sampled_from([0, 1, 5]),
    delay=st.integers(0, TOLERANCE_MS - 1),
)
def test_no_day_has_more_calls_than_the_quota(
    steps: list[tuple[int, int]], per_day: int, per_minute: int, delay: int
) -> None:
    granted: Granted = ()
    days: Mapping[int, int] = {}
    now = 0
    calls: list[int] = []
    for wait, wanted in steps:
        now += wait
        found = grant_to(granted, per_minute, wanted, now, now + 840_000, f"r{now}", per_day, days)
        granted, days = found.granted, found.days
        calls += [time + delay for time in found.times]
        assert not found.day_is_full or len(found.times) < wanted
        assert len(days) <= 3
    made = Counter(time // (DAY_SECONDS * 1000) for time in calls)
    assert all(count <= per_day for count in made.values())
    if per_minute:
        assert busiest_minute(calls) <= per_minute


def test_a_full_day_ends_at_midnight() -> None:
    noon, midnight = DAY_SECONDS * 500, DAY_SECONDS * 1000
    first = grant_to((), 0, 3, noon, noon + 60_000, "r", 2)
    assert (first.times, first.day_is_full, first.ask_again) == ((noon, noon), True, None)
    assert grant_to(first.granted, 0, 1, noon + 5_000, noon + 60_000, "r", 2, first.days).day_is_full
    later = grant_to(first.granted, 0, 1, midnight - 60_000, midnight + 60_000, "r", 2, first.days)
    assert (later.times, later.day_is_full) == ((midnight,), False)
    assert grant_to(first.granted, 0, 1, midnight, FAR, "r", 2, first.days).times == (midnight,)
    assert not grant_to((), 1, 2, noon, noon + 1_000, "r", 2).day_is_full, "the quota per minute is the cause"
