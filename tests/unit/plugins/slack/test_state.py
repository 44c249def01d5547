"""The emitter's state."""

from typing import Any

import pytest

from alert_responder_plugins.slack.state import PostedMessage, read_state, write_state

MESSAGE = PostedMessage(
    channel="C0123456789", ts="1900000000.000100", severity="urgent", url="https://example.slack.com/x"
)


def test_written_state_can_be_read_with_additional_fields() -> None:
    assert read_state({**write_state(MESSAGE), "version": 9, "more": 1}) == MESSAGE


def test_optional_fields_may_be_missing() -> None:
    assert read_state({"channel": "C1", "ts": "1.1"}) == PostedMessage(channel="C1", ts="1.1")


@pytest.mark.parametrize("state", [None, "x", 1, [], {}, {"ts": "1.1"}, {"channel": 1, "ts": "1.1"}])
def test_invalid_state_is_ignored(state: Any) -> None:
    assert read_state(state) is None
