"""How each kind of thing is looked at and changed, one module a kind.

An action knows nothing of journals, guards or undoing: a part is read, and it is written. The inverse of writing
`after` is writing `before`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.quarantine.model import Kind, TargetState

GONE: Final = "gone"
"""What is read of a part that no longer exists. No part's value is a text but an access key's `Active`, `Inactive`."""


_QUOTAS = {
    "LimitExceeded": "a quota of AWS is used up",
    "LimitExceededException": "a quota of AWS is used up",
    "WAFLimitsExceededException": "a quota of AWS is used up",
}
"""Errors that go on until a person makes room, such as for an eleventh policy of a role."""


class ActionFailedError(ReceiverFailedError):
    """AWS refused or did not answer; the message names the call and AWS's code, and nothing AWS wrote itself.

    Attributes
    ----------
    final
        Whether trying again cannot help.
    """

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


@dataclass(frozen=True, slots=True)
class PartLocation:
    """Where a part is: of which target, and reached through which owner (`TargetState.owner`)."""

    target: str
    owner: str
    part: str


class Action(Protocol):
    """One kind."""

    def resolve(self, target: str, /) -> str:
        """Return the one name of a target that has several; the same where there is none better."""
        ...

    def look(self, target: str) -> TargetState:
        """Return what there is of a target; raise `ActionFailedError` when it cannot be known."""
        ...

    def secure(self, target: str, token: str, /) -> tuple[str, ...]:
        """Make evidence before anything is changed, once for a token however often it is asked; return its ids."""
        ...

    def read(self, place: PartLocation) -> Any:
        """Return what a part is now, as `Part.before` and `Part.after` have it, or `GONE`."""
        ...

    def write(self, place: PartLocation, value: Any) -> None:
        """Make a part so; harmless when it is so already."""
        ...


class SimpleAction:
    """Of actions whose targets have one name, and that destroy nothing evidence could be made of."""

    def resolve(self, target: str, /) -> str:
        """Return it as it is."""
        return target

    def secure(self, _target: str, _token: str, /) -> tuple[str, ...]:
        """Make nothing."""
        return ()


Actions = Mapping[Kind, Action]


def called(call: Callable[..., Any], **request: Any) -> Any:
    """Call AWS; raise `ActionFailedError` for whatever it says."""
    try:
        return call(**request)
    except ClientError as error:
        raise failed(call, error) from None
    except BotoCoreError as error:
        raise ActionFailedError(f"{_name(call)}: {type(error).__name__}") from None


def failed(call: Callable[..., Any], error: ClientError) -> ActionFailedError:
    """Make the error for a refusal."""
    code = code_of(error)
    meaning = f" ({_QUOTAS[code]})" if code in _QUOTAS else ""
    return ActionFailedError(f"{_name(call)}: {code}{meaning}", final=code in _QUOTAS)


def code_of(error: ClientError) -> str:
    """Return AWS's name for an error."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _name(call: Callable[..., Any]) -> str:
    return getattr(call, "__name__", "AWS")
