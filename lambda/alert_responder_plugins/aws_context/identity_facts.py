"""Describe IAM users and roles as contents of an answer. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alert_responder.contracts.inspection import NoteContent, UserContent
from alert_responder_plugins.aws_context.events import Trail, activities, time_text
from alert_responder_plugins.aws_context.tags import TagFilter


@dataclass(frozen=True, slots=True)
class Rights:
    """Policies of an identity.

    Attributes
    ----------
    policies
        Names of all policies, with the group through which they apply.
    admin
        Policies that grant administrator permissions.
    complete
        Whether all policies could be read.
    """

    policies: Sequence[str] = ()
    admin: Sequence[str] = ()
    complete: bool = True

    def text(self) -> str:
        """Describe whether they grant administrator permissions."""
        if self.admin:
            return f"Administrator through {', '.join(self.admin)}."
        return "Not an administrator." if self.complete else "Some policies could not be read."

    def data(self) -> dict[str, Any]:
        """Return the permissions as JSON."""
        return {"policies": list(self.policies), "admin_by": list(self.admin), "complete": self.complete}


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role.

    Attributes
    ----------
    trusted
        Principals that may assume it, according to its trust policy.
    """

    arn: str
    name: str
    created: datetime | None
    last_used: datetime | None
    last_region: str | None
    trusted: Sequence[str]
    rights: Rights

    def text(self) -> str:
        """Describe the role in one or two sentences."""
        used = f"last used {time_text(self.last_used)}" if self.last_used else "not used recently"
        return f"{self.name}, {used}. {self.rights.text()}"

    def data(self) -> dict[str, Any]:
        """Write it as JSON."""
        return {
            "arn": self.arn,
            "created_at": time_text(self.created) if self.created else None,
            "last_used_at": time_text(self.last_used) if self.last_used else None,
            "last_used_region": self.last_region,
            "trusted": list(self.trusted),
            "rights": self.rights.data(),
        }


@dataclass(frozen=True, slots=True)
class Key:
    """An access key; `last_used` is None for never and unknown."""

    id: str
    active: bool
    created: datetime | None
    last_used: datetime | None = None
    last_service: str | None = None
    last_region: str | None = None
    use_known: bool = True

    def text(self, now: datetime) -> str:
        """Describe the key in a phrase."""
        age = f"{(now - self.created).days} days old" if self.created else "of unknown age"
        if self.last_used:
            used = f"last used {time_text(self.last_used)} for {self.last_service} in {self.last_region}"
        else:
            used = "never used" if self.use_known else "last use unknown"
        return f"{self.id} ({'active' if self.active else 'inactive'}, {age}, {used})"

    def data(self, now: datetime) -> dict[str, Any]:
        """Write it as JSON."""
        return {
            "id": self.id,
            "active": self.active,
            "created_at": time_text(self.created) if self.created else None,
            "age_days": (now - self.created).days if self.created else None,
            "last_used_at": time_text(self.last_used) if self.last_used else None,
            "last_used_service": self.last_service,
            "last_used_region": self.last_region,
            "use_known": self.use_known,
        }


@dataclass(frozen=True, slots=True)
class UserFacts:
    """A user; values that could not be read are None.

    Attributes
    ----------
    user
        User as returned by GetUser.
    mfa
        Number of MFA devices.
    password
        Whether the user has a console password.
    """

    user: Mapping[str, Any]
    mfa: int | None
    password: bool | None
    keys: Sequence[Key] | None
    groups: Sequence[str] | None
    rights: Rights


def user_contents(
    facts: UserFacts, trail: Trail, account: str, tag_filter: TagFilter, now: datetime
) -> tuple[UserContent, NoteContent]:
    """Describe a user."""
    name, tags = str(facts.user.get("UserName", "")), facts.user.get("Tags", [])
    mfa = "MFA unknown" if facts.mfa is None else f"{facts.mfa or 'no'} MFA device{'' if facts.mfa == 1 else 's'}"
    password = {None: "console password unknown", True: "console password", False: "no console password"}
    groups = "unknown" if facts.groups is None else ", ".join(facts.groups) or "none"
    keys = "unknown" if facts.keys is None else "; ".join(key.text(now) for key in facts.keys) or "none"
    text = f"{mfa}, {password[facts.password]}. {facts.rights.text()} Groups: {groups}. Access keys: {keys}."
    data = {
        "account": account,
        "arn": facts.user.get("Arn"),
        "created_at": _time(facts.user.get("CreateDate")),
        "password_last_used_at": _time(facts.user.get("PasswordLastUsed")),
        "mfa_devices": facts.mfa,
        "console_password": facts.password,
        "access_keys": None if facts.keys is None else [key.data(now) for key in facts.keys],
        "groups": None if facts.groups is None else list(facts.groups),
        "rights": facts.rights.data(),
        "permissions_boundary": facts.user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "owner_tags": tag_filter.owners(tags),
        "purpose_tags": tag_filter.purposes(tags),
    }
    return _contents(f"IAM user {name}", text, data, trail, account)


def role_contents(role: RoleFacts, trail: Trail, account: str) -> tuple[UserContent, NoteContent]:
    """Describe a role."""
    text = f"{role.text()} Trusts: {', '.join(role.trusted) or 'none'}."
    return _contents(f"IAM role {role.name}", text, {"account": account, **role.data()}, trail, account)


def trail_contents(title: str, trail: Trail, account: str) -> tuple[UserContent, NoteContent]:
    """Describe the events of a subject about which nothing else is known."""
    number = f"{trail.events}{'' if trail.complete else ' or more'} event{'' if trail.events == 1 else 's'}"
    text = f"{number} in CloudTrail." if trail.asked else "CloudTrail lookups are disabled."
    return _contents(title, text, {"account": account}, trail, account)


def last_use(key_id: str, created: datetime | None, active: bool, answer: Mapping[str, Any] | None) -> Key:
    """Combine a key with the answer of GetAccessKeyLastUsed, which is None if it could not be read."""
    if answer is None:
        return Key(key_id, active, created, use_known=False)
    used = answer.get("AccessKeyLastUsed", {})
    when = used.get("LastUsedDate")
    if not isinstance(when, datetime):
        return Key(key_id, active, created)
    return Key(key_id, active, created, when, used.get("ServiceName"), used.get("Region"))


def _contents(
    title: str, text: str, data: dict[str, Any], trail: Trail, account: str
) -> tuple[UserContent, NoteContent]:
    source = f"AWS {account}"
    data = {**data, **trail.data()}
    return (
        UserContent(type="user", source=source, activities=activities(trail.groups)),
        NoteContent(type="note", title=title, text=text, data=data, source=source),
    )


def _time(when: Any) -> str | None:
    return time_text(when) if isinstance(when, datetime) and when.tzinfo else None
