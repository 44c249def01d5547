"""Look up instances, network interfaces and load balancers."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alert_responder_plugins.aws_context.client import AwsCalls
from alert_responder_plugins.aws_context.host_facts import (
    Host,
    Location,
    instance_host,
    interface_host,
    load_balancer_host,
    load_balancer_of,
)
from alert_responder_plugins.aws_context.identities import Identities
from alert_responder_plugins.aws_context.subjects import Subject
from alert_responder_plugins.aws_context.tags import TagFilter
from alert_responder_plugins.aws_context.trail import TrailLookup
from alert_responder_plugins.common.accounts import Account

MAX_HOSTS = 5
"""Maximum number of hosts in an answer: a private address may be used in many networks."""


@dataclass(frozen=True)
class Hosts:
    """Looks up hosts in all regions, or in that of an ARN."""

    regions: Sequence[str]
    partition: str
    tag_filter: TagFilter
    identities: Identities
    trail: TrailLookup

    def find(self, calls: AwsCalls, subject: Subject, accounts: Sequence[Account]) -> list[Host]:
        """Find the hosts of a subject: at most `MAX_HOSTS`, in the order of accounts and regions."""
        hosts: list[Host] = []
        for location, account in self._locations(subject, accounts):
            if subject.kind == "instance":
                hosts += self._instance(calls, account, location, subject.name)
            elif subject.kind == "load_balancer":
                hosts += self._load_balancer(calls, account, location, subject.name)
            else:
                for interface in self._interfaces(calls, account, location, subject):
                    hosts += self._behind(calls, account, location, interface)
                    if len(hosts) >= MAX_HOSTS:
                        break
            # Ids are unique; an address may be used in several networks.
            if len(hosts) >= MAX_HOSTS or (hosts and subject.kind != "address"):
                break
        return hosts[:MAX_HOSTS]

    def _locations(self, subject: Subject, accounts: Sequence[Account]) -> Iterator[tuple[Location, Account]]:
        for account in accounts:
            for region in self.regions:
                # ARNs are hostile input: only configured regions are called.
                if subject.region in (None, region):
                    yield Location(self.partition, account.id, region), account

    def _interfaces(
        self, calls: AwsCalls, account: Account, location: Location, subject: Subject
    ) -> Iterator[Mapping[str, Any]]:
        filters = ["network-interface-id"] if subject.kind == "interface" else _filters(subject.name)
        for name in filters:
            request = [{"Name": name, "Values": [subject.name]}]
            answer = calls.call(account, "ec2", location.region, "describe_network_interfaces", Filters=request)
            interfaces = answer.data.get("NetworkInterfaces", [])
            yield from interfaces
            if interfaces:
                return

    def _behind(
        self, calls: AwsCalls, account: Account, location: Location, interface: Mapping[str, Any]
    ) -> list[Host]:
        instance_id = interface.get("Attachment", {}).get("InstanceId")
        path = load_balancer_of(interface)
        if instance_id:
            hosts = self._instance(calls, account, location, str(instance_id))
        elif path:
            hosts = self._load_balancer(calls, account, location, path)
        else:
            hosts = []
        if hosts:
            return hosts
        groups = self._groups(calls, account, location, [group["GroupId"] for group in interface.get("Groups", [])])
        return [interface_host(interface, groups, location, self.tag_filter)]

    def _instance(self, calls: AwsCalls, account: Account, location: Location, instance_id: str) -> list[Host]:
        # With a filter, a missing instance is an empty list instead of an error.
        filters = [{"Name": "instance-id", "Values": [instance_id]}]
        answer = calls.call(account, "ec2", location.region, "describe_instances", Filters=filters)
        instances = [each for reservation in answer.data.get("Reservations", []) for each in reservation["Instances"]]
        if not instances:
            return []
        instance = instances[0]
        groups = self._groups(
            calls, account, location, [each["GroupId"] for each in instance.get("SecurityGroups", [])]
        )
        image = self._image(calls, account, location, instance.get("ImageId"))
        profile = instance.get("IamInstanceProfile", {}).get("Arn")
        role = self.identities.of_profile(calls, account, profile) if profile else None
        # Events by its credentials contain the instance's id as session name; events about it contain it as resource.
        keys = [("Username", instance_id), ("ResourceName", instance_id)]
        trail = self.trail.find(calls, [(account, location.region)], keys)
        return [instance_host(instance, groups, image, role, trail, location, self.tag_filter)]

    def _load_balancer(self, calls: AwsCalls, account: Account, location: Location, path: str) -> list[Host]:
        arn = f"arn:{self.partition}:elasticloadbalancing:{location.region}:{account.id}:loadbalancer/{path}"
        answer = calls.call(account, "elbv2", location.region, "describe_load_balancers", LoadBalancerArns=[arn])
        balancers = answer.data.get("LoadBalancers", [])
        if not balancers:
            return []
        tagged = calls.call(account, "elbv2", location.region, "describe_tags", ResourceArns=[arn])
        tags = [tag for each in tagged.data.get("TagDescriptions", []) for tag in each.get("Tags", [])]
        groups = self._groups(calls, account, location, balancers[0].get("SecurityGroups", []))
        trail = self.trail.find(calls, [(account, location.region)], [("ResourceName", arn)])
        return [load_balancer_host(balancers[0], tags, groups, trail, location, self.tag_filter)]

    def _groups(
        self, calls: AwsCalls, account: Account, location: Location, ids: Sequence[str]
    ) -> list[Mapping[str, Any]] | None:
        if not ids:
            return []
        filters = [{"Name": "group-id", "Values": list(ids)}]
        answer = calls.call(account, "ec2", location.region, "describe_security_groups", Filters=filters)
        return answer.data.get("SecurityGroups", []) if answer.known else None

    def _image(self, calls: AwsCalls, account: Account, location: Location, image_id: Any) -> Mapping[str, Any] | None:
        if not image_id:
            return None
        # Old instances have deprecated images.
        answer = calls.call(
            account, "ec2", location.region, "describe_images", ImageIds=[image_id], IncludeDeprecated=True
        )
        images = answer.data.get("Images", [])
        return images[0] if images else None


def _filters(address: str) -> list[str]:
    """Return the filters of DescribeNetworkInterfaces that may find an address, the most likely first."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 6:
        return ["ipv6-addresses.ipv6-address"]
    # A VPC may use public addresses internally, so they are searched for in both fields.
    internal = "addresses.private-ip-address"
    return ["addresses.association.public-ip", internal] if parsed.is_global else [internal]
