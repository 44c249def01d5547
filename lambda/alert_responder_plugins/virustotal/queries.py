"""What is asked of VirusTotal for an attribute: the object it is there, and what that is related to."""

import base64
import re
from dataclasses import dataclass

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import canonical

RELATIONSHIPS = ("resolutions", "urls", "communicating_files", "downloaded_files", "referrer_files")
"""In the order they are asked, so that what matters most is known when a quota is used up on the way."""

_PREMIUM_OF_HOSTS = frozenset({"urls", "downloaded_files"})
_SAMPLES = ("communicating_files", "downloaded_files", "referrer_files")
_COLLECTIONS = {"ipaddr": "ip_addresses", "domain": "domains", "url": "urls", "filehashvalue": "files"}
_OFFERED: dict[str, dict[str, bool]] = {
    "ip_addresses": {name: name in _PREMIUM_OF_HOSTS for name in RELATIONSHIPS},
    "domains": {name: name in _PREMIUM_OF_HOSTS for name in RELATIONSHIPS},
    "urls": dict.fromkeys(_SAMPLES, True),
    "files": {},
}
"""Which relationships a collection has, and whether a premium key is needed for each."""

_PAGE = {"resolutions": 40, "urls": 40}
_PAGE_OF_SAMPLES = 20
"""How many are asked for; one call each. 40 is the most VirusTotal gives, and samples are large."""

_UNKNOWN_HASHES = frozenset({96, 128})
"""Lengths of hashes that VirusTotal does not know: SHA-384 and SHA-512."""

_LOGIN = re.compile(r"^([a-z]+://)[^/?#]*@")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for one attribute.

    Attributes
    ----------
    collection
        VirusTotal's collection: ip_addresses, domains, urls or files.
    value
        The attribute's canonical value; of a URL without login and fragment, since that is no business of a third
        party.
    relationships
        What is asked beside the object, in this order; one call each.
    """

    collection: str
    value: str
    relationships: tuple[str, ...]

    @property
    def identifier(self) -> str:
        """The object's name in a path; holds no slash."""
        if self.collection != "urls":
            return self.value
        return base64.urlsafe_b64encode(self.value.encode()).decode().rstrip("=")

    @property
    def calls(self) -> int:
        """How many calls it takes if none has to be repeated."""
        return 1 + len(self.relationships)


def question_for(attribute: Attribute, relationships: tuple[str, ...], premium: bool) -> Question | None:
    """Say what to ask; None where VirusTotal has nothing of that kind.

    That is so for other types, values that do not fit their type, and SHA-384 and SHA-512 hashes.
    """
    collection = _COLLECTIONS.get(attribute.type)
    value = canonical(attribute)
    if collection is None or value is None or (collection == "files" and len(value) in _UNKNOWN_HASHES):
        return None
    if collection == "urls":
        value = _LOGIN.sub(r"\1", value.partition("#")[0])
    offered = _OFFERED[collection]
    asked = tuple(
        name for name in RELATIONSHIPS if name in relationships and name in offered and (premium or not offered[name])
    )
    return Question(collection, value, asked)


def page_of(relationship: str) -> int:
    """Return how many objects of a relationship are asked for."""
    return _PAGE.get(relationship, _PAGE_OF_SAMPLES)
