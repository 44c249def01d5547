"""Describe how the internet can reach a host, according to its addresses and security groups. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

_WORLD_PREFIXES = ("/0", "/1")
"""Prefixes of all addresses: two networks with a prefix of one bit include every address as well."""


def open_to_all(groups: Iterable[Mapping[str, Any]]) -> list[str]:
    """List the rules that allow traffic from any address, such as `tcp 22 (sg-0123)`; sorted and without duplicates.

    Parameters
    ----------
    groups
        Security groups as DescribeSecurityGroups returns them.
    """
    rules = {
        f"{_ports(rule)} ({group.get('GroupId', '')})"
        for group in groups
        for rule in group.get("IpPermissions", [])
        if _from_everywhere(rule)
    }
    return sorted(rules)


def exposure(public_addresses: Iterable[str], rules: list[str] | None) -> str:
    """Describe the exposure; `rules` is the result of `open_to_all`, or None if the groups could not be read."""
    if not list(public_addresses):
        return "no public address"
    if rules is None:
        return "public address; its security groups could not be read"
    return f"public address, open to all: {', '.join(rules)}" if rules else "public address, no rule open to all"


def _from_everywhere(rule: Mapping[str, Any]) -> bool:
    networks = [str(each.get("CidrIp", "")) for each in rule.get("IpRanges", [])]
    networks += [str(each.get("CidrIpv6", "")) for each in rule.get("Ipv6Ranges", [])]
    return any(network.endswith(_WORLD_PREFIXES) for network in networks)


def _ports(rule: Mapping[str, Any]) -> str:
    protocol = str(rule.get("IpProtocol", "-1"))
    if protocol == "-1":
        return "all traffic"
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if protocol not in ("tcp", "udp", "6", "17") or first is None:
        return protocol
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"
