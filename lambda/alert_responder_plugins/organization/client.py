"""Calls of AWS Organizations."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.common.aws import is_denied, is_throttling
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, SettingsFaultError

CONNECT_SECONDS, READ_SECONDS = 3, 10
"""Limits of one attempt [s]."""

CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    # AWS Organizations limits the calls of all accounts together: the client slows down when it is throttled. One
    # call takes two minutes at most, which the function has left after its time budget.
    retries={"mode": "adaptive", "total_max_attempts": 6},
)

_ACTIONS = {
    "describe_organization": "DescribeOrganization",
    "list_accounts": "ListAccounts",
    "list_accounts_for_parent": "ListAccountsForParent",
    "list_delegated_administrators": "ListDelegatedAdministrators",
    "list_organizational_units_for_parent": "ListOrganizationalUnitsForParent",
    "list_roots": "ListRoots",
    "list_tags_for_resource": "ListTagsForResource",
}


class OutOfTimeError(PluginFaultError):
    """There is no time left for another call."""


class DeniedError(SettingsFaultError):
    """The role, or the organisation's delegation policy, does not allow a call."""


class Organization(NamedTuple):
    """The organisation: its id, and its management account."""

    id: str
    management: str


class Unit(NamedTuple):
    """A root or an organizational unit."""

    id: str
    name: str


class ListedAccount(NamedTuple):
    """An account as AWS Organizations lists it; `state` is None if the answer has neither `State` nor `Status`."""

    id: str
    name: str
    state: str | None


class Organizations:
    """Reads AWS Organizations; every call is counted, and none begins after the deadline.

    Every method raises `DeniedError` or `ReceiverFailedError` if a call fails after its retries, and `OutOfTimeError`;
    `SettingsFaultError` if this account belongs to no organisation.
    """

    def __init__(self, client: Any, deadline: Deadline) -> None:
        self._client = client
        self._deadline = deadline
        self.calls = 0

    def organization(self) -> Organization:
        """Return the organisation of this account."""
        found, _ = self._call("describe_organization", "Organization")
        return Organization(found["Id"], found["MasterAccountId"])

    def accounts(self) -> list[ListedAccount]:
        """List all accounts of the organisation."""
        return [
            ListedAccount(each["Id"], each.get("Name", ""), each.get("State") or each.get("Status"))
            for each in self._all("list_accounts", "Accounts")
        ]

    def delegated_administrators(self) -> frozenset[str]:
        """Return the ids of all delegated administrators, whatever the service."""
        return frozenset(each["Id"] for each in self._all("list_delegated_administrators", "DelegatedAdministrators"))

    def roots(self) -> list[Unit]:
        """List the roots; there is one."""
        return [Unit(each["Id"], each["Name"]) for each in self._all("list_roots", "Roots")]

    def units(self, parent: str) -> list[Unit]:
        """List the units directly below a parent."""
        found = self._all("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent)
        return [Unit(each["Id"], each["Name"]) for each in found]

    def account_ids(self, parent: str) -> list[str]:
        """List the accounts directly below a parent."""
        return [each["Id"] for each in self._all("list_accounts_for_parent", "Accounts", ParentId=parent)]

    def tags(self, account_id: str) -> dict[str, str]:
        """Return the tags of an account."""
        found = self._all("list_tags_for_resource", "Tags", ResourceId=account_id)
        return {each["Key"]: each["Value"] for each in found}

    def _all(self, operation: str, what: str, **request: str) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page, following = self._call(operation, what, **request, **token)
            # A page may be empty although there are more.
            yield from page
            if not following:
                return
            token = {"NextToken": following}

    def _call(self, operation: str, what: str, **request: str) -> tuple[Any, str | None]:
        """Return what the answer contains, and the token of the next page."""
        if not self._deadline.remaining():
            raise OutOfTimeError("The time budget has been used up.")
        action = f"organizations:{_ACTIONS[operation]}"
        self.calls += 1
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
        except ClientError as error:
            if error_code(error) == "AWSOrganizationsNotInUseException":
                raise SettingsFaultError("This account belongs to no organisation: set accounts.") from None
            if is_denied(error):
                raise DeniedError(f"{action} was denied to this account's role.") from None
            if is_throttling(error):
                raise ReceiverFailedError(f"{action} was throttled.") from None
            raise ReceiverFailedError(f"{action} failed: {error_code(error)}.") from None
        except BotoCoreError as error:
            raise ReceiverFailedError(f"{action} was not answered: {type(error).__name__}.") from None
        if what not in answer:
            raise ReceiverFailedError(f"{action} returned no {what}.")
        return answer[what], answer.get("NextToken")
