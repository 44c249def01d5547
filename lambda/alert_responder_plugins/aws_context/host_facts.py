"""Describe hosts as contents of an answer. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alert_responder.contracts.inspection import HostContent, NoteContent
from alert_responder_plugins.aws_context.events import Trail, activities
from alert_responder_plugins.aws_context.exposure import exposure, open_to_all
from alert_responder_plugins.aws_context.identity_facts import RoleFacts
from alert_responder_plugins.aws_context.tags import TagFilter

_DESCRIPTION = re.compile(r"ELB ((?:app|net|gwy)/[A-Za-z0-9-]{1,32}/[0-9a-f]{16})")
_NO_TRAIL = Trail()


@dataclass(frozen=True, slots=True)
class Location:
    """An account and region."""

    partition: str
    account: str
    region: str

    def __str__(self) -> str:
        return f"AWS {self.account} {self.region}"

    def console(self, path: str) -> str | None:
        """Return a link to the console for commercial regions, or None."""
        return f"https://{self.region}.console.aws.amazon.com/{path}" if self.partition == "aws" else None


@dataclass(frozen=True, slots=True)
class Host:
    """A host, and a note with the facts for which a host has no fields."""

    host: HostContent
    note: NoteContent


def load_balancer_of(interface: Mapping[str, Any]) -> str | None:
    """Return the `app/<name>/<id>` of the load balancer to which an interface belongs, or None.

    The description is trusted only for interfaces that Elastic Load Balancing created: anyone can write a description.
    """
    if interface.get("RequesterId") != "amazon-elb":
        return None
    match = _DESCRIPTION.fullmatch(str(interface.get("Description", "")))
    return match[1] if match else None


def instance_host(
    instance: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]] | None,
    image: Mapping[str, Any] | None,
    role: RoleFacts | None,
    trail: Trail,
    location: Location,
    tag_filter: TagFilter,
) -> Host:
    """Describe an instance of DescribeInstances; `groups` is None if the security groups could not be read."""
    instance_id, tags = str(instance["InstanceId"]), instance.get("Tags", [])
    interfaces: Sequence[Mapping[str, Any]] = instance.get("NetworkInterfaces", [])
    public = _distinct([instance.get("PublicIpAddress"), *_public(interfaces)])
    private = _distinct([instance.get("PrivateIpAddress"), *_private(interfaces)])
    facts = {
        "instance_id": instance_id,
        "state": instance.get("State", {}).get("Name"),
        "instance_type": instance.get("InstanceType"),
        "launched_at": _time(instance.get("LaunchTime")),
        "image": {
            "id": instance.get("ImageId"),
            "name": (image or {}).get("Name"),
            "owner": (image or {}).get("OwnerId"),
        },
        "key_name": instance.get("KeyName"),
        "role": role.data() if role else None,
        "metadata_tokens": instance.get("MetadataOptions", {}).get("HttpTokens"),
        **_network(instance, instance.get("SecurityGroups", []), public, groups),
    }
    lines = [
        f"{facts['state']}, {facts['instance_type']}, image {instance.get('ImageId')}, {facts['exposure']}.",
        f"Role: {role.text()}" if role else "",
    ]
    return _host(
        f"EC2 instance {instance_id}",
        location,
        HostContent(
            type="host",
            source=str(location),
            link=location.console(f"ec2/home?region={location.region}#InstanceDetails:instanceId={instance_id}"),
            ipaddr=(*public, *private),
            owner=tuple(tag_filter.owners(tags).values()),
            os=_distinct([instance.get("PlatformDetails")]),
            macaddr=_distinct(each.get("MacAddress") for each in interfaces),
            hostname=_distinct([instance.get("PublicDnsName"), instance.get("PrivateDnsName")]),
            activities=activities(trail.groups),
        ),
        lines,
        facts,
        tags,
        tag_filter,
        trail,
    )


def interface_host(
    interface: Mapping[str, Any], groups: Sequence[Mapping[str, Any]] | None, location: Location, tag_filter: TagFilter
) -> Host:
    """Describe an interface of DescribeNetworkInterfaces that belongs to neither an instance nor a load balancer."""
    interface_id, tags = str(interface["NetworkInterfaceId"]), interface.get("TagSet", [])
    public = _distinct(_public([interface]))
    facts = {
        "interface_id": interface_id,
        "interface_type": interface.get("InterfaceType"),
        "status": interface.get("Status"),
        "description": interface.get("Description"),
        "made_by": interface.get("RequesterId"),
        **_network(interface, interface.get("Groups", []), public, groups),
    }
    return _host(
        f"Network interface {interface_id}",
        location,
        HostContent(
            type="host",
            source=str(location),
            link=location.console(
                f"ec2/home?region={location.region}#NetworkInterface:networkInterfaceId={interface_id}"
            ),
            ipaddr=(*public, *_distinct(_private([interface]))),
            owner=tuple(tag_filter.owners(tags).values()),
            macaddr=_distinct([interface.get("MacAddress")]),
            hostname=_distinct([interface.get("PrivateDnsName")]),
        ),
        [f"Of type {facts['interface_type']}, {facts['status']}, {facts['exposure']}."],
        facts,
        tags,
        tag_filter,
        _NO_TRAIL,
    )


def load_balancer_host(
    balancer: Mapping[str, Any],
    tags: Sequence[Mapping[str, Any]],
    groups: Sequence[Mapping[str, Any]] | None,
    trail: Trail,
    location: Location,
    tag_filter: TagFilter,
) -> Host:
    """Describe a load balancer of DescribeLoadBalancers."""
    name, facing = str(balancer.get("LoadBalancerName", "")), balancer.get("Scheme") == "internet-facing"
    rules = None if groups is None else open_to_all(groups)
    facts = {
        "load_balancer_arn": balancer.get("LoadBalancerArn"),
        "load_balancer_type": balancer.get("Type"),
        "scheme": balancer.get("Scheme"),
        "state": balancer.get("State", {}).get("Code"),
        "created_at": _time(balancer.get("CreatedTime")),
        "vpc": balancer.get("VpcId"),
        "subnets": [zone.get("SubnetId") for zone in balancer.get("AvailabilityZones", [])],
        "security_groups": list(balancer.get("SecurityGroups", [])),
        "open_to_all": rules,
        "exposure": exposure(["it"] if facing else [], rules),
    }
    return _host(
        f"Load balancer {name}",
        location,
        HostContent(
            type="host",
            source=str(location),
            link=location.console(f"ec2/home?region={location.region}#LoadBalancers:"),
            owner=tuple(tag_filter.owners(tags).values()),
            hostname=_distinct([balancer.get("DNSName")]),
            activities=activities(trail.groups),
        ),
        [f"{facts['load_balancer_type']}, {facts['scheme']}, {facts['exposure']}."],
        facts,
        tags,
        tag_filter,
        trail,
    )


def _host(
    title: str,
    location: Location,
    host: HostContent,
    lines: Sequence[str],
    facts: dict[str, Any],
    tags: Iterable[Mapping[str, Any]],
    tag_filter: TagFilter,
    trail: Trail,
) -> Host:
    tags = list(tags)
    owners, purposes = tag_filter.owners(tags), tag_filter.purposes(tags)
    shown = ", ".join(f"{key} {value}" for key, value in {**owners, **purposes}.items())
    text = " ".join(filter(None, [*lines, f"Tags: {shown}." if shown else "No owner or purpose tags."]))
    data = {
        "account": location.account,
        "region": location.region,
        **facts,
        "owner_tags": owners,
        "purpose_tags": purposes,
        **trail.data(),
    }
    return Host(host, NoteContent(type="note", title=title, text=text, data=data, source=str(location), link=host.link))


def _network(
    holder: Mapping[str, Any],
    groups_of: Sequence[Mapping[str, Any]],
    public: Sequence[str],
    groups: Sequence[Mapping[str, Any]] | None,
) -> dict[str, Any]:
    rules = None if groups is None else open_to_all(groups)
    return {
        "vpc": holder.get("VpcId"),
        "subnet": holder.get("SubnetId"),
        "security_groups": [{"id": each.get("GroupId"), "name": each.get("GroupName")} for each in groups_of],
        "open_to_all": rules,
        "exposure": exposure(public, rules),
    }


def _public(interfaces: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield public addresses; all IPv6 addresses count, whether or not they are routed to the internet."""
    for interface in interfaces:
        yield interface.get("Association", {}).get("PublicIp")
        yield from (each.get("Association", {}).get("PublicIp") for each in interface.get("PrivateIpAddresses", []))
        yield from (each.get("Ipv6Address") for each in interface.get("Ipv6Addresses", []))


def _private(interfaces: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    for interface in interfaces:
        yield interface.get("PrivateIpAddress")
        yield from (each.get("PrivateIpAddress") for each in interface.get("PrivateIpAddresses", []))


def _distinct(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in values if value))


def _time(when: Any) -> str | None:
    return when.isoformat() if hasattr(when, "isoformat") else None
