"""Which member accounts an inspector may look into.

A producer of the alert stream can claim any account, so that each one is looked up in the directory.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import Field

from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.errors import DependencyError
from alert_responder.store.directory import CachedDirectory
from alert_responder.store.table import Table
from alert_responder_plugins.common.settings import PluginSettings, Texts

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
INACTIVE = {"suspended": "is suspended", "closing": "is being closed"}
"""What an account does, in words, by its status if that is not `active`."""


class MemberSettings(PluginSettings):
    """Environment variables about member accounts; lists are JSON.

    Attributes
    ----------
    member_role_name
        Name of the role in each account; empty: there are no member accounts.
    member_accounts
        Accounts that may be asked, and that are asked about what the alert's account does not know, in this order.
    member_units
        Paths of organizational units, such as `Root/Workloads`: accounts below them may be asked. If both lists are
        empty, all accounts of the directory may be.
    """

    member_role_name: str = Field(alias="MEMBER_ROLE_NAME", default="", pattern=r"^[A-Za-z0-9_+=,.@-]{0,64}$")
    member_accounts: Texts = Field(alias="MEMBER_ACCOUNTS", default=())
    member_units: Texts = Field(alias="MEMBER_UNITS", default=())


@dataclass(frozen=True, slots=True)
class Members:
    """The member accounts that may be asked.

    Attributes
    ----------
    partition
        Partition of the roles.
    directory
        Returns the accounts of the organisation; raises `DependencyError` if they cannot be read.
    """

    settings: MemberSettings
    partition: str
    directory: Callable[[], Directory | None]

    def role_arn(self, account_id: str) -> str:
        """Return the ARN of the role in an account."""
        return f"arn:{self.partition}:iam::{account_id}:role/{self.settings.member_role_name}"

    def refusals(self, account_ids: Iterable[str]) -> dict[str, str]:
        """Return why accounts may not be asked, as sentences; accounts that may be asked are left out.

        A directory that is older than a day is used, since reading changes nothing.
        """
        try:
            directory = self.directory()
        except DependencyError:
            return dict.fromkeys(account_ids, "The directory of accounts could not be read.")
        reasons = {account_id: self._refusal(account_id, directory) for account_id in account_ids}
        return {account_id: reason for account_id, reason in reasons.items() if reason is not None}

    def _refusal(self, account_id: str, directory: Directory | None) -> str | None:
        if not _ACCOUNT.fullmatch(account_id):
            return "The account is not asked: its id does not have 12 digits."
        if directory is None:
            return "The directory of accounts is missing: it is written by modules/organization."
        facts = directory.find(account_id)
        if facts is None:
            return f"Account {account_id} is not asked: it is not in the directory of the organisation."
        if facts.status != "active":
            return f"Account {account_id} is not asked: it {INACTIVE[facts.status]}."
        if not self._is_included(facts):
            return f"Account {account_id} is not asked: neither accounts nor organizational_units include it."
        return None

    def _is_included(self, facts: AccountFacts) -> bool:
        accounts, units = self.settings.member_accounts, self.settings.member_units
        if not accounts and not units:
            return True
        return facts.id in accounts or any(map(facts.is_in, units))


def members_in(table: Table, settings: MemberSettings, partition: str) -> Members | None:
    """Wire the member accounts by the directory in the table; None if the settings name no role."""
    if not settings.member_role_name:
        return None
    return Members(settings, partition, CachedDirectory(table, lambda: time.time_ns() // 1_000_000).directory)
