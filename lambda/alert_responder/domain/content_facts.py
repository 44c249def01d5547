"""The contents of a finding as named facts, for pages and emitters. Values are hostile text, as in the report."""

from collections.abc import Iterable
from typing import NamedTuple

from alert_responder.contracts.inspection import (
    BinaryContent,
    Content,
    HostContent,
    Malware,
    Software,
    UserContent,
)
from alert_responder.domain.activities import most_telling_first
from alert_responder.domain.activity_text import sentence

MAX_SCANS = 5
"""Maximum number of engines named for one sample."""

ACTIVITIES = "activities"
"""Name of the fact with the activities, the most telling first."""

_HOST_LISTS = ("hostname", "ipaddr", "country", "as_owner", "owner", "username", "os", "macaddr")


class ContentFact(NamedTuple):
    """A name and its values, such as `("country", ("NL",))`."""

    name: str
    values: tuple[str, ...]


def facts_of(content: Content) -> tuple[ContentFact, ...]:
    """List the facts of a content, the most important first; notes have none."""
    facts: list[tuple[str, Iterable[str]]] = []
    if isinstance(content, HostContent | BinaryContent):
        facts.append(("malware", map(_malware, content.related_malware)))
    if isinstance(content, HostContent):
        facts += [
            ("URLs", (_dated(url.url, url.timestamp) for url in content.related_urls)),
            ("domains", (_dated(domain.name, domain.timestamp) for domain in content.related_domains)),
        ]
    if isinstance(content, HostContent | BinaryContent | UserContent):
        facts.append((ACTIVITIES, map(sentence, most_telling_first(content.activities))))
    if isinstance(content, HostContent):
        facts += [(name.replace("_", " "), getattr(content, name)) for name in _HOST_LISTS]
    if isinstance(content, BinaryContent):
        facts.append(("os", content.os))
    if isinstance(content, HostContent | BinaryContent):
        facts.append(("software", map(_software, content.software)))
    present = (ContentFact(name, tuple(filter(None, values))) for name, values in facts)
    return tuple(fact for fact in present if fact.values)


def _dated(value: str, timestamp: str | None) -> str:
    return f"{value} ({timestamp})" if timestamp else value


def _malware(malware: Malware) -> str:
    positive = [scan for scan in malware.scans if scan.positive]
    details = [
        malware.relation or "",
        f"{len(positive)} of {len(malware.scans)} engines" if malware.scans else "",
        *(f"{scan.vendor}: {scan.name}" if scan.name else scan.vendor for scan in positive[:MAX_SCANS]),
        malware.timestamp or "",
    ]
    text = "; ".join(filter(None, details))
    return f"{malware.sha256} ({text})" if text else malware.sha256


def _software(software: Software) -> str:
    return f"{software.name} ({software.location})" if software.location else software.name
