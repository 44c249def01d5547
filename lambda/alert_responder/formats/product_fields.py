"""What a product says in fields of its own inside a finding of Security Hub: `ProductFields`, `Details.Other`.

GuardDuty's are its whole `service` object, with the paths as keys. Others' are read by the form of the value and by
the name of the field.
"""

from collections.abc import Iterable
from typing import Any

from alert_responder.formats.extraction import Collector
from alert_responder.formats.nested_text import unflattened

GUARDDUTY = "aws/guardduty/service/"
"""Begins the fields of GuardDuty's `service`, in lower case."""

_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ipaddr", ("ip", "ips", "ipv4", "ipv6", "address", "addressv4", "addressv6")),
    ("domain", ("domain", "domainname", "hostname", "dnsname", "fqdn")),
    ("filehashvalue", ("md5", "sha1", "sha256", "sha512", "hash")),
    ("username", ("user", "username")),
    ("account", ("account", "accountid", "principal")),
)
"""Types of values, by the end of the field's name."""

_READ_ELSEWHERE = ("aws/guardduty/", "aws/securityhub/", "standards", "resources:", "relatedawsresources:")
"""Beginnings of fields that are read elsewhere, or that name what Security Hub itself has."""


def guardduty_service(fields: Any) -> dict[str, Any]:
    """Return GuardDuty's `service` from folded product fields; empty if they are another product's."""
    return unflattened(fields, GUARDDUTY)


def add_product_fields(found: Collector, maps: Iterable[Any]) -> None:
    """Add what folded maps of a product's own fields name and the finding has nowhere else. The role is unknown."""
    others = Collector(None)
    for fields in maps:
        for name, value in fields.items() if isinstance(fields, dict) else ():
            if isinstance(value, str) and not name.startswith(_READ_ELSEWHERE):
                _add_field(others, name.rpartition("/")[2], value)
    if others.attributes:
        found.add_missing(others.attributes)


def _add_field(found: Collector, name: str, value: str) -> None:
    found.add_identifier(name, value, ("additional",))
    words = name.replace("_", "").replace(" ", "")
    for kind, endings in _ENDINGS:
        if words.endswith(endings):
            found.add_fitting(kind, name, value, ("additional",))
