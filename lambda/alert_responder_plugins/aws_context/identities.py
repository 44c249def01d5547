"""Looks up users and roles of IAM, and what they may do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alert_responder_plugins.aws_context.accounts import Account
from alert_responder_plugins.aws_context.client import Answer, Asking
from alert_responder_plugins.aws_context.identity_facts import Rights, RoleFacts, UserFacts, last_use
from alert_responder_plugins.aws_context.rights import makes_admin, trusted

MAX_POLICIES = 30
"""Most policies that are read of one identity, groups included; IAM's default limits lead to fewer."""


@dataclass(frozen=True)
class _Calls:
    """What IAM calls the same thing for users, groups and roles."""

    attached: str
    inline: str
    document: str
    name: str


_USER = _Calls("list_attached_user_policies", "list_user_policies", "get_user_policy", "UserName")
_GROUP = _Calls("list_attached_group_policies", "list_group_policies", "get_group_policy", "GroupName")
_ROLE = _Calls("list_attached_role_policies", "list_role_policies", "get_role_policy", "RoleName")


@dataclass(frozen=True)
class Identities:
    """Asks IAM; its region is any of the partition, since IAM has one place for all of them."""

    region: str

    def user(self, asking: Asking, account: Account, name: str) -> UserFacts | None:
        """Look a user up; None: there is none, or it could not be asked."""
        user = self._ask(asking, account, "get_user", UserName=name).data.get("User")
        if not user:
            return None
        devices = self._ask(asking, account, "list_mfa_devices", UserName=name)
        login = self._ask(asking, account, "get_login_profile", UserName=name)
        listed = self._ask(asking, account, "list_access_keys", UserName=name)
        groups = self._ask(asking, account, "list_groups_for_user", UserName=name)
        names = [str(group["GroupName"]) for group in groups.data.get("Groups", [])]
        rights = self._rights(asking, account, [(_USER, name, ""), *((_GROUP, group, group) for group in names)])
        return UserFacts(
            user=user,
            mfa=len(devices.data.get("MFADevices", [])) if devices.known else None,
            password="LoginProfile" in login.data if login.known else None,
            keys=[
                last_use(
                    str(key["AccessKeyId"]),
                    key.get("CreateDate"),
                    key.get("Status") == "Active",
                    self.key_use(asking, account, str(key["AccessKeyId"])),
                )
                for key in listed.data.get("AccessKeyMetadata", [])
            ]
            if listed.known
            else None,
            groups=names if groups.known else None,
            rights=rights if groups.known else Rights(rights.policies, rights.admin, complete=False),
        )

    def key_use(self, asking: Asking, account: Account, key_id: str) -> dict[str, Any] | None:
        """Return whose a key is and when it was used; None: it could not be asked."""
        answer = self._ask(asking, account, "get_access_key_last_used", AccessKeyId=key_id)
        return answer.data if answer.known else None

    def role(self, asking: Asking, account: Account, name: str) -> RoleFacts | None:
        """Look a role up; None: there is none, or it could not be asked."""
        role = self._ask(asking, account, "get_role", RoleName=name).data.get("Role")
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
            rights=self._rights(asking, account, [(_ROLE, name, "")]),
        )

    def of_profile(self, asking: Asking, account: Account, profile_arn: str) -> RoleFacts | None:
        """Look up the role of an instance profile."""
        name = profile_arn.rpartition("/")[2]
        profile = self._ask(asking, account, "get_instance_profile", InstanceProfileName=name)
        roles = profile.data.get("InstanceProfile", {}).get("Roles", [])
        return self.role(asking, account, str(roles[0]["RoleName"])) if roles else None

    def _rights(self, asking: Asking, account: Account, holders: Iterable[tuple[_Calls, str, str]]) -> Rights:
        """Read the policies of identities; the last of each triple is the group a policy comes by."""
        names: list[str] = []
        admin: list[str] = []
        complete = True
        for calls, name, group in holders:
            for policy, document in self._policies(asking, account, calls, name):
                if policy is None:
                    complete = False
                    continue
                if len(names) >= MAX_POLICIES:
                    return Rights(names, admin, complete=False)
                label = f"{policy} (group {group})" if group else policy
                names.append(label)
                read = document()
                complete = complete and read.known
                if makes_admin(read.data.get("Document")):
                    admin.append(label)
        return Rights(names, admin, complete)

    def _policies(
        self, asking: Asking, account: Account, calls: _Calls, name: str
    ) -> Sequence[tuple[str | None, Callable[[], Answer]]]:
        """List policies by name, each with what reads it; None stands for those that could not be listed."""
        holder = {calls.name: name}
        attached = self._ask(asking, account, calls.attached, **holder)
        inline = self._ask(asking, account, calls.inline, **holder)
        nothing: list[tuple[str | None, Callable[[], Answer]]] = [
            (None, lambda: Answer(known=False)) for listed in (attached, inline) if not listed.known
        ]

        def managed(arn: str) -> Answer:
            policy = self._ask(asking, account, "get_policy", PolicyArn=arn).data.get("Policy")
            if not policy:
                return Answer(known=False)
            version = self._ask(
                asking, account, "get_policy_version", PolicyArn=arn, VersionId=policy["DefaultVersionId"]
            )
            return Answer(version.known, version.data.get("PolicyVersion", {}))

        def own(policy: str) -> Answer:
            read = self._ask(asking, account, calls.document, PolicyName=policy, **holder)
            return Answer(read.known, {"Document": read.data.get("PolicyDocument")})

        return [
            *nothing,
            *(
                (str(each["PolicyName"]), lambda arn=str(each["PolicyArn"]): managed(arn))
                for each in attached.data.get("AttachedPolicies", [])
            ),
            *((str(each), lambda policy=str(each): own(policy)) for each in inline.data.get("PolicyNames", [])),
        ]

    def _ask(self, asking: Asking, account: Account, operation: str, **request: Any) -> Answer:
        return asking.ask(account, "iam", self.region, operation, **request)


def _time(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None
