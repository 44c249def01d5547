"""The actions in member accounts, with the roles of `modules/member`."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder.domain.directory import Directory
from alert_responder.errors import DependencyError
from alert_responder_plugins.common.accounts import Account, Accounts
from alert_responder_plugins.quarantine import accounts as rules
from alert_responder_plugins.quarantine.actions import Action, ActionFailedError, call_aws
from alert_responder_plugins.quarantine.model import Location
from alert_responder_plugins.quarantine.settings import MemberRoles, QuarantineSettings
from alert_responder_plugins.quarantine.sites import Site, action_of


class Members:
    """Actions of one call in member accounts; a role is assumed once per account, while its credentials last.

    Parameters
    ----------
    roles
        The settings' `members`.
    role
        Name of the role that is assumed.
    accounts
        Sessions of that role; kept between calls.
    directory
        Returns the accounts of the organisation, or raises `DependencyError`.
    clock
        Returns the time [ms since the epoch].
    slow
        Configuration of clients that wait long and do not retry.
    """

    def __init__(
        self,
        settings: QuarantineSettings,
        roles: MemberRoles,
        role: str,
        accounts: Accounts,
        directory: Callable[[], Directory | None],
        clock: Callable[[], int],
        slow: Config,
    ) -> None:
        self._settings = settings
        self._roles = roles
        self._role = role
        self._accounts = accounts
        self._directory = directory
        self._clock = clock
        self._slow = slow
        self._asked = False
        self._known: Directory | None = None
        self._unusable: dict[str, str] = {}

    def directory(self) -> Directory | None:
        """Return the accounts of the organisation, as they were when this call asked first; None if unknown."""
        if not self._asked:
            self._asked = True
            with suppress(DependencyError):
                self._known = self._directory()
        return self._known

    def account_refusal(self, account: str) -> str | None:
        """Return why nothing is contained in an account, without a call of AWS there; None otherwise."""
        return rules.about_account(account, self._settings, self.directory(), self._clock())

    def departure(self, account: str) -> str | None:
        """Return why an account certainly is not an active one of the organisation; None if it may be."""
        return rules.about_departure(account, self.directory(), self._clock())

    def renew(self, account: str) -> None:
        """Assume the role in an account again at the next call."""
        self._accounts.forget(account)

    def role_refusal(self, location: Location) -> str | None:
        """Return why the account's responder role does not allow the containment; None if it does.

        Raises
        ------
        ActionFailedError
            The account has no such role, or AWS did not answer.
        """
        iam = self._client(location.account, "iam", self._settings.region)
        tags = call_aws(iam.list_role_tags, RoleName=self._roles.responder)["Tags"]
        return rules.about_role({tag["Key"]: tag["Value"] for tag in tags}, location.kind)

    def action(self, location: Location) -> Action:
        """Return the action on a target; raise `ActionFailedError` if the role cannot be assumed."""
        account = location.account
        region = self._settings.region if location.region == rules.GLOBAL else location.region
        policy = f"arn:{self._settings.partition}:iam::{account}:policy/{self._roles.name}-quarantined"
        site = Site(account, region, policy, self._settings.isolation_group_name)

        def client(service: str, where: str | None = None, *, slow: bool = False) -> Any:
            return self._client(account, service, where or region, self._slow if slow else None)

        return action_of(location.kind, site, self._settings, client)

    def _client(self, account: str, service: str, region: str, config: Config | None = None) -> Any:
        # An account without a role costs one call of STS, whatever is contained in it.
        if account not in self._unusable:
            try:
                return self._accounts.client(self._account(account), service, region, config)
            except ClientError as error:
                self._unusable[account] = error_code(error) or "unknown"
            except (BotoCoreError, ValueError) as error:
                self._unusable[account] = type(error).__name__
        raise ActionFailedError(
            f"The role {self._role} in account {account} cannot be used: {self._unusable[account]}."
        )

    def _account(self, account: str) -> Account:
        known = self._accounts.find(account)
        if not known:
            known = [Account(account, f"arn:{self._settings.partition}:iam::{account}:role/{self._role}")]
            self._accounts.all += known
        return known[0]
