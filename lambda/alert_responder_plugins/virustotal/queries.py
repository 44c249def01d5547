"""Determine the object and relationships to request from VirusTotal for an attribute."""

import base64
import re
from dataclasses import dataclass

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import canonical

RELATIONSHIPS = ("resolutions", "urls", "communicating_files", "downloaded_files", "referrer_files")
"""Relationships in the order of requests: the most important ones come before a quota may be exceeded."""

_PREMIUM_OF_HOSTS = frozenset({"urls", "downloaded_files"})
_SAMPLES = ("communicating_files", "downloaded_files", "referrer_files")
_COLLECTIONS = {"ipaddr": "ip_addresses", "domain": "domains", "url": "urls", "filehashvalue": "files"}
_OFFERED: dict[str, dict[str, bool]] = {
    "ip_addresses": {name: name in _PREMIUM_OF_HOSTS for name in RELATIONSHIPS},
    "domains": {name: name in _PREMIUM_OF_HOSTS for name in RELATIONSHIPS},
    "urls": dict.fromkeys(_SAMPLES, True),
    "files": {},
}
"""Relationships by collection, and whether each requires a premium key."""

_PAGE = {"resolutions": 40, "urls": 40}
_PAGE_OF_SAMPLES = 20
"""Number of objects per request, of which there is one per relationship. VirusTotal allows 40; samples are large."""

_UNKNOWN_HASHES = frozenset({96, 128})
"""Lengths of hashes that VirusTotal does not support: SHA-384 and SHA-512."""

_LOGIN = re.compile(r"^([a-z]+://)[^/?#]*@")


@dataclass(frozen=True, slots=True)
class Question:
    """The requests for one attribute.

    Attributes
    ----------
    collection
        VirusTotal's collection: ip_addresses, domains, urls or files.
    value
        The attribute's canonical value; login and fragment of a URL are removed, because they are confidential.
    relationships
        Relationships to request in this order, one call each.
    """

    collection: str
    value: str
    relationships: tuple[str, ...]

    @property
    def identifier(self) -> str:
        """Identifier of the object in a path, without slashes."""
        if self.collection != "urls":
            return self.value
        return base64.urlsafe_b64encode(self.value.encode()).decode().rstrip("=")

    @property
    def calls(self) -> int:
        """Number of calls without retries."""
        return 1 + len(self.relationships)


def question_for(attribute: Attribute, relationships: tuple[str, ...], premium: bool) -> Question | None:
    """Return the requests for an attribute.

    None for types that VirusTotal does not support, for values that are invalid for their type, and for SHA-384 and
    SHA-512 hashes.
    """
    collection = _COLLECTIONS.get(attribute.type)
    value = canonical(attribute)
    if collection is None or value is None or (collection == "files" and len(value) in _UNKNOWN_HASHES):
        return None
    if collection == "urls":
        value = _LOGIN.sub(r"\1", value.partition("#")[0])
    offered = _OFFERED[collection]
    requested = tuple(
        name for name in RELATIONSHIPS if name in relationships and name in offered and (premium or not offered[name])
    )
    return Question(collection, value, requested)


def page_of(relationship: str) -> int:
    """Return the number of objects to request for a relationship."""
    return _PAGE.get(relationship, _PAGE_OF_SAMPLES)
