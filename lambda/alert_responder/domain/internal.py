"""The organisation's internal networks and domains, indexed for fast checks."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.plugin import InstallationSettings
from alert_responder.domain.addresses import Address, Network
from alert_responder.domain.attributes import canonical

_MAPPED = 0xFFFF
_BETWEEN_WORDS = re.compile(r"[._-]+")


class InternalEstate(NamedTuple):
    """Internal networks and domains.

    Attributes
    ----------
    networks
        Prefixes of networks, by IP version and length.
    domains
        Names by number of labels: lower case, A-labels, without final dot.
    mentions
        Names with several labels by number of words, which are separated by dots, hyphens and underscores.
    """

    networks: Mapping[tuple[int, int], frozenset[int]]
    domains: Mapping[int, frozenset[str]]
    mentions: Mapping[int, frozenset[str]] = {}

    def has_address(self, address: Address) -> bool:
        """Check whether an address is in one of the networks."""
        return any(
            version == address.version and int(address) >> (address.max_prefixlen - length) in first_bits
            for (version, length), first_bits in self.networks.items()
        )

    def has_domain(self, host: str) -> bool:
        """Check whether a name is one of the domains or a subdomain."""
        labels = host.split(".")
        return any(".".join(labels[-count:]) in names for count, names in self.domains.items())

    def is_mentioned(self, text: str) -> bool:
        """Check whether a text contains one of the domains with several labels."""
        return _has_run(_BETWEEN_WORDS.split(text), self.mentions)

    def is_part_of(self, host: str) -> bool:
        """Check whether labels of a name are one of the domains, or one label is a domain with hyphens as dots.

        `login-acme.com` does not count as `acme.com`: it is another name, which anybody may register.
        """
        labels = host.split(".")
        ends = [_BETWEEN_WORDS.split(label)[0] for label in labels]
        several = {count: names for count, names in self.domains.items() if count > 1}
        return (
            _has_run(labels, several)
            or any(
                ".".join((*labels[start : start + count - 1], ends[start + count - 1])) in names
                for count, names in several.items()
                for start in range(len(labels) - count + 1)
            )
            or any("-" in label and _has_run(_BETWEEN_WORDS.split(label), self.mentions) for label in labels)
        )


def _has_run(words: Sequence[str], names: Mapping[int, frozenset[str]]) -> bool:
    return any(
        ".".join(words[start : start + count]) in some
        for count, some in names.items()
        for start in range(len(words) - count + 1)
    )


NO_INTERNAL = InternalEstate({}, {})
"""An installation without internal networks and domains; rules about public and special names apply anyway."""


def internal_estate(settings: InstallationSettings) -> InternalEstate:
    """Index the networks and domains of the installation's settings."""
    networks: dict[tuple[int, int], set[int]] = {}
    for network in map(unmapped, settings.internal_networks):
        bits = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
        networks.setdefault((network.version, network.prefixlen), set()).add(bits)
    domains: dict[int, set[str]] = {}
    mentions: dict[int, set[str]] = {}
    for domain in settings.internal_domains:
        name = ascii_name(domain.strip().strip(".").lower())
        domains.setdefault(name.count(".") + 1, set()).add(name)
        if "." in name:
            words = _BETWEEN_WORDS.split(name)
            mentions.setdefault(len(words), set()).add(".".join(words))
    return InternalEstate(
        {key: frozenset(bits) for key, bits in networks.items()},
        {count: frozenset(names) for count, names in domains.items()},
        {count: frozenset(names) for count, names in mentions.items()},
    )


def ascii_name(name: str) -> str:
    """Return a domain's A-labels; other text is returned unchanged."""
    if name.isascii():
        return name
    return canonical(Attribute(type="domain", value=name)) or name


def unmapped(network: Network) -> Network:
    """Convert an IPv6 network of IPv4-mapped addresses to the IPv4 network."""
    bits = int(network.network_address)
    if network.version == 6 and network.prefixlen >= 96 and bits >> 32 == _MAPPED:
        return ipaddress.IPv4Network((bits & 0xFFFFFFFF, network.prefixlen - 96))
    return network
