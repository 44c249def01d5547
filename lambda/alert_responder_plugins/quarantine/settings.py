"""Settings of the emitter `quarantine`."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, Json, field_validator, model_validator

from alert_responder.contracts.primitives import Severity
from alert_responder.contracts.report import Result
from alert_responder_plugins.common.member_roles import reader_of, responder_of
from alert_responder_plugins.common.settings import PluginSettings
from alert_responder_plugins.quarantine.model import Kind
from alert_responder_plugins.quarantine.names import principal_of

DEFAULT_CONTEXTS: Mapping[Kind, frozenset[str]] = {
    "access_key": frozenset({"subject"}),
    "address": frozenset({"remote"}),
    # A bucket is never an actor.
    "bucket": frozenset({"object"}),
    "function": frozenset({"subject"}),
    "instance": frozenset({"subject"}),
    "principal": frozenset({"subject"}),
}
"""The actor of an event is contained, and not its target, except for buckets; addresses if they are remote."""

_IP_SET = re.compile(r"arn:[a-z-]+:wafv2:[a-z0-9-]+:[0-9]{12}:(?:regional|global)/ipset/[\w-]{1,128}/[\w-]{1,36}")


class MemberRoles(BaseModel):
    """How roles in member accounts are assumed.

    Attributes
    ----------
    name
        Beginning of their names, as in `modules/member`.
    organization_id
        None for the installation's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    external_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@:/-]{2,256}$")]
    organization_id: Annotated[str | None, Field(pattern=r"^o-[a-z0-9]{10,32}$")] = None

    @property
    def reader(self) -> str:
        """Name of the role that looks."""
        return reader_of(self.name)

    @property
    def responder(self) -> str:
        """Name of the role that acts."""
        return responder_of(self.name)

    @property
    def roles(self) -> frozenset[str]:
        """Both roles, as `role/<name>`."""
        return frozenset({f"role/{self.reader}", f"role/{self.responder}"})


class QuarantineSettings(PluginSettings):
    """Environment variables that `modules/quarantine` sets; lists and objects are JSON.

    Attributes
    ----------
    release_after_hours
        Time after which targets are released automatically; None for never.
    max_actions_per_hour_in_account
        None for `max_actions_per_hour`.
    isolation_groups
        Isolation security groups by VPC id.
    own_role_names
        The roles of the quarantine's two functions.
    protected_arns
        Exact ARNs of targets that are never contained.
    members
        None to act in the installation's own account only.
    allow_unverified_accounts
        Whether what alerts claim about their account is enough.
    isolation_group_name
        Name of the isolation security group in VPCs of member accounts; empty for none.
    reapply
        Whether containments that somebody else undid are repeated.
    approvers
        Patterns of the ARNs of principals that may approve.
    """

    account_id: Annotated[str, Field(alias="ACCOUNT_ID", pattern=r"^[0-9]{12}$")]
    partition: Annotated[str, Field(alias="PARTITION", pattern=r"^aws[a-z-]*$")]
    region: Annotated[str, Field(alias="REGION", min_length=1)]
    installation: Annotated[str, Field(alias="INSTALLATION", min_length=1)]
    name: Annotated[str, Field(alias="PLUGIN_NAME", min_length=1)]
    table: Annotated[str, Field(alias="TABLE_NAME", min_length=1)]

    dry_run: Annotated[bool, Field(alias="DRY_RUN")] = True
    approval: Annotated[bool, Field(alias="APPROVAL")] = False
    approval_hours: Annotated[int, Field(alias="APPROVAL_HOURS", ge=1, le=168)] = 24
    release_after_hours: Annotated[Json[int | None], Field(alias="RELEASE_AFTER_HOURS")] = None
    max_actions_per_hour: Annotated[int, Field(alias="MAX_ACTIONS_PER_HOUR", ge=1, le=100)] = 5
    max_actions_per_hour_in_account: Annotated[
        Json[Annotated[int, Field(ge=1, le=100)] | None], Field(alias="MAX_ACTIONS_PER_HOUR_IN_ACCOUNT")
    ] = None
    max_depth: Annotated[int, Field(alias="MAX_DEPTH", ge=0, le=5)] = 0
    reapply: Annotated[bool, Field(alias="REAPPLY")] = False
    snapshots: Annotated[bool, Field(alias="SNAPSHOTS")] = True

    kinds: Annotated[Json[frozenset[Kind]], Field(alias="KINDS")] = frozenset()
    contexts: Annotated[Json[dict[Kind, frozenset[str]]], Field(alias="CONTEXTS")] = Field(default_factory=dict)
    severities: Annotated[Json[frozenset[Severity]], Field(alias="SEVERITIES")] = frozenset({"urgent"})
    labels: Annotated[Json[frozenset[str]], Field(alias="LABELS")] = frozenset()
    isolation_groups: Annotated[Json[dict[str, str]], Field(alias="ISOLATION_GROUPS")] = Field(default_factory=dict)
    ip_sets: Annotated[Json[tuple[str, ...]], Field(alias="IP_SETS")] = ()
    deny_policy_arn: Annotated[str, Field(alias="DENY_POLICY_ARN")] = ""
    own_role_names: Annotated[Json[tuple[str, ...]], Field(alias="OWN_ROLE_NAMES")] = ()
    protected_arns: Annotated[Json[frozenset[str]], Field(alias="PROTECTED_ARNS")] = frozenset()
    protected_networks: Annotated[Json[tuple[str, ...]], Field(alias="PROTECTED_NETWORKS")] = ()
    approvers: Annotated[Json[tuple[str, ...]], Field(alias="APPROVERS")] = ()

    members: Annotated[Json[MemberRoles | None], Field(alias="MEMBERS")] = None
    allow_unverified_accounts: Annotated[bool, Field(alias="ALLOW_UNVERIFIED_ACCOUNTS")] = False
    isolation_group_name: Annotated[str, Field(alias="ISOLATION_GROUP_NAME", max_length=255)] = ""

    @field_validator("protected_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network)
        return value

    @field_validator("ip_sets")
    @classmethod
    def _arns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_IP_SET.fullmatch(arn) for arn in value):
            raise ValueError("must be ARNs of WAF IP sets")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        required: dict[Kind, tuple[str, Any]] = {
            "address": ("IP_SETS", self.ip_sets),
            "instance": ("ISOLATION_GROUPS", self.isolation_groups or (self.members and self.isolation_group_name)),
            "principal": ("DENY_POLICY_ARN", self.deny_policy_arn),
        }
        for kind, (name, value) in required.items():
            if kind in self.kinds and not value:
                raise ValueError(f"target kind {kind} requires {name}")
        if self.approval and not self.approvers:
            raise ValueError("APPROVAL requires APPROVERS")
        return self

    def acts_on(self, result: Result) -> bool:
        """Check severity and labels: without a review there are none, and nothing is contained."""
        has_label = not self.labels or not self.labels.isdisjoint(result.labels)
        return result.severity in self.severities and has_label and not result.is_suppressed

    def contexts_of(self, kind: Kind) -> frozenset[str]:
        """Return the contexts in which a kind is contained."""
        return self.contexts.get(kind, DEFAULT_CONTEXTS[kind])

    def own_roles(self, own_arn: str) -> frozenset[str] | None:
        """Return the quarantine's roles as `role/<name>`; None if the ARN of the session is not one of a role here."""
        running = principal_of(own_arn, self.partition, self.account_id)
        return None if running is None else frozenset({running, *(f"role/{name}" for name in self.own_role_names)})

    @property
    def max_actions_in_account(self) -> int:
        """Maximum number of actions that begin in one account within any hour."""
        return self.max_actions_per_hour_in_account or self.max_actions_per_hour

    @property
    def label(self) -> str:
        """Identifies this quarantine: account, region, installation and name."""
        return f"{self.account_id}/{self.region}/{self.installation}/{self.name}"
