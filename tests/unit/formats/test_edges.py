"""How formats are recognised, and edge cases of their parsers."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alert_responder.contracts.alert import Alert
from alert_responder.domain.instants import parse_instant
from alert_responder.domain.sources import source_of
from alert_responder.formats import parse_record
from alert_responder.formats.extraction import Collector, folded, identifiers, text
from alert_responder.formats.identity import principal_key, readable_key
from alert_responder.formats.legacy import recognises as is_first
from alert_responder.formats.messages import quoted, refusal
from alert_responder.formats.native import recognises as is_native
from alert_responder.formats.strict_json import MAX_NUMBER_LENGTH, strict_json

UNFIT = "alert 0 was parsed; 1 of its fields are invalid, left out or changed: "
FIRST = {"name": "n", "rule": "r", "key": "k", "attrs": []}


def reasons(document: Any) -> list[str]:
    return [reject.reason for reject in parse_record(json.dumps(document).encode())[1]]


def only(document: Any) -> Any:
    (parsed,), rejected = parse_record(json.dumps(document).encode())
    assert rejected == []
    return parsed


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        (FIRST, True),
        *(
            ({name: "x", other: "y", "attrs": []}, True)
            for name, other in (("name", "rule"), ("rule", "key"), ("name", "key"))
        ),
        *(({name: "x", "attrs": []}, False) for name in ("name", "rule", "key")),
        ({"name": "n", "rule": "r", "key": "k"}, False),
        ({"name": "n", "rule": "r", "timestamp": {"init": 1}}, True),
        ({"name": "n", "rule": "r", "timestamp": {"last": 1}}, True),
        ({"name": "n", "rule": "r", "timestamp": {"other": 1}}, False),
        ({"name": "n", "rule": "r", "timestamp": "init last"}, False),
        ({"attrs": [], "timestamp": {"init": 1, "last": 2}}, False),
    ],
)
def test_the_first_format_is_recognised_by_its_fields(document: dict[str, Any], is_one: bool) -> None:
    assert is_first(document) is is_one


@pytest.mark.parametrize(
    ("fields", "is_one"),
    [
        (("detector", "rule_id"), True),
        (("detector", "alert_key"), True),
        (("rule_id", "alert_key"), True),
        (("detector", "rule"), False),
        (("alert_key",), False),
    ],
)
def test_the_native_format_is_recognised_by_two_of_three_fields(fields: tuple[str, ...], is_one: bool) -> None:
    assert is_native(dict.fromkeys(fields, "x")) is is_one


@pytest.mark.parametrize("value", [5, 0, False])
@pytest.mark.parametrize("field", ["name", "rule", "key", "description"])
def test_reasons_name_fields_of_the_first_format_that_are_not_strings(field: str, value: Any) -> None:
    converted = " and was converted" if field == "key" else ""
    assert reasons({**FIRST, field: value}) == [f"{UNFIT}{field} must be a string{converted}, got {quoted(value)}"]


def test_reasons_use_the_field_names_of_the_first_format() -> None:
    long = "x" * 2000
    assert reasons({**FIRST, "rule": long})[0].startswith(f"{UNFIT}rule must ")
    assert reasons({**FIRST, "key": long})[0].startswith(f"{UNFIT}key must ")
    assert reasons({**FIRST, "attrs": [{"value": "x"}]})[0].startswith(f"{UNFIT}attrs[0].type is required")
    assert reasons({**FIRST, "name": "", "rule": ""}) == ["rule or name is required"]


def test_missing_fields_of_the_first_format_get_defaults() -> None:
    alert = only({"name": "n", "key": None, "rule": "", "attrs": [{"type": "", "value": "x"}], "timestamp": 5}).alert
    assert (alert.rule_id, alert.rule_name, alert.alert_key) == ("n", "n", "")
    assert alert.timestamp == datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert [one.type for one in alert.attributes] == ["other"]
    assert alert.body["name"] == "n"
    named = only({"rule": "r", "key": "k", "attrs": [], "body": {"original": 1}}).alert
    assert (named.rule_id, named.rule_name, named.alert_key, named.body) == ("r", "r", "k", {"original": 1})


@pytest.mark.parametrize("field", ["detector", "class_uid", "ProductArn"])
def test_a_finding_may_have_a_field_called_findings(field: str) -> None:
    document = {field: "x", "findings": [{"detector": "d", "rule_id": "r"}]}
    parsed, rejected = parse_record(json.dumps(document).encode())
    assert parsed == []
    assert [reject.position for reject in rejected] == [0]
    assert "unknown format" in rejected[0].reason


def test_an_sns_message_requires_a_string_but_no_type() -> None:
    native = json.dumps({"detector": "d", "rule_id": "r"})
    assert only({"TopicArn": "t", "Message": native}).alert.rule_id == "r"
    assert only({"Sns": {"Message": native}}).alert.rule_id == "r"
    assert reasons({"TopicArn": "t", "Type": "SubscriptionConfirmation", "Message": native}) == [
        "Type must be Notification in an SNS message, got 'SubscriptionConfirmation'"
    ]
    assert reasons({"TopicArn": "t", "Message": 7}) == ["Message must be a JSON string in an SNS message, got 7"]


@pytest.mark.parametrize(
    ("given", "used"),
    [("", None), ("x", "x"), ("x" * 256, "x" * 256), ("x" * 257, None), (5, None), ("\ud800", "\\ud800")],
)
def test_valid_ids_of_envelopes_are_used(given: Any, used: str | None) -> None:
    assert only({"id": given, "detail-type": "t", "detail": {"detector": "d", "rule_id": "r"}}).event_id == used


def test_the_reason_for_an_unknown_format_lists_the_first_fields() -> None:
    expected = (
        "unknown format: it must be an Alert, a GuardDuty, Security Hub (ASFF) or OCSF finding, or an event "
        "of a supported vendor or a custom format; first fields: "
    )
    assert reasons({}) == [f"{expected}none"]
    assert reasons(dict.fromkeys("abcdefg")) == [f"{expected}'a', 'b', 'c', 'd', 'e'"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\n\u00e9", r"'a\n\xe9'"),
        ("x" * 98, f"'{'x' * 98}'"),
        ("x" * 99, f"'{'x' * 95}...'"),
        ("\u00e9" * 200, f"{ascii('é' * 200)[:96]}...'"),
        ({"a": 1}, "an object"),
        ([1], "an array"),
        ((1,), "an array"),
        (True, "true"),
        (None, "null"),
        (2**300 - 1, f"{2**300 - 1!s}"),
        (2**300, "a very large number"),
        (-1.5, "-1.5"),
    ],
)
def test_quoted_input_is_escaped_and_short(value: Any, words: str) -> None:
    assert quoted(value) == words


def test_a_reason_without_a_field_is_about_the_alert() -> None:
    assert reasons({"detector": "d", "rule_id": ""})[0].startswith("rule_id must ")
    assert reasons({"detector": "d", "rule_id": "r", "attributes": [5]}) == [
        f"{UNFIT}attributes[0] must be an object, got 5"
    ]
    with pytest.raises(ValidationError) as caught:
        Alert.model_validate(5)
    assert refusal(caught.value) == "alert must be an object, got 5"


def test_numbers_are_parsed_up_to_the_longest() -> None:
    most = "9" * MAX_NUMBER_LENGTH
    assert strict_json(most) == int(most)
    assert strict_json(f"0.{'1' * (MAX_NUMBER_LENGTH - 2)}") == pytest.approx(0.1111, rel=1e-3)
    for longer in (f"{most}9", f"0.{'1' * (MAX_NUMBER_LENGTH - 1)}"):
        with pytest.raises(ValueError, match=f"at most {MAX_NUMBER_LENGTH} are allowed"):
            strict_json(longer)
    with pytest.raises(ValueError, match="the number '1e999', which is out of range"):
        strict_json("1e999")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" x ", "x"),
        (" ", None),
        (7, "7"),
        (True, None),
        (1.5, None),
        (2**256 - 1, str(2**256 - 1)),
        (2**256, None),
        ([" ", 7], "7"),
    ],
)
def test_text_returns_the_first_string(value: Any, expected: str | None) -> None:
    assert text({"a": value}, "b", "a") == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (0.5, datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        (99_999_999_999, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        (100_000_000_000, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (10**14, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (10**17, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (116_444_736_000_000_000, datetime(1970, 1, 1, tzinfo=UTC)),
        (10**20, datetime(5138, 11, 16, 9, 46, 40, tzinfo=UTC)),
        (134_169_201_309_850_000, datetime(2026, 3, 2, 10, 15, 30, 985_000, tzinfo=UTC)),
        (264_000_000_000_000_000, datetime(1978, 5, 14, 13, 20, tzinfo=UTC)),
        (0, None),
        (-1, None),
        (True, None),
        (1e300, None),
    ],
)
def test_the_unit_of_a_time_is_inferred_from_its_size(number: float, expected: datetime | None) -> None:
    assert parse_instant(number) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-02T10:15:30.985+0000", datetime(2026, 3, 2, 10, 15, 30, 985_000, tzinfo=UTC)),
        ("2026-03-02T10:15:30-0130", datetime(2026, 3, 2, 11, 45, 30, tzinfo=UTC)),
        ("2026-03-02 10:15:30 +01:30", datetime(2026, 3, 2, 8, 45, 30, tzinfo=UTC)),
        ("2026-03-02 10:15:30.985 UTC", datetime(2026, 3, 2, 10, 15, 30, 985_000, tzinfo=UTC)),
        ("2026-03-02 10:15:30 GMT", datetime(2026, 3, 2, 10, 15, 30, tzinfo=UTC)),
        ("1772446530", datetime(2026, 3, 2, 10, 15, 30, tzinfo=UTC)),
        ("1772446530.985", datetime(2026, 3, 2, 10, 15, 30, 985_000, tzinfo=UTC)),
        ("1772446530985", datetime(2026, 3, 2, 10, 15, 30, 985_000, tzinfo=UTC)),
        ("134169201309850010", datetime(2026, 3, 2, 10, 15, 30, 985_001, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 10:15:30 GMT", datetime(2026, 3, 2, 10, 15, 30, tzinfo=UTC)),
        ("2 Mar 2026 10:15 +0130", datetime(2026, 3, 2, 8, 45, tzinfo=UTC)),
        ("32 Mar 2026 10:15 GMT", None),
        ("02 Mar 2026 10:15 CET", None),
        ("2026", None),
        ("20260302", None),
        ("9" * 20, None),
        ("Mar 2, 2026, 10:15:30 PM", datetime(2026, 3, 2, 22, 15, 30, tzinfo=UTC)),
        ("Mar 2, 2026, 10:15:30\u202fAM", datetime(2026, 3, 2, 10, 15, 30, tzinfo=UTC)),
        ("Mon Mar 02 10:15:30.356 UTC 2026", datetime(2026, 3, 2, 10, 15, 30, 356_000, tzinfo=UTC)),
        ("Mon Mar 02 10:15:30.356 CET 2026", None),
        ("Mon Mar 42 10:15:30.356 UTC 2026", None),
        ("x" * 100_000, None),
        ("Foo 2, 2026, 10:15:30 AM", None),
        ("Mar 32, 2026, 10:15:30 AM", None),
        ("2026-03-02T10:15:30+000", None),
        ("2026-0302", None),
    ],
)
def test_times_of_services_are_parsed(written: str, expected: datetime | None) -> None:
    assert parse_instant(written) == expected


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("i-0123abcd", [("instance", "i-0123abcd")]),
        (
            "arn:aws:iam::123456789012:user/a/bob",
            [("arn", "arn:aws:iam::123456789012:user/a/bob"), ("username", "bob")],
        ),
        ("AWS::IAM::AccessKey:AKIAIOSFODNN7EXAMPLE", [("accesskey", "AKIAIOSFODNN7EXAMPLE")]),
        ("AWS::::Account:123456789012", [("account", "123456789012")]),
        ("AROAX:i-0123abcd", [("instance", "i-0123abcd")]),
        ("bob", []),
    ],
)
def test_identifiers_are_parsed(value: str, named: list[tuple[str, str]]) -> None:
    assert list(identifiers(f" {value} ")) == named


def test_a_collector_accepts_strings_and_numbers() -> None:
    found, when = Collector({}), datetime(2026, 1, 2, tzinfo=UTC)
    for value in (" x ", 7, 2**256 - 1, 2**256, True, None, 1.5, " ", ["x"]):
        found.add("other", "key", value, ["remote"], when)
    assert [one.value for one in found.attributes] == ["x", "7", str(2**256 - 1)]
    assert {(one.key, one.context, one.timestamp) for one in found.attributes} == {("key", ("remote",), when)}


def test_a_collector_drops_only_values_that_do_not_fit() -> None:
    found, when = Collector({}), datetime(2026, 1, 2, tzinfo=UTC)
    found.add("domain", "key", "no domain")
    for value in ("no domain", None, "a.test"):
        found.add_fitting("domain", "key", value, ("remote",), when)
    assert [(one.value, one.context, one.timestamp) for one in found.attributes] == [
        ("no domain", (), None),
        ("a.test", ("remote",), when),
    ]


def test_the_first_of_keys_that_differ_only_in_case_counts() -> None:
    assert folded({"A": {"B": 1}, "a": 2, "C": [{"D": 3}]}) == {"a": {"b": 1}, "c": [{"d": 3}]}


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run in a time zone five hours behind UTC."""
    monkeypatch.setenv("TZ", "XXX+5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    "written",
    ["Mon, 02 Mar 2026 10:15:30 GMT", "Mar 2, 2026, 10:15:30 AM", "2026-03-02T11:15:30+01:00", 1772446530],
)
def test_times_do_not_depend_on_the_time_zone(written: Any) -> None:
    moment = parse_instant(written)

    assert moment is not None
    assert (moment.hour, moment.utcoffset()) == (10, timedelta(0))


@pytest.mark.usefixtures("elsewhere")
def test_keys_do_not_depend_on_the_time_zone() -> None:
    first_seen = datetime.fromisoformat("2026-03-02T11:15:30+01:00")

    assert principal_key("Policy:IAMUser/X", "123456789012", "bob", first_seen) == (
        "123456789012/bob/2026-03-02T10:15:30Z"
    )


@pytest.mark.parametrize(("length", "readable"), [(510, True), (511, False)])
def test_keys_of_up_to_512_characters_are_readable(length: int, readable: bool) -> None:
    assert (readable_key("a", "b" * length) == f"a/{'b' * length}") is readable


@pytest.mark.parametrize(
    ("key", "value", "once"),
    [
        ("k", "v" * 255, True),
        ("k", "v" * 256, False),
        ("k" * 255, "v", True),
        ("k" * 256, "v", False),
        ("k" * 256, 7, True),
        ("k" * 257, 7, False),
    ],
)
def test_only_short_attributes_are_cached(key: str, value: str | int, once: bool) -> None:
    found, when = Collector({}), datetime(2026, 1, 2, tzinfo=UTC)
    for _ in range(2):
        found.add("other", key, value, ["remote"], when)

    first, second = found.attributes
    assert (first is second) is once
    assert (first.key, first.value, first.context, first.timestamp) == (key, str(value), ("remote",), when)


@pytest.mark.parametrize(
    ("product", "region", "standards", "once"),
    [
        ("p", "r" * 500, ("a" * 5, "b" * 6), True),
        ("p", "r" * 500, ("a" * 5, "b" * 7), False),
        ("p", "r" * 512, (), False),
        ("p" * 513, None, (), False),
    ],
)
def test_only_short_sources_are_cached(
    product: str, region: str | None, standards: tuple[str, ...], once: bool
) -> None:
    assert (source_of(product, region, standards) is source_of(product, region, standards)) is once
