"""Times on a page."""

from alert_responder.page.text import instant


def test_times_are_written_to_the_second_and_other_text_is_unchanged() -> None:
    assert instant("2026-02-01T01:00:01.250+01:00") == "2026-02-01 00:00:01"
    assert (instant(None), instant("0001-01-01T00:00:00Z"), instant("soon")) == (None, None, "soon")
