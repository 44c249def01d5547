"""Which types of attributes are known, and which one was probably meant by one that is not."""

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
"""Types with rules of their own: values are compared in a canonical form, and some do not fit."""

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
)
"""Other types that the shipped formats use; their values are taken as they are."""

KNOWN = frozenset({*CHECKED, *UNCHECKED})

OWN_PREFIX = "x-"
"""What begins with it is meant as a type of the organisation's own."""

METAVAR = "TYPE"
HELP = f"{', '.join(CHECKED)}, or a type of your own"

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


def is_known(type_: str, own: Collection[str] = ()) -> bool:
    """Whether anybody knows a type: AlertResponder, its formats, or the organisation by `own` or the prefix."""
    return type_ in KNOWN or type_ in own or type_.startswith(OWN_PREFIX)


def meant_by(type_: str) -> str | None:
    """Give the known type that was probably meant by an unknown one; None: nothing is like it.

    Examples
    --------
    >>> meant_by("ip-address"), meant_by("ipadr"), meant_by("badge")
    ('ipaddr', 'ipaddr', None)
    """
    word = type_.replace("-", "").replace("_", "")
    meant = {**{known: known for known in KNOWN}, **_MEANT}
    # "file-hash" is a kind of hash: of several words the last one counts.
    parts = [_MEANT[part] for part in reversed(type_.replace("_", "-").split("-")) if part in _MEANT]
    if word in meant or parts:
        return meant.get(word) or parts[0]
    like = nearest(word, sorted(meant), 0.75)
    return meant[like] if like else None


def sentence(type_: str) -> str:
    """Say that a type is unknown, and what may be meant."""
    meant = meant_by(type_)
    question = f" Do you mean {meant}?" if meant else f" A type of your own may begin with {OWN_PREFIX}."
    return f"The type {type_} is unknown.{question}"


def unknown_types(types: Iterable[str]) -> str | None:
    """Say which types are unknown, each once; None: all of them are known."""
    unknown = dict.fromkeys(each for each in types if not is_known(each))
    return " ".join(map(sentence, unknown)) or None


def read_types(given: Iterable[str]) -> list[str]:
    """Read types as a person gives them.

    Raises
    ------
    CommandError
        One of them cannot be a type.
    """
    found: list[str] = []
    for each in given:
        try:
            found.append(Attribute(type=each, value="x").type)
        except ValueError:
            raise CommandError(f"'{each}' cannot be a type of attributes, which is {WORD_RULE}: give {HELP}.") from None
    return found


def complete_type(incomplete: str) -> list[str]:
    """Complete a type of attributes."""
    return [each for each in (*CHECKED, *UNCHECKED) if each.startswith(incomplete)]
