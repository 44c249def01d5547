"""Inspect and change each kind of target, one module per kind.

Actions only read and write parts. The inverse of writing a part's `after` is writing its `before`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.quarantine.model import Kind, TargetState

GONE: Final = "gone"
"""Value of a part that no longer exists. The only other values that are strings are `Active` and `Inactive`."""


_QUOTAS = {
    "LimitExceeded": "an AWS quota is exceeded: detach a policy or raise the quota",
    "LimitExceededException": "an AWS quota is exceeded",
    "WAFLimitsExceededException": "an AWS quota is exceeded",
}
"""Errors that persist until an operator acts, such as an eleventh policy of a role."""

_SESSION_ENDED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
"""Errors of a role's session that ended early, such as that of a role that was created again."""


class ActionFailedError(ReceiverFailedError):
    """AWS rejected a call or did not answer; the message contains the call and the error code, and no text of AWS.

    Attributes
    ----------
    final
        Whether retrying does not help.
    session_ended
        Whether AWS no longer accepts the session.
    """

    def __init__(self, message: str, *, final: bool = False, session_ended: bool = False) -> None:
        super().__init__(message)
        self.final = final
        self.session_ended = session_ended


@dataclass(frozen=True, slots=True)
class PartLocation:
    """Identifies a part by its target and the owner through which it is accessed (see `TargetState.owner`)."""

    target: str
    owner: str
    part: str


class Action(Protocol):
    """Inspects and changes one kind of target."""

    def resolve(self, target: str, /) -> str:
        """Return the canonical name of a target that may have several names."""
        ...

    def look(self, target: str) -> TargetState:
        """Return the current state of a target; raise `ActionFailedError` if it cannot be read."""
        ...

    def secure(self, target: str, token: str, /) -> tuple[str, ...]:
        """Create evidence before anything is changed, once per token; return its ids."""
        ...

    def read(self, location: PartLocation) -> Any:
        """Return the current value of a part, in the form of `Part.before` and `Part.after`, or `GONE`."""
        ...

    def write(self, location: PartLocation, value: Any) -> None:
        """Set the value of a part; repeating it has no effect."""
        ...


class SimpleAction:
    """An action whose targets have one name, and that needs no evidence."""

    def resolve(self, target: str, /) -> str:
        """Return the target unchanged."""
        return target

    def secure(self, _target: str, _token: str, /) -> tuple[str, ...]:
        """Return no ids."""
        return ()


Actions = Mapping[Kind, Action]


def call_aws(call: Callable[..., Any], **request: Any) -> Any:
    """Call AWS; raise `ActionFailedError` for every error."""
    try:
        return call(**request)
    except ClientError as error:
        raise error_of(call, error) from None
    except BotoCoreError as error:
        raise ActionFailedError(f"{_name(call)}: {type(error).__name__}") from None


def error_of(call: Callable[..., Any], error: ClientError) -> ActionFailedError:
    """Return the `ActionFailedError` for a rejected call."""
    code = error_code(error) or "unknown"
    meaning = f" ({_QUOTAS[code]})" if code in _QUOTAS else ""
    return ActionFailedError(
        f"{_name(call)}: {code}{meaning}", final=code in _QUOTAS, session_ended=code in _SESSION_ENDED
    )


def _name(call: Callable[..., Any]) -> str:
    return getattr(call, "__name__", "AWS")
