import base64
import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder import formats
from alert_responder.contracts.alert import Alert, Attribute, Source
from alert_responder.contracts.mapping import FormatMapping
from alert_responder.domain.attributes import unite
from alert_responder.formats import MAX_ALERTS_PER_RECORD, Reject, parse_record
from alert_responder.formats.extraction import MAX_ATTRIBUTES
from alert_responder.formats.mapping import MappedFormat
from alert_responder.formats.record import MAX_RECORD_BYTES

EVENTS = Path(__file__).parents[2] / "events"
NATIVE = {"detector": "edr", "rule_id": "r", "alert_key": "k"}
GUARDDUTY = {
    "type": "Recon:EC2/X",
    "id": "1",
    "severity": 5,
    "service": {},
    "resource": {},
    "accountId": "123456789012",
}
ASFF = {"SchemaVersion": "2018-10-08", "Id": "1", "ProductArn": "arn:p", "GeneratorId": "g"}
OCSF: dict[str, Any] = {"class_uid": 2004, "metadata": {}, "finding_info": {"uid": "1", "title": "t"}}


def record(document: Any) -> bytes:
    return json.dumps(document).encode()


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_bytes())


def only_alert(document: Any) -> Alert:
    parsed, rejected = parse_record(record(document))
    assert rejected == []
    assert len(parsed) == 1
    return parsed[0].alert


def only_reason(data: bytes) -> str:
    parsed, rejected = parse_record(data)
    assert parsed == []
    assert len(rejected) == 1
    return rejected[0].reason


def without(data: bytes) -> tuple[Alert, str]:
    """Parse the only alert of a record, and the notes about it."""
    (parsed,), (reject,) = parse_record(data)
    assert (parsed.unfit, reject.position, reject.internal) == (1, None, False)
    told = "alert 0 was parsed; 1 of its fields are invalid, left out or changed: "
    assert reject.reason.startswith(told)
    return parsed.alert, reject.reason.removeprefix(told)


def sns(message: Any, message_id: str | None = "m-1") -> dict[str, Any]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {"Type": "Notification", "TopicArn": "arn:t", "MessageId": message_id, "Message": text}


def bridge(detail: Any, event_id: str | None = "e-1") -> dict[str, Any]:
    return {"version": "0", "id": event_id, "detail-type": "GuardDuty Finding", "detail": detail}


class TestBytes:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (gzip.compress(b"{}", mtime=0), "is gzip data"),
            (b"PK\x03\x04rest", "a zip file"),
            (b"\xf3\x89\x9a\xc2rest", "Kinesis Producer Library"),
            (b"\xef\xbb\xbf{}", "UTF-8 byte order mark"),
            ("{}".encode("utf-16-le"), "NUL byte at 1"),
            (b"\xff\xfe" + "{}".encode("utf-16-le"), "UTF-16 (little endian)"),
            (b"\xfe\xff" + "{}".encode("utf-16-be"), "UTF-16 (big endian)"),
            (b"\xff\xfe\x00\x00" + "{}".encode("utf-32-le"), "UTF-32 (little endian)"),
            (b"\x00\x00\xfe\xff" + "{}".encode("utf-32-be"), "UTF-32 (big endian)"),
            (b'{"a": \xff}', "not UTF-8 at byte 6"),
            (b'{"a": "\xed\xa0\x80}', "not UTF-8 at byte 7"),
            (b"{", "not JSON: expecting property name"),
            (b'{"a": 1} {"b": 2}', "more than one JSON document"),
            (b'{"a": 1, "a": 2}', "a is given twice in one object"),
            (b'{"x": {"deep": [{"a": 1, "a": 1}]}}', "x.deep[0].a is given twice in one object"),
            (b'{"b": 1, "a": 1, "c": 1, "a": 2, "c": 2}', "a is given twice in one object; c is given"),
            (b'{"a": NaN}', "NaN"),
            (b'{"a": [-Infinity]}', "-Infinity"),
            (b'{"a": 1e999}', "out of range"),
            (b'{"a": ' + b"9" * 5000 + b"}", "a number of 5000 digits; at most 1000"),
            (b'{"a": 0.' + b"9" * 5000 + b"}", "at most 1000"),
            (b"null", "a JSON object or an array of objects, got null"),
            (b"[]", "a JSON object or an array of objects, got an array"),
            (b'"text"', "a JSON object or an array of objects, got 'text'"),
            (b"1", "a JSON object or an array of objects, got 1"),
            (b'{"a":' * 101 + b"1" + b"}" * 101, "nested deeper than 100 levels"),
            (b"[" * 1_000_000, "nested deeper than 100 levels"),
        ],
    )
    def test_records_that_are_not_json_are_rejected_with_a_description(self, data: bytes, words: str) -> None:
        assert words in only_reason(data)

    @pytest.mark.parametrize("data", [b"", b" \r\n\t"])
    def test_an_empty_record_is_rejected(self, data: bytes) -> None:
        assert only_reason(data) == "the record is empty; it must be a JSON object in UTF-8"

    def test_records_of_the_maximum_size_are_parsed(self) -> None:
        most = record(NATIVE).ljust(MAX_RECORD_BYTES)
        assert parse_record(most) == parse_record(record(NATIVE))
        assert only_reason(most + b" ") == "the record has 4,718,593 bytes; at most 4,718,592 are allowed"

    def test_brackets_in_strings_do_not_nest(self) -> None:
        assert only_alert({**NATIVE, "description": '[{"' * 500 + "\\"}).description.startswith('[{"')

    def test_json_of_depth_100_is_parsed(self) -> None:
        body: Any = 1
        for _ in range(99):
            body = [body]
        assert only_alert({**NATIVE, "body": body}).body == body

    def test_allowed_large_numbers_are_kept(self) -> None:
        number = int("9" * 1000)
        assert only_alert({**NATIVE, "body": number}).body == number

    def test_reasons_quote_input_shortened_and_escaped(self) -> None:
        reason = only_reason(record({**NATIVE, "detector": ["\x1b[31m\n" + "x" * 10_000]}))
        assert reason.isprintable()
        _, reason = without(record({**NATIVE, "timestamp": "\x1b[31m\n" + "x" * 10_000}))
        assert len(reason) < 300
        assert reason.isprintable()
        assert "\\x1b[31m\\n" in reason


class TestEnvelopes:
    @pytest.mark.parametrize(
        ("document", "event_id"),
        [
            (GUARDDUTY, None),
            (bridge(GUARDDUTY), "e-1"),
            (sns(GUARDDUTY), "m-1"),
            (sns(bridge(GUARDDUTY)), "m-1"),
            (sns(bridge(GUARDDUTY), None), None),
            (bridge(sns(GUARDDUTY)), "e-1"),
            (bridge(sns(GUARDDUTY), None), None),
            ({"Sns": sns(bridge(GUARDDUTY))}, "m-1"),
            ({"Records": [{"EventSource": "aws:sns", "Sns": sns(bridge(GUARDDUTY))}]}, None),
            ([bridge(GUARDDUTY)], None),
            ({"findings": [bridge(NATIVE)]}, None),
            (bridge(GUARDDUTY, "x" * 257), None),
            (bridge({"findings": [ASFF]}), "e-1"),
            (bridge({"findings": [OCSF]}), "e-1"),
            ({"Findings": [ASFF]}, None),
            (bridge(bridge(bridge(bridge(NATIVE, "e-4"), "e-3"), "e-2")), "e-1"),
        ],
    )
    def test_the_event_id_is_that_of_the_outermost_object(self, document: Any, event_id: str | None) -> None:
        parsed, rejected = parse_record(record(document))
        assert (rejected, [each.event_id for each in parsed]) == ([], [event_id])

    def test_findings_of_an_envelope_have_different_places(self) -> None:
        parsed, _ = parse_record(record(bridge({"findings": [ASFF, {**ASFF, "Id": "2"}]})))
        assert [(each.position, each.event_id, each.place) for each in parsed] == [(0, "e-1", "0/0"), (1, "e-1", "1/0")]

    def test_places_do_not_depend_on_other_documents(self) -> None:
        documents = [bridge({"findings": [{"no": "alert"}, ASFF]}), 7, NATIVE]
        parsed, rejected = parse_record(record(documents))
        assert [each.place for each in parsed] == ["1/0", "3/0"]
        assert len(rejected) == 2

    def test_an_invalid_finding_does_not_affect_others(self) -> None:
        findings: list[Any] = [
            ASFF,
            None,
            {"SchemaVersion": "2018-10-08"},
            {"unknown": 1},
            {**ASFF, "Id": "5"},
            [],
            GUARDDUTY,
        ]
        parsed, rejected = parse_record(record(bridge({"findings": findings})))
        assert [(each.position, each.alert.detector) for each in parsed] == [
            (0, "securityhub"),
            (4, "securityhub"),
            (6, "guardduty"),
        ]
        assert [each.position for each in rejected] == [1, 2, 3, 5]
        assert rejected[0].reason == "findings[1] must be an object, got null"
        assert rejected[1].reason.startswith("the rule is missing")
        assert rejected[2].reason.startswith("unknown format")

    @pytest.mark.parametrize(
        ("document", "words"),
        [
            (bridge([GUARDDUTY]), "detail must contain a JSON object, got an array"),
            (bridge({"findings": []}), "findings is empty"),
            (sns("The CPU is hot"), "Message of the SNS message is not JSON"),
            (sns('{"a": 1, "a": 1}'), "is given twice"),
            (sns("[" * 200), "nested deeper than 100"),
            (sns("7"), "Message must contain a JSON object, got 7"),
            ({**sns("{}"), "Type": "SubscriptionConfirmation"}, "Type must be Notification"),
            ({**sns("{}"), "Message": {}}, "Message must be a JSON string"),
            (bridge(bridge(bridge(bridge(bridge(NATIVE))))), "envelopes are nested deeper than 4 levels"),
            ({"Records": [{"s3": {}}]}, "unknown format"),
            ({"detail": NATIVE}, "unknown format"),
            ({"detail-type": "x"}, "unknown format"),
            ({"Message": json.dumps(NATIVE)}, "unknown format"),
            ({"TopicArn": "t"}, "unknown format"),
            ({"Type": "Notification"}, "unknown format"),
            ({"Type": "Notification", "Message": "7"}, "Message must contain a JSON object, got 7"),
            ({"subscription": "s", "message": {"data": "{"}}, "message.data must be JSON in base64"),
            ({}, "first fields: none"),
        ],
    )
    def test_envelopes_that_cannot_be_opened_are_rejected_with_their_place(self, document: Any, words: str) -> None:
        assert words in only_reason(record(document))

    @pytest.mark.parametrize(
        "document",
        [
            {"eventType": "com.okta.event_hook", "data": {"events": [NATIVE, NATIVE]}},
            {"Records": [{"eventID": "1", "eventName": "a", "userIdentity": {}}, NATIVE]},
            {"@odata.context": "https://graph.example.com", "value": [NATIVE, NATIVE]},
            {"meta": {}, "resources": [NATIVE, NATIVE]},
            {"pagination": {}, "data": [NATIVE, NATIVE]},
            {"listFindingsResults": [NATIVE, NATIVE], "readTime": "t"},
            {"groupKey": "k", "alerts": [NATIVE, NATIVE]},
            {"records": [{"category": "a", "properties": {}}, NATIVE]},
            {"Records": [{"eventID": "1", "insightDetails": {}}, NATIVE]},
        ],
    )
    def test_lists_of_vendors_are_opened(self, document: dict[str, Any]) -> None:
        parsed, rejected = parse_record(record(bridge(document)))
        assert [(each.position, each.event_id, each.place) for each in parsed][-1] == (1, "e-1", "1/0")
        assert len(parsed) + len(rejected) == 2

    @pytest.mark.parametrize(
        "document",
        [
            {"eventType": "com.okta.event_hook", "data": {"events": []}},
            {"eventType": "com.okta.event_hook", "data": {"events": {}}},
            {"eventType": "com.okta.event_hook", "data": [NATIVE]},
            {"eventType": "other", "data": {"events": [NATIVE]}},
            {"Records": [NATIVE]},
            {"value": [NATIVE]},
            {"@odata.context": "https://graph.example.com", "value": NATIVE},
            {"resources": [NATIVE]},
            {"data": [NATIVE]},
            {"alerts": [NATIVE]},
            {"records": [NATIVE]},
            {"records": {"category": "a", "properties": {}}},
        ],
    )
    def test_documents_that_resemble_a_vendor_s_list_are_not_opened(self, document: dict[str, Any]) -> None:
        assert only_reason(record(document)).startswith("unknown format")

    @pytest.mark.parametrize(
        ("document", "place"),
        [
            ({"eventType": "com.okta.event_hook", "data": {"events": [NATIVE, 7]}}, "data.events[1]"),
            ({"Records": [{"eventID": "1", "eventName": "a", "userIdentity": {}}, 7]}, "Records[1]"),
            ({"Records": [{"Sns": sns(NATIVE)}, 7]}, "Records[1]"),
            ({"records": [{"category": "a", "properties": {}}, 7]}, "records[1]"),
            ({"pagination": {}, "data": [NATIVE, 7]}, "data[1]"),
            ([NATIVE, 7], "record[1]"),
        ],
    )
    def test_list_elements_that_are_not_objects_are_rejected_with_their_place(self, document: Any, place: str) -> None:
        _, rejected = parse_record(record(document))
        assert rejected[-1].reason == f"{place} must be an object, got 7"

    @pytest.mark.parametrize(
        "inside",
        [
            NATIVE,
            {"pagination": {}, "data": [NATIVE]},
            {"pagination": {}, "data": [{"pagination": {}, "data": [NATIVE]}]},
        ],
    )
    def test_the_region_of_an_event_applies_to_everything_inside(self, inside: Any) -> None:
        alert = only_alert({**bridge(inside), "region": "eu-central-1"})
        assert alert.source == Source(product=NATIVE["detector"], region="eu-central-1", standards=())

    def test_the_account_of_an_event_is_added_unless_the_alert_has_one(self) -> None:
        around = {"source": "aws.cloudwatch", "account": "111122223333"}
        account = Attribute(type="account", key="account", value="111122223333", context=("local",))
        assert only_alert({**bridge(NATIVE), **around}).attributes[-1] == account
        assert only_alert(sns({**bridge(NATIVE), **around})).attributes[-1] == account
        parsed, _ = parse_record(record({**bridge({"pagination": {}, "data": [NATIVE, NATIVE]}), **around}))
        assert [each.alert.attributes[-1] for each in parsed] == [account, account]
        # Twice in the finding and once in the envelope: once in the alert.
        named = {"type": "account", "value": "999900001111"}
        alert = only_alert({**bridge({**NATIVE, "attributes": [named, named]}), **around})
        assert [each.value for each in alert.attributes] == ["999900001111"]

    @pytest.mark.parametrize(
        "around",
        [
            {"source": "aws.partner/okta.com/x", "account": "111122223333"},
            {"source": "our.app", "account": "111122223333"},
            {"source": None, "account": "111122223333"},
            {"account": "111122223333"},
            {"source": "aws.ecr", "account": 111122223333},
            {"source": "aws.ecr", "account": "11112222333"},
            {"source": "aws.ecr", "account": "1" * 5_000},
        ],
    )
    def test_the_receiving_account_is_not_an_attribute(self, around: Any) -> None:
        assert not [each for each in only_alert({**bridge(NATIVE), **around}).attributes if each.type == "account"]

    def test_an_alert_with_the_maximum_number_of_attributes_gets_no_account(self) -> None:
        attributes = [{"type": "domain", "value": f"{number}.example"} for number in range(MAX_ATTRIBUTES + 5)]
        around = {"source": "aws.ecr", "account": "111122223333"}
        parsed, _ = parse_record(record({**bridge({**NATIVE, "attributes": attributes}), **around}))
        assert (len(parsed[0].alert.attributes), parsed[0].cut_off) == (MAX_ATTRIBUTES, 5)

    def test_a_record_may_be_a_list(self) -> None:
        parsed, rejected = parse_record(record([NATIVE, 7, bridge(NATIVE)]))
        assert [(each.position, each.event_id) for each in parsed] == [(0, None), (2, None)]
        assert rejected == [Reject(1, "record[1] must be an object, got 7")]

    def test_lists_do_not_count_as_envelopes(self) -> None:
        nested = bridge(bridge(bridge(bridge(NATIVE))))
        parsed, rejected = parse_record(record([nested, nested]))
        assert ([each.alert.detector for each in parsed], rejected) == (["edr", "edr"], [])

    def test_pub_sub_messages_are_opened(self) -> None:
        document = {
            "message": {"data": base64.b64encode(record(NATIVE)).decode(), "messageId": "7"},
            "subscription": "s",
        }
        (parsed,), rejected = parse_record(record(document))
        assert (rejected, parsed.event_id, parsed.alert.detector) == ([], "7", NATIVE["detector"])

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            *((no_base64, " must be JSON in base64 in a Pub/Sub message") for no_base64 in (7, "{}", "\u00fc")),
            ("/////w==", " of the Pub/Sub message is not JSON: expecting value at line 1, column 1"),
            ("", " of the Pub/Sub message is not JSON: expecting value at line 1, column 1"),
            ("e30x", " of the Pub/Sub message is more than one JSON document; the second one begins at character 2"),
            ("Nw==", " must contain a JSON object, got 7"),
        ],
    )
    def test_invalid_pub_sub_messages_are_rejected(self, data: Any, words: str) -> None:
        assert only_reason(record({"message": {"data": data}, "subscription": "s"})) == f"message.data{words}"

    def test_a_native_alert_may_have_the_fields_of_a_list(self) -> None:
        assert (
            only_alert(
                {**NATIVE, "meta": {}, "resources": [NATIVE], "subscription": "s", "message": {"data": ""}}
            ).detector
            == NATIVE["detector"]
        )

    def test_the_number_of_alerts_in_a_record_is_limited(self) -> None:
        parsed, rejected = parse_record(record({"findings": [ASFF] * (MAX_ALERTS_PER_RECORD + 5)}))
        assert len(parsed) == MAX_ALERTS_PER_RECORD
        assert rejected == [Reject(None, "the record contains more than 1000 alerts; only the first 1000 were parsed")]


class TestNative:
    @pytest.mark.parametrize("claim", [{}, {"native": False}, {"body": {"native": False}}, {"source": "guardduty"}])
    @pytest.mark.parametrize("around", [lambda inside: inside, bridge, sns])
    def test_a_native_alert_is_marked_whatever_it_claims(self, claim: dict[str, Any], around: Any) -> None:
        document = {**NATIVE, "detector": "guardduty", **claim}
        (found,), _ = parse_record(record(around(document)))
        assert found.native

    @pytest.mark.parametrize("document", [GUARDDUTY, ASFF, OCSF, event("cloudtrail_create_access_key")])
    def test_alerts_in_other_formats_are_not_native_whatever_they_claim(self, document: dict[str, Any]) -> None:
        (found,), _ = parse_record(record({**document, "native": True}))
        assert not found.native

    def test_the_first_format_is_native_and_a_custom_format_is_not(self) -> None:
        (first,), _ = parse_record(record(event("first_format")))
        mapping = {"name": "x", "match": "detector", "detector": "detector", "rule_id": "rule_id", "alert_key": "'k'"}
        custom = MappedFormat(FormatMapping.model_validate(mapping))
        (converted,), _ = parse_record(record({**NATIVE, "native": True}), [custom])
        assert (first.native, converted.native) == (True, False)

    def test_rule_id_and_rule_name_default_to_each_other(self) -> None:
        assert only_alert({**NATIVE, "rule_id": "", "rule_name": "Name"}).rule_id == "Name"
        assert only_alert(NATIVE).rule_name == "r"

    def test_unknown_fields_are_ignored(self) -> None:
        assert only_alert({**NATIVE, "tenant": 1, "attributes": [{"type": "x", "value": "y", "score": 2}]}).detector

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"detector": None}, "detector must be a string, got null"),
            ({"detector": ""}, "detector must "),
            ({"detector": 7}, "detector must be a string, got 7"),
            ({"rule_id": ""}, "rule_id must "),
            ({"rule_id": ["r"]}, "rule_id must be a string, got an array"),
        ],
    )
    def test_an_invalid_detector_or_rule_is_rejected_with_its_name(self, change: dict[str, Any], words: str) -> None:
        assert words in only_reason(record({**NATIVE, **change}))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"rule_name": 1}, "rule_name must be a string, got 1"),
            ({"description": {}}, "description must be a string, got an object"),
            ({"timestamp": "2026-03-02T10:00:00"}, "timestamp must be an RFC 3339 time with an offset"),
            ({"timestamp": "2026-02-30T10:00:00Z"}, "timestamp must be an RFC 3339 time"),
            ({"timestamp": 1772446800}, "timestamp must be an RFC 3339 time"),
            ({"severity": True}, "severity must be a string, got true"),
            ({"source": 3}, "source must "),
            ({"attributes": {}}, "attributes must be an array, got an object"),
            ({"attributes": ["x"]}, "attributes[0] must be an object, got 'x'"),
            ({"attributes": [{"type": "ipaddr"}]}, "attributes[0].value is required"),
            ({"attributes": [{"type": "ipaddr", "value": 1.5}]}, "attributes[0].value must be a string"),
            ({"attributes": [{"type": "ipaddr", "value": True}]}, "attributes[0].value must be a string"),
            ({"attributes": [{"type": "ipaddr", "value": {"a": 1}}]}, "attributes[0].value must be a string"),
        ],
    )
    def test_an_invalid_field_costs_only_that_field(self, change: dict[str, Any], words: str) -> None:
        alert, note = without(record({**NATIVE, **change}))
        assert words in note
        assert alert == only_alert(NATIVE)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"type": None}, "attributes[0].type must be a word"),
            ({"type": "IP address"}, "attributes[0].type must be a word"),
            ({"key": 5}, "attributes[0].key must be a string, got 5"),
            ({"context": {}}, "attributes[0].context must be an array"),
            ({"timestamp": "now"}, "attributes[0].timestamp must be"),
        ],
    )
    def test_an_invalid_part_of_an_attribute_costs_only_that_part(self, change: dict[str, Any], words: str) -> None:
        alert, note = without(record({**NATIVE, "attributes": [{"type": "other", "value": "x", **change}]}))
        assert words in note
        assert alert.attributes == (Attribute(type="other", value="x"),)

    def test_an_invalid_element_costs_only_itself(self) -> None:
        good = {"type": "username", "value": "u", "context": ["remote", 5, "local"]}
        alert, note = without(record({**NATIVE, "attributes": [good]}))
        assert [each.context for each in alert.attributes] == [("local", "remote")]
        assert note.startswith("attributes[0].context must be a word")
        alert, _ = without(record({**NATIVE, "attributes": [{"type": "json", "value": [1]}, 7]}))
        assert [each.value for each in alert.attributes] == ["[1]"]

    def test_an_invalid_part_of_a_source_costs_only_that_part(self) -> None:
        alert, note = without(record({**NATIVE, "source": {"product": "p", "region": 3, "standards": ["s"]}}))
        assert alert.source == Source(product="p", standards=("s",))
        assert note == "source.region must be a string, got 3"
        assert without(record({**NATIVE, "source": {"product": 3, "region": "r"}}))[0].source is None

    @pytest.mark.parametrize("field", ["detector", "rule_id", "alert_key"])
    def test_identifiers_that_are_too_long_are_shortened_and_stay_unique(self, field: str) -> None:
        long = {suffix: without(record({**NATIVE, field: "y" * 1_200 + suffix})) for suffix in "ab"}
        texts = {getattr(alert, field) for alert, _ in long.values()}
        assert {len(text) for text in texts} == {1024}
        assert len({alert.alert_id for alert, _ in long.values()}) == 2
        assert long["a"][0] == without(record({**NATIVE, field: "y" * 1_200 + "a"}))[0]
        assert long["a"][1] == f"{field} must have at most 1,024 characters and was shortened from 1,201"

    def test_identifiers_with_surrogates_are_measured_as_stored(self) -> None:
        assert len(without(record({**NATIVE, "alert_key": "\ud800" * 400}))[0].alert_key) == 1024

    @pytest.mark.parametrize("key", [5, 1.5, True, ["k"], {"a": 1}, {"a": 2}])
    def test_keys_that_are_not_strings_stay_unique(self, key: Any) -> None:
        alert, note = without(record({**NATIVE, "alert_key": key}))
        assert alert.alert_key not in ("", "k")
        assert alert.alert_key != without(record({**NATIVE, "alert_key": ["other"]}))[0].alert_key
        assert note.startswith("alert_key must be a string and was converted, got ")

    def test_the_first_of_many_faults_are_shown_and_all_are_counted(self) -> None:
        (parsed,), (reject,) = parse_record(record({**NATIVE, "attributes": [None] * 5_000}))
        assert parsed.unfit == 5_000
        assert len(reject.reason) < 2_000

    def test_a_missing_detector_is_rejected(self) -> None:
        assert only_reason(record({"rule_id": "r", "alert_key": "k"})) == "detector is required"

    def test_lone_surrogates_are_escaped(self) -> None:
        alert = only_alert(
            {
                "detector": "d\ud800",
                "rule_id": "r\udfff",
                "alert_key": "\ud83d",
                "attributes": [{"type": "username", "value": "a\udc00", "key": "\ud800"}],
                "body": {"\ud800": ["\ud800"]},
            }
        )
        assert alert.detector == "d\\ud800"
        assert alert.attributes[0].value == "a\\udc00"
        assert alert.body == {"\\ud800": ["\\ud800"]}
        assert len(alert.alert_id) == 64
        alert.model_dump_json().encode()

    def test_alerts_are_one_incident_if_and_only_if_all_three_identifiers_are_equal(self) -> None:
        triples = [("a", "b", "c"), ("a,b", "", "c"), ("a", 'b","c', ""), ("ab", "c", "c"), ("a", "b", "c ")]
        ids = {Alert(detector=d, rule_id=r or "x", alert_key=k).alert_id for d, r, k in triples}
        assert len(ids) == len(triples)


class TestFirstFormat:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"rule": "", "name": ""}, "rule or name is required"),
            ({"rule": 1, "name": None}, "rule must be a string"),
        ],
    )
    def test_rejections_name_the_fields_of_this_format(self, change: dict[str, Any], words: str) -> None:
        assert only_reason(record({**event("first_format"), **change})).startswith(words)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"name": 1}, "name must be a string"),
            ({"rule": 1}, "rule must be a string"),
            ({"key": "x" * 1025}, "key must have at most"),
            ({"key": 7}, "key must be a string"),
            ({"attrs": {}}, "attrs must be an array"),
            ({"attrs": [{"type": "x", "value": {}}]}, "attrs[0].value must be a string"),
        ],
    )
    def test_notes_name_the_fields_of_this_format(self, change: dict[str, Any], words: str) -> None:
        assert without(record({**event("first_format"), **change}))[1].startswith(words)

    def test_the_whole_document_is_the_default_body(self) -> None:
        document = {"name": "n", "rule": "r", "key": "k", "timestamp": {"init": 1772446200, "last": 0}}
        alert = only_alert(document)
        assert alert.body == document
        assert alert.timestamp == datetime(2026, 3, 2, 10, 10, tzinfo=UTC)


class TestGuardDuty:
    @pytest.mark.parametrize(
        ("number", "word"),
        [(1, "Low (1)"), (3.9, "Low (3.9)"), (4, "Medium (4)"), (6.9, "Medium (6.9)"), (7.0, "High (7)"),
         (8.9, "High (8.9)"), (9, "Critical (9)"), (10, "Critical (10)"), (0, "0"), (11, None), (-1, None),
         (10**400, None), (True, None), (None, None), ("HIGH", "HIGH")],
    )  # fmt: skip
    def test_the_severity_is_the_documented_level(self, number: Any, word: str | None) -> None:
        assert only_alert({**GUARDDUTY, "severity": number}).severity == word

    def test_only_updates_of_a_finding_are_one_incident(self) -> None:
        update = {**GUARDDUTY, "updatedAt": "2026-03-02T11:00:00Z", "service": {"count": 9}}
        assert only_alert(GUARDDUTY).alert_id == only_alert(update).alert_id
        assert only_alert(GUARDDUTY).alert_id != only_alert({**GUARDDUTY, "id": "2"}).alert_id

    def test_without_an_id_the_content_identifies_the_incident(self) -> None:
        finding = {key: value for key, value in event("guardduty_port_probe").items() if key not in {"id", "arn"}}
        later = {**finding, "updatedAt": "2026-04-01T00:00:00Z"}
        elsewhere = {**finding, "region": "eu-west-1"}
        assert only_alert(finding).alert_key == only_alert(later).alert_key
        assert only_alert(finding).alert_key != only_alert(elsewhere).alert_key

    def test_both_spellings_give_the_same_alert(self) -> None:
        parsed, _ = parse_record(record(event("guardduty_get_findings")))
        as_event = only_alert(event("guardduty_ssh_brute_force"))
        assert parsed[0].alert.model_copy(update={"body": None}) == as_event.model_copy(update={"body": None})

    @pytest.mark.parametrize(
        ("info", "sample"),
        [
            ({"sample": True}, True),
            ({"value": '{"sample": true}'}, True),
            ({"value": '{"sample": "true"}'}, False),
            ({"value": '{"unusual": {"sample": true}}'}, False),
            ({"value": '{"sample": true, '}, False),
            ({"sample": "true"}, False),
            (None, False),
        ],
    )
    def test_only_findings_marked_by_guardduty_are_samples(self, info: Any, sample: bool) -> None:
        alert = only_alert({**GUARDDUTY, "title": "T", "service": {"additionalInfo": info}})
        assert alert.rule_id.endswith(" [SAMPLE]") is sample
        assert alert.rule_name == ("[SAMPLE] T" if sample else "T")

    def test_instance_whose_credentials_were_stolen_is_found(self) -> None:
        key = {"principalId": "AROAEXAMPLEEXAMPLE:i-0a1b2c3d4e5f60718", "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}
        found = only_alert({**GUARDDUTY, "resource": {"accessKeyDetails": key}}).attributes
        assert ("instance", "i-0a1b2c3d4e5f60718") in {(each.type, each.value) for each in found}

    @pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [[None]], {"x": {"y": 1}}])
    def test_invalid_parts_are_left_out(self, odd: Any) -> None:
        for field in ("resource", "title", "description", "updatedAt", "partition"):
            assert only_alert({**GUARDDUTY, field: odd}).rule_id == "Recon:EC2/X"
        for field in ("action", "evidence", "detection", "runtimeDetails", "additionalInfo", "resourceRole"):
            assert only_alert({**GUARDDUTY, "service": {field: odd}}).rule_id == "Recon:EC2/X"

    def test_type_is_required(self) -> None:
        assert only_reason(record({**GUARDDUTY, "type": 5})) == "type must be a GuardDuty finding type, got 5"

    def test_the_number_of_attributes_is_limited(self) -> None:
        probes = [
            {"remoteIpDetails": {"ipAddressV4": f"203.0.{high}.{low}"}} for high in range(8) for low in range(256)
        ]
        service = {"action": {"portProbeAction": {"portProbeDetails": probes}}}
        (parsed,), rejected = parse_record(record({**GUARDDUTY, "service": service}))
        assert len(parsed.alert.attributes) == MAX_ATTRIBUTES
        assert len(parsed.alert.body["service"]["action"]["portProbeAction"]["portProbeDetails"]) == 2048
        # 2,048 addresses and the account.
        assert parsed.cut_off == 1049
        assert rejected == [Reject(None, "alert 0 was parsed; 1049 attributes beyond the first 1000 were left out")]

    def test_an_alert_with_the_maximum_number_of_attributes_is_whole(self) -> None:
        most = [{"type": "username", "value": f"u{number}"} for number in range(MAX_ATTRIBUTES)]
        parsed, rejected = parse_record(record({**NATIVE, "attributes": [*most, *most]}))
        assert (len(parsed[0].alert.attributes), parsed[0].cut_off, rejected) == (MAX_ATTRIBUTES, 0, [])


class TestSecurityHub:
    def test_ids_of_two_products_do_not_collide(self) -> None:
        assert only_alert(ASFF).alert_key != only_alert({**ASFF, "ProductArn": "arn:q"}).alert_key

    def test_rule_falls_back_to_type_and_title(self) -> None:
        bare = {"ProductArn": "arn:p", "Id": "1", "Title": "T"}
        assert only_alert(bare).rule_id == "T"
        assert only_alert({**bare, "Types": ["A/B"]}).rule_id == "A/B"

    def test_an_identifier_that_is_too_long_is_shortened(self) -> None:
        alert, note = without(record({**ASFF, "Id": "x" * 1024}))
        assert len(alert.alert_key) == 1024
        assert note.startswith("alert_key must have at most 1,024 characters")

    @pytest.mark.parametrize(
        ("written", "sample"),
        [("true", True), ("True", True), (True, True), ("false", False), ("", False), (None, False), ("yes", False)],
    )
    def test_guardduty_sample_is_marked(self, written: Any, sample: bool) -> None:
        fields = {"aws/guardduty/service/additionalInfo/sample": written}
        assert only_alert({**ASFF, "ProductFields": fields}).rule_id == ("g [SAMPLE]" if sample else "g")

    @pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [[None]], {"x": {"y": 1}}])
    def test_invalid_parts_are_left_out(self, odd: Any) -> None:
        for field in ("Resources", "Network", "NetworkPath", "Action", "ProductFields", "Severity", "Threats", "Types"):
            assert only_alert({**ASFF, field: odd}).rule_id == "g"


class TestOcsf:
    @pytest.mark.parametrize(
        ("times", "expected"),
        [
            ({"time": 1772446800}, datetime(2026, 3, 2, 10, 20, tzinfo=UTC)),
            ({"time": 1772446800123}, datetime(2026, 3, 2, 10, 20, 0, 123000, tzinfo=UTC)),
            ({"time": 1772446800123456}, datetime(2026, 3, 2, 10, 20, 0, 123456, tzinfo=UTC)),
            ({"time_dt": "2026-03-02T12:20:00+02:00", "time": 5}, datetime(2026, 3, 2, 10, 20, tzinfo=UTC)),
            ({"time_dt": "2026-03-02T11:20:00", "time": 1772446800}, datetime(2026, 3, 2, 10, 20, tzinfo=UTC)),
            ({"time_dt": "2026-03-02T10:20:00.5"}, datetime(2026, 3, 2, 10, 20, 0, 500000, tzinfo=UTC)),
            ({"time": -1}, None),
            ({"time": 10**300}, None),
            ({}, None),
        ],
    )
    def test_times_are_parsed_in_every_unit(self, times: dict[str, Any], expected: datetime | None) -> None:
        alert = only_alert({**OCSF, **times})
        assert alert.timestamp is None if expected is None else alert.timestamp == expected

    @pytest.mark.parametrize(
        ("product", "detector"),
        [
            ({"name": "Prowler"}, "prowler"),
            ({"name": "Example  EDR (cloud)"}, "example-edr-cloud"),
            ({"name": "Security Hub", "uid": "arn:aws:securityhub:eu-west-1::product/aws/securityhub"}, "securityhub"),
            ({"name": "x", "uid": "arn:aws:securityhub:eu-west-1::productv2/aws/guardduty"}, "guardduty"),
            ({"name": "\u00e4"}, "ocsf"),
            (None, "ocsf"),
        ],
    )
    def test_detector_is_the_product(self, product: Any, detector: str) -> None:
        assert only_alert({**OCSF, "metadata": {"product": product}}).detector == detector

    def test_other_classes_are_rejected(self) -> None:
        reason = only_reason(record({**OCSF, "class_uid": 3002}))
        assert reason == "class_uid must be that of a finding, 2001 to 2999, got 3002"

    def test_severity_id_is_the_default_severity(self) -> None:
        assert only_alert({**OCSF, "severity_id": 5}).severity == "Critical"
        assert only_alert({**OCSF, "severity_id": 99}).severity is None

    def test_without_a_uid_the_content_identifies_the_incident(self) -> None:
        bare = {**OCSF, "finding_info": {"title": "t", "uid": ""}, "time": 1}
        assert only_alert(bare).alert_key == only_alert({**bare, "time": 2}).alert_key
        assert only_alert(bare).alert_key != only_alert({**bare, "resources": [{"uid": "x"}]}).alert_key

    @pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [[None]], {"x": {"y": 1}}])
    def test_invalid_parts_are_left_out(self, odd: Any) -> None:
        for field in ("evidences", "observables", "resources", "malware", "actor", "device", "osint", "cloud"):
            assert only_alert({**OCSF, field: odd}).alert_key == "1"
        for field in ("api", "src_endpoint", "url", "email", "process", "file", "http_request", "user"):
            assert only_alert({**OCSF, "evidences": [{field: odd}]}).alert_key == "1"


NAMES = st.sampled_from(
    """detector rule_id alert_key attributes type value context name rule key attrs timestamp init last id Id service
    severity resource action detail detail-type findings Findings Records Sns Type Message MessageId TopicArn
    SchemaVersion ProductArn GeneratorId Resources Details class_uid metadata finding_info product evidences
    observables src_endpoint ip process parent_process hashes networkConnectionAction remoteIpDetails ipAddressV4
    detection sequence actors user additionalInfo""".split()  # noqa: SIM905 (easier to read)
)
TEXTS = ["2018-10-08", "Notification", "1.2.3.4", "{}", '{"detector": "d", "rule_id": "r"}', "\ud800"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from([*TEXTS, 2004]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=6),
    max_leaves=30,
)


def check_total(data: bytes) -> None:
    parsed, rejected = parse_record(data)
    assert parsed or rejected
    positions = [each.position for each in parsed]
    positions += [reject.position for reject in rejected if reject.position is not None]
    assert sorted(positions) == list(range(len(positions)))
    for reject in rejected:
        assert not reject.internal
        assert reject.reason.isprintable()
        assert len(reject.reason) < 1000
    for each in parsed:
        assert len(each.alert.alert_id) == 64
        assert unite(each.alert.attributes) == each.alert.attributes
        json.loads(each.alert.model_dump_json())


class TestHostile:
    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes_have_a_result(self, data: bytes) -> None:
        check_total(data)

    @settings(deadline=None)
    @given(VALUES)
    def test_any_json_has_a_result(self, document: Any) -> None:
        check_total(record(document))

    @settings(deadline=None)
    @given(st.data())
    def test_any_changed_sample_event_has_a_result(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(EVENTS.glob("*.json"))))
        document = json.loads(path.read_bytes())
        node: Any = document
        for _ in range(data.draw(st.integers(0, 9))):
            choices = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not choices:
                break
            step = data.draw(st.sampled_from(choices))
            if not isinstance(node[step], dict | list) or data.draw(st.booleans()):
                node[step] = data.draw(VALUES)
                break
            node = node[step]
        check_total(record(document))

    @pytest.mark.parametrize(
        "data",
        [
            record({**NATIVE, "attributes": [{"type": "url", "value": "http://" + "a." * 100_000}]}),
            record({**NATIVE, "attributes": [{"type": "domain", "value": "\u00e9" * 300_000}]}),
            record({**NATIVE, "attributes": [{"type": "arn", "value": "arn:" + "i-:/" * 150_000}]}),
            record({**ASFF, "Resources": [{"Id": "arn:aws:iam::123456789012:user/" + "/" * 500_000}]}),
            b'{"a": "' + b'\\"' * 400_000,
            b'"' * 900_000,
            record(sns("[" + '"\\"' * 200_000)),
        ],
        ids=range(7),
    )
    def test_values_as_large_as_a_record_have_a_result(self, data: bytes) -> None:
        check_total(data)


def test_an_unexpected_error_affects_only_its_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(document: dict[str, Any], *_: Any) -> Alert:
        raise KeyError(document["Id"])

    monkeypatch.setattr(formats.securityhub, "to_alert", broken)
    parsed, rejected = parse_record(record({"findings": [ASFF, GUARDDUTY]}))
    assert [each.alert.detector for each in parsed] == ["guardduty"]
    (reject,) = rejected
    assert (reject.position, reject.internal) == (0, True)
    assert re.fullmatch(r"internal error: KeyError at test_parse_record.py:[0-9]+", reject.reason)
