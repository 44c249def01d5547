"""What comes back with a report's next round."""

from typing import Any

import pytest

from alert_responder_plugins.slack.state import Told, read_state, write_state

TOLD = Told(channel="C0123456789", ts="1900000000.000100", severity="urgent", url="https://example.slack.com/x")


def test_is_read_as_it_was_written_and_with_more_in_it() -> None:
    assert read_state({**write_state(TOLD), "version": 9, "more": 1}) == TOLD


def test_one_with_less_in_it() -> None:
    assert read_state({"channel": "C1", "ts": "1.1"}) == Told(channel="C1", ts="1.1")


@pytest.mark.parametrize("state", [None, "x", 1, [], {}, {"ts": "1.1"}, {"channel": 1, "ts": "1.1"}])
def test_one_that_names_no_message(state: Any) -> None:
    assert read_state(state) is None
