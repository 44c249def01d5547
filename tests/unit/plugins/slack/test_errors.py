"""What Slack's errors mean."""

import pytest

from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.slack.errors import CodeError, UnsureError, fault_of


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ratelimited", 200, ReceiverFailedError),
        ("", 429, ReceiverFailedError),
        ("fatal_error", 200, UnsureError),
        ("internal_error", 200, UnsureError),
        ("", 503, UnsureError),
        ("<html>", 200, UnsureError),
        ("channel_not_found", 200, CodeError),
        ("no_service", 404, CodeError),
        ("<html>", 403, CodeError),
    ],
)
def test_kind(code: str, status: int, kind: type[Exception]) -> None:
    assert type(fault_of(code, status)) is kind


def test_message_holds_no_words_of_slacks_but_its_codes() -> None:
    assert str(fault_of("<b>x</b>", 403)) == "Slack refused (status_403): its documentation says why."
    assert (
        str(fault_of("not_in_channel", 200))
        == "Slack refused (not_in_channel): the app is not in the channel; invite it."
    )
