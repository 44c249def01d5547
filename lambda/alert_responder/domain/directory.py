"""The directory: what is known of the organisation's accounts. Pure.

Names, units and tags are written by the owners of accounts: bounded here, and hostile wherever they are shown.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from operator import attrgetter
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

MAX_ACCOUNTS: Final = 10_000
"""Maximum number of accounts; AWS Organizations allows no more in an organisation."""

STALE_AFTER_MS: Final = 24 * 3_600_000
"""Age from which a directory is stale [ms]: nothing may be contained in another account by it."""

MAX_SKEW_MS: Final = 300_000
"""How far a directory may be ahead of a reader's clock [ms]; beyond that its time is wrong, and it is stale."""

MAX_NAME, MAX_UNIT, MAX_WORD = 100, 773, 256
"""Maximum lengths of a name, of a unit with its parents, and of an owner or environment [characters].

A unit has room for the root and five levels of organizational units, with names of 128 characters.
"""

AccountStatus = Literal["active", "suspended", "closing"]
AccountKind = Literal["member", "management", "delegated_administrator", "home"]

_id = attrgetter("id")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


class AccountFacts(BaseModel):
    """An account of the organisation.

    Attributes
    ----------
    status
        `suspended` also if AWS returns a state that is not known: such an account is not active.
    kind
        `home` is the account of the installation, whatever else it is; `management` comes before
        `delegated_administrator`.
    unit
        Names of the root and the organizational units above the account, such as `Root/Workloads/Prod`; empty if
        unknown.
    owner, environment
        Values of the tags that the installation names; None without such a tag.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    name: Annotated[str, Field(max_length=MAX_NAME)]
    status: AccountStatus
    kind: AccountKind
    unit: Annotated[str, Field(max_length=MAX_UNIT)] = ""
    owner: Annotated[str, Field(max_length=MAX_WORD)] | None = None
    environment: Annotated[str, Field(max_length=MAX_WORD)] | None = None

    def is_in(self, unit: str) -> bool:
        """Whether the account is in a unit or below it; the unit may end with a slash."""
        return f"{self.unit}/".startswith(f"{unit.rstrip('/')}/")


class Directory(BaseModel):
    """The accounts of the organisation at one time.

    Attributes
    ----------
    organization_id
        Such as `o-exampleorgid`; None if the accounts are listed by the installation.
    accounts
        Sorted by id, each once.
    read_at
        When the accounts were read [ms since the epoch].
    tags_read_to
        Id of the account whose tags were read last, if the time was too short for all of them. The next refresh
        continues after it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    organization_id: Annotated[str, Field(pattern=r"^o-[a-z0-9]{10,32}$")] | None = None
    accounts: Annotated[tuple[AccountFacts, ...], Field(max_length=MAX_ACCOUNTS)]
    read_at: Annotated[int, Field(ge=0)]
    tags_read_to: str | None = None

    @field_validator("accounts")
    @classmethod
    def _sorted_and_each_once(cls, accounts: tuple[AccountFacts, ...]) -> tuple[AccountFacts, ...]:
        if len({account.id for account in accounts}) < len(accounts):
            raise ValueError("accounts must contain each account once")
        return tuple(sorted(accounts, key=_id))

    def find(self, account_id: str) -> AccountFacts | None:
        """Return an account; None if it is not in the directory."""
        place = bisect_left(self.accounts, account_id, key=_id)
        found = self.accounts[place : place + 1]
        return found[0] if found and found[0].id == account_id else None

    def is_stale(self, now: int) -> bool:
        """Whether the directory is older than 24 h at `now` [ms], or from the future."""
        return is_stale(self.read_at, now)


def is_stale(read_at: int, now: int) -> bool:
    """Whether a directory that was read at a time [ms] is older than 24 h at `now` [ms], or from the future."""
    return not -MAX_SKEW_MS <= now - read_at <= STALE_AFTER_MS


def one_line(text: str, limit: int) -> str:
    """Return text in one line of at most `limit` characters, without control characters and lone surrogates."""
    return _SPACES.sub(" ", text[: 4 * limit]).strip()[:limit].encode("utf-8", "replace").decode()


def units_above(unit: str) -> tuple[str, ...]:
    """List a unit and all units above it: `Root`, `Root/Workloads`, `Root/Workloads/Prod`."""
    names = unit.split("/")
    return tuple("/".join(names[: place + 1]) for place in range(len(names)))


def shortened(text: str, limit: int) -> str:
    """Cut text to at most `limit` characters; an ellipsis shows that it does not equal another, whole text."""
    return text if len(text) <= limit else f"{text[: max(limit - 1, 0)]}…"[:limit]


def unit_path(names: Iterable[str]) -> str:
    """Join the names of a root and its organizational units; a `/` in a name becomes `-`, a long path ends with `…`."""
    return shortened("/".join(one_line(name, 128).replace("/", "-") for name in names), MAX_UNIT)
