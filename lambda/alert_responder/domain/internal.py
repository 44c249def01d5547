"""What is internal to the organisation: its networks and domains, ready to be looked up in."""

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
    """The organisation's networks and domains.

    Attributes
    ----------
    networks
        The first bits of networks, by version and number of these bits.
    domains
        Names by their number of labels: lower case, A-labels, no final dot.
    mentions
        Names of several labels by their number of words, words being what dots, hyphens and underscores separate.
    """

    networks: Mapping[tuple[int, int], frozenset[int]]
    domains: Mapping[int, frozenset[str]]
    mentions: Mapping[int, frozenset[str]] = {}

    def has_address(self, address: Address) -> bool:
        """Whether an address lies in one of the networks."""
        return any(
            version == address.version and int(address) >> (address.max_prefixlen - length) in first_bits
            for (version, length), first_bits in self.networks.items()
        )

    def has_domain(self, host: str) -> bool:
        """Whether a name is one of the domains, or below one."""
        labels = host.split(".")
        return any(".".join(labels[-count:]) in names for count, names in self.domains.items())

    def is_mentioned(self, text: str) -> bool:
        """Whether one of the domains, but for single labels, stands anywhere in a word, whatever is around it."""
        return _has_run(_BETWEEN_WORDS.split(text), self.mentions)

    def is_part_of(self, host: str) -> bool:
        """Whether labels of a name are one of the domains, or a label is one with hyphens instead of dots.

        `login-acme.com` is a name of its own, which anybody may have, and no mention of `acme.com`.
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
"""Of an installation without settings of its own: the rules about public and special names hold all the same."""


def internal_estate(settings: InstallationSettings) -> InternalEstate:
    """Read what is internal from the installation's settings."""
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
    """Return a domain's A-labels; what is no domain is left as it is."""
    if name.isascii():
        return name
    return canonical(Attribute(type="domain", value=name)) or name


def unmapped(network: Network) -> Network:
    """Write a network of IPv4 addresses mapped into IPv6 as that of IPv4."""
    bits = int(network.network_address)
    if network.version == 6 and network.prefixlen >= 96 and bits >> 32 == _MAPPED:
        return ipaddress.IPv4Network((bits & 0xFFFFFFFF, network.prefixlen - 96))
    return network
