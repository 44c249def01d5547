"""The data that an external inspector may receive, according to the operator's rules.

Pure; any attribute, however hostile, is handled in time linear in its length, and nothing is raised. The rules apply to
the canonical value, and to everything in a URL after decoding (`decoder`, `mentions`). Queries of URLs are checked too,
although they are sent only if the inspector allows them.
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
"""Types that identify people or internal resources. `json` and custom types may contain anything."""

_BEYOND_PATH = re.compile("[?#\uff1f\uff03\ufe56\ufe5f]|%3f|%23", re.IGNORECASE)
"""The beginning of a URL's query or fragment, including characters that some parsers treat like `?` and `#`."""


def refusal(attribute: Attribute, external: External | None, internal: InternalEstate) -> Rule | None:
    """Return the rule that forbids to send an attribute to an inspector.

    Parameters
    ----------
    external
        The inspector's exceptions; None for an internal inspector, which may receive everything.

    Returns
    -------
    str or None
        None if it is allowed, and for a value that does not fit its type, which no inspector receives. Equal for all
        spellings of a value.
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
    """Return the reason for the report why a rule forbids a lookup."""
    return f"Egress rule {rule}: {_SENTENCES[rule]} The inspector is external."


def redacted_attribute(attribute: Attribute, external: External | None) -> Attribute:
    """Redact an attribute that an inspector may receive.

    The value becomes the canonical one; query and fragment of a URL are removed unless the inspector allows them. If
    the inspector is subject to rules, only the known contexts are kept, and the key, which is free text, is empty.
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
    """Check whether an inspector may receive the original value, which may reveal more than the canonical one."""
    return external is None or (not _restricted(external) and (type_ != "url" or external.allow_query))


def redacted_alert(summary: Mapping[str, Any], external: External | None, internal: InternalEstate) -> dict[str, Any]:
    """Redact the alert for an inspector, JSON of `AlertSummary` in and out.

    If the inspector is subject to rules, only the time and the allowed attributes are kept, because any text may
    contain internal data. Redacting twice changes nothing.
    """
    attributes = [Attribute.model_validate(attribute) for attribute in summary["attributes"]]
    if not _restricted(external):
        redacted = [redacted_attribute(attribute, external).model_dump(mode="json") for attribute in attributes]
        return {**summary, "attributes": redacted}
    return {
        "detector": "",
        "rule_id": "",
        "rule_name": "",
        "alert_key": "",
        "description": "",
        "timestamp": summary["timestamp"],
        "severity": None,
        "account": None,
        "region": None,
        "attributes": [
            redacted_attribute(attribute, external).model_dump(mode="json")
            for attribute in attributes
            if canonical(attribute) is not None and refusal(attribute, external, internal) is None
        ],
    }


_SENTENCES: Mapping[Rule, str] = {
    "encoded": "the value is encoded in a way that hides its contents.",
    "identity": "the value identifies people or internal resources.",
    "internal_domains": "the name is in internal_domains, or below one of them.",
    "internal_networks": "the address is in internal_networks.",
    "reserved_address": "the address is private, reserved or otherwise not public.",
    "special_domain": "the name is a single label, reserved for special use, or not below a public top-level domain.",
    "unknown_type": "the value is JSON or of a custom type, and may contain anything.",
    "user_info": "the URL contains a user name.",
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
    """Yield every rule that forbids a canonical value."""
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
