"""The actions that began within the last hour, per account. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

HOUR = 3_600_000
"""One hour [ms]."""


@dataclass(frozen=True, slots=True)
class Rate:
    """When actions began [ms since the epoch]; times in the future count as well.

    Attributes
    ----------
    times
        Of all actions within the hour before `now`.
    of_accounts
        Of those actions, by account. Actions that an earlier version began are in `times` only.
    """

    now: int
    times: tuple[int, ...] = ()
    of_accounts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: Mapping[str, Any], now: int) -> Self:
        """Read the form of `stored`, without times that are older than an hour."""
        by_account = {account: _recent(times, now) for account, times in stored.get("accounts", {}).items()}
        kept = {account: times for account, times in by_account.items() if times}
        return cls(now, _recent(stored.get("times", ()), now), kept)

    def with_action(self, account: str) -> "Rate":
        """Return the rate after an action that begins now."""
        of_account = (*self.of_accounts.get(account, ()), self.now)
        return Rate(self.now, (*self.times, self.now), {**self.of_accounts, account: of_account})

    def stored(self) -> dict[str, Any]:
        """Return the form in which it is stored."""
        return {"times": list(self.times), "accounts": {key: list(times) for key, times in self.of_accounts.items()}}


def _recent(times: Any, now: int) -> tuple[int, ...]:
    return tuple(int(time) for time in times if time > now - HOUR)
