"""Calls of AWS for one lookup, within its time limit; calls without an answer are recorded as gaps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.aws_context.gaps import Gap, Why
from alert_responder_plugins.common.accounts import Account, Accounts
from alert_responder_plugins.common.aws import is_denied, is_throttling
from alert_responder_plugins.common.deadline import Deadline

_ABSENT = {
    "InvalidAMIID.NotFound",
    "InvalidAMIID.Unavailable",
    "InvalidGroup.NotFound",
    "InvalidInstanceID.NotFound",
    "InvalidNetworkInterfaceID.NotFound",
    "LoadBalancerNotFound",
    "NoSuchEntity",
}
_PREFIXES = {"elbv2": "elasticloadbalancing"}


@dataclass(frozen=True, slots=True)
class CallResult:
    """Result of a call.

    Attributes
    ----------
    known
        Whether AWS answered, either with `data` or that the resource does not exist.
    data
        The response; empty if there is none.
    """

    known: bool
    data: dict[str, Any] = field(default_factory=dict)


class AwsCalls:
    """Calls AWS for one lookup.

    Parameters
    ----------
    seconds
        Time limit, after which no call begins [s].
    clock
        A monotonic clock [s].
    """

    def __init__(self, accounts: Accounts, seconds: float, clock: Callable[[], float]) -> None:
        self.gaps: list[Gap] = []
        self._accounts = accounts
        self._deadline = Deadline(seconds, clock)
        self._closed: set[str] = set()

    def remaining(self) -> float:
        """Return the time left [s]."""
        return self._deadline.remaining()

    def call(self, account: Account, service: str, region: str, operation: str, **request: Any) -> CallResult:
        """Make a call; every error is recorded as a gap."""
        if self.remaining() <= 0:
            return self._gap("time", _PREFIXES.get(service, service), account, region)
        if account.id in self._closed:
            return CallResult(known=False)
        try:
            client = self._accounts.client(account, service, region)
        except (BotoCoreError, ClientError) as error:
            # No further call of this lookup is made in an account whose role cannot be assumed.
            self._closed.add(account.id)
            return self._failed(error, "sts:AssumeRole", account, region)
        action = _action(service, client.meta.method_to_api_mapping[operation])
        try:
            return CallResult(known=True, data=getattr(client, operation)(**request))
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return CallResult(known=True)
            return self._failed(error, action, account, region)
        except BotoCoreError as error:
            return self._failed(error, action, account, region)

    def _failed(self, error: ClientError | BotoCoreError, action: str, account: Account, region: str) -> CallResult:
        if not isinstance(error, ClientError):
            return self._gap("failed", action, account, region, type(error).__name__)
        if is_throttling(error):
            return self._gap("throttled", action, account, region)
        return self._gap("denied" if is_denied(error) else "failed", action, account, region, error_code(error))

    def _gap(self, why: Why, action: str, account: Account, region: str, detail: str = "") -> CallResult:
        gap = Gap(why, action, account.id, region, detail)
        if gap not in self.gaps:
            self.gaps.append(gap)
        return CallResult(known=False)


def _action(service: str, operation: str) -> str:
    return f"{_PREFIXES.get(service, service)}:{operation}"
