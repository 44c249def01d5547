"""Times and durations on a page."""

import pytest

from alert_responder.page.times import display_time, duration


def test_times_are_written_to_the_second_and_other_text_is_unchanged() -> None:
    assert display_time("2026-02-01T01:00:01.250+01:00") == "2026-02-01 00:00:01"
    assert (display_time(None), display_time("0001-01-01T00:00:00Z"), display_time("soon")) == (None, None, "soon")


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(0, "0 ms"), (999, "999 ms"), (61_000, "1 min 1 s"), (90_061_000, "1 d 1 h")]
)
def test_durations_have_two_units(milliseconds: int, text: str) -> None:
    assert duration(milliseconds) == text
