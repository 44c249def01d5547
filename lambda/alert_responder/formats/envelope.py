"""Opens envelopes: EventBridge events, SNS and SQS messages, Pub/Sub messages, and lists.

SNS messages are opened raw and as Lambda receives them, and lists also if their items are JSON in texts or base64 (SQS,
Kinesis, Firehose, subscriptions of CloudWatch Logs).

What an envelope says about the event (the account, the address of the sender) is kept for mappings: see `Content`.
"""

import base64
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from alert_responder.contracts.primitives import printable
from alert_responder.domain.origin import Sender, sender_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.lenient_json import read_json
from alert_responder.formats.messages import quoted

MAX_ENVELOPES = 4
"""Maximum number of nested envelopes. EventBridge in SNS has two, and each further hop adds one. Lists do not count:
the depth of JSON bounds them."""

MAX_EVENT_ID_LENGTH = 256
"""Longest id of an envelope [characters]; longer ones are ignored. AWS uses UUIDs, which have 36."""


_TEXTS = (
    ("Records", ("body",), False),
    ("Messages", ("Body",), False),
    ("Records", ("kinesis", "data"), True),
    ("records", ("data",), True),
    ("logEvents", ("message",), False),
    ("Events", ("CloudTrailEvent",), False),
)
"""Lists whose items have an event as text: the list, the path of the text in an item, and whether the text is base64
(SQS as Lambda gets it and as ReceiveMessage returns it; Kinesis; Firehose; subscriptions of CloudWatch Logs; what
LookupEvents returns)."""

_LISTS_OF_TEXTS = frozenset(name for name, _, _ in _TEXTS)

_ACCOUNT = re.compile(r"[0-9]{12}")

_NO_NOTIFICATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
"""SNS messages that are not notifications. Only these are rejected: an unknown type may be an alert."""

MAX_ENVELOPE_FIELDS = 40
"""Maximum number of values of an envelope that are kept for mappings; each event of a list sees them."""

MAX_FIELD_LENGTH = 512
"""Longest value of an envelope that is kept for mappings [characters]."""

_PAGES = (
    ("value", "@odata.context"),
    ("resources", "meta"),
    ("data", "pagination"),
    ("listFindingsResults", "readTime"),
    ("alerts", "groupKey"),
    ("alerts", "receiver"),
    ("receivedMessages", "receivedMessages"),
)
"""Lists of events: the field of the list, and the field that identifies the envelope (Microsoft Graph, CrowdStrike,
SentinelOne, Google Security Command Center, Prometheus Alertmanager, Google Pub/Sub)."""

_PUBSUB_FIELDS = frozenset(
    {"@type", "attributes", "data", "messageId", "message_id", "orderingKey", "publishTime", "publish_time"}
)
"""The fields of a Pub/Sub message; also as the client libraries and functions write them."""

_OF_GRAPHQL = frozenset({"data", "errors", "extensions"})
"""All fields of an answer in GraphQL (its specification, "Response Format")."""


class Content(NamedTuple):
    """A document that was inside envelopes.

    Attributes
    ----------
    event_id
        The id of the record's outermost object, if that is an envelope with an id. Ids further inside are not used,
        because an attacker may have written them.
    document
        A JSON object that is not an envelope.
    region
        The region in the innermost EventBridge event, if any.
    account
        The account in the innermost EventBridge event, if an AWS service sent it.
    lenient
        Whether the document may contain `lenient_json.Unfit`.
    envelope
        Short values in the innermost envelope and in the lists inside it (`short_fields`). An account is among them
        only if an AWS service sent the event.
    sender
        The outermost EventBridge event, if any: what is inside an event, its sender may have written.
    """

    event_id: str | None
    document: dict[str, Any]
    region: str | None = None
    account: str | None = None
    lenient: bool = False
    envelope: dict[str, Any] = {}  # noqa: RUF012 (never changed)
    sender: Sender | None = None


def open_envelopes(document: dict[str, Any] | list[Any], *, lenient: bool = False) -> Iterator[Content | str]:
    """Yield the documents inside nested envelopes, in order; a document that is not an envelope is yielded itself.

    Nothing is raised: a reason is yielded in place of each envelope that cannot be opened.

    Parameters
    ----------
    lenient
        Whether the document may contain `lenient_json.Unfit`.
    """
    if isinstance(document, list):
        yield from _open_list(_List("record", document), _Place(lenient=lenient), 0)
    else:
        yield from _open(document, _Place(lenient=lenient, is_outermost=True), 0)


class _Place(NamedTuple):
    """Data from the envelopes around a document; see `Content`."""

    event_id: str | None = None
    region: str | None = None
    account: str | None = None
    lenient: bool = False
    is_outermost: bool = False
    envelope: dict[str, Any] = {}  # noqa: RUF012 (never changed)
    sender: Sender | None = None
    is_inside_event: bool = False


def short_fields(document: dict[str, Any], but: str = "") -> dict[str, Any]:
    """Return the short values of an object, also those in objects and lists directly below it.

    Parameters
    ----------
    but
        A field to leave out.
    """
    left = MAX_ENVELOPE_FIELDS
    kept: dict[str, Any] = {}
    for name, value in document.items():
        if name == but or len(name) > MAX_FIELD_LENGTH:
            continue
        if isinstance(value, dict):
            found: Any = dict(islice(((key, each) for key, each in value.items() if _is_short(key, each)), left))
        elif isinstance(value, list):
            found = list(islice((each for each in value if _is_short("", each)), left))
        elif not _is_short(name, value):
            continue
        else:
            found = value
        if found not in ({}, []):
            kept[name] = found
            left -= len(found) if isinstance(found, dict | list) else 1
        if left <= 0:
            break
    return kept


def _is_short(name: str, value: Any) -> bool:
    if isinstance(value, str):
        return len(name) <= MAX_FIELD_LENGTH and len(value) <= MAX_FIELD_LENGTH
    return len(name) <= MAX_FIELD_LENGTH and isinstance(value, int) and value.bit_length() <= 256


def _open(document: dict[str, Any], place: _Place, depth: int) -> Iterator[Content | str]:
    try:
        inner = _inner(document)
    except RejectedAlertError as error:
        yield error.reason
        return
    if inner is None:
        yield Content(
            place.event_id, document, place.region, place.account, place.lenient, place.envelope, place.sender
        )
    elif isinstance(inner, _List):
        around = {**short_fields(document, inner.name), **place.envelope}
        yield from _open_list(inner, place._replace(envelope=around), depth)
    elif depth == MAX_ENVELOPES:
        yield f"envelopes are nested deeper than {MAX_ENVELOPES} levels"
    elif isinstance(inner.content, dict):
        is_first_event = inner.is_event and not place.is_inside_event
        inside = _Place(
            inner.event_id if place.is_outermost else place.event_id,
            inner.region or place.region,
            inner.account or place.account,
            inner.lenient or place.lenient,
            envelope=short_fields({**document, "account": inner.account}, inner.name),
            sender=sender_of(document, is_record=place.is_outermost) if is_first_event else place.sender,
            is_inside_event=place.is_inside_event or inner.is_event,
        )
        yield from _open(inner.content, inside, depth + 1)
    else:
        yield f"{inner.name} must contain a JSON object, got {quoted(inner.content)}"


def _open_list(found: "_List", place: _Place, depth: int) -> Iterator[Content | str]:
    inside = place._replace(is_outermost=False)
    for position, item in enumerate(found.items):
        if isinstance(item, dict):
            yield from _open(item, inside, depth)
        elif isinstance(item, _Text):
            yield from _open_text(item, f"{found.name}[{position}].{item.field}", inside, depth)
        else:
            yield f"{found.name}[{position}] must be an object, got {quoted(item)}"


class _Text(NamedTuple):
    """An event as text, in an item of a list: JSON, or JSON in base64."""

    field: str
    value: Any
    is_base64: bool


def _open_text(text: _Text, name: str, place: _Place, depth: int) -> Iterator[Content | str]:
    try:
        if text.is_base64:
            content, lenient = _decoded(text.value, name, "record")
        elif isinstance(text.value, str):
            content, lenient = _parsed(text.value, name, "record")
        else:
            content, lenient = text.value, False
    except RejectedAlertError as error:
        yield error.reason
        return
    if depth == MAX_ENVELOPES:
        yield f"envelopes are nested deeper than {MAX_ENVELOPES} levels"
    elif isinstance(content, dict):
        yield from _open(content, place._replace(lenient=lenient or place.lenient), depth + 1)
    else:
        yield f"{name} must contain a JSON object, got {quoted(content)}"


class _Envelope(NamedTuple):
    name: str
    content: Any
    event_id: str | None
    region: str | None = None
    account: str | None = None
    lenient: bool = False
    is_event: bool = False


class _List(NamedTuple):
    name: str
    items: list[Any]


def _inner(document: dict[str, Any]) -> _Envelope | _List | None:
    """Open one envelope; return None if the document is not an envelope."""
    if "detail-type" in document and "detail" in document:
        region, content, lenient = _id(document.get("region")), document["detail"], False
        if isinstance(content, str) and content.lstrip()[:1] == "{":
            content, lenient = _parsed(content, "detail", "EventBridge event")
        return _Envelope("detail", content, _id(document.get("id")), region, _account(document), lenient, is_event=True)
    if isinstance(document.get("Sns"), dict):
        return _notification(document["Sns"])
    if "Message" in document and ("TopicArn" in document or document.get("Type") == "Notification"):
        return _notification(document)
    if (message := _of_pubsub(document)) is not None:
        return _push(message)
    if "specversion" in document and "type" in document and ("data" in document or "data_base64" in document):
        return _cloud_event(document)
    records = document.get("Records")
    if isinstance(records, list) and any(isinstance(record, dict) and "Sns" in record for record in records):
        return _List("Records", records)
    if found := _list_of_vendor(document) or _list_of_texts(document):
        return found
    for name in ("findings", "Findings"):
        if isinstance(document.get(name), list) and not _is_finding(document):
            if not document[name]:
                raise RejectedAlertError(f"{name} is empty; at least one finding is required")
            return _List(name, document[name])
    return None


def _list_of_vendor(document: dict[str, Any]) -> _List | None:
    """Open the list of events of other services, each identified by a field that their events do not have."""
    data, records, streamed = document.get("data"), document.get("Records"), document.get("records")
    if document.get("eventType") == "com.okta.event_hook" and isinstance(data, dict):
        name, items = "data.events", data.get("events")
    elif isinstance(records, list) and any(_of_cloudtrail(each) for each in records):
        name, items = "Records", records
    elif isinstance(streamed, list) and any(_of_azure(each) for each in streamed):
        name, items = "records", streamed
    elif isinstance(data, dict) and document.keys() <= _OF_GRAPHQL:
        name, items = _page_of_graphql(data)
    else:
        name, items = next(
            ((name, document.get(name)) for name, companion in _PAGES if companion in document), ("", None)
        )
    return _List(name, items) if isinstance(items, list) and items and not _is_finding(document) else None


def _list_of_texts(document: dict[str, Any]) -> _List | None:
    """Open a list whose items have an event as text (`_TEXTS`); each item becomes an envelope of its own."""
    if _LISTS_OF_TEXTS.isdisjoint(document):
        return None
    for name, path, is_base64 in _TEXTS:
        items = document.get(name)
        if isinstance(items, list) and not _is_finding(document):
            texts = [_at(item, path) for item in items]
            # Base64 of "{".
            if any(isinstance(text, str) and text.lstrip()[:1] == ("e" if is_base64 else "{") for text in texts):
                field = ".".join(path)
                return _List(name, [_Text(field, text, is_base64) for text in texts])
    return None


def _at(item: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        item = item.get(name) if isinstance(item, dict) else None
    return item


def _page_of_graphql(data: dict[str, Any]) -> tuple[str, list[Any]]:
    """Return the first list in a GraphQL answer: `nodes`, or the `node` of each of its `edges` (SentinelOne, Wiz)."""
    for page in data.values():
        nodes, edges = (page.get("nodes"), page.get("edges")) if isinstance(page, dict) else (None, None)
        if isinstance(nodes, list):
            return "data.nodes", nodes
        if isinstance(edges, list):
            return "data.edges", [edge.get("node") if isinstance(edge, dict) else edge for edge in edges]
    return "", []


def _of_cloudtrail(record: Any) -> bool:
    kinds = ({"eventID", "eventName", "userIdentity"}, {"eventID", "insightDetails"})
    return isinstance(record, dict) and any(fields <= record.keys() for fields in kinds)


def _of_azure(record: Any) -> bool:
    return isinstance(record, dict) and {"category", "properties"} <= record.keys()


def _is_finding(document: dict[str, Any]) -> bool:
    """Check whether a document with a field called findings is a finding itself."""
    return bool({"detector", "class_uid", "ProductArn"} & document.keys())


def _notification(sns: dict[str, Any]) -> _Envelope:
    if sns.get("Type") in _NO_NOTIFICATIONS:
        raise RejectedAlertError(f"Type must be Notification in an SNS message, got {quoted(sns['Type'])}")
    message = sns.get("Message")
    if not isinstance(message, str):
        raise RejectedAlertError(f"Message must be a JSON string in an SNS message, got {quoted(message)}")
    content, lenient = _parsed(message, "Message", "SNS message")
    return _Envelope("Message", content, _id(sns.get("MessageId")), lenient=lenient)


def _of_pubsub(document: dict[str, Any]) -> dict[str, Any] | None:
    """Return the message of Google Pub/Sub in a document: pushed, pulled, or as a function gets it."""
    message = document.get("message")
    if isinstance(message, dict) and "data" in message and not _is_finding(document):
        is_pushed = "subscription" in document or "ackId" in document
        return message if is_pushed or _is_message(message) else None
    return document if _is_message(document) else None


def _is_message(document: dict[str, Any]) -> bool:
    return isinstance(document.get("data"), str) and len(document) > 1 and document.keys() <= _PUBSUB_FIELDS


def _push(message: dict[str, Any]) -> _Envelope:
    """Open a message of Google Pub/Sub: JSON in base64."""
    content, lenient = _decoded(message["data"], "message.data", "Pub/Sub message")
    return _Envelope(
        "message.data", content, _id(message.get("messageId") or message.get("message_id")), lenient=lenient
    )


def _cloud_event(event: dict[str, Any]) -> _Envelope:
    """Open a CloudEvent in JSON, such as one of Google's Eventarc."""
    identifier = _id(event.get("id"))
    if "data" in event:
        return _Envelope("data", event["data"], identifier)
    content, lenient = _decoded(event["data_base64"], "data_base64", "CloudEvent")
    return _Envelope("data_base64", content, identifier, lenient=lenient)


def _decoded(data: Any, name: str, envelope: str) -> tuple[Any, bool]:
    try:
        text = base64.b64decode(data, validate=True).decode("utf-8", "surrogateescape")
    except (TypeError, ValueError) as error:
        raise RejectedAlertError(f"{name} must be JSON in base64 in a {envelope}") from error
    return _parsed(text, name, envelope)


def _parsed(text: str, name: str, envelope: str) -> tuple[Any, bool]:
    try:
        return read_json(text)
    except ValueError as error:
        raise RejectedAlertError(f"{name} of the {envelope} is {error}") from error


def _account(event: dict[str, Any]) -> str | None:
    """Return the account of an EventBridge event from AWS; in partner events it is only the receiving account."""
    source, account = event.get("source"), event.get("account")
    is_of_aws = isinstance(source, str) and source.startswith("aws.") and not source.startswith("aws.partner/")
    return account if is_of_aws and isinstance(account, str) and _ACCOUNT.fullmatch(account) else None


def _id(value: Any) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= MAX_EVENT_ID_LENGTH:
        return str(printable(value))
    return None
