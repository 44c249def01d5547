"""Look up IAM users and roles and their policies."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alert_responder_plugins.aws_context.client import AwsCalls, CallResult
from alert_responder_plugins.aws_context.identity_facts import Rights, RoleFacts, UserFacts, last_use
from alert_responder_plugins.aws_context.rights import makes_admin, trusted
from alert_responder_plugins.common.accounts import Account

MAX_POLICIES = 30
"""Maximum number of policies read for one identity, including its groups; IAM's default quotas allow fewer."""


@dataclass(frozen=True)
class _Operations:
    """IAM's operations for users, groups or roles."""

    attached: str
    inline: str
    document: str
    name: str


_USER = _Operations("list_attached_user_policies", "list_user_policies", "get_user_policy", "UserName")
_GROUP = _Operations("list_attached_group_policies", "list_group_policies", "get_group_policy", "GroupName")
_ROLE = _Operations("list_attached_role_policies", "list_role_policies", "get_role_policy", "RoleName")


@dataclass(frozen=True)
class Identities:
    """Calls IAM; `region` can be any region of the partition, because IAM is global."""

    region: str

    def user(self, calls: AwsCalls, account: Account, name: str) -> UserFacts | None:
        """Look up a user; None if it does not exist or could not be read."""
        user = self._call(calls, account, "get_user", UserName=name).data.get("User")
        if not user:
            return None
        devices = self._call(calls, account, "list_mfa_devices", UserName=name)
        login = self._call(calls, account, "get_login_profile", UserName=name)
        listed = self._call(calls, account, "list_access_keys", UserName=name)
        groups = self._call(calls, account, "list_groups_for_user", UserName=name)
        names = [str(group["GroupName"]) for group in groups.data.get("Groups", [])]
        rights = self._rights(calls, account, [(_USER, name, ""), *((_GROUP, group, group) for group in names)])
        return UserFacts(
            user=user,
            mfa=len(devices.data.get("MFADevices", [])) if devices.known else None,
            password="LoginProfile" in login.data if login.known else None,
            keys=[
                last_use(
                    str(key["AccessKeyId"]),
                    key.get("CreateDate"),
                    key.get("Status") == "Active",
                    self.key_use(calls, account, str(key["AccessKeyId"])),
                )
                for key in listed.data.get("AccessKeyMetadata", [])
            ]
            if listed.known
            else None,
            groups=names if groups.known else None,
            rights=rights if groups.known else Rights(rights.policies, rights.admin, complete=False),
        )

    def key_use(self, calls: AwsCalls, account: Account, key_id: str) -> dict[str, Any] | None:
        """Return the user and the last use of a key; None if they could not be read."""
        answer = self._call(calls, account, "get_access_key_last_used", AccessKeyId=key_id)
        return answer.data if answer.known else None

    def role(self, calls: AwsCalls, account: Account, name: str) -> RoleFacts | None:
        """Look up a role; None if it does not exist or could not be read."""
        role = self._call(calls, account, "get_role", RoleName=name).data.get("Role")
        if not role:
            return None
        used = role.get("RoleLastUsed", {})
        return RoleFacts(
            arn=str(role.get("Arn", "")),
            name=name,
            created=_time(role.get("CreateDate")),
            last_used=_time(used.get("LastUsedDate")),
            last_region=used.get("Region"),
            trusted=trusted(role.get("AssumeRolePolicyDocument")),
            rights=self._rights(calls, account, [(_ROLE, name, "")]),
        )

    def of_profile(self, calls: AwsCalls, account: Account, profile_arn: str) -> RoleFacts | None:
        """Look up the role of an instance profile."""
        name = profile_arn.rpartition("/")[2]
        profile = self._call(calls, account, "get_instance_profile", InstanceProfileName=name)
        roles = profile.data.get("InstanceProfile", {}).get("Roles", [])
        return self.role(calls, account, str(roles[0]["RoleName"])) if roles else None

    def _rights(self, calls: AwsCalls, account: Account, holders: Iterable[tuple[_Operations, str, str]]) -> Rights:
        """Read the policies of identities; the last element of each triple is the group through which they apply."""
        names: list[str] = []
        admin: list[str] = []
        complete = True
        for operations, name, group in holders:
            for policy, document in self._policies(calls, account, operations, name):
                if policy is None:
                    complete = False
                    continue
                if len(names) >= MAX_POLICIES:
                    return Rights(names, admin, complete=False)
                label = f"{policy} (group {group})" if group else policy
                names.append(label)
                policy_document = document()
                complete = complete and policy_document.known
                if makes_admin(policy_document.data.get("Document")):
                    admin.append(label)
        return Rights(names, admin, complete)

    def _policies(
        self, calls: AwsCalls, account: Account, operations: _Operations, name: str
    ) -> Sequence[tuple[str | None, Callable[[], CallResult]]]:
        """List policies by name, each with a function that reads it; None if policies could not be listed."""
        holder = {operations.name: name}
        attached = self._call(calls, account, operations.attached, **holder)
        inline = self._call(calls, account, operations.inline, **holder)
        unlisted: list[tuple[str | None, Callable[[], CallResult]]] = [
            (None, lambda: CallResult(known=False)) for listed in (attached, inline) if not listed.known
        ]

        def managed(arn: str) -> CallResult:
            policy = self._call(calls, account, "get_policy", PolicyArn=arn).data.get("Policy")
            if not policy:
                return CallResult(known=False)
            version = self._call(
                calls, account, "get_policy_version", PolicyArn=arn, VersionId=policy["DefaultVersionId"]
            )
            return CallResult(version.known, version.data.get("PolicyVersion", {}))

        def embedded(policy: str) -> CallResult:
            read = self._call(calls, account, operations.document, PolicyName=policy, **holder)
            return CallResult(read.known, {"Document": read.data.get("PolicyDocument")})

        return [
            *unlisted,
            *(
                (str(each["PolicyName"]), lambda arn=str(each["PolicyArn"]): managed(arn))
                for each in attached.data.get("AttachedPolicies", [])
            ),
            *((str(each), lambda policy=str(each): embedded(policy)) for each in inline.data.get("PolicyNames", [])),
        ]

    def _call(self, calls: AwsCalls, account: Account, operation: str, **request: Any) -> CallResult:
        return calls.call(account, "iam", self.region, operation, **request)


def _time(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None
