"""Envelopes of Google, and what mappings see of any envelope."""

import base64
import json
from typing import Any

import pytest

from alert_responder.contracts.mapping import FormatMapping
from alert_responder.formats import parse_record
from alert_responder.formats.envelope import MAX_ENVELOPE_FIELDS, MAX_FIELD_LENGTH, open_envelopes, short_fields
from alert_responder.formats.mapping import MappedFormat

EVENT = {"x": 1}
DATA = base64.b64encode(json.dumps(EVENT).encode()).decode()
FORMAT = MappedFormat(
    FormatMapping.model_validate(
        {
            "name": "one",
            "match": "x",
            "detector": "'d'",
            "rule_id": "'r'",
            "alert_key": "to_string(_envelope)",
            "description": "sentences([x, _envelope.a, _envelope.b, _envelope.c])",
        }
    )
)
LIST = MappedFormat(
    FormatMapping.model_validate(
        {
            "name": "several",
            "match": "xs",
            "events": "xs",
            "detector": "'d'",
            "rule_id": "id",
            "alert_key": "_envelope.org.id",
        }
    )
)

MESSAGES: dict[str, tuple[Any, str | None]] = {
    "pushed": ({"message": {"data": DATA, "messageId": "7"}, "subscription": "s"}, "7"),
    "pushed, as older libraries write it": ({"message": {"data": DATA, "message_id": "7"}, "subscription": "s"}, "7"),
    "pushed without the subscription": ({"message": {"data": DATA, "messageId": "7", "attributes": {}}}, "7"),
    "pulled": ({"receivedMessages": [{"ackId": "a", "message": {"data": DATA, "messageId": "7"}}]}, None),
    "pulled by gcloud": ([{"ackId": "a", "message": {"data": DATA, "messageId": "7"}}], None),
    "a function": (
        {"@type": "type.googleapis.com/google.pubsub.v1.PubsubMessage", "attributes": None, "data": DATA},
        None,
    ),
    "a function, with attributes": ({"data": DATA, "attributes": {"a": "b"}}, None),
    "an event of Eventarc": (
        {
            "specversion": "1.0",
            "id": "8",
            "source": "//pubsub.googleapis.com/projects/p/topics/t",
            "type": "google.cloud.pubsub.topic.v1.messagePublished",
            "data": {"message": {"data": DATA, "messageId": "7"}, "subscription": "s"},
        },
        "8",
    ),
    "an event in base64": (
        {"specversion": "1.0", "id": "8", "source": "s", "type": "t", "data_base64": DATA},
        "8",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_of_google_are_opened(name: str) -> None:
    document, event_id = MESSAGES[name]
    (content,) = open_envelopes(document)

    assert not isinstance(content, str)
    assert (content.document, content.event_id) == (EVENT, event_id)


@pytest.mark.parametrize(
    "document",
    [
        {"data": DATA},
        {"data": DATA, "attributes": {}, "other": 1},
        {"data": {"x": 1}, "attributes": {}},
        {"message": {"data": DATA}},
        {"message": {"data": DATA, "text": "t", "messageId": "7"}},
        {"specversion": "1.0", "data": {}},
        {"specversion": "1.0", "type": "t"},
    ],
)
def test_other_documents_are_not_messages(document: dict[str, Any]) -> None:
    (content,) = open_envelopes(document)

    assert not isinstance(content, str)
    assert content.document == document


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"specversion": "1.0", "type": "t", "data": [1]}, "data must contain a JSON object, got an array"),
        (
            {"specversion": "1.0", "type": "t", "data_base64": "%"},
            "data_base64 must be JSON in base64 in a CloudEvent",
        ),
    ],
)
def test_invalid_cloud_events_are_rejected(document: dict[str, Any], reason: str) -> None:
    assert list(open_envelopes(document)) == [reason]


def key_of(document: Any) -> Any:
    (parsed,), rejected = parse_record(json.dumps(document).encode(), (FORMAT,))
    assert not rejected
    assert parsed.alert.body == EVENT | {"_envelope": 2} if "_envelope" in parsed.alert.body else EVENT
    return json.loads(parsed.alert.alert_key)


def test_expressions_see_the_innermost_envelope() -> None:
    seen = {"detail-type": "t", "source": "aws.ecr", "account": "111122223333", "resources": ["arn:x"]}
    around = {"TopicArn": "arn:t", "Message": json.dumps({**seen, "detail": EVENT})}

    assert key_of(EVENT) == {}
    assert key_of({**EVENT, "_envelope": 2}) == {}
    assert key_of({**seen, "detail": EVENT}) == seen
    assert key_of(around) == seen


@pytest.mark.parametrize("source", ["my.detector", "aws.partner/okta.com/x"])
def test_the_account_is_that_of_an_aws_service(source: str) -> None:
    event = {"detail-type": "t", "source": source, "account": "111122223333", "detail": EVENT}

    assert key_of(event) == {"detail-type": "t", "source": source}


def test_events_of_a_list_see_its_document_and_the_envelope_around_it() -> None:
    group = {"receiver": "soc", "commonLabels": {"a": "b"}, "source": "inside", "alerts": [EVENT]}
    event = {"detail-type": "t", "source": "outside", "detail": group}

    assert key_of(group) == {"receiver": "soc", "commonLabels": {"a": "b"}, "source": "inside"}
    seen = {"receiver": "soc", "commonLabels": {"a": "b"}, "source": "outside", "detail-type": "t"}
    assert key_of(event) == seen


def test_events_that_a_format_selects_see_the_document() -> None:
    document = {"org": {"id": "o-1"}, "xs": [{"id": "1"}, {"id": "2"}]}
    parsed, rejected = parse_record(json.dumps(document).encode(), (LIST,))

    assert [(each.alert.rule_id, each.alert.alert_key) for each in parsed] == [("1", "o-1"), ("2", "o-1")]
    assert not rejected


def test_only_short_values_of_an_envelope_are_kept() -> None:
    longest = "x" * MAX_FIELD_LENGTH
    document = {
        "kept": longest,
        "long": longest + "x",
        longest + "x": 1,
        "nothing": None,
        "fraction": 1.5,
        "flag": True,
        "huge": 2**256,
        "empty": {},
        "deep": {"kept": "y", "deeper": {"a": 1}, longest + "x": "z"},
        "list": ["y", ["z"], 2],
        "left out": "y",
    }

    assert short_fields(document, "left out") == {
        "kept": longest,
        "flag": True,
        "deep": {"kept": "y"},
        "list": ["y", 2],
    }


def test_only_so_many_values_of_an_envelope_are_kept() -> None:
    assert len(short_fields({str(number): 1 for number in range(99)})) == MAX_ENVELOPE_FIELDS
    found = short_fields({"a": {str(number): 1 for number in range(99)}, "b": 1})
    assert list(found) == ["a"]
    assert len(found["a"]) == MAX_ENVELOPE_FIELDS
    assert len(short_fields({"a": list(range(99))})["a"]) == MAX_ENVELOPE_FIELDS


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["A.", "B"], "A. B"),
        (["A", "B!", "C"], "A - B! C"),
        (["One", "one two", " One two ", "", None, 3], "One two"),
        ([], None),
        (None, None),
        ("A", "A"),
    ],
)
def test_sentences_are_joined_without_repetition(texts: Any, expected: str | None) -> None:
    mapping = FormatMapping.model_validate(
        {"name": "one", "match": "x", "detector": "'d'", "rule_id": "'r'", "description": "sentences(texts)"}
    )

    assert MappedFormat(mapping).to_alert({"x": 1, "texts": texts}).description == (expected or "")


def test_an_alert_without_a_time_has_that_of_the_event() -> None:
    event = {"detail-type": "t", "source": "aws.ecr", "time": "2026-03-02T10:00:00Z", "detail": EVENT}
    (parsed,), _ = parse_record(json.dumps(event).encode(), (FORMAT,))

    assert parsed.alert.timestamp is not None
    assert parsed.alert.timestamp.isoformat() == "2026-03-02T10:00:00+00:00"


TEXT = json.dumps(EVENT)
SNS = json.dumps({"Type": "Notification", "TopicArn": "t", "MessageId": "m-1", "Message": TEXT})


@pytest.mark.parametrize(
    "document",
    [
        {"Records": [{"messageId": "m", "body": TEXT, "eventSource": "aws:sqs"}]},
        {"Records": [{"messageId": "m", "body": SNS, "eventSource": "aws:sqs"}]},
        {"Messages": [{"MessageId": "m", "Body": TEXT}]},
        {"Records": [{"kinesis": {"data": DATA}, "eventSource": "aws:kinesis"}]},
        {"invocationId": "i", "records": [{"recordId": "r", "data": DATA}]},
        {"messageType": "DATA_MESSAGE", "logGroup": "g", "logEvents": [{"id": "1", "message": TEXT}]},
        {"Events": [{"EventId": "e", "CloudTrailEvent": TEXT}]},
        {"detail-type": "t", "source": "s", "detail": TEXT},
    ],
    ids=["sqs", "sns-in-sqs", "receive-message", "kinesis", "firehose", "logs", "lookup-events", "detail"],
)
def test_events_as_text_are_opened(document: dict[str, Any]) -> None:
    (content,) = open_envelopes(document)
    assert not isinstance(content, str)
    assert content.document == EVENT


def test_a_text_that_is_not_an_event_does_not_affect_the_others() -> None:
    texts = [TEXT, "GET / 200", "[1]", None]
    found = list(open_envelopes({"logEvents": [{"message": text} for text in texts]}))
    assert [each if isinstance(each, str) else each.document for each in found] == [
        EVENT,
        "logEvents[1].message of the record is not JSON: expecting value at line 1, column 1",
        "logEvents[2].message must contain a JSON object, got an array",
        "logEvents[3].message must contain a JSON object, got null",
    ]


@pytest.mark.parametrize(
    "document",
    [{"Records": [{"body": "text"}]}, {"Messages": "{}"}, {"Records": [{"kinesis": "x"}]}, {"logEvents": []}],
)
def test_lists_without_events_are_documents(document: dict[str, Any]) -> None:
    (content,) = open_envelopes(document)
    assert not isinstance(content, str)
    assert content.document == document


def test_texts_in_texts_are_opened_only_so_deep() -> None:
    document: dict[str, Any] = EVENT
    for _ in range(9):
        document = {"Messages": [{"Body": json.dumps(document)}]}
    assert list(open_envelopes(document)) == ["envelopes are nested deeper than 4 levels"]
