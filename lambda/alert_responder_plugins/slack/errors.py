"""The meaning of Slack's errors: whether the message was accepted, and what an operator must do."""

import re

from alert_responder_plugins.common.errors import (
    OutcomeUnknownError,
    PluginFaultError,
    ReceiverFailedError,
    ReceiverRefusedError,
    SettingsFaultError,
)

TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long"})
"""A shorter message may be accepted."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""The message can never be updated: it was deleted, belongs to another author, or is too old."""

_BAD_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "invalid_token", "not_authed", "token_expired", "token_revoked"}
)
_THROTTLED = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})

# According to Slack's documentation, the request may have taken effect.
_UNKNOWN_OUTCOME = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "rollup_error", "service_unavailable"}
)

_ADVICE = {
    "action_prohibited": "an administrator of the workspace has restricted this webhook.",
    "cannot_reply_to_message": "replies to this message are not allowed.",
    "channel_is_archived": "the channel is archived; unarchive it or choose another channel.",
    "channel_not_found": "the channel does not exist, or the app is not a member; invite the app.",
    "invalid_blocks": "the blocks of the message are invalid.",
    "invalid_blocks_format": "the blocks of the message are invalid.",
    "invalid_payload": "the message is invalid.",
    "is_archived": "the channel is archived; unarchive it or choose another channel.",
    "missing_scope": "the app needs the scopes chat:write and channels:history (groups:history in a private channel).",
    "msg_blocks_too_long": "the message is too long even when shortened.",
    "msg_too_long": "the message is too long even when shortened.",
    "no_service": "the webhook was removed or disabled; create a new one.",
    "no_text": "the message is empty.",
    "not_in_channel": "the app is not a member of the channel; invite it.",
    "restricted_action": "the workspace does not allow the app to post here.",
}

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")


class CodeError(ReceiverRefusedError):
    """Slack rejected the request, which had no effect.

    Attributes
    ----------
    code
        Slack's error code.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"Slack rejected the message ({code}): {_ADVICE.get(code, 'see the code in Slack API docs.')}")


def error_of(code: str, status: int) -> PluginFaultError:
    """Return the error for an unsuccessful response; its message contains no text of Slack except error codes.

    Parameters
    ----------
    code
        `error` of the response, or the body that a webhook returned.
    status
        HTTP status of the response.
    """
    if status == 429 or code in _THROTTLED:
        return ReceiverFailedError("Slack throttled the message.")
    if code in _UNKNOWN_OUTCOME or status >= 500 or (200 <= status < 300 and not _CODE.fullmatch(code)):
        return OutcomeUnknownError(f"Slack failed with status {status}; the message may have been posted.")
    if code in _BAD_TOKEN:
        return SettingsFaultError(f"Slack rejected the secret ({code}); store a valid one in Secrets Manager.")
    return CodeError(code if _CODE.fullmatch(code) else f"status_{status}")
