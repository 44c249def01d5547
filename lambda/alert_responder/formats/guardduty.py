"""Amazon GuardDuty findings, with fields spelled as in events (`accountId`) or as in boto3 (`AccountId`).

Format: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html
Detector: `guardduty`.
"""

from typing import Any

from alert_responder.contracts.alert import SAMPLE_SUFFIX, Alert
from alert_responder.domain.severities import guardduty_level
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.aws_activity import (
    Sides,
    add_action,
    add_evidence,
    add_principal,
    mark_sample,
    sides,
)
from alert_responder.formats.extraction import Collector, every, first_instant, folded, hashed_key, one, text, word
from alert_responder.formats.finding_state import is_true
from alert_responder.formats.identity import is_about_principal, principal_key
from alert_responder.formats.messages import quoted
from alert_responder.formats.securityhub_copies import guardduty_finding
from alert_responder.formats.strict_json import strict_json

_TIMES = ("service.eventLastSeen", "updatedAt", "service.eventFirstSeen", "createdAt")
"""Fields with the time; the first one that is present counts."""

_RESOURCE = (
    ("instanceDetails.instanceId", "instance", "instance"),
    ("instanceDetails.iamInstanceProfile.arn", "arn", "instance profile"),
    ("s3BucketDetails[].arn", "arn", "bucket"),
    ("s3BucketDetails[].s3ObjectDetails[].objectArn", "arn", "object in the bucket"),
    ("eksClusterDetails.arn", "arn", "EKS cluster"),
    ("ecsClusterDetails.arn", "arn", "ECS cluster"),
    ("ecsClusterDetails.taskDetails.arn", "arn", "ECS task"),
    ("ecsClusterDetails.taskDetails.definitionArn", "arn", "ECS task definition"),
    ("lambdaDetails.functionArn", "arn", "Lambda function"),
    ("lambdaDetails.role", "arn", "role of the Lambda function"),
    ("rdsDbInstanceDetails.dbInstanceArn", "arn", "database"),
    ("rdsLimitlessDbDetails.dbShardGroupArn", "arn", "database shard group"),
    ("ebsVolumeDetails.scannedVolumeDetails[].volumeArn", "arn", "scanned volume"),
    ("ebsSnapshotDetails.snapshotArn", "arn", "snapshot"),
    ("ec2ImageDetails.imageArn", "arn", "machine image"),
    ("recoveryPointDetails.recoveryPointArn", "arn", "recovery point"),
    ("bedrockGuardrailDetails.guardrailArn", "arn", "Bedrock guardrail"),
    ("bedrockGuardrailDetails.guardrails[].arn", "arn", "Bedrock guardrail"),
    ("containerDetails.image", "image", "container image"),
    ("containerDetails.id", "container", "container"),
    ("kubernetesDetails.kubernetesWorkloadDetails.containers[].image", "image", "container image"),
    ("kubernetesDetails.kubernetesWorkloadDetails.containers[].id", "container", "container"),
    ("kubernetesDetails.kubernetesWorkloadDetails.name", "pod", "Kubernetes workload"),
    ("ecsClusterDetails.taskDetails.containers[].image", "image", "container image"),
    ("ecsClusterDetails.taskDetails.containers[].id", "container", "container"),
    ("kubernetesDetails.kubernetesUserDetails.impersonatedUser.username", "username", "impersonated Kubernetes user"),
)
"""The affected resource, below `resource`: path, attribute type, key."""

_ADDRESSES = (
    ("publicIp", "ipaddr", "public IP address of the instance"),
    ("privateIpAddress", "ipaddr", "private IP address of the instance"),
    ("privateIpAddresses[].privateIpAddress", "ipaddr", "private IP address of the instance"),
    ("ipv6Addresses[]", "ipaddr", "IPv6 address of the instance"),
    ("publicDnsName", "domain", "public DNS name of the instance"),
)
"""Addresses of an instance, below `resource.instanceDetails.networkInterfaces[]`."""

_PRINCIPAL = (
    ("accessKeyDetails.accessKeyId", "accesskey", "access key"),
    ("accessKeyDetails.userName", "username", "owner of the access key"),
    ("kubernetesDetails.kubernetesUserDetails.username", "username", "Kubernetes user"),
    ("rdsDbUserDetails.user", "username", "database user"),
)
"""The actor, below `resource`; in findings about a principal it is the resource."""


def recognises(document: dict[str, Any]) -> bool:
    """Recognise a GuardDuty finding by its ARN, or by `type`, `service`, and `severity` or `resource`.

    Forwarders may shorten findings, so not all fields that GuardDuty always sends are required.
    """
    fields = {key.lower(): value for key, value in document.items()}
    arn = fields.get("arn")
    if isinstance(arn, str) and ":guardduty:" in arn[:80] and "productarn" not in fields:
        return True
    return (
        "type" in fields and isinstance(fields.get("service"), dict) and bool({"severity", "resource"} & fields.keys())
    )


def to_alert(document: dict[str, Any], notes: Notes | None = None) -> Alert:
    """Convert a finding.

    The rule is the finding type. The alert key is the finding's id, which GuardDuty keeps when it updates a finding;
    for a finding about a principal, it is what its copies in other regions have in common (`identity.principal_key`).
    For a finding without id, it is a hash of account, region and attributes. The severity is GuardDuty's level with its
    number (``High (8)``). An archived finding is resolved. The body is the unchanged finding.

    Raises
    ------
    RejectedAlertError
        If the type is missing or not a string. Other invalid fields are left out.
    """
    finding = folded(document)
    rule = finding.get("type")
    if not isinstance(rule, str) or not rule.strip():
        raise RejectedAlertError(f"type must be a GuardDuty finding type, got {quoted(rule)}")
    rule = rule.strip()
    found = _collect(finding)
    sample = is_sample(one(finding, "service.additionalInfo"))
    title = text(finding, "title") or rule
    description = text(finding, "description") or ""
    return build_alert(
        {
            "detector": "guardduty",
            "rule_id": rule + SAMPLE_SUFFIX if sample else rule,
            "rule_name": mark_sample(title) if sample else title,
            "alert_key": _key(finding, rule)
            or hashed_key(rule, text(finding, "accountId"), text(finding, "region"), found.identities()),
            "description": mark_sample(description) if sample else description,
            "timestamp": first_instant(finding, *_TIMES),
            "severity": _severity(one(finding, "severity")),
            "status": "archived" if is_true(one(finding, "service.archived")) else "active",
            "finding_id": _finding_id(finding),
            "attributes": found.attributes,
            "body": document,
            "source": source_of("guardduty", text(finding, "region")),
        },
        notes,
    )


def _key(finding: Any, rule: str) -> str | None:
    if not is_about_principal(rule):
        return _finding_id(finding)
    principal = text(finding, "resource.accessKeyDetails.userName")
    first_seen = first_instant(finding, "service.eventFirstSeen")
    return principal_key(rule, text(finding, "accountId"), principal, first_seen) or _finding_id(finding)


def _finding_id(finding: Any) -> str | None:
    return text(finding, "id") or guardduty_finding(text(finding, "arn"))


def is_sample(additional_info: Any) -> bool:
    """Check whether a folded `additionalInfo`, or the JSON in its `value`, marks a sample finding."""
    if one(additional_info, "sample") is True:
        return True
    value = one(additional_info, "value")
    if not isinstance(value, str) or "sample" not in value:
        return False
    try:
        return one(folded(strict_json(value)), "sample") is True
    except ValueError:
        return False


def _collect(finding: Any) -> Collector:
    found = Collector(finding)
    resource, service, action = (one(finding, path) for path in ("resource", "service", "service.action"))
    who = sides(action, word(service, "resourceRole"))
    partition, account = text(finding, "partition") or "aws", text(finding, "accountId")
    add_action(found, action, who, partition, account)
    for path, kind, key in _PRINCIPAL:
        found.add_at(path, kind, key, ("subject",), resource)
    _add_owner(found, one(resource, "accessKeyDetails"), action, account, partition)
    # The principal of an instance role's credentials contains the instance: AROA...:i-...
    for value in every(resource, "accessKeyDetails.principalId"):
        found.add_identifier("instance whose credentials were used", value, ("local", "subject"))
    _add_instance(found, resource, who)
    about = tuple(context for context in who.local if context not in {"client", "server"})
    for path, kind, key in _RESOURCE:
        found.add_at(path, kind, key, about, resource)
    for value in every(resource, "s3BucketDetails[].s3ObjectDetails[].hash"):
        found.add_fitting("filehashvalue", "object in the bucket", value, ("file", "object"))
    add_evidence(found, service, partition)
    found.add_at("accountId", "account", "account", ("local",))
    return found


def _add_owner(found: Collector, details: Any, action: Any, account: str | None, partition: str) -> None:
    """Add the ARN of the credentials' owner, in the calling account if GuardDuty names one."""
    caller = text(action, "awsApiCallAction.remoteAccountDetails.accountId") or account
    kind, name = word(details, "userType"), text(details, "userName")
    add_principal(found, "owner of the access key", kind, name, caller, partition, ("subject",))


def _add_instance(found: Collector, resource: Any, who: Sides) -> None:
    for interface in every(resource, "instanceDetails.networkInterfaces[]"):
        for path, kind, key in _ADDRESSES:
            found.add_at(path, kind, key, who.local, interface)


def _severity(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 10:
        return None
    level = guardduty_level(value)
    return f"{level} ({value:g})" if level else f"{value:g}"
