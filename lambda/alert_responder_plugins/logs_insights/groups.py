"""Which log groups a query reads, and in which account it runs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MAX_GROUPS = 50
"""Maximum number of log groups of a query, a limit of StartQuery."""


ANY_ACCOUNT = "*"
"""In the ARN of a log group: the account of the alert."""


class LogGroup(NamedTuple):
    """A log group, or all whose names begin with a prefix.

    Attributes
    ----------
    account
        Its account; an asterisk: the account of the alert.
    name
        Its name; with an asterisk at the end, a prefix.
    """

    arn: str
    region: str
    account: str
    name: str

    def within(self, account: str) -> "LogGroup":
        """Return the log group with this name in an account."""
        arn = ":".join([*self.arn.split(":")[:4], account, *self.arn.split(":")[5:]])
        return self._replace(arn=arn, account=account)

    @property
    def prefix(self) -> str | None:
        """The prefix of names, or None."""
        return self.name.removesuffix("*") if self.name.endswith("*") else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query runs.

    Attributes
    ----------
    account
        Account whose credentials are used: the log groups' own, if a role is configured for it, and otherwise the
        home account, which may be a monitoring account that theirs is linked to.
    """

    account: str
    region: str
    groups: tuple[LogGroup, ...]


def read_arn(arn: str) -> LogGroup:
    """Parse the ARN of a log group, such as `arn:aws:logs:eu-west-1:111122223333:log-group:/aws/eks/*`."""
    _, _, _, region, account, _, name = arn.split(":", 6)
    return LogGroup(arn, region, account, name)


def of_alert(arns: Iterable[str]) -> tuple[LogGroup, ...]:
    """Return the log groups that are asked in the account of each alert."""
    return tuple(group for group in map(read_arn, arns) if group.account == ANY_ACCOUNT)


def places(arns: Iterable[str], home: str, accounts: Iterable[str]) -> tuple[Place, ...]:
    """Divide log groups by where they are asked, except those in the account of each alert.

    Parameters
    ----------
    home
        The home account.
    accounts
        Accounts for which a role is configured.
    """
    known = frozenset(accounts)
    groups = [group for group in map(read_arn, arns) if group.account != ANY_ACCOUNT]
    return _divided((group.account if group.account in known else home, group) for group in groups)


def places_in(account: str, groups: Iterable[LogGroup]) -> tuple[Place, ...]:
    """Return where the log groups of alerts about an account are asked."""
    return _divided((account, group.within(account)) for group in groups)


def _divided(groups: Iterable[tuple[str, LogGroup]]) -> tuple[Place, ...]:
    """Divide log groups by account and region; at most 50 in one query."""
    found: dict[tuple[str, str], list[LogGroup]] = {}
    for account, group in groups:
        found.setdefault((account, group.region), []).append(group)
    return tuple(
        Place(account, region, tuple(at[first : first + MAX_GROUPS]))
        for (account, region), at in found.items()
        for first in range(0, len(at), MAX_GROUPS)
    )
