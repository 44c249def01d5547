"""An organisation as the command line sees it: STS and IAM of each account as a list of roles, and the calls made."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ConnectTimeoutError

from alert_responder.domain.directory import AccountFacts
from alert_responder_cli.aws.access import Access
from tests.fakes.aws_answers import refused

REGION = "eu-west-1"
SLOW = "slow"
"""Stands for an account whose IAM does not answer."""

Roles = Mapping[str, Mapping[str, str]]
"""Tags by the name of a role."""


def member(version: str = "1", actions: str = "", responder: bool = True, regions: Iterable[str] = (REGION,)) -> Roles:
    """Give the roles of an account."""
    tags = {"alert-responder:member": version, "alert-responder:actions": actions}
    roles = {"alert-responder-reader": tags} | ({"alert-responder-responder": tags} if responder else {})
    return roles | {f"alert-responder-forwarder-{region}": {} for region in regions}


def facts(number: int, **changed: Any) -> AccountFacts:
    """Give an account of the directory."""
    given: dict[str, Any] = {
        "name": f"account {number}",
        "status": "active",
        "kind": "member",
        "unit": "Root/Workloads",
        **changed,
    }
    return AccountFacts(id=f"{number:012}", **given)


@dataclass(frozen=True)
class Organisation(Access):
    """Access to an organisation.

    Attributes
    ----------
    roles
        By account id; an account without an entry refuses to be asked. `SLOW` does not answer.
    calls
        Number of calls by operation and account.
    """

    roles: Mapping[str, Roles | str] = field(default_factory=dict)
    external_id: str = "secret-id"
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    def client(self, service: str, **_settings: Any) -> Any:
        """Give a client of STS, or of IAM in the account of the key."""
        return _Sts(self) if service == "sts" else _Iam(self)

    def called(self, operation: str) -> dict[str, int]:
        """Count the calls of an operation by account."""
        return {account: number for (name, account), number in self.calls.items() if name == operation}


class _Sts:
    def __init__(self, organisation: Organisation) -> None:
        self._of = organisation
        self.meta = type("Meta", (), {"region_name": REGION, "partition": "aws"})

    def get_caller_identity(self) -> Any:
        return {"Arn": "arn:aws:sts::111122223333:assumed-role/analyst/alice"}

    def assume_role(self, **given: Any) -> Any:
        account = given["RoleArn"].split(":")[4]
        self._of.calls["AssumeRole", account] += 1
        if account not in self._of.roles or given["ExternalId"] != self._of.external_id:
            raise refused("AccessDenied", "AssumeRole", "not authorized to perform: sts:AssumeRole on resource: x")
        return {"Credentials": {"AccessKeyId": account, "SecretAccessKey": "s", "SessionToken": "t"}}


class _Iam:
    def __init__(self, organisation: Organisation) -> None:
        self._of, self._account = organisation, str(organisation.key and organisation.key.access_key)

    def get_role(self, RoleName: str) -> Any:  # noqa: N803 - as boto3 calls it
        self._of.calls["GetRole", self._account] += 1
        roles = self._of.roles[self._account]
        if isinstance(roles, str):
            raise ConnectTimeoutError(endpoint_url="https://iam.amazonaws.com")
        if RoleName not in roles:
            raise refused("NoSuchEntity", "GetRole")
        return {"Role": {"Tags": [{"Key": key, "Value": value} for key, value in roles[RoleName].items()]}}

    def close(self) -> None: ...
