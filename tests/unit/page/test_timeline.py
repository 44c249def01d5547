"""The timeline shows every alert, whatever the times are."""

import re

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import TimelineEntry
from alert_responder.page.timeline import HEIGHT, MOST_SINGLE, WIDTH, timeline
from tests.unit.page.builders import AT


def steps(*times: int) -> list[TimelineEntry]:
    return [TimelineEntry(at=format_rfc3339(at), what=f"step {n}") for n, at in enumerate(times)]


def test_a_few_alerts_are_drawn_one_by_one() -> None:
    made = timeline([AT, AT + 60_000, AT + 120_000], steps(AT, AT + 240_000))
    assert made is not None
    assert not made.is_histogram
    assert [bar.what[-8:] for bar in made.bars] == ["00:00:01", "00:01:01", "00:02:01"]
    assert [round(b.x - a.x) for a, b in zip(made.bars, made.bars[1:], strict=False)] == [246, 246]
    assert [mark.what for mark in made.marks] == ["2026-02-01 00:00:01 step 0", "2026-02-01 00:04:01 step 1"]
    assert (made.first, made.last) == ("2026-02-01 00:00:01", "2026-02-01 00:04:01")
    assert made.summary == "3 alerts within 2 min, the first at 2026-02-01 00:00:01 UTC."


def test_many_alerts_are_drawn_as_a_histogram() -> None:
    made = timeline([AT + n * 1_000 for n in range(10_000)], [])
    assert made is not None
    assert made.is_histogram
    assert made.summary.endswith("A bar is 5 min; the highest is 300 alerts.")
    assert sum(counted(bar.what) for bar in made.bars) == 10_000


def counted(what: str) -> int:
    return int(re.match(r"[\d,]+", what)[0].replace(",", ""))  # type: ignore[index]


@given(st.lists(st.integers(0, 4_000_000_000_000), min_size=1, max_size=200), st.lists(st.integers(0, 4 * 10**12)))
def test_everything_is_inside_the_drawing_and_no_alert_is_left_out(arrivals: list[int], marks: list[int]) -> None:
    made = timeline(arrivals, steps(*marks))
    assert made is not None
    assert len(made.marks) == len(marks)
    for mark in made.marks:
        assert 0 <= mark.x <= WIDTH
    for bar in made.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT + 0.2
        assert bar.height > 0
    total = sum(counted(bar.what) for bar in made.bars) if made.is_histogram else len(made.bars)
    assert total == len(arrivals)
    assert len(made.bars) <= MOST_SINGLE + 1


def test_a_single_alert_is_in_the_middle_and_without_alerts_there_is_no_timeline() -> None:
    made = timeline([AT], [])
    assert made is not None
    assert made.bars[0].x + made.bars[0].width / 2 == WIDTH / 2
    assert made.summary == "1 alert, at 2026-02-01 00:00:01 UTC."
    assert timeline([], steps(AT)) is None


def test_a_step_without_a_valid_time_is_left_out() -> None:
    made = timeline([AT], [TimelineEntry(at="soon", what="x"), TimelineEntry(at="0001-01-01T00:00:00Z", what="y")])
    assert made is not None
    assert made.marks == ()
