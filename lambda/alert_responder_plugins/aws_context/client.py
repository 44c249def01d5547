"""Calls of one lookup: within its time, and with a note of everything that could not be asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.aws_context.accounts import Account, Accounts
from alert_responder_plugins.aws_context.gaps import Gap, Why
from alert_responder_plugins.common.aws import is_denied, is_throttling

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
class Answer:
    """What a call gave.

    Attributes
    ----------
    known
        Whether AWS answered: with `data`, or that there is no such thing.
    data
        The response; empty where there is none.
    """

    known: bool
    data: dict[str, Any] = field(default_factory=dict)


class Asking:
    """Asks for one lookup.

    Parameters
    ----------
    seconds
        After so long nothing more is asked.
    clock
        A monotonic clock [s].
    """

    def __init__(self, accounts: Accounts, seconds: float, clock: Callable[[], float]) -> None:
        self.gaps: list[Gap] = []
        self._accounts = accounts
        self._clock = clock
        self._ends = clock() + seconds
        self._closed: set[str] = set()

    def left(self) -> float:
        """Return how much time is left [s]; it may be negative."""
        return self._ends - self._clock()

    def ask(self, account: Account, service: str, region: str, operation: str, **request: Any) -> Answer:
        """Do one call; whatever goes wrong becomes a gap."""
        if self.left() <= 0:
            return self._gap("time", _PREFIXES.get(service, service), account, region)
        if account.id in self._closed:
            return Answer(known=False)
        try:
            client = self._accounts.client(account, service, region)
        except (BotoCoreError, ClientError) as error:
            # Whose role cannot be assumed is not asked again in this lookup.
            self._closed.add(account.id)
            return self._refused(error, "sts:AssumeRole", account, region)
        action = _action(service, client.meta.method_to_api_mapping[operation])
        try:
            return Answer(known=True, data=getattr(client, operation)(**request))
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return Answer(known=True)
            return self._refused(error, action, account, region)
        except BotoCoreError as error:
            return self._refused(error, action, account, region)

    def _refused(self, error: ClientError | BotoCoreError, action: str, account: Account, region: str) -> Answer:
        if not isinstance(error, ClientError):
            return self._gap("failed", action, account, region, type(error).__name__)
        if is_throttling(error):
            return self._gap("throttled", action, account, region)
        return self._gap("denied" if is_denied(error) else "failed", action, account, region, error_code(error))

    def _gap(self, why: Why, action: str, account: Account, region: str, detail: str = "") -> Answer:
        gap = Gap(why, action, account.id, region, detail)
        if gap not in self.gaps:
            self.gaps.append(gap)
        return Answer(known=False)


def _action(service: str, operation: str) -> str:
    return f"{_PREFIXES.get(service, service)}:{operation}"
