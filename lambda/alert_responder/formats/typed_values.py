"""Types of mappings whose values become attributes of several types, chosen by what each value is.

Pure; nothing is raised. A value that is nothing else keeps the most general type: `hostname`, `username`, `resource`.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import MAX_VALUE_LENGTH, canonical
from alert_responder.domain.lenient_forms import SPECIAL_SCHEME
from alert_responder.formats.extraction import identifiers

Typed = tuple[str, Any]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}://")
_PREFIX_LENGTH = re.compile(r"[0-9A-Fa-f.:]+/[0-9]{1,3}")
_END_OF_HOST = re.compile(r"[/?#\\]")
_PORT = re.compile(r":[0-9]{1,5}")
_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
_MEMBER = re.compile(r"(?:deleted:)?(user|serviceAccount|group|domain|projectOwner|projectEditor|projectViewer):(.+)")
_UID = re.compile(r"\?uid=[0-9]+")


def typed(kind: str, value: Any) -> Iterable[Typed]:
    """Return the attributes, as type and value, that a value of a mapping becomes.

    Examples
    --------
    >>> typed("endpoint", "[2001:db8::7]:9100"), typed("member", "user:jane@example.com"), typed("ipaddr", "192.0.2.1")
    ([('ipaddr', '2001:db8::7')], [('email', 'jane@example.com')], [('ipaddr', '192.0.2.1')])
    """
    split = _SPLIT.get(kind)
    if split is None:
        return [(kind, value)]
    text = str(value).strip()
    return split(text) if 0 < len(text) <= MAX_VALUE_LENGTH else [("other", value)]


def _endpoint(text: str) -> list[Typed]:
    """Split a host with a port, a URL with or without scheme, or an address.

    A URL with a scheme that browsers know is kept whole; of others the host is kept. Names with dots are domains.
    """
    if SPECIAL_SCHEME.match(text) and _SCHEME.match(text) and _fits("url", text):
        return [("url", text)]
    if _PREFIX_LENGTH.fullmatch(text):
        return [("ipaddr" if _fits("ipaddr", text) else "network", text)]
    if found := _SCHEME.match(text):
        text = text[found.end() :].rpartition("@")[2]
    host = _END_OF_HOST.split(text, maxsplit=1)[0]
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        name, _, port = host.partition(":")
        host = name if _PORT.fullmatch(f":{port}") else host
    if not host:
        return [("hostname", text)] if text else []
    if _fits("ipaddr", host) and not host.isdigit():
        return [("ipaddr", host)]
    if _INSTANCE.fullmatch(host):
        return [("instance", host)]
    return [("domain" if _fits("domain", host) else "hostname", host)]


def _member(text: str) -> list[Typed]:
    """Split a member of a binding in Google Cloud, or the name of a principal."""
    found = _MEMBER.fullmatch(text)
    if not found:
        return [("email" if _fits("email", text) else "username", text)]
    kind, name = found[1], _UID.sub("", found[2])
    if kind in {"user", "serviceAccount", "group"}:
        return [("email" if _fits("email", name) else "username", name)]
    return [("domain" if kind == "domain" else "project", name)]


def _identifier(text: str) -> list[Typed]:
    """Find ARN, instance, access key and account in the identifier of a resource in AWS."""
    if known := list(identifiers(text)):
        return known
    return [(next((kind for kind in ("account", "ipaddr") if _fits(kind, text)), "resource"), text)]


def _fits(kind: str, text: str) -> bool:
    return canonical(Attribute(type=kind, value=text)) is not None


_SPLIT: dict[str, Callable[[str], list[Typed]]] = {
    "endpoint": _endpoint,
    "identifier": _identifier,
    "member": _member,
}
