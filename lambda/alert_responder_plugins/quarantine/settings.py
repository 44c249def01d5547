"""What the quarantine reads from its function's environment; `modules/quarantine` writes it."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Json, field_validator, model_validator

from alert_responder_plugins.common.settings import PluginSettings
from alert_responder_plugins.quarantine.model import Kind

DEFAULT_CONTEXTS: Mapping[Kind, frozenset[str]] = {
    "access_key": frozenset({"subject"}),
    "address": frozenset({"remote"}),
    "instance": frozenset({"subject"}),
    "principal": frozenset({"subject"}),
}
"""Whoever did something is contained, not whom it was done to; and addresses from outside."""

_IP_SET = re.compile(r"arn:[a-z-]+:wafv2:[a-z0-9-]+:[0-9]{12}:(?:regional|global)/ipset/[\w-]{1,128}/[\w-]{1,36}")


class QuarantineSettings(PluginSettings):
    """Settings; those that are lists and objects are JSON.

    Attributes
    ----------
    release_after_hours
        None: never by itself.
    isolation_groups
        The isolation security group of each VPC, by the VPC's id.
    protected_tags
        Values by key; `*` stands for any value.
    protected_names
        Patterns of names, ids and ARNs; `*` stands for any text. Case does not matter.
    approvers
        Patterns of the ARNs of those who may approve.
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
    max_depth: Annotated[int, Field(alias="MAX_DEPTH", ge=0, le=5)] = 0
    snapshots: Annotated[bool, Field(alias="SNAPSHOTS")] = True

    kinds: Annotated[Json[frozenset[Kind]], Field(alias="KINDS")] = frozenset()
    contexts: Annotated[Json[dict[Kind, frozenset[str]]], Field(alias="CONTEXTS")] = Field(default_factory=dict)
    severities: Annotated[Json[frozenset[Literal["safe", "unclassified", "urgent"]]], Field(alias="SEVERITIES")] = (
        frozenset({"urgent"})
    )
    isolation_groups: Annotated[Json[dict[str, str]], Field(alias="ISOLATION_GROUPS")] = Field(default_factory=dict)
    ip_sets: Annotated[Json[tuple[str, ...]], Field(alias="IP_SETS")] = ()
    deny_policy_arn: Annotated[str, Field(alias="DENY_POLICY_ARN")] = ""
    protected_tags: Annotated[Json[dict[str, str]], Field(alias="PROTECTED_TAGS")] = Field(default_factory=dict)
    protected_names: Annotated[Json[tuple[str, ...]], Field(alias="PROTECTED_NAMES")] = ()
    protected_networks: Annotated[Json[tuple[str, ...]], Field(alias="PROTECTED_NETWORKS")] = ()
    approvers: Annotated[Json[tuple[str, ...]], Field(alias="APPROVERS")] = ()

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
        needed: dict[Kind, Any] = {
            "address": self.ip_sets,
            "instance": self.isolation_groups,
            "principal": self.deny_policy_arn,
        }
        for kind, setting in needed.items():
            if kind in self.kinds and not setting:
                raise ValueError(f"what {kind} needs is not set")
        if self.approval and not self.approvers:
            raise ValueError("with approval, somebody has to be allowed to approve")
        return self

    def contexts_of(self, kind: Kind) -> frozenset[str]:
        """Return in which contexts a kind is contained."""
        return self.contexts.get(kind, DEFAULT_CONTEXTS[kind])

    @property
    def label(self) -> str:
        """What marks things as this quarantine's: account, region, installation and name."""
        return f"{self.account_id}/{self.region}/{self.installation}/{self.name}"
