"""Clients of AWS services in each account, with the function's own role or an assumed one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3

from alert_responder_plugins.common.aws import lookup_config

_EARLY_SECONDS = 300
"""How long before its expiry a role's session is renewed [s]."""

_READ_SECONDS = 5
_ATTEMPTS = {"cloudtrail": 4, "logs": 1}
"""Attempts per call if not 2: CloudTrail allows two requests per second per account and region, for all callers. A
repeated StartQuery of CloudWatch Logs would start a second query, whose id is not known, after a lost answer."""

NewSession = Callable[..., Any]


@dataclass
class Account:
    """An account in which lookups are made.

    Attributes
    ----------
    role_arn
        Role to assume; None in the function's own account.
    """

    id: str
    role_arn: str | None
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    expires: datetime | None = None


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
    ) -> None:
        self.all = [Account(own_id, None), *(Account(arn.split(":")[4], arn) for arn in role_arns)]
        self._home = home
        self._role_options = {"RoleSessionName": session_name} | ({"ExternalId": external_id} if external_id else {})
        self._clock = clock
        self._new_session = new_session
        self._sessions: dict[str, Any] = {}

    def find(self, account_id: str) -> list[Account]:
        """Return the account with this id as a list, which is empty if it is not configured."""
        return [account for account in self.all if account.id == account_id]

    def client(self, account: Account, service: str, region: str) -> Any:
        """Return a client, which is cached; errors of botocore when assuming the role are not caught."""
        self._renew(account)
        key = (service, region)
        if key not in account.clients:
            config = lookup_config(_ATTEMPTS.get(service, 2), _READ_SECONDS)
            session = self._sessions[account.id]
            account.clients[key] = session.client(service, region_name=region, config=config)
        return account.clients[key]

    def _renew(self, account: Account) -> None:
        if account.role_arn is None:
            if account.id not in self._sessions:
                self._sessions[account.id] = self._new_session()
            return
        if account.expires and (account.expires - self._clock()).total_seconds() > _EARLY_SECONDS:
            return
        own = self.all[0]
        answer = self.client(own, "sts", self._home).assume_role(RoleArn=account.role_arn, **self._role_options)
        credentials = answer["Credentials"]
        account.clients.clear()
        account.expires = credentials["Expiration"]
        self._sessions[account.id] = self._new_session(
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
