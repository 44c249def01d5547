"""When two attributes are the same: canonical values, their hashes, and merging of attributes.

Pure; any attribute, however hostile, is handled in time linear in its length, and nothing is raised.
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
"""Longest value that is inspected [characters]; addresses, names and URLs are shorter."""

_DEFANGED_DOT = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\\\.", re.IGNORECASE)
_DEFANGED_AT = re.compile(r"\[@\]|\(@\)|\[at\]|\(at\)|\{at\}", re.IGNORECASE)
_DEFANGED_COLON = re.compile(r"\[:\]|\(:\)")
_END_OF_AUTHORITY = re.compile("[/?#]")
_BREAKS = re.compile(r"[\t\r\n]")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFANGED_SCHEMES = {"hxxp": "http", "hxxps": "https", "fxp": "ftp", "fxps": "ftps"}
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 990, "ws": 80, "wss": 443}
"""Allowed schemes of a url, and their default ports (IANA port registry)."""

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_IDEOGRAPHIC_DOTS = re.compile("[\u3002\uff0e\uff61]")
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\s]")
_LOCAL_PART = re.compile(r"[^\x00-\x20\x7f-\xa0\s@<>\[\](){}\\,:;\"]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HASH_PREFIX = re.compile(r"(?:md5|sha-?1|sha-?256|sha-?384|sha-?512)[:=]\s{0,8}", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
_ACCESS_KEY = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}")
"""Long-term, temporary, bearer and context-specific keys, with the lengths that IAM allows (16 to 128)."""
_ARN = re.compile(r"arn:[a-z][a-z0-9-]{0,30}:[a-z0-9][a-z0-9-]{0,62}:[a-z0-9-]{0,30}:(?:[0-9]{12}|[a-z0-9-]{0,30}):.+")
_ACCOUNT = re.compile(r"[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4}")
_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63
_LONGEST_ADDRESS = 100
_REMEMBERED, _REMEMBERED_LENGTH = 8192, 256
"""Number of cached identities, and the longest value of one [characters]: at most 10 MB."""


def canonical(attribute: Attribute) -> str | None:
    """Return the attribute's canonical value, or None if the value does not fit its type.

    All spellings of a thing have one canonical value: notations of an IP address, case, trailing dot and IDNA of a
    domain, case of a hash, defanged forms (``hxxp``, ``[.]``, ``(dot)``, ``[at]``). A type without rules accepts every
    value unchanged.

    Returns
    -------
    str or None
        - ipaddr: compressed; an IPv4-mapped IPv6 address is the IPv4 address; a zone, a port and `/32` are dropped;
          decimal, octal and hexadecimal IPv4 if every part is unambiguous
        - domain: at least two lower-case A-labels (IDNA 2003, as in the standard library) without trailing dot; a
          scheme, a port and a path are dropped
        - url: scheme and host canonical, default port dropped, an empty path is `/`, spaces are encoded; the host is
          parsed as browsers do, with backslashes, percent signs and any notation of IPv4; the rest is unchanged
        - username: without surrounding space; case is kept, because `Bob` and `bob` differ on some systems
        - filehashvalue: lower-case hex of MD5, SHA-1, SHA-256, SHA-384 or SHA-512
        - json: sorted keys, no spaces
        - email: domain canonical, local part kept except for quotes around it
        - instance: lower case; accesskey: upper case; account: twelve digits; arn: unchanged

    Examples
    --------
    >>> canonical(Attribute(type="domain", value="WWW[.]Example(dot)com."))
    'www.example.com'
    >>> canonical(Attribute(type="ipaddr", value="::ffff:192.0.2.1"))
    '192.0.2.1'
    >>> canonical(Attribute(type="account", value="no account")) is None
    True
    """
    return canonical_value(attribute.type, attribute.value)


def canonical_value(type_: str, value: str) -> str | None:
    """Like `canonical`, for type and value of an attribute."""
    rule = _RULES.get(type_)
    return value if rule is None else rule(value.strip()) or None


def attribute_hash(type: str, canonical_value: str) -> str:  # noqa: A002 (the field's own name)
    """Return the SHA-256 (hex) of the pair: different pairs never hash the same text."""
    return digest_of(type, canonical_value)


def identity(attribute: Attribute) -> str:
    """Return a SHA-256 (hex) that is equal for two attributes exactly if they are the same.

    For a valid attribute it is `attribute_hash` of type and canonical value; for an invalid one, a hash of the raw
    value that no valid attribute can have.
    """
    # Needed several times for each attribute, and a storm of alerts repeats values: short ones are cached.
    if len(attribute.value) <= _REMEMBERED_LENGTH:
        return _remembered_identity(attribute.type, attribute.value)
    return _identity(attribute.type, attribute.value)


def unite(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """Keep each attribute once, in order of first appearance.

    Key and value are those of the first spelling; contexts are merged, and the earliest timestamp is kept. Merging is
    idempotent and associative.

    Examples
    --------
    >>> upper = Attribute(type="domain", value="A.test", context=("server",))
    >>> lower = Attribute(type="domain", value="a.test", context=("remote",))
    >>> [(each.value, each.context) for each in unite([upper, lower])]
    [('A.test', ('remote', 'server'))]
    """
    return tuple(united((identity(attribute), attribute) for attribute in attributes).values())


def united(attributes: Iterable[tuple[str, Attribute]]) -> dict[str, Attribute]:
    """Like `unite`, for pairs of identity and attribute: return a dict in order of first appearance."""
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


def _identity(type_: str, value: str) -> str:
    fitting = canonical_value(type_, value)
    if fitting is not None:
        return attribute_hash(type_, fitting)
    return digest_of(type_, value, "invalid")


_remembered_identity = lru_cache(maxsize=_REMEMBERED)(_identity)


def _refang(value: str) -> str:
    # Faster than the pattern; most values have none of these characters.
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
    """Return the canonical form of dot-separated labels; a single label is allowed."""
    text = _IDEOGRAPHIC_DOTS.sub(".", _refang(value)).removesuffix(".")
    if not text or len(text) > _LONGEST_DOMAIN:
        return None
    labels = []
    for label in text.split("."):
        # Checked first: nameprep in the standard library takes quadratic time for long labels.
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
    """Apply IDNA to one label; cached, because it is slow and needed several times for each attribute."""
    # One character may expand to eighteen: limited here as well.
    if len(unicodedata.normalize("NFKC", label)) > _LONGEST_LABEL:
        return None
    try:
        return idna.ToASCII(label).decode("ascii").lower()
    except (UnicodeError, IndexError):
        return None


def _domain(value: str) -> str | None:
    host = _hostname(host_of(value))
    # A last label of digits belongs to an address, well-formed or not, never to a domain (RFC 3696, 2).
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
        # Browsers treat a backslash as a slash, other parsers do not: the host is ambiguous.
        return None
    host, backslash, more = host.partition("\\")
    name, port = _host_and_port(host)
    if name is None or port is None or _SPACE_OR_CONTROL.search(user):
        return None
    if not match["slashes"] and "." not in host:
        # In `http:8080`, the number is more often a port than a host.
        return None
    if port and int(port) != _DEFAULT_PORTS[scheme]:
        name += f":{int(port)}"
    path = encoded_spaces(f"/{more}{path}" if backslash else path)
    return f"{scheme}://{user}{at}{name}{'' if path.startswith('/') else '/'}{path}"


def _host_and_port(text: str) -> tuple[str | None, str | None]:
    """Parse the host and port of a URL; see `_split_port` for the port."""
    host, port = _split_port(_DEFANGED_COLON.sub(":", text))
    if host.startswith("["):
        name = _ipaddr(host)
        return name and f"[{name}]" if name and ":" in name else name, port
    host = decoded_host(host)
    name = _hostname(host)
    if name is None:
        return None, port
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        # Browsers parse a name that ends in a number as an address, and refuse it if it is invalid.
        address = read_loose(name)
        return str(address) if address is not None else None, port
    return name, port


def _split_port(host: str) -> tuple[str, str | None]:
    """Split host and port; the port is "" if it is missing and None if it is invalid."""
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
"""Types with rules for canonical values."""
