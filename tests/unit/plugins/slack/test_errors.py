"""The meaning of Slack's errors."""

import pytest

from alert_responder_plugins.common.errors import OutcomeUnknownError, ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.slack.errors import CodeError, error_of


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ratelimited", 200, ReceiverFailedError),
        ("", 429, ReceiverFailedError),
        ("fatal_error", 200, OutcomeUnknownError),
        ("internal_error", 200, OutcomeUnknownError),
        ("", 503, OutcomeUnknownError),
        ("<html>", 200, OutcomeUnknownError),
        ("channel_not_found", 200, CodeError),
        ("no_service", 404, CodeError),
        ("token_revoked", 200, SettingsFaultError),
        ("<html>", 403, CodeError),
    ],
)
def test_class_of_the_error(code: str, status: int, kind: type[Exception]) -> None:
    assert type(error_of(code, status)) is kind


def test_message_contains_no_text_of_slack_except_codes() -> None:
    assert str(error_of("<b>x</b>", 403)) == "Slack rejected the message (status_403): see the code in Slack API docs."
    assert (
        str(error_of("not_in_channel", 200))
        == "Slack rejected the message (not_in_channel): the app is not a member of the channel; invite it."
    )
