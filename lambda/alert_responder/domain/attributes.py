"""When two attributes are the same: canonical values, their hashes, and the union of attributes.

Pure, and total: any attribute, however hostile, gives an answer in time linear in its length and raises nothing.
"""

import ipaddress
import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from encodings import idna
from functools import lru_cache

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.primitives import canonical_json, digest_of, nested_too_deep
from alert_responder.domain.lenient_forms import (
    SPECIAL_SCHEME,
    decoded_host,
    encoded_spaces,
    host_of,
    read_loose,
    read_marked,
    unquoted,
    without_port_or_length,
)

MAX_VALUE_LENGTH = 4096
"""Longest value that is inspected [characters]: no address, name or URL is longer."""

_DEFANGED_DOT = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\\\.", re.IGNORECASE)
_DEFANGED_AT = re.compile(r"\[@\]|\(@\)|\[at\]|\(at\)|\{at\}", re.IGNORECASE)
_DEFANGED_COLON = re.compile(r"\[:\]|\(:\)")
_END_OF_AUTHORITY = re.compile("[/?#]")
_BREAKS = re.compile(r"[\t\r\n]")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFANGED_SCHEMES = {"hxxp": "http", "hxxps": "https", "fxp": "ftp", "fxps": "ftps"}
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 990, "ws": 80, "wss": 443}
"""The schemes a url may have, and the port that goes without saying (IANA port registry)."""

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_IDEOGRAPHIC_DOTS = re.compile("[\u3002\uff0e\uff61]")
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\s]")
_LOCAL_PART = re.compile(r"[^\x00-\x20\x7f-\xa0\s@<>\[\](){}\\,:;\"]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HASH_PREFIX = re.compile(r"(?:md5|sha-?1|sha-?256|sha-?384|sha-?512)[:=]\s{0,8}", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
_ACCESS_KEY = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}")
"""Long-term, temporary, bearer and context-specific keys; the lengths are those IAM allows (16 to 128)."""
_ARN = re.compile(r"arn:[a-z][a-z0-9-]{0,30}:[a-z0-9][a-z0-9-]{0,62}:[a-z0-9-]{0,30}:(?:[0-9]{12}|[a-z0-9-]{0,30}):.+")
_ACCOUNT = re.compile(r"[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4}")
_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63
_LONGEST_ADDRESS = 100
_REMEMBERED, _REMEMBERED_LENGTH = 8192, 256
"""Identities kept, and the longest value of which one is [characters]: 10 MB at most."""


def canonical(attribute: Attribute) -> str | None:
    """Return the attribute's canonical value, or None if the value does not fit its type.

    Two spellings of one thing have one canonical value: notations of an IP address, case, trailing dot and IDNA
    of a domain, case of a hash, defanged forms (``hxxp``, ``[.]``, ``(dot)``, ``[at]``) of all that are defanged.
    A type without rules of its own takes every value as it is.

    Returns
    -------
    str or None
        - ipaddr: compressed; an IPv4-mapped IPv6 address is the IPv4 address; a zone, a port and `/32` are dropped;
          decimal, octal and hexadecimal IPv4 where every part shows which it is
        - domain: lower-case A-labels (IDNA 2003, what the standard library has) without trailing dot, at least two; a
          scheme, a port and a path are dropped
        - url: scheme and host canonical, default port dropped, an empty path is `/`, spaces are encoded; a host is read
          as browsers read it, with backslashes, percent signs and any notation of IPv4; the rest untouched
        - username: without surrounding space; case kept, because some systems tell `Bob` from `bob`
        - filehashvalue: lower-case hex of MD5, SHA-1, SHA-256, SHA-384 or SHA-512
        - json: sorted keys, no spaces
        - email: domain canonical, local part kept, but for quotes around it
        - instance: lower case; accesskey: upper case; account: twelve digits; arn: as it is

    Examples
    --------
    >>> canonical(Attribute(type="domain", value="WWW[.]Example(dot)com."))
    'www.example.com'
    >>> canonical(Attribute(type="ipaddr", value="::ffff:192.0.2.1"))
    '192.0.2.1'
    >>> canonical(Attribute(type="account", value="no account")) is None
    True
    """
    return _canonical(attribute.type, attribute.value)


def attribute_hash(type: str, canonical_value: str) -> str:  # noqa: A002 (the field's own name)
    """Return SHA-256 (hex) over the pair; no two pairs are joined to the same text."""
    return digest_of(type, canonical_value)


def identity(attribute: Attribute) -> str:
    """Return what two attributes have in common exactly if they are the same: a SHA-256 in hex.

    For a valid attribute it is `attribute_hash` of type and canonical value; for an invalid one a hash over the
    raw value that no valid attribute can have.
    """
    # Asked several times of each attribute, and a storm repeats its values: short ones are remembered.
    if len(attribute.value) <= _REMEMBERED_LENGTH:
        return _remembered_identity(attribute.type, attribute.value)
    return _identity(attribute.type, attribute.value)


def unite(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """Keep each attribute once, in order of first appearance.

    The first spelling wins for key and value; contexts are united, and the earliest timestamp stays. Uniting what
    was united before, in any grouping, or repeating attributes, changes nothing.

    Examples
    --------
    >>> upper = Attribute(type="domain", value="A.test", context=("server",))
    >>> lower = Attribute(type="domain", value="a.test", context=("remote",))
    >>> [(each.value, each.context) for each in unite([upper, lower])]
    [('A.test', ('remote', 'server'))]
    """
    return tuple(united((identity(attribute), attribute) for attribute in attributes).values())


def united(attributes: Iterable[tuple[str, Attribute]]) -> dict[str, Attribute]:
    """Do as `unite` for who knows the identities already: identity to attribute, in order of first appearance."""
    kept: dict[str, Attribute] = {}
    for key, attribute in attributes:
        earlier = kept.setdefault(key, attribute)
        if earlier is attribute:
            continue
        if (earlier.context, earlier.timestamp) == (attribute.context, attribute.timestamp):
            continue
        contexts = tuple(sorted({*earlier.context, *attribute.context}))
        times = [each.timestamp for each in (earlier, attribute) if each.timestamp]
        timestamp = min(times, default=None)
        if (contexts, timestamp) != (earlier.context, earlier.timestamp):
            kept[key] = earlier.model_copy(update={"context": contexts, "timestamp": timestamp})
    return kept


def _canonical(type_: str, value: str) -> str | None:
    rule = _RULES.get(type_)
    return value if rule is None else rule(value.strip()) or None


def _identity(type_: str, value: str) -> str:
    fitting = _canonical(type_, value)
    if fitting is not None:
        return attribute_hash(type_, fitting)
    return digest_of(type_, value, "invalid")


_remembered_identity = lru_cache(maxsize=_REMEMBERED)(_identity)


def _refang(value: str) -> str:
    # Looking for one character each is quicker than the pattern, and most values have none of them.
    if "[" in value or "(" in value or "{" in value or "\\" in value:
        return _DEFANGED_DOT.sub(".", value)
    return value


def _ipaddr(value: str) -> str | None:
    if len(value) > _LONGEST_ADDRESS:
        return None
    text = without_port_or_length(_DEFANGED_COLON.sub(":", _refang(value)))
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        if ":" not in text:
            return str(_ipv4(text) or read_marked(text) or "") or None
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return None
    return str(address.ipv4_mapped or address)


def _ipv4(text: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        return None


def _hostname(value: str) -> str | None:
    """Canonicalise dot-separated labels; one label is enough here."""
    text = _IDEOGRAPHIC_DOTS.sub(".", _refang(value)).removesuffix(".")
    if not text or len(text) > _LONGEST_DOMAIN:
        return None
    labels = []
    for label in text.split("."):
        # Bounded before: the standard library's name preparation takes quadratic time on long labels.
        if len(label) > _LONGEST_LABEL:
            return None
        ascii_label = label.lower() if label.isascii() else _to_ascii(label)
        if ascii_label is None or not _LABEL.fullmatch(ascii_label):
            return None
        labels.append(ascii_label)
    host = ".".join(labels)
    return host if len(host) <= _LONGEST_DOMAIN else None


@lru_cache(maxsize=10_000)
def _to_ascii(label: str) -> str | None:
    """Apply IDNA to one label; remembered, since it is slow and each attribute is asked for several times."""
    # One character may stand for eighteen: bounded here as well.
    if len(unicodedata.normalize("NFKC", label)) > _LONGEST_LABEL:
        return None
    try:
        return idna.ToASCII(label).decode("ascii").lower()
    except (UnicodeError, IndexError):
        return None


def _domain(value: str) -> str | None:
    host = _hostname(host_of(value))
    # A last label of digits is part of an address, well-formed or not, never of a domain (RFC 3696, 2).
    if host is None or "." not in host or host.rpartition(".")[2].isdigit():
        return None
    return host


def _url(value: str) -> str | None:
    value = _BREAKS.sub("", value)
    match = SPECIAL_SCHEME.match(value)
    if not match:
        return None
    scheme = match["scheme"].lower()
    scheme = _DEFANGED_SCHEMES.get(scheme, scheme)
    rest = value[match.end() :]
    end = found.start() if (found := _END_OF_AUTHORITY.search(rest)) else len(rest)
    authority, path = rest[:end], rest[end:]
    user, at, host = authority.rpartition("@")
    host = _refang(host)
    if "\\" in user or ("\\" in host and at):
        # Browsers take a backslash for a slash, other readers do not: two hosts in one text.
        return None
    host, backslash, more = host.partition("\\")
    name, port = _host_and_port(host)
    if name is None or port is None or _SPACE_OR_CONTROL.search(user):
        return None
    if not match["slashes"] and "." not in host:
        # `http:8080` is more often a port than a host.
        return None
    if port and int(port) != _DEFAULT_PORTS[scheme]:
        name += f":{int(port)}"
    path = encoded_spaces(f"/{more}{path}" if backslash else path)
    return f"{scheme}://{user}{at}{name}{'' if path.startswith('/') else '/'}{path}"


def _host_and_port(text: str) -> tuple[str | None, str | None]:
    """Read the host and port of a URL; see `_split_port` for the port."""
    host, port = _split_port(_DEFANGED_COLON.sub(":", text))
    if host.startswith("["):
        name = _ipaddr(host)
        return name and f"[{name}]" if name and ":" in name else name, port
    host = decoded_host(host)
    name = _hostname(host)
    if name is None:
        return None, port
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        # Browsers take a name that ends in a number for an address, and refuse it if it is none.
        address = read_loose(name)
        return str(address) if address is not None else None, port
    return name, port


def _split_port(host: str) -> tuple[str, str | None]:
    """Split host and port; the port is "" where none is given and None where it is none."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return host, ""
    fits = port == "" or (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535)
    return name, port if fits else None


def _username(value: str) -> str | None:
    return None if _CONTROL.search(value) else value


def _hash_value(value: str) -> str | None:
    text = _HASH_PREFIX.sub("", value, count=1).lower()
    return text if _HASH.fullmatch(text) else None


def _json(value: str) -> str | None:
    if nested_too_deep(value):
        return None
    try:
        return canonical_json(json.loads(value))
    except ValueError:
        return None


def _email(value: str) -> str | None:
    text = _DEFANGED_AT.sub("@", value)
    if text.endswith(">"):
        text = text[:-1].rpartition("<")[2]
    if text[:7].lower() == "mailto:":
        text = text[7:]
    local, _, host = text.rpartition("@")
    local, domain = unquoted(_refang(local)), _domain(host)
    if domain is None or not _LOCAL_PART.fullmatch(local):
        return None
    return f"{local}@{domain}"


def _instance(value: str) -> str | None:
    text = value.lower()
    return text if _INSTANCE.fullmatch(text) else None


def _access_key(value: str) -> str | None:
    text = value.upper()
    return text if _ACCESS_KEY.fullmatch(text) else None


def _arn(value: str) -> str | None:
    return value if _ARN.fullmatch(value) and not _CONTROL.search(value) else None


def _account(value: str) -> str | None:
    return value.replace("-", "") if _ACCOUNT.fullmatch(value) else None


_RULES: dict[str, Callable[[str], str | None]] = {
    "ipaddr": _ipaddr,
    "domain": _domain,
    "url": _url,
    "username": _username,
    "filehashvalue": _hash_value,
    "json": _json,
    "email": _email,
    "instance": _instance,
    "accesskey": _access_key,
    "arn": _arn,
    "account": _account,
}

KNOWN_TYPES = frozenset(_RULES)
"""Types that have canonical values of their own."""
