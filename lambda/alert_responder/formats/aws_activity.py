"""The parts that GuardDuty and ASFF findings share: actions, attack sequences, local and remote sides, samples."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from alert_responder.contracts.alert import SAMPLE_PREFIX
from alert_responder.formats.extraction import Collector, every, one, text, word

_INDICATORS = (("_IP", "ipaddr"), ("_DOMAIN", "domain"), ("_FILE", "filehashvalue"), ("_PROCESS", "filehashvalue"))
"""Attribute types of a sequence's indicators, by the end of their key (MALICIOUS_IP, CRYPTOMINING_DOMAIN)."""

_ACTION = (
    ("awsApiCallAction.domainDetails.domain", "domain", "caller's domain", ("client",)),
    ("awsApiCallAction.remoteAccountDetails.accountId", "account", "caller's account", ("remote", "subject")),
    ("dnsRequestAction.domain", "domain", "requested domain", ("server",)),
    ("dnsRequestAction.domainWithSuffix", "domain", "requested registrable domain", ("server",)),
    ("dnsRequestAction.vpcOwnerAccountId", "account", "owner of the VPC", ("local",)),
    ("kubernetesApiCallAction.sourceIPs[]", "ipaddr", "caller's IP address", ("client", "subject")),
    ("rdsLoginAttemptAction.LoginAttributes[].user", "username", "database user", ("subject",)),
)
"""Fields of an action, without addresses and affected resources: path, attribute type, key, contexts."""

_INVOLVED = (
    ("accountId", "account", "account of an involved resource", ("local",)),
    ("data.accessKey.userName", "username", "owner of an involved access key", ("subject",)),
    ("data.ec2NetworkInterface.publicIp", "ipaddr", "public IP address", ("local", "object")),
    (
        "data.ec2NetworkInterface.privateIpAddresses[].privateIpAddress",
        "ipaddr",
        "private IP address",
        ("local", "object"),
    ),
    ("data.ec2NetworkInterface.ipv6Addresses[]", "ipaddr", "IPv6 address", ("local", "object")),
    ("data.ec2Instance.IamInstanceProfile.arn", "arn", "instance profile", ("local", "object")),
    ("data.container.image", "image", "container image", ("local", "object")),
)
"""Fields of a sequence's resources: path, attribute type, key, contexts."""


_PROCESS = "runtimeDetails.process"
_CONTEXT = "runtimeDetails.context"
_FILES = (
    ("evidence.threatIntelligenceDetails[].threatFileSha256", "filehashvalue", "file in threat intelligence"),
    (
        "ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames[].filePaths[].hash",
        "filehashvalue",
        "malicious file",
    ),
    (
        "ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames[].filePaths[].filePath",
        "filepath",
        "malicious file",
    ),
    ("malwareScanDetails.threats[].hash", "filehashvalue", "malicious file"),
    ("malwareScanDetails.threats[].itemPaths[].hash", "filehashvalue", "malicious file"),
    ("malwareScanDetails.threats[].itemDetails[].hash", "filehashvalue", "malicious file"),
    ("malwareScanDetails.threats[].itemPaths[].nestedItemPath", "filepath", "malicious file"),
    ("malwareScanDetails.threats[].itemDetails[].itemPath", "filepath", "malicious file"),
    ("malwareScanDetails.threats[].itemDetails[].resourceArn", "arn", "resource with the malicious file"),
    (f"{_PROCESS}.executableSha256", "filehashvalue", "executable of the process"),
    (f"{_PROCESS}.executablePath", "filepath", "executable of the process"),
    (f"{_CONTEXT}.modifyingProcess.executableSha256", "filehashvalue", "executable of the modifying process"),
    (f"{_CONTEXT}.modifyingProcess.executablePath", "filepath", "executable of the modifying process"),
    (f"{_CONTEXT}.targetProcess.executableSha256", "filehashvalue", "executable of the target process"),
    (f"{_CONTEXT}.targetProcess.executablePath", "filepath", "executable of the target process"),
    (f"{_CONTEXT}.moduleSha256", "filehashvalue", "kernel module"),
    (f"{_CONTEXT}.moduleFilePath", "filepath", "kernel module"),
    (f"{_CONTEXT}.scriptPath", "filepath", "script"),
    (f"{_CONTEXT}.libraryPath", "filepath", "library"),
    (f"{_CONTEXT}.threatFilePath", "filepath", "malicious file"),
    (f"{_CONTEXT}.filePath", "filepath", "file"),
)
"""Files, below GuardDuty's `service`. Paths have the open type ``filepath``."""

_PRINCIPAL_KINDS = {"IAMUSER": "user", "ASSUMEDROLE": "role", "ROLE": "role"}
"""AWS names for IAM users and roles, in upper case; the root user, other accounts and services have no such ARN."""

_PRINCIPAL_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)


class Sides(NamedTuple):
    """The contexts of the two sides of an action: the organisation's resource (`local`), and its peer (`remote`)."""

    local: tuple[str, ...]
    remote: tuple[str, ...]


_CONNECTIONS = ("networkConnectionAction", "portProbeAction.portProbeDetails[]", "rdsLoginAttemptAction")
_CALLS = ("awsApiCallAction", "kubernetesApiCallAction")
"""Actions with addresses. `sides` decides the contexts of a connection; a call always comes from the remote side."""

_IN_A_CALL = Sides(local=("local", "server"), remote=("remote", "client", "subject"))

_ENDPOINT = {"INBOUND": ("remote", "client"), "OUTBOUND": ("remote", "server")}
"""Contexts of a sequence's endpoint, by the direction of its connection."""


def sides(action: Any, resource_role: str) -> Sides:
    """Decide the contexts of the two sides of an action.

    Parameters
    ----------
    action
        A folded `action` of a finding, or None.
    resource_role
        GuardDuty's `resourceRole` in upper case: TARGET (the resource was acted on), ACTOR (the resource acted), or
        anything else.

    Returns
    -------
    Sides
        `local` or `remote`; `client` or `server` if the direction is known; `subject` (the actor) or `object` (the
        target) if the role is known.
    """
    direction = word(action, "networkConnectionAction.connectionDirection")
    if direction in {"INBOUND", "IN"} or one(action, "portProbeAction") or one(action, "rdsLoginAttemptAction"):
        local, remote = ["local", "server"], ["remote", "client"]
    elif direction in {"OUTBOUND", "OUT"} or one(action, "dnsRequestAction"):
        local, remote = ["local", "client"], ["remote", "server"]
    else:
        local, remote = ["local"], ["remote"]
    if resource_role == "TARGET":
        local.append("object")
        remote.append("subject")
    elif resource_role == "ACTOR":
        local.append("subject")
        remote.append("object")
    return Sides(tuple(local), tuple(remote))


def add_principal(
    found: Collector, key: str, kind: str, name: Any, account: Any, partition: str, contexts: tuple[str, ...]
) -> None:
    """Add the ARN of an IAM user or role that a finding names by account, kind and name.

    If any of the three is missing, nothing is added, because a name alone identifies neither account nor product. The
    ARN has no path, like the ARNs of sessions.

    Parameters
    ----------
    kind
        AWS's name for the kind of principal, in upper case, such as IAMUSER or ASSUMEDROLE.
    """
    resource = _PRINCIPAL_KINDS.get(kind)
    if resource is None or not isinstance(name, str) or not isinstance(account, str):
        return
    if _PRINCIPAL_NAME.fullmatch(name) and _ACCOUNT.fullmatch(account):
        found.add_fitting("arn", key, f"arn:{partition}:iam::{account}:{resource}/{name}", contexts)


def add_action(found: Collector, action: Any, who: Sides, partition: str, account: str | None = None) -> None:
    """Add the attributes of an action: addresses on both sides, requested domains, callers, and affected resources.

    Parameters
    ----------
    found
        Receives the attributes.
    action
        A folded `action`, with GuardDuty's field names.
    who
        The result of `sides` for the same action.
    partition
        The partition for ARNs that are built from names: aws, aws-cn, aws-us-gov.
    account
        The account that the finding is about; None if unknown.
    """
    for name in _CONNECTIONS:
        _add_addresses(found, action, name, who)
    for name in _CALLS:
        _add_addresses(found, action, name, _IN_A_CALL)
    for path, kind, key, contexts in _ACTION:
        found.add_at(path, kind, key, contexts, action)
    add_affected(found, one(action, "awsApiCallAction.affectedResources"), partition, account)


def add_evidence(found: Collector, service: Any, partition: str) -> None:
    """Add the files, processes and the attack sequence in GuardDuty's `service`."""
    for path, kind, key in _FILES:
        found.add_at(path, kind, key, ("file", "local") if kind != "arn" else ("local", "object"), service)
    found.add_at(f"{_PROCESS}.user", "username", "user of the process", ("local", "subject"), service)
    add_sequence(found, one(service, "detection.sequence"), partition)


def add_sequence(found: Collector, sequence: Any, partition: str) -> None:
    """Add the attributes of an attack sequence: its actors, endpoints, resources and indicators."""
    for actor in every(sequence, "actors[]"):
        found.add_at("user.name", "username", "actor", ("subject",), actor)
        for value in every(actor, "user.credentialUid"):
            found.add_fitting("accesskey", "actor's access key", value, ("subject",))
        for value in every(actor, "user.uid"):
            found.add_identifier("actor", value, ("subject",))
        found.add_at("user.account.uid", "account", "actor's account", ("subject",), actor)
        kind, name, account = word(actor, "user.type"), text(actor, "user.name"), text(actor, "user.account.uid")
        add_principal(found, "actor", kind, name, account, partition, ("subject",))
        for value in every(actor, "session.issuer"):
            found.add_identifier("issuer of the actor's session", value, ("subject",))
        found.add_at("process.sha256", "filehashvalue", "actor's process", ("file", "subject"), actor)
        found.add_at("process.path", "filepath", "actor's process", ("file", "subject"), actor)
    for endpoint in every(sequence, "endpoints[]"):
        contexts = _ENDPOINT.get(word(endpoint, "connection.direction"), ())
        found.add_at("ip", "ipaddr", "endpoint", contexts, endpoint)
        found.add_at("domain", "domain", "endpoint", contexts, endpoint)
    for resource in every(sequence, "resources[]"):
        _add_resource(found, resource, partition)
    for path in ("sequenceIndicators[]", "signals[].signalIndicators[]"):
        add_indicators(found, every(sequence, path), "key")


def add_indicators(found: Collector, indicators: Iterable[Any], named_by: str) -> None:
    """Add the values of indicators, such as MALICIOUS_IP; `named_by` is the field with the name."""
    for indicator in indicators:
        name = word(indicator, named_by)
        for ending, kind in _INDICATORS:
            if name.endswith(ending):
                for value in every(indicator, "values[]"):
                    contexts = ("additional", "file") if kind == "filehashvalue" else ("additional",)
                    found.add_fitting(kind, name.replace("_", " ").lower(), value, contexts)


def mark_sample(words: str) -> str:
    """Add the prefix of a sample to a text, unless it has one."""
    return words if words.startswith(SAMPLE_PREFIX) else f"{SAMPLE_PREFIX}{words}".rstrip()


def _add_addresses(found: Collector, action: Any, name: str, who: Sides) -> None:
    for each in every(action, name):
        for version in ("ipAddressV4", "ipAddressV6"):
            found.add_at(f"remoteIpDetails.{version}", "ipaddr", "remote IP address", who.remote, each)
            found.add_at(f"localIpDetails.{version}", "ipaddr", "local IP address", who.local, each)


def add_affected(found: Collector, affected: Any, partition: str, account: str | None) -> None:
    """Add the resources that a call affected, by their types in CloudFormation, such as `AWS::S3::Bucket`."""
    if not isinstance(affected, dict):
        return
    for kind, value in affected.items():
        if kind == "aws::s3::bucket" and isinstance(value, str) and value and not value.startswith("arn:"):
            found.add_fitting("arn", "affected bucket", f"arn:{partition}:s3:::{value}", ("local", "object"))
        elif kind in {"aws::iam::user", "aws::iam::role"} and isinstance(value, str) and not value.startswith("arn:"):
            key, iam_kind = f"affected {kind.rpartition(':')[2]}", "IAMUSER" if kind.endswith("user") else "ROLE"
            found.add("username", key, value, ("local", "object"))
            add_principal(found, key, iam_kind, value, account, partition, ("local", "object"))
        else:
            found.add_identifier("affected resource", value, ("local", "object"))


def _add_resource(found: Collector, resource: Any, partition: str) -> None:
    for path in ("uid", "name"):
        for value in every(resource, path):
            found.add_identifier("involved resource", value, ("local", "object"))
    for path, kind, key, contexts in _INVOLVED:
        found.add_at(path, kind, key, contexts, resource)
    key = one(resource, "data.accessKey")
    kind, name, account = word(key, "userType"), text(key, "userName"), text(resource, "accountId")
    add_principal(found, "owner of an involved access key", kind, name, account, partition, ("subject",))
