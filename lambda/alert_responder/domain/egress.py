"""What an inspector that tells a third party may be sent: the operator's rules, as values.

Pure, and total: any attribute, however hostile, gives an answer in time linear in its length and raises nothing. What
is judged is the canonical value, and the canonical value is what is sent: no spelling is judged as another thing.

The rules see what a value says openly: an address in a name of a wildcard DNS service, an address or a name of one's
own in the path of a URL. What is hidden in it, in base64 for one, they do not see.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from alert_responder.contracts.alert import KNOWN_CONTEXTS, Attribute
from alert_responder.contracts.plugin import External, InstallationSettings
from alert_responder.domain.attributes import canonical

Rule = Literal[
    "identity",
    "internal_domains",
    "internal_networks",
    "reserved_address",
    "special_domain",
    "unknown_type",
    "user_info",
]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

IDENTITIES = frozenset({"accesskey", "account", "arn", "email", "instance", "username"})
"""Types that name people or parts of the own estate. `json` and types of one's own may name anything."""

SPECIAL_NAMES = frozenset(
    {
        "arpa",
        "corp",
        "example",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "mail",
        "private",
        "test",
    }
)
"""Last labels that the public DNS does not have or, as `arpa` (`home.arpa`, reverse names), that name addresses and
networks: RFC 6761, RFC 6762 appendix G, RFC 8375, and what ICANN keeps for private use."""

_NEVER_PUBLIC: tuple[Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments
            "192.88.99.0/24",  # 6to4 relays
            "2001::/23",  # protocol assignments, Teredo among them
            "2002::/16",  # 6to4: an IPv4 address in other words
            "3fff::/20",  # documentation
        ),
    )
)
"""What Python's versions do not agree upon, by IANA's registries of special-purpose addresses."""

_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_MAPPED, _NAT64 = 0xFFFF, 0x0064FF9B << 64
_ISATAP = (0x00005EFE, 0x02005EFE)
_ADDRESS_IN_NAME = re.compile(r"(?<![0-9])(?=([0-9]{1,3})[.-]([0-9]{1,3})[.-]([0-9]{1,3})[.-]([0-9]{1,3})(?![0-9]))")
_IPV4 = re.compile(r"(?<![0-9])(?=([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9]))")
_IPV6 = re.compile(r"[0-9a-f:.]+")
_WORD = re.compile(r"[\w.-]+")
_EMAIL = re.compile(r"[^\s/?&=#:;,<>\"'()@]@[\w.-]+\.[^\W\d_]{2}")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_IPV6 = 45
_DECODINGS = 3
"""How often percent signs in a URL are undone: a URL in a URL in a URL."""


class Own(NamedTuple):
    """What is the organisation's own, ready to be looked up in.

    Attributes
    ----------
    networks
        The first bits of networks, by version and number of these bits.
    domains
        Names by their number of labels: lower case, A-labels, no final dot.
    """

    networks: Mapping[tuple[int, int], frozenset[int]]
    domains: Mapping[int, frozenset[str]]

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

    def is_mentioned(self, word: str) -> bool:
        """Whether one of the domains, but for single labels, stands anywhere in a word with dots."""
        labels = word.split(".")
        return any(
            ".".join(labels[start : start + count]) in names
            for count, names in self.domains.items()
            if count > 1
            for start in range(len(labels) - count + 1)
        )


NOTHING_OWN = Own({}, {})
"""Of an installation that has not said what is its own: the rules about public and special names hold all the same."""


def own(settings: InstallationSettings) -> Own:
    """Read what is the organisation's own from the installation's settings."""
    networks: dict[tuple[int, int], set[int]] = {}
    for network in map(_unmapped, settings.internal_networks):
        bits = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
        networks.setdefault((network.version, network.prefixlen), set()).add(bits)
    domains: dict[int, set[str]] = {}
    for domain in settings.internal_domains:
        name = _ascii(domain.strip().strip(".").lower())
        domains.setdefault(name.count(".") + 1, set()).add(name)
    return Own(
        {key: frozenset(bits) for key, bits in networks.items()},
        {count: frozenset(names) for count, names in domains.items()},
    )


def refusal(attribute: Attribute, external: External | None, mine: Own) -> Rule | None:
    """Name the rule by which an inspector may not be told of an attribute.

    Parameters
    ----------
    external
        What the inspector may be told all the same; None: it tells nobody outside, and may be told everything.

    Returns
    -------
    str or None
        None where it may be told, and for a value that does not fit its type, which no inspector gets. The same for
        every spelling of the same value.
    """
    if external is None:
        return None
    value = canonical(attribute)
    if value is None:
        return None
    for rule in _rules(attribute.type, value, mine):
        if not _allowed(rule, external):
            return rule
    return None


def reason(rule: Rule) -> str:
    """Say in a sentence, for the report, what a rule keeps an external inspector from being told."""
    return f"Egress rule {rule}: {_SENTENCES[rule]} The inspector tells a third party."


def told_attribute(attribute: Attribute, external: External | None) -> Attribute:
    """Return what an inspector is told of an attribute that it may be told of.

    Where a rule holds for the inspector, that is the canonical value, known contexts and the time; the key is a text of
    the alert's own, and left empty.
    """
    value = canonical(attribute)
    if not _restricted(external) or value is None:
        return attribute
    contexts = tuple(context for context in attribute.context if context in KNOWN_CONTEXTS)
    return attribute.model_copy(update={"value": value, "key": "", "context": contexts})


def told_alert(summary: Mapping[str, Any], external: External | None, mine: Own) -> dict[str, Any]:
    """Return what an inspector is told of the alert, JSON of `AlertSummary` in and out.

    Where a rule holds for the inspector, that is the time and the attributes it may be told of: any of the texts may
    name what may not go out. What was told once is told again unchanged.
    """
    if not _restricted(external):
        return dict(summary)
    attributes = [Attribute.model_validate(attribute) for attribute in summary["attributes"]]
    return {
        "detector": "",
        "rule_id": "",
        "rule_name": "",
        "alert_key": "",
        "description": "",
        "timestamp": summary["timestamp"],
        "severity": None,
        "attributes": [
            told_attribute(attribute, external).model_dump(mode="json")
            for attribute in attributes
            if canonical(attribute) is not None and refusal(attribute, external, mine) is None
        ],
    }


_SENTENCES: Mapping[Rule, str] = {
    "identity": "it names people or parts of the own estate.",
    "internal_domains": "its name is one of internal_domains, or below one.",
    "internal_networks": "its address is in internal_networks.",
    "reserved_address": "its address is private, reserved or otherwise not public.",
    "special_domain": "its name is a single label, or below a name kept for private or special use.",
    "unknown_type": "it is JSON or of a type whose contents nobody knows.",
    "user_info": "the URL carries a user name.",
}


def _restricted(external: External | None) -> bool:
    return external is not None and not (external.allow_internal and external.allow_identities)


def _allowed(rule: Rule, external: External) -> bool:
    if rule == "unknown_type":
        return external.allow_internal and external.allow_identities
    return external.allow_identities if rule in {"identity", "user_info"} else external.allow_internal


def _rules(type_: str, value: str, mine: Own) -> Iterator[Rule]:
    """Give every rule that holds for a canonical value."""
    if type_ == "ipaddr":
        yield from _of_address(ipaddress.ip_address(value), mine)
    elif type_ == "domain":
        yield from _of_host(value, mine)
    elif type_ == "url":
        yield from _of_url(value, mine)
    elif type_ in IDENTITIES:
        yield "identity"
        if type_ == "email":
            yield from _of_host(value.rpartition("@")[2], mine)
    elif type_ != "filehashvalue":
        yield "unknown_type"


def _of_url(value: str, mine: Own) -> Iterator[Rule]:
    authority, _, rest = value.partition("://")[2].partition("/")
    _, user_info, host = authority.rpartition("@")
    if user_info:
        yield "user_info"
    name = host[1 : host.index("]")] if host.startswith("[") else host.partition(":")[0]
    yield from _of_host(name, mine)
    text = rest
    for _ in range(_DECODINGS):
        text = _decoded(text)
    yield from _of_text(text.lower(), mine)


def _decoded(text: str) -> str:
    """Undo percent signs once."""
    return _PERCENT.sub(lambda match: bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace"), text)


def _of_host(host: str, mine: Own) -> Iterator[Rule]:
    try:
        yield from _of_address(ipaddress.ip_address(host), mine)
    except ValueError:
        if mine.has_domain(host):
            yield "internal_domains"
        last = host.rpartition(".")[2]
        if last == host or last in SPECIAL_NAMES:
            yield "special_domain"
        if _NUMBER.fullmatch(last):
            # Browsers take it for an address in other words, 10.0.0.0x1 for one, and no public name ends like this.
            yield "reserved_address"
        for address in _found(_ADDRESS_IN_NAME, host):
            yield from _of_address(address, mine)


def _of_text(text: str, mine: Own) -> Iterator[Rule]:
    """Judge what a URL says beyond its host; names kept for special use may be file names there."""
    if _EMAIL.search(text):
        yield "identity"
    if any(mine.is_mentioned(_ascii(word.strip("."))) for word in _WORD.findall(text) if "." in word):
        yield "internal_domains"
    for address in _found(_IPV4, text):
        yield from _of_address(address, mine)
    for word in _IPV6.findall(text):
        if ":" in word and (written := _ipv6(word)):
            yield from _of_address(written, mine)


def _of_address(address: Address, mine: Own) -> Iterator[Rule]:
    meant = _meant(address)
    if any(map(mine.has_address, (address, *meant))):
        yield "internal_networks"
    if not all(map(_is_public, meant)):
        yield "reserved_address"


def _is_public(address: Address) -> bool:
    if address.version == 6 and address not in _PUBLIC_IPV6:
        return False
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not any(address in network for network in _NEVER_PUBLIC if network.version == address.version)
    )


def _meant(address: Address) -> list[Address]:
    """List the addresses that one stands for, where it has another in it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    number = int(address)
    last = ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if number >> 32 in {_MAPPED, _NAT64}:
        return [last]
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        return [address, last]
    within: list[Address | None] = [address.sixtofour, *(address.teredo or ())]
    return [address, *(inner for inner in within if inner is not None)]


def _found(pattern: re.Pattern[str], text: str) -> Iterator[ipaddress.IPv4Address]:
    for match in pattern.finditer(text):
        numbers = [int(number) for number in match.groups()]
        if max(numbers) <= 255:
            yield ipaddress.IPv4Address(bytes(numbers))


def _ipv6(word: str) -> ipaddress.IPv6Address | None:
    if len(word) > _LONGEST_IPV6:
        return None
    try:
        return ipaddress.IPv6Address(word.strip("."))
    except ValueError:
        return None


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    return canonical(Attribute(type="domain", value=name)) or name


def _unmapped(network: Network) -> Network:
    bits = int(network.network_address)
    if network.version == 6 and network.prefixlen >= 96 and bits >> 32 == _MAPPED:
        return ipaddress.IPv4Network((bits & 0xFFFFFFFF, network.prefixlen - 96))
    return network
