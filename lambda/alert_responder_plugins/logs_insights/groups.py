"""Which log groups a query reads, and in which account it runs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MAX_GROUPS = 50
"""Maximum number of log groups of a query, a limit of StartQuery."""


class LogGroup(NamedTuple):
    """A log group, or all whose names begin with a prefix.

    Attributes
    ----------
    name
        Its name; with an asterisk at the end, a prefix.
    """

    arn: str
    region: str
    account: str
    name: str

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


def places(arns: Iterable[str], home: str, accounts: Iterable[str]) -> tuple[Place, ...]:
    """Divide log groups by where they are asked; at most 50 in one query.

    Parameters
    ----------
    home
        The home account.
    accounts
        Accounts for which a role is configured.
    """
    known = frozenset(accounts)
    found: dict[tuple[str, str], list[LogGroup]] = {}
    for arn in arns:
        group = read_arn(arn)
        found.setdefault((group.account if group.account in known else home, group.region), []).append(group)
    return tuple(
        Place(account, region, tuple(groups[first : first + MAX_GROUPS]))
        for (account, region), groups in found.items()
        for first in range(0, len(groups), MAX_GROUPS)
    )
