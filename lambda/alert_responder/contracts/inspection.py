"""The request (`InspectionTask`) and the answer (`InspectionAnswer`) of an inspector."""

from typing import Annotated, Any, Literal

from pydantic import Field

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.base import Incoming, Outgoing

Verdict = Literal["malicious", "suspicious", "harmless", "unknown"]


class Domain(Incoming):
    """A domain name seen together with the attribute."""

    name: str
    timestamp: str | None = None
    source: str | None = None


class Url(Incoming):
    """A URL seen together with the attribute."""

    url: str
    reference: str | None = None
    timestamp: str | None = None
    source: str | None = None


class MalwareScan(Incoming):
    """One engine's verdict on a sample."""

    vendor: str
    name: str | None = None
    positive: bool = False
    source: str | None = None


class Malware(Incoming):
    """A malware sample related to the attribute."""

    sha256: str
    timestamp: str | None = None
    relation: str | None = None
    scans: tuple[MalwareScan, ...] = ()


class Activity(Incoming):
    """An action of a host or user: who, from where, what, on what, when, and how often.

    Attributes
    ----------
    count
        How often it was seen from `first_seen` to `last_seen`; null if the inspector did not count.
    usual
        Whether the same was done before; false: it is new. Null: not known.
    basis
        On what `usual` is based, such as "first time in 30 days; 14 calls before, none from this network".
    """

    service_name: str = ""
    remote_addr: str = ""
    principal: str = ""
    action: str = ""
    target: str = ""
    first_seen: str | None = None
    last_seen: str | None = None
    count: Annotated[int, Field(ge=0)] | None = None
    usual: bool | None = None
    basis: str = ""


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
    """Information about the host behind an address or a name."""

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
    """Information about a user."""

    type: Literal["user"]
    activities: tuple[Activity, ...] = ()


class BinaryContent(_Content):
    """Information about a file or program."""

    type: Literal["binary"]
    related_malware: tuple[Malware, ...] = ()
    software: tuple[Software, ...] = ()
    os: tuple[str, ...] = ()
    activities: tuple[Activity, ...] = ()


class NoteContent(_Content):
    """Any other information: text, and optionally data of any shape."""

    type: Literal["note"]
    title: str
    text: str = ""
    data: Any = None


Content = Annotated[HostContent | UserContent | BinaryContent | NoteContent, Field(discriminator="type")]


class InspectionAnswer(Incoming):
    """An inspector's answer; `null` is the same as an empty one.

    Attributes
    ----------
    contents
        The results, in the order in which the report shows them. Empty: nothing is known about the attribute.
    new_attributes
        Attributes to look up next, at the next depth.
    throttled
        Set this if the inspector's source refused the lookup because of a quota: one sentence with the reason. The
        outcome is then `throttled`, and the rest of the answer is ignored.
    failed
        Set this if the inspector could not look up this attribute: one sentence with the reason. The outcome is then
        `error`, and the rest of the answer is ignored. In a batch, it costs only its own task.
    unknown
        Why nothing is known, in one sentence, if that does not mean that there is nothing: the reason of the outcome
        `empty`. Ignored beside contents or new attributes.
    incomplete
        What a limit left out of the answer, and which limit, in one sentence; also beside `failed`. The report is then
        not complete, and the answer is not cached.
    """

    contents: tuple[Content, ...] = ()
    new_attributes: tuple[Attribute, ...] = ()
    throttled: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    failed: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    unknown: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    incomplete: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class BatchAnswer(Incoming):
    """An inspector's answer to a batch.

    Attributes
    ----------
    answers
        Answers by task id. A task without an answer has the outcome `empty`; an invalid answer costs only its task;
        other ids are ignored.
    """

    answers: dict[str, InspectionAnswer | None]


class AlertSummary(Outgoing):
    """An alert without its body, as context for the attribute.

    For an external inspector, all texts are empty and severity, account and region are null, unless it is allowed
    internal data and identities.

    Attributes
    ----------
    account, region
        The account that the alert is about, and its region; null if unknown. See `origin` in the report.
    attributes
        At most 20 attributes of the alert, without those that an egress rule forbids.
    """

    detector: str
    rule_id: str
    rule_name: str
    alert_key: str
    description: str
    timestamp: str | None
    severity: str | None
    account: str | None = None
    region: str | None = None
    attributes: tuple[Attribute, ...]


class InspectionTask(Outgoing):
    """The request of an inspector: one attribute to look up.

    Attributes
    ----------
    attribute
        The attribute with its canonical value: equal attributes have equal values, however alerts spell them.
    spelling
        The value as it was in the alert; null if an external inspector must not receive it.
    task_id
        `<inspector>/<attribute hash>`, the same for every call for the same lookup of the report.
    alert
        The first alert of the report that has the attribute, or from which it was found.
    depth
        0 for an attribute of an alert; n for an attribute that an inspector found from one of depth n - 1.
    """

    report_id: str
    task_id: str
    inspector: str
    attribute: Attribute
    spelling: str | None = None
    alert: AlertSummary
    depth: Annotated[int, Field(ge=0, le=5)]


class InspectionBatch(Outgoing):
    """The request of an inspector that is attached with `batch_size`: tasks of one report and round.

    Attributes
    ----------
    tasks
        1 to `batch_size` tasks.
    """

    tasks: Annotated[tuple[InspectionTask, ...], Field(min_length=1)]
