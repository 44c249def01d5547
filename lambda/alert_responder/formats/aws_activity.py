"""What GuardDuty and ASFF findings have alike: actions, attack sequences, whose side is whose, samples."""

from typing import Any, NamedTuple

from alert_responder.formats.extraction import Collector, every, one, text

SAMPLE_SUFFIX = " [SAMPLE]"
"""Stands behind the rule_id of sample findings, so that they never fall into the report of a real one."""

SAMPLE_PREFIX = "[SAMPLE] "
"""Stands before the rule_name and the description of sample findings, as the GuardDuty console has it."""

_INDICATORS = (("_ip", "ipaddr"), ("_domain", "domain"), ("_file", "filehashvalue"), ("_process", "filehashvalue"))
"""What the values of a sequence's indicator are, by the end of its key (MALICIOUS_IP, CRYPTOMINING_DOMAIN)."""


class Sides(NamedTuple):
    """The contexts of what is ours (`local`) and of what it dealt with (`remote`), as sorted by `sides`."""

    local: tuple[str, ...]
    remote: tuple[str, ...]


def sides(action: Any, resource_role: str | None) -> Sides:
    """Say who was who in an action.

    Parameters
    ----------
    action
        A folded `action` of a finding, or None.
    resource_role
        GuardDuty's: TARGET (something was done to our resource), ACTOR (our resource did it), or neither.

    Returns
    -------
    Sides
        `local` or `remote`; `client` or `server` where the direction is known; `subject` for who did it and
        `object` for whom it was done to where the role is known.
    """
    direction = (text(action, "networkConnectionAction.connectionDirection") or "").upper()
    if direction in {"INBOUND", "IN"} or one(action, "portProbeAction") or one(action, "rdsLoginAttemptAction"):
        local, remote = ["local", "server"], ["remote", "client"]
    elif direction in {"OUTBOUND", "OUT"} or one(action, "dnsRequestAction"):
        local, remote = ["local", "client"], ["remote", "server"]
    else:
        local, remote = ["local"], ["remote"]
    if (resource_role or "").upper() == "TARGET":
        local.append("object")
        remote.append("subject")
    elif (resource_role or "").upper() == "ACTOR":
        local.append("subject")
        remote.append("object")
    return Sides(tuple(local), tuple(remote))


def add_action(found: Collector, action: Any, who: Sides, partition: str) -> None:
    """Add what an action tells: the addresses on both sides, domains asked for, callers, and what they called on.

    Parameters
    ----------
    found
        Where the attributes go.
    action
        A folded `action`; its names are those of GuardDuty, in any case.
    who
        From `sides`, of the same action.
    partition
        Of the ARNs that are made of bucket names: aws, aws-cn, aws-us-gov.
    """
    for name in ("networkConnectionAction", "portProbeAction.portProbeDetails[]", "rdsLoginAttemptAction"):
        _add_addresses(found, action, name, who.remote, who.local)
    for name in ("awsApiCallAction", "kubernetesApiCallAction"):
        _add_addresses(found, action, name, ("remote", "client", "subject"), ("local", "server"))
    api = "awsApiCallAction"
    found.add_at(f"{api}.domainDetails.domain", "domain", "caller's domain", ("remote", "client"), action)
    found.add_at(f"{api}.remoteAccountDetails.accountId", "account", "caller's account", ("remote", "subject"), action)
    _add_affected(found, one(action, f"{api}.affectedResources"), partition)
    found.add_at("dnsRequestAction.domain", "domain", "requested domain", ("remote", "server"), action)
    found.add_at(
        "dnsRequestAction.domainWithSuffix", "domain", "requested registrable domain", ("remote", "server"), action
    )
    found.add_at("dnsRequestAction.vpcOwnerAccountId", "account", "owner of the VPC", ("local",), action)
    for path in ("kubernetesApiCallAction.sourceIPs[]", "kubernetesApiCallAction.sourceIps[]"):
        found.add_at(path, "ipaddr", "caller's IP address", ("remote", "client", "subject"), action)
    found.add_at("rdsLoginAttemptAction.LoginAttributes[].user", "username", "database user", ("subject",), action)


def add_sequence(found: Collector, sequence: Any) -> None:
    """Add what an attack sequence tells: its actors, endpoints, resources and indicators."""
    for actor in every(sequence, "actors[]"):
        found.add_at("user.name", "username", "actor", ("subject",), actor)
        for value in every(actor, "user.credentialUid"):
            found.add_fitting("accesskey", "actor's access key", value, ("subject",))
        for value in every(actor, "user.uid"):
            found.add_identifier("actor", value, ("subject",))
        found.add_at("user.account.uid", "account", "actor's account", ("subject",), actor)
        for value in every(actor, "session.issuer"):
            found.add_identifier("issuer of the actor's session", value, ("subject",))
        found.add_at("process.sha256", "filehashvalue", "actor's process", ("file", "subject"), actor)
        found.add_at("process.path", "filepath", "actor's process", ("file", "subject"), actor)
    for endpoint in every(sequence, "endpoints[]"):
        direction = (text(endpoint, "connection.direction") or "").upper()
        contexts = {"INBOUND": ("remote", "client"), "OUTBOUND": ("remote", "server")}.get(direction, ("remote",))
        found.add_at("ip", "ipaddr", "endpoint", contexts, endpoint)
        found.add_at("domain", "domain", "endpoint", contexts, endpoint)
    for resource in every(sequence, "resources[]"):
        _add_resource(found, resource)
    for path in ("sequenceIndicators[]", "signals[].signalIndicators[]"):
        for indicator in every(sequence, path):
            key = (text(indicator, "key") or "").lower()
            for ending, kind in _INDICATORS:
                if key.endswith(ending):
                    for value in every(indicator, "values[]"):
                        whose = "file" if kind == "filehashvalue" else "remote"
                        found.add_fitting(kind, key.replace("_", " "), value, (whose, "additional"))


def marked(words: str) -> str:
    """Put the mark of a sample before a text that has none yet."""
    return words if words.startswith(SAMPLE_PREFIX) else f"{SAMPLE_PREFIX}{words}".rstrip()


def _add_addresses(found: Collector, action: Any, name: str, remote: tuple[str, ...], local: tuple[str, ...]) -> None:
    for each in every(action, name):
        for version in ("ipAddressV4", "ipAddressV6"):
            found.add_at(f"remoteIpDetails.{version}", "ipaddr", "remote IP address", remote, each)
            found.add_at(f"localIpDetails.{version}", "ipaddr", "local IP address", local, each)


def _add_affected(found: Collector, affected: Any, partition: str) -> None:
    if not isinstance(affected, dict):
        return
    for kind, value in affected.items():
        if kind == "aws::s3::bucket" and isinstance(value, str) and value and not value.startswith("arn:"):
            found.add_fitting("arn", "affected bucket", f"arn:{partition}:s3:::{value}", ("local", "object"))
        elif kind in {"aws::iam::user", "aws::iam::role"} and isinstance(value, str) and not value.startswith("arn:"):
            found.add("username", f"affected {kind.rpartition(':')[2]}", value, ("local", "object"))
        else:
            found.add_identifier("affected resource", value, ("local", "object"))


def _add_resource(found: Collector, resource: Any) -> None:
    ours = ("local", "object")
    for path in ("uid", "name"):
        for value in every(resource, path):
            found.add_identifier("involved resource", value, ours)
    found.add_at("accountId", "account", "account of an involved resource", ("local",), resource)
    for data in every(resource, "data"):
        found.add_at("accessKey.userName", "username", "owner of an involved access key", ("subject",), data)
        interface = "ec2NetworkInterface"
        found.add_at(f"{interface}.publicIp", "ipaddr", "public IP address", ours, data)
        found.add_at(f"{interface}.privateIpAddresses[].privateIpAddress", "ipaddr", "private IP address", ours, data)
        found.add_at(f"{interface}.ipv6Addresses[]", "ipaddr", "IPv6 address", ours, data)
        found.add_at("ec2Instance.IamInstanceProfile.arn", "arn", "instance profile", ours, data)
        found.add_at("container.image", "image", "container image", ours, data)
