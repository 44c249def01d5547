"""Types of attributes: those with rules of their own, those that formats use besides, and types of the user's own."""

from collections.abc import Iterable
from typing import Final

from alert_responder.contracts.alert import WORD_RULE, Attribute
from alert_responder_cli.counts import verb
from alert_responder_cli.errors import CommandError
from alert_responder_cli.nearest import nearest

TYPES: Final = (
    "ipaddr",
    "domain",
    "url",
    "email",
    "username",
    "filehashvalue",
    "instance",
    "accesskey",
    "arn",
    "account",
    "json",
)
"""Types whose values are checked and compared in any spelling."""

PLAIN_TYPES: Final = (
    "container",
    "cve",
    "device",
    "filepath",
    "hostname",
    "image",
    "other",
    "pod",
    "project",
    "repository",
    "resource",
)
"""Types that formats of AlertResponder use besides; their values are taken as they are."""

KNOWN: Final = frozenset((*TYPES, *PLAIN_TYPES))

METAVAR = "TYPE"
HELP = f"{', '.join(TYPES)}, or a type of your own"


def complete_type(incomplete: str) -> list[str]:
    """Complete a type of attributes."""
    return [each for each in (*TYPES, *PLAIN_TYPES) if each.startswith(incomplete)]


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


def unknown_types(types: Iterable[str]) -> str | None:
    """Point out in a sentence which types AlertResponder does not know; None: it knows all of them."""
    unknown = list(dict.fromkeys(each for each in types if each not in KNOWN))
    if not unknown:
        return None
    named = ", ".join(f"'{each}'{_meant(each)}" for each in unknown)
    what = verb(len(unknown), "is not a known type of attributes", "are not known types of attributes")
    return f"{named} {what}: values of such types are taken as they are. Known are {', '.join(TYPES)}."


def _meant(type_: str) -> str:
    meant = nearest(type_, (*TYPES, *PLAIN_TYPES))
    return f" (did you mean {meant}?)" if meant else ""
