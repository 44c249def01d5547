"""The meaning of GitHub's responses, and the end of the time that a delivery has."""

import re
from collections.abc import Iterator
from typing import Any

from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import (
    PluginFaultError,
    ReceiverFailedError,
    ReceiverRefusedError,
    SettingsFaultError,
)
from alert_responder_plugins.common.http import HttpResponse

REQUEST_SECONDS = 10
"""Time limit of one request [s], after which GitHub ends it as well."""

_WORD = re.compile(r"[a-z_]{1,40}")
_ADVICE = {
    401: "The token was rejected; check whether it has expired or was revoked.",
    403: "The token needs the permission Issues (read and write), and the repository must not be archived.",
    404: "The repository does not exist, or the token has no access to it.",
    410: "Issues are disabled in the repository.",
    422: "The request is invalid",
}


class RefusedError(ReceiverRefusedError):
    """GitHub rejected the request with this status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def wait_for_request(deadline: Deadline, seconds: float = 0.0) -> None:
    """Wait; raise `ReceiverFailedError` at once if too little time would be left for a request."""
    if not deadline.wait(seconds, reserve=REQUEST_SECONDS):
        cause = f"GitHub demands a wait of {seconds:.0f} s" if seconds >= 1 else "GitHub was too slow"
        raise ReceiverFailedError(f"{cause}; the time limit of the delivery would be exceeded.")


def is_rate_limited(response: HttpResponse) -> bool:
    """Whether GitHub rejected a request because there were too many: it had no effect."""
    if response.status != 403:
        return response.status == 429
    headers = response.headers
    if "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0":
        return True
    return b"rate limit" in response.body.lower()


def error_of(response: HttpResponse, action: str, failed: type[ReceiverFailedError]) -> PluginFaultError:
    """Translate an error of GitHub; the message contains no text of GitHub except field names and error codes.

    Parameters
    ----------
    action
        The attempted action, as an infinitive for the message.
    failed
        Class of the error if GitHub failed.
    """
    status = response.status
    if is_rate_limited(response):
        return ReceiverFailedError(f"GitHub's rate limit was exceeded while trying to {action}.")
    if not 300 <= status < 500:
        return failed(f"GitHub returned status {status} while trying to {action}.")
    advice = _ADVICE.get(status, "Retrying does not help.")
    if status == 422:
        advice += f": {', '.join(_invalid_fields(response)) or 'GitHub gives no reason'}."
    text = f"GitHub returned status {status} while trying to {action}. {advice}"
    return SettingsFaultError(text) if status == 401 else RefusedError(text, status)


def _invalid_fields(response: HttpResponse) -> Iterator[str]:
    try:
        document: Any = response.json()
    except ValueError:
        document = None
    errors = document.get("errors") if isinstance(document, dict) else None
    for error in errors[:5] if isinstance(errors, list) else []:
        if isinstance(error, dict):
            words = [error.get(name) for name in ("field", "code")]
            yield " ".join(word for word in words if isinstance(word, str) and _WORD.fullmatch(word))
