"""IP addresses: which of them are public, and which of them a text contains, in any notation.

Pure; every text is handled in time linear in its length.
"""

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

from alert_responder.domain.lenient_forms import read_loose

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


_NEVER_PUBLIC = _networks(
    "192.0.0.0/24",  # protocol assignments
    "192.88.99.0/24",  # 6to4 relays
    "2001::/23",  # protocol assignments, Teredo among them
    "2002::/16",  # 6to4: contains an IPv4 address
    "3fff::/20",  # documentation
)
"""Networks on which versions of Python disagree (IANA special-purpose address registries)."""

_DOCUMENTATION = _networks("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")

_INSIDE = _networks(
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
)
"""Private networks. Numbers and words with hyphens that only resemble an address are compared with these alone, because
every second number is reserved for something."""

_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_MAPPED, _NAT64 = 0xFFFF, 0x0064FF9B << 64
_ISATAP = (0x00005EFE, 0x02005EFE)

_DOTTED = re.compile(r"(?<![0-9])(?=([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9]))")
_HYPHENS = re.compile(r"(?<![0-9])(?=([0-9]{1,3})-([0-9]{1,3})-([0-9]{1,3})-([0-9]{1,3})(?![0-9]))")
_DATE = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?:-[0-9]{2}){2,5}(?![0-9])")
_PART = r"(?:0x[0-9a-f]{1,12}|[0-9]{1,12})"
_FOUR_PARTS = re.compile(rf"(?<![0-9a-z])(?=({_PART}(?:\.{_PART}){{3}})(?![0-9a-z]))")
_THREE_PARTS = re.compile(rf"(?<![0-9a-z.]){_PART}\.{_PART}\.{_PART}(?![0-9a-z]|\.[0-9])")
_NUMBER = re.compile(r"(?<![0-9a-z.])(?:0x[0-9a-f]{7,8}|0[0-7]{9,12}|[0-9]{8,10})(?![0-9a-z])")
_EIGHT_DIGITS = re.compile(r"(?<![0-9a-z])[0-9a-f]{8}(?![0-9a-z])")
_COLON_WORD = re.compile(r"[0-9a-z_.:]+")
_HYPHEN_WORD = re.compile(r"[0-9a-z-]+")
_NIBBLES = re.compile(r"(?<![0-9a-z.])[0-9a-f](?:\.[0-9a-f]){31}(?![0-9a-z])")
_IPV6_GROUPS = 8
_LONGEST_GROUP = 4
_MOST_GAPS = 3
"""Maximum number of empty groups into which `::` is split."""


def is_public(address: Address) -> bool:
    """Check whether an address is public, and may belong to anybody on the Internet."""
    if address.version == 6 and address not in _PUBLIC_IPV6:
        return False
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not any(address in network for network in _NEVER_PUBLIC if network.version == address.version)
    )


def is_documentation(address: Address) -> bool:
    """Check whether an address is reserved for examples, where it stands for one of anybody (RFC 5737, RFC 9637)."""
    return any(address in network for network in _DOCUMENTATION if network.version == address.version)


def is_private(address: Address) -> bool:
    """Check whether an address is private, and used inside networks."""
    return any(address in network for network in _INSIDE if network.version == address.version)


def embedded_addresses(address: Address) -> list[Address]:
    """List an address and the addresses embedded in it; one that only wraps another is left out."""
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


def addresses_in(text: str) -> Iterator[Address]:
    """Yield the addresses in a lower-case text that have their usual notation."""
    yield from _of_four(_DOTTED, text)
    yield from _of_groups(_COLON_WORD, ":", text, longest=True)


def hyphenated_addresses(name: str) -> Iterator[Address]:
    """Yield the IPv4 addresses in a host name that have hyphens between the numbers."""
    yield from _of_four(_HYPHENS, name)


def possible_addresses(text: str) -> Iterator[Address]:
    """Yield what may be an address in a lower-case text: single numbers, octal, hexadecimal, short, with hyphens."""
    for pattern in (_FOUR_PARTS, _THREE_PARTS, _NUMBER):
        yield from (address for found in pattern.findall(text) if (address := read_loose(found)) is not None)
    for found in _EIGHT_DIGITS.findall(text):
        yield ipaddress.IPv4Address(int(found, 16))
    if "-" in text:
        yield from _of_four(_HYPHENS, _DATE.sub(" ", text))
        yield from _of_groups(_HYPHEN_WORD, "-", text, longest=False)
    yield from _of_groups(_COLON_WORD, ":", text, longest=False)


def reversed_addresses(name: str) -> Iterator[Address]:
    """Yield the addresses in a host name that have their parts in reverse order, as in queries of block lists."""
    for address in _of_four(_DOTTED, name):
        yield ipaddress.IPv4Address(address.packed[::-1])
    for found in _NIBBLES.findall(name):
        digits = found.replace(".", "")
        yield ipaddress.IPv6Address(int(digits[::-1], 16))
        yield ipaddress.IPv6Address(int(digits, 16))


def reversed_hyphenated_addresses(name: str) -> Iterator[Address]:
    """Yield the IPv4 addresses in a host name in reverse order with hyphens, as providers name customers."""
    for address in _of_four(_HYPHENS, name):
        yield ipaddress.IPv4Address(address.packed[::-1])


def _of_four(pattern: re.Pattern[str], text: str) -> Iterator[ipaddress.IPv4Address]:
    for match in pattern.finditer(text):
        numbers = [int(number) for number in match.groups()]
        if max(numbers) <= 255:
            yield ipaddress.IPv4Address(bytes(numbers))


def _of_groups(pattern: re.Pattern[str], mark: str, text: str, *, longest: bool) -> Iterator[ipaddress.IPv6Address]:
    if text.count(mark) < 2:
        return
    for word in dict.fromkeys(pattern.findall(text)):
        if word.count(mark) >= 2:
            yield from _windows(word.rstrip(".").split(mark), longest=longest)


def _windows(groups: list[str], *, longest: bool) -> Iterator[ipaddress.IPv6Address]:
    """Find IPv6 addresses in consecutive groups: all of them, or the longest from each position."""
    start = 0
    while start < len(groups) - 1:
        step = 1
        for end in range(min(len(groups), start + _IPV6_GROUPS + 1), start + 1, -1):
            found = _ipv6(groups[start:end])
            if found is not None:
                yield found
                if longest:
                    step = end - start - 1
                    break
        start += max(step, 1)


def _ipv6(groups: list[str]) -> ipaddress.IPv6Address | None:
    # Most windows cannot be addresses: too few groups, more than one gap, or a group that is too long.
    gaps = groups.count("")
    if (len(groups) < _IPV6_GROUPS and not gaps and "." not in groups[-1]) or gaps > _MOST_GAPS:
        return None
    return None if max(map(len, groups[:-1])) > _LONGEST_GROUP else _read_ipv6(":".join(groups))


@lru_cache(maxsize=1024)
def _read_ipv6(text: str) -> ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None
