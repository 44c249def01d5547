"""Looks up instances, network interfaces and load balancers."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alert_responder_plugins.aws_context.accounts import Account, Accounts
from alert_responder_plugins.aws_context.client import Asking
from alert_responder_plugins.aws_context.host_facts import (
    Host,
    Place,
    instance_host,
    interface_host,
    load_balancer_host,
    load_balancer_of,
)
from alert_responder_plugins.aws_context.identities import Identities
from alert_responder_plugins.aws_context.subjects import Subject
from alert_responder_plugins.aws_context.tags import Tagging
from alert_responder_plugins.aws_context.trail import TrailLookup

MAX_HOSTS = 5
"""Most hosts of one answer: a private address may be in use in many networks."""


@dataclass(frozen=True)
class Hosts:
    """Looks hosts up in all accounts and regions, or in those that an ARN names."""

    accounts: Accounts
    regions: Sequence[str]
    partition: str
    tagging: Tagging
    identities: Identities
    trail: TrailLookup

    def find(self, asking: Asking, wanted: Subject) -> list[Host]:
        """Find what the subject names: at most five, in the order of accounts and regions."""
        found: list[Host] = []
        for place, account in self._places(wanted):
            if wanted.kind == "instance":
                found += self._instance(asking, account, place, wanted.name)
            elif wanted.kind == "load_balancer":
                found += self._load_balancer(asking, account, place, wanted.name)
            else:
                for interface in self._interfaces(asking, account, place, wanted):
                    found += self._behind(asking, account, place, interface)
                    if len(found) >= MAX_HOSTS:
                        break
            # An id is given out once; an address may be in use in several networks.
            if len(found) >= MAX_HOSTS or (found and wanted.kind != "address"):
                break
        return found[:MAX_HOSTS]

    def _places(self, wanted: Subject) -> Iterator[tuple[Place, Account]]:
        accounts = self.accounts.all if wanted.account is None else self.accounts.find(wanted.account)
        for account in accounts:
            for region in self.regions:
                # What stands in an ARN was written by anybody: only regions of the setting are asked.
                if wanted.region in (None, region):
                    yield Place(self.partition, account.id, region), account

    def _interfaces(
        self, asking: Asking, account: Account, place: Place, wanted: Subject
    ) -> Iterator[Mapping[str, Any]]:
        filters = ["network-interface-id"] if wanted.kind == "interface" else _filters(wanted.name)
        for name in filters:
            request = [{"Name": name, "Values": [wanted.name]}]
            answer = asking.ask(account, "ec2", place.region, "describe_network_interfaces", Filters=request)
            found = answer.data.get("NetworkInterfaces", [])
            yield from found
            if found:
                return

    def _behind(self, asking: Asking, account: Account, place: Place, interface: Mapping[str, Any]) -> list[Host]:
        instance_id = interface.get("Attachment", {}).get("InstanceId")
        path = load_balancer_of(interface)
        if instance_id:
            found = self._instance(asking, account, place, str(instance_id))
        elif path:
            found = self._load_balancer(asking, account, place, path)
        else:
            found = []
        if found:
            return found
        groups = self._groups(asking, account, place, [group["GroupId"] for group in interface.get("Groups", [])])
        return [interface_host(interface, groups, place, self.tagging)]

    def _instance(self, asking: Asking, account: Account, place: Place, instance_id: str) -> list[Host]:
        # By filter, not by id: what does not exist is then an empty list, and no error.
        wanted = [{"Name": "instance-id", "Values": [instance_id]}]
        answer = asking.ask(account, "ec2", place.region, "describe_instances", Filters=wanted)
        instances = [each for reservation in answer.data.get("Reservations", []) for each in reservation["Instances"]]
        if not instances:
            return []
        instance = instances[0]
        groups = self._groups(asking, account, place, [each["GroupId"] for each in instance.get("SecurityGroups", [])])
        image = self._image(asking, account, place, instance.get("ImageId"))
        profile = instance.get("IamInstanceProfile", {}).get("Arn")
        role = self.identities.of_profile(asking, account, profile) if profile else None
        # What its credentials did has the instance's id as the session's name; what was done to it, as a resource.
        keys = [("Username", instance_id), ("ResourceName", instance_id)]
        trail = self.trail.find(asking, [(account, place.region)], keys)
        return [instance_host(instance, groups, image, role, trail, place, self.tagging)]

    def _load_balancer(self, asking: Asking, account: Account, place: Place, path: str) -> list[Host]:
        arn = f"arn:{self.partition}:elasticloadbalancing:{place.region}:{account.id}:loadbalancer/{path}"
        answer = asking.ask(account, "elbv2", place.region, "describe_load_balancers", LoadBalancerArns=[arn])
        balancers = answer.data.get("LoadBalancers", [])
        if not balancers:
            return []
        tagged = asking.ask(account, "elbv2", place.region, "describe_tags", ResourceArns=[arn])
        tags = [tag for each in tagged.data.get("TagDescriptions", []) for tag in each.get("Tags", [])]
        groups = self._groups(asking, account, place, balancers[0].get("SecurityGroups", []))
        trail = self.trail.find(asking, [(account, place.region)], [("ResourceName", arn)])
        return [load_balancer_host(balancers[0], tags, groups, trail, place, self.tagging)]

    def _groups(
        self, asking: Asking, account: Account, place: Place, ids: Sequence[str]
    ) -> list[Mapping[str, Any]] | None:
        if not ids:
            return []
        wanted = [{"Name": "group-id", "Values": list(ids)}]
        answer = asking.ask(account, "ec2", place.region, "describe_security_groups", Filters=wanted)
        return answer.data.get("SecurityGroups", []) if answer.known else None

    def _image(self, asking: Asking, account: Account, place: Place, image_id: Any) -> Mapping[str, Any] | None:
        if not image_id:
            return None
        # Deprecated ones too: an old instance has an old image.
        answer = asking.ask(
            account, "ec2", place.region, "describe_images", ImageIds=[image_id], IncludeDeprecated=True
        )
        images = answer.data.get("Images", [])
        return images[0] if images else None


def _filters(address: str) -> list[str]:
    """Return the filters of DescribeNetworkInterfaces that may find an address, most likely first."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 6:
        return ["ipv6-addresses.ipv6-address"]
    # A network may have public addresses as its own, so that one that is no association is looked for as well.
    own = "addresses.private-ip-address"
    return ["addresses.association.public-ip", own] if parsed.is_global else [own]
