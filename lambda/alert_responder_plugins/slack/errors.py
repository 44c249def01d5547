"""What Slack's errors mean: whether the message was taken, and what a person has to do."""

import re

from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, ReceiverRefusedError

TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long"})
"""A shorter message may be taken."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""The message cannot be updated, ever: somebody has deleted it, it is somebody else's, or it is too old."""

BAD_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "invalid_token", "not_authed", "token_expired", "token_revoked"}
)
"""The secret is wrong, or has been rotated."""

_LIMITED = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})

# Slack says itself that something may have been done before one of these.
_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "rollup_error", "service_unavailable"})

_WHAT_TO_DO = {
    "action_prohibited": "an administrator of the workspace has restricted this webhook.",
    "cannot_reply_to_message": "nobody may answer to this message.",
    "channel_is_archived": "the channel is archived; unarchive it or choose another.",
    "channel_not_found": "it does not know the channel, or the app is not in it; invite the app.",
    "invalid_blocks": "it does not take the message's blocks.",
    "invalid_blocks_format": "it does not take the message's blocks.",
    "invalid_payload": "it does not take the message.",
    "is_archived": "the channel is archived; unarchive it or choose another.",
    "missing_scope": "the app needs the scopes chat:write and channels:history (groups:history in a private channel).",
    "msg_blocks_too_long": "the message is too long even when shortened.",
    "msg_too_long": "the message is too long even when shortened.",
    "no_service": "the webhook was removed or switched off; make a new one.",
    "no_text": "the message is empty.",
    "not_in_channel": "the app is not in the channel; invite it.",
    "restricted_action": "the workspace does not let the app post here.",
    **dict.fromkeys(BAD_TOKEN, "it does not take the secret; put a valid one into Secrets Manager."),
}

_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}")


class UnsureError(ReceiverFailedError):
    """Nobody saw how the call ended: Slack may have done what it was asked."""


class CodeError(ReceiverRefusedError):
    """Slack has refused, and nothing was done.

    Attributes
    ----------
    code
        Slack's word for it.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"Slack refused ({code}): {_WHAT_TO_DO.get(code, 'its documentation says why.')}")


def fault_of(code: str, status: int) -> PluginFaultError:
    """Tell what an answer that is no success means; the message holds no word of Slack's that is not one of its codes.

    Parameters
    ----------
    code
        `error` of the answer, or what a webhook answered.
    status
        HTTP status of the answer.
    """
    if status == 429 or code in _LIMITED:
        return ReceiverFailedError("Slack refused the message for its rate limit.")
    if code in _UNSURE or status >= 500 or (200 <= status < 300 and not _WORD.fullmatch(code)):
        return UnsureError(f"Slack failed with status {status}; it may have taken the message.")
    return CodeError(code if _WORD.fullmatch(code) else f"status_{status}")
