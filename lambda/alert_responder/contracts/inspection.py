"""What an inspector gets (`InspectionTask`) and may answer (`InspectionAnswer`)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.base import Incoming, Outgoing

Verdict = Literal["malicious", "suspicious", "harmless", "unknown"]


class Domain(Incoming):
    """A domain name seen together with what was inspected."""

    name: str
    timestamp: str | None = None
    source: str | None = None


class Url(Incoming):
    """A URL seen together with what was inspected."""

    url: str
    reference: str | None = None
    timestamp: str | None = None
    source: str | None = None


class MalwareScan(Incoming):
    """One engine's opinion of a sample."""

    vendor: str
    name: str | None = None
    positive: bool = False
    source: str | None = None


class Malware(Incoming):
    """A sample that has to do with what was inspected."""

    sha256: str
    timestamp: str | None = None
    relation: str | None = None
    scans: tuple[MalwareScan, ...] = ()


class Activity(Incoming):
    """Something a host or user did: who, from where, what, to what, when."""

    service_name: str = ""
    remote_addr: str = ""
    principal: str = ""
    action: str = ""
    target: str = ""
    last_seen: str | None = None


class Software(Incoming):
    """A program found on a host."""

    name: str
    location: str | None = None
    last_seen: str | None = None


class _Content(Incoming):
    verdict: Verdict | None = None
    source: str | None = None
    link: str | None = None


class HostContent(_Content):
    """What is known of a host behind an address or a name."""

    type: Literal["host"]
    ipaddr: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    as_owner: tuple[str, ...] = ()
    related_domains: tuple[Domain, ...] = ()
    related_urls: tuple[Url, ...] = ()
    related_malware: tuple[Malware, ...] = ()
    activities: tuple[Activity, ...] = ()
    username: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    os: tuple[str, ...] = ()
    macaddr: tuple[str, ...] = ()
    hostname: tuple[str, ...] = ()
    software: tuple[Software, ...] = ()


class UserContent(_Content):
    """What is known of a user."""

    type: Literal["user"]
    activities: tuple[Activity, ...] = ()


class BinaryContent(_Content):
    """What is known of a file or program."""

    type: Literal["binary"]
    related_malware: tuple[Malware, ...] = ()
    software: tuple[Software, ...] = ()
    os: tuple[str, ...] = ()
    activities: tuple[Activity, ...] = ()


class NoteContent(_Content):
    """Anything else, in words, with data of any shape beside them."""

    type: Literal["note"]
    title: str
    text: str = ""
    data: Any = None


Content = Annotated[HostContent | UserContent | BinaryContent | NoteContent, Field(discriminator="type")]


class InspectionAnswer(Incoming):
    """An inspector's answer; `null` stands for an empty one.

    Attributes
    ----------
    contents
        What was found, in the order the report shows it; empty: nothing is known.
    new_attributes
        What else should be looked up, one depth further.
    throttled
        Why it cannot be looked up now, in one sentence: the source has refused for a quota. The outcome is then
        `throttled`, and nothing else of the answer is used. Null: it was looked up.
    """

    contents: tuple[Content, ...] = ()
    new_attributes: tuple[Attribute, ...] = ()
    throttled: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class AlertSummary(Outgoing):
    """An alert without its body: what an inspector may need to know of where its attribute comes from.

    For an inspector that tells a third party all texts are empty and the severity is null, unless it may be told
    everything.

    Attributes
    ----------
    attributes
        The alert's own attributes, at most 20, and of these only what the inspector may be told.
    """

    detector: str
    rule_id: str
    rule_name: str
    alert_key: str
    description: str
    timestamp: str | None
    severity: str | None
    attributes: tuple[Attribute, ...]


class InspectionTask(Outgoing):
    """One attribute to look up, as an inspector gets it.

    Attributes
    ----------
    attribute
        With its canonical value: equal attributes have equal values, however alerts spell them.
    spelling
        The value as it came; null where it may not go to an external inspector.
    task_id
        `<inspector>/<attribute hash>`, the same whenever the same lookup is asked for again within the report.
    alert
        The first alert of the report that carries the attribute, or from which it was found.
    depth
        0: the attribute stands in an alert; n: an inspector found it from an attribute of depth n - 1.
    """

    report_id: str
    task_id: str
    inspector: str
    attribute: Attribute
    spelling: str | None = None
    alert: AlertSummary
    depth: Annotated[int, Field(ge=0, le=5)]
