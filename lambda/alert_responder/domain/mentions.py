"""Finds what a URL mentions: internal addresses and names, people, and internal resources."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Literal

from alert_responder.domain.addresses import (
    Address,
    addresses_in,
    embedded_addresses,
    hyphenated_addresses,
    is_private,
    is_public,
    possible_addresses,
    reversed_addresses,
    reversed_hyphenated_addresses,
)
from alert_responder.domain.decoder import decode
from alert_responder.domain.internal import InternalEstate, ascii_name
from alert_responder.domain.lenient_forms import read_loose
from alert_responder.domain.top_level import TOP_LEVEL

Mention = Literal[
    "encoded", "identity", "internal_domains", "internal_networks", "reserved_address", "special_domain", "user_info"
]

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
"""Last labels that do not exist in the public DNS, or that name addresses and networks, such as `arpa` (`home.arpa`,
reverse names): RFC 6761, RFC 6762 appendix G, RFC 8375, and labels that ICANN reserves for private use."""

_WORD = re.compile(r"[\w.-]+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# In names of packages and repositories, a version or a tag follows the @.
_EMAIL = re.compile(
    r"[^\s/@]@(?!(?:latest|next|stable|beta|alpha|canary|dev|main|master|v?[0-9][\w.-]*)(?![\w.@-]))(?:[^\W\d_]|\[|[0-9])"
)
_NESTED_HOST = re.compile(r"//(?:[^\s/?#@]*@)?([^\s/?#&\"'<>:,;)]+)")
_ARN = re.compile(r"(?<![a-z0-9])arn:aws[a-z-]*:", re.IGNORECASE)
_ACCESS_KEY = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}")
_LOWER_ACCESS_KEY = re.compile(
    r"(?<![a-z0-9])(?:akia|asia|abia|acca|aroa|aida)(?=[a-z0-9]{0,15}[0-9])[a-z0-9]{16}(?![a-z0-9])", re.IGNORECASE
)
_INSTANCE = re.compile(r"(?<![0-9a-z])m?i-[0-9a-f]{8,17}(?![0-9a-z])", re.IGNORECASE)
_SESSION = re.compile(r"eyJ[\w-]{8,}\.eyJ")
"""A JSON Web Token: two objects in base64, separated by a dot."""

_CREDENTIAL = re.compile(
    r"(?:password|passwd|passphrase|pwd|secret|api_?key|access_?token|jsessionid|phpsessid)=[^&;#]", re.IGNORECASE
)
_PARAMETER = re.compile(r"=([a-z0-9_-]+)(?=[&;#]|$)")
_OF_AN_ACCOUNT = re.compile(r"(?:^|\.)[0-9]{12}\.(?:[a-z0-9-]+\.)*(?:amazonaws\.com(?:\.cn)?|aws\.amazon\.com)$")
_IDENTITIES = (_ARN, _ACCESS_KEY, _LOWER_ACCESS_KEY, _INSTANCE, _SESSION, _CREDENTIAL)


def of_url(value: str, internal: InternalEstate) -> Iterator[Mention]:
    """Yield the mentions in a canonical URL, possibly several times."""
    authority, _, rest = value.partition("://")[2].partition("/")
    _, user_info, host = authority.rpartition("@")
    if user_info:
        yield "user_info"
    yield from of_host(host[1 : host.index("]")] if host.startswith("[") else host.partition(":")[0], internal)
    # Keep the slash: a relative address begins with two.
    result = decode(f"/{rest}")
    if result.encoded:
        yield "encoded"
    for text in result.texts:
        yield from _of_text(text, internal)


def of_host(host: str, internal: InternalEstate) -> Iterator[Mention]:
    """Yield the mentions in a host: an address, or a name in lower case."""
    try:
        yield from of_address(ipaddress.ip_address(host), internal)
    except ValueError:
        yield from _of_name(host, internal)


def of_address(address: Address, internal: InternalEstate) -> Iterator[Mention]:
    """Yield the mentions in an address and in the addresses embedded in it."""
    stands_for = embedded_addresses(address)
    if any(map(internal.has_address, (address, *stands_for))):
        yield "internal_networks"
    if not all(map(is_public, stands_for)):
        yield "reserved_address"


def _of_name(host: str, internal: InternalEstate) -> Iterator[Mention]:
    if internal.has_domain(host) or internal.is_part_of(host):
        yield "internal_domains"
    last = host.rpartition(".")[2]
    if _NUMBER.fullmatch(last):
        # Browsers parse it as an address, such as 10.0.0.0x1, and public names do not end like this.
        yield "reserved_address"
    elif last == host or last in SPECIAL_NAMES or last not in TOP_LEVEL:
        yield "special_domain"
    if _OF_AN_ACCOUNT.search(host):
        yield "identity"
    yield from _of_identities(host)
    for address in (*addresses_in(host), *hyphenated_addresses(host)):
        yield from of_address(address, internal)
    yield from _of_resembling((*possible_addresses(host), *reversed_addresses(host)), internal)
    if any(is_public(address) and internal.has_address(address) for address in reversed_hyphenated_addresses(host)):
        yield "internal_networks"
    # The first text is the name.
    for text in decode(host, depth=1).texts[1:]:
        yield from _of_text(text, internal)


def _of_text(text: str, internal: InternalEstate) -> Iterator[Mention]:
    """Yield the mentions in a URL after its host, where names reserved for special use may be file names."""
    yield from _of_identities(text)
    lower = text.lower()
    if _EMAIL.search(lower):
        yield "identity"
    for word in _WORD.findall(lower):
        name = ascii_name(word.strip("."))
        if internal.is_mentioned(name):
            yield "internal_domains"
        if name.endswith(".internal"):
            yield "special_domain"
    if not internal.domains.get(1, frozenset()).isdisjoint(_PARAMETER.findall(lower)):
        yield "internal_domains"
    for address in addresses_in(lower):
        yield from of_address(address, internal)
    yield from _of_resembling(possible_addresses(lower), internal)
    for host in _NESTED_HOST.findall(lower):
        meant_by_it = read_loose(host)
        if meant_by_it is not None:
            yield from of_address(meant_by_it, internal)
        elif internal.has_domain(ascii_name(host.strip("."))):
            yield "internal_domains"


def _of_identities(text: str) -> Iterator[Mention]:
    if any(pattern.search(text) for pattern in _IDENTITIES):
        yield "identity"


def _of_resembling(addresses: Iterator[Address] | tuple[Address, ...], internal: InternalEstate) -> Iterator[Mention]:
    for address in addresses:
        if internal.has_address(address):
            yield "internal_networks"
        if is_private(address):
            yield "reserved_address"
