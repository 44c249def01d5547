"""Known attribute types, and suggestions for unknown ones."""

from collections.abc import Collection, Iterable, Mapping

from alert_responder.contracts.alert import WORD_RULE, Attribute
from alert_responder_cli.errors import CommandError
from alert_responder_cli.nearest import nearest

CHECKED = (
    "ipaddr",
    "domain",
    "url",
    "email",
    "filehashvalue",
    "username",
    "json",
    "instance",
    "accesskey",
    "arn",
    "account",
)
"""Types with a canonical form: values are normalised before they are compared, and may be invalid."""

UNCHECKED = (
    "hostname",
    "device",
    "filepath",
    "container",
    "image",
    "pod",
    "resource",
    "project",
    "repository",
    "cve",
    "application",
    "package",
    "region",
    "network",
    "registry",
)
"""Other types that the built-in formats use; their values are not normalised."""

KNOWN = frozenset({*CHECKED, *UNCHECKED})

CUSTOM_PREFIX = "x-"
"""Prefix of custom types."""

METAVAR = "TYPE"
HELP = f"{', '.join(CHECKED)}, or a custom type"

_MEANT: Mapping[str, str] = {
    "address": "ipaddr",
    "cidr": "ipaddr",
    "dns": "domain",
    "file": "filepath",
    "fqdn": "domain",
    "hash": "filehashvalue",
    "host": "hostname",
    "ip": "ipaddr",
    "ipaddress": "ipaddr",
    "ipv4": "ipaddr",
    "ipv6": "ipaddr",
    "mail": "email",
    "md5": "filehashvalue",
    "path": "filepath",
    "sha1": "filehashvalue",
    "sha256": "filehashvalue",
    "sha512": "filehashvalue",
    "uri": "url",
    "user": "username",
}


def is_known(type_: str, custom: Collection[str] = ()) -> bool:
    """Return whether a type is built in, in `custom`, or has the prefix of custom types."""
    return type_ in KNOWN or type_ in custom or type_.startswith(CUSTOM_PREFIX)


def meant_by(type_: str) -> str | None:
    """Suggest a known type for an unknown one, or return None.

    Examples
    --------
    >>> meant_by("ip-address"), meant_by("ipadr"), meant_by("badge")
    ('ipaddr', 'ipaddr', None)
    """
    word = type_.replace("-", "").replace("_", "")
    meant = {**{known: known for known in KNOWN}, **_MEANT}
    # The last word counts: "file-hash" is a kind of hash.
    parts = [_MEANT[part] for part in reversed(type_.replace("_", "-").split("-")) if part in _MEANT]
    if word in meant or parts:
        return meant.get(word) or parts[0]
    like = nearest(word, sorted(meant), 0.75)
    return meant[like] if like else None


def sentence(type_: str) -> str:
    """Return the warning about an unknown type, with a suggestion."""
    meant = meant_by(type_)
    advice = f" Did you mean {meant}?" if meant else f" Start the names of custom types with {CUSTOM_PREFIX}."
    return f"The attribute type {type_} is unknown.{advice}"


def unknown_types(types: Iterable[str]) -> str | None:
    """Return the warnings about all unknown types, each once; None: all are known."""
    unknown = dict.fromkeys(each for each in types if not is_known(each))
    return " ".join(map(sentence, unknown)) or None


def read_types(given: Iterable[str]) -> list[str]:
    """Validate the types that a user gave.

    Raises
    ------
    CommandError
        One of them is not a valid type.
    """
    found: list[str] = []
    for each in given:
        try:
            found.append(Attribute(type=each, value="x").type)
        except ValueError:
            raise CommandError(f"--type must be {WORD_RULE} ({HELP}), got '{each}'.") from None
    return found


def complete_type(incomplete: str) -> list[str]:
    """Complete an attribute type."""
    return [each for each in (*CHECKED, *UNCHECKED) if each.startswith(incomplete)]
