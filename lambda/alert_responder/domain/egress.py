"""What an inspector that tells a third party may be sent: the operator's rules, as values.

Pure, and total: any attribute, however hostile, gives an answer in time linear in its length and raises nothing. The
canonical value is judged, and all that a URL says once it is decoded (`decoding`, `mentions`); of a URL what goes out
is less than what is judged, unless the inspector may be sent queries.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from alert_responder.contracts.alert import KNOWN_CONTEXTS, Attribute
from alert_responder.contracts.plugin import External
from alert_responder.domain.attributes import canonical
from alert_responder.domain.internal import InternalEstate
from alert_responder.domain.mentions import Mention, of_address, of_host, of_url

Rule = Mention | Literal["unknown_type"]

IDENTITIES = frozenset({"accesskey", "account", "arn", "email", "instance", "username"})
"""Types that name people or parts of the own estate. `json` and types of one's own may name anything."""

_BEYOND_PATH = re.compile("[?#\uff1f\uff03\ufe56\ufe5f]|%3f|%23", re.IGNORECASE)
"""Where the query or the fragment of a URL begins, in letters that some readers take for these signs as well."""


def refusal(attribute: Attribute, external: External | None, internal: InternalEstate) -> Rule | None:
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
    for rule in _rules(attribute.type, value, internal):
        if not _allowed(rule, external):
            return rule
    return None


def reason(rule: Rule) -> str:
    """Say in a sentence, for the report, what a rule keeps an external inspector from being told."""
    return f"Egress rule {rule}: {_SENTENCES[rule]} The inspector tells a third party."


def redacted_attribute(attribute: Attribute, external: External | None) -> Attribute:
    """Return what an inspector is told of an attribute that it may be told of.

    That is the canonical value, of a URL without query and fragment unless the inspector may be told them. Where a
    rule holds for the inspector, contexts are the known ones, and the key, which is free text of the alert, is empty.
    """
    value = canonical(attribute)
    if value is None:
        return attribute
    if external is not None and attribute.type == "url" and not external.allow_query:
        value = _without_query(value)
    if not _restricted(external):
        return attribute if value == attribute.value else attribute.model_copy(update={"value": value})
    contexts = tuple(context for context in attribute.context if context in KNOWN_CONTEXTS)
    return attribute.model_copy(update={"value": value, "key": "", "context": contexts})


def may_see_spelling(type_: str, external: External | None) -> bool:
    """Whether an inspector gets the value as it came, which may say more than the canonical one."""
    return external is None or (not _restricted(external) and (type_ != "url" or external.allow_query))


def redacted_alert(summary: Mapping[str, Any], external: External | None, internal: InternalEstate) -> dict[str, Any]:
    """Return what an inspector is told of the alert, JSON of `AlertSummary` in and out.

    Where a rule holds for the inspector, that is the time and the attributes it may be told of: any of the texts may
    name what may not go out. What was told once is told again unchanged.
    """
    attributes = [Attribute.model_validate(attribute) for attribute in summary["attributes"]]
    if not _restricted(external):
        told = [redacted_attribute(attribute, external).model_dump(mode="json") for attribute in attributes]
        return {**summary, "attributes": told}
    return {
        "detector": "",
        "rule_id": "",
        "rule_name": "",
        "alert_key": "",
        "description": "",
        "timestamp": summary["timestamp"],
        "severity": None,
        "attributes": [
            redacted_attribute(attribute, external).model_dump(mode="json")
            for attribute in attributes
            if canonical(attribute) is not None and refusal(attribute, external, internal) is None
        ],
    }


_SENTENCES: Mapping[Rule, str] = {
    "encoded": "it is encoded in a way that hides what it says.",
    "identity": "it names people or parts of the own estate.",
    "internal_domains": "its name is one of internal_domains, or below one.",
    "internal_networks": "its address is in internal_networks.",
    "reserved_address": "its address is private, reserved or otherwise not public.",
    "special_domain": "its name is a single label, not below a public top-level domain, or kept for special use.",
    "unknown_type": "it is JSON or of a type whose contents nobody knows.",
    "user_info": "the URL carries a user name.",
}


def _without_query(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    found = _BEYOND_PATH.search(rest)
    return scheme + mark + (rest[: found.start()] if found else rest)


def _restricted(external: External | None) -> bool:
    return external is not None and not (external.allow_internal and external.allow_identities)


def _allowed(rule: Rule, external: External) -> bool:
    if rule in {"encoded", "unknown_type"}:
        return external.allow_internal and external.allow_identities
    return external.allow_identities if rule in {"identity", "user_info"} else external.allow_internal


def _rules(type_: str, value: str, internal: InternalEstate) -> Iterator[Rule]:
    """Give every rule that holds for a canonical value."""
    if type_ == "ipaddr":
        yield from of_address(ipaddress.ip_address(value), internal)
    elif type_ == "domain":
        yield from of_host(value, internal)
    elif type_ == "url":
        yield from of_url(value, internal)
    elif type_ in IDENTITIES:
        yield "identity"
        if type_ == "email":
            yield from of_host(value.rpartition("@")[2], internal)
    elif type_ != "filehashvalue":
        yield "unknown_type"
