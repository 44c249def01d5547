"""Clients of AWS services in each account, with the function's own role or an assumed one."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

from alert_responder_plugins.common.aws import lookup_config
from alert_responder_plugins.common.members import Members

_EARLY_SECONDS = 300
"""How long before its expiry a role's session is renewed [s]."""

_READ_SECONDS = 5
_ATTEMPTS = {"cloudtrail": 4, "logs": 1}
"""Attempts per call if not 2: CloudTrail allows two requests per second per account and region, for all callers. A
repeated StartQuery of CloudWatch Logs would start a second query, whose id is not known, after a lost answer."""

_MAX_CLIENTS = 200
"""Number of clients that are kept, those used last: each takes about half a megabyte. A lookup may need three for each
of 30 regions."""

NewSession = Callable[..., Any]


@dataclass(eq=False)
class Account:
    """An account in which lookups are made.

    Attributes
    ----------
    role_arn
        Role to assume; None in the function's own account.
    credentials
        Arguments of a client: the credentials of the assumed role. Empty: those of the function.
    """

    id: str
    role_arn: str | None
    credentials: dict[str, str] = field(default_factory=dict)
    expires: datetime | None = None


class Reach(NamedTuple):
    """The accounts that are asked about an attribute of an alert.

    Attributes
    ----------
    tiers
        The accounts of a tier are asked about what those before it do not know.
    refusal
        Why the alert's account is not asked, as a sentence; None if it is asked or not known.
    others
        Why other accounts are not asked.
    """

    tiers: Sequence[Sequence[Account]]
    refusal: str | None = None
    others: Sequence[str] = ()


class Accounts:
    """All accounts in which lookups are made, the function's own first.

    Parameters
    ----------
    own_id
        Id of the function's own account.
    role_arns
        Roles in others, in the order of calls.
    home
        Region in which roles are assumed.
    clock
        Returns the time as an aware datetime.
    members
        Further accounts that may be asked; None: only those of `role_arns`.
    """

    def __init__(
        self,
        own_id: str,
        role_arns: tuple[str, ...],
        *,
        home: str,
        session_name: str,
        external_id: str,
        clock: Callable[[], datetime],
        new_session: NewSession = boto3.Session,
        members: Members | None = None,
    ) -> None:
        self.all = [Account(own_id, None), *(Account(arn.split(":")[4], arn) for arn in role_arns)]
        self._home = home
        self._role_options = {"RoleSessionName": session_name} | ({"ExternalId": external_id} if external_id else {})
        self._clock = clock
        self._new_session = new_session
        # One for all accounts: each loads the descriptions of the services, of up to 30 MB.
        self._session: Any = None
        self._clients: OrderedDict[tuple[str, str, str, Config | None], Any] = OrderedDict()
        self._members = members
        self._found: dict[str, Account] = {}

    def find(self, account_id: str) -> list[Account]:
        """Return the account with this id as a list, which is empty if it may not be asked."""
        configured = [account for account in self.all if account.id == account_id]
        if configured or self._members is None or self._members.refusals([account_id]):
            return configured
        return [self._member(self._members, account_id)]

    def refusal(self, account_id: str) -> str | None:
        """Return why a member account is not asked, as a sentence; None if it is, or without member accounts."""
        if self._members is None or account_id == self.all[0].id:
            return None
        return self._members.refusals([account_id]).get(account_id)

    def reach(self, account_id: str | None) -> Reach:
        """Return the accounts to ask for an alert about this account.

        With member accounts, the alert's own is the first; without, all accounts are asked alike.
        """
        if self._members is None:
            return Reach([self.all])
        own, listed = self.all[0], self._members.settings.member_accounts
        wanted = [] if account_id is None or account_id == own.id else [account_id]
        asked = dict.fromkeys((*wanted, *listed))
        refused = self._members.refusals(asked) if asked else {}
        others = [own, *(self._member(self._members, each) for each in listed if each not in (*refused, own.id))]
        first = [self._member(self._members, each) for each in wanted if each not in refused]
        if account_id == own.id:
            first = [own]
        tiers = [first, [account for account in others if account not in first]]
        refusal = refused.pop(account_id, None) if account_id else None
        return Reach([tier for tier in tiers if tier], refusal, tuple(dict.fromkeys(refused.values())))

    def client(self, account: Account, service: str, region: str, config: Config | None = None) -> Any:
        """Return a client, which is cached; errors of botocore when assuming the role are not caught.

        Parameters
        ----------
        config
            Always the same object for the same configuration; None for short timeouts and few attempts.
        """
        self._renew(account)
        key = (account.id, service, region, config)
        if key not in self._clients:
            self._session = self._session or self._new_session()
            used = config or lookup_config(_ATTEMPTS.get(service, 2), _READ_SECONDS)
            self._clients[key] = self._session.client(service, region_name=region, config=used, **account.credentials)
        self._clients.move_to_end(key)
        while len(self._clients) > _MAX_CLIENTS:
            self._clients.popitem(last=False)
        return self._clients[key]

    def forget(self, account_id: str) -> None:
        """Assume an account's role again at the next call, since AWS no longer accepts its session."""
        for account in (*self.all, *self._found.values()):
            if account.id == account_id:
                account.expires = None

    def _member(self, members: Members, account_id: str) -> Account:
        return self._found.setdefault(account_id, Account(account_id, members.role_arn(account_id)))

    def _renew(self, account: Account) -> None:
        if account.role_arn is None:
            return
        if account.expires and (account.expires - self._clock()).total_seconds() > _EARLY_SECONDS:
            return
        sts = self.client(self.all[0], "sts", self._home)
        credentials = sts.assume_role(RoleArn=account.role_arn, **self._role_options)["Credentials"]
        for key in [key for key in self._clients if key[0] == account.id]:
            del self._clients[key]
        account.expires = credentials["Expiration"]
        account.credentials = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
