"""Answers of plug-ins are either parsed, or rejected with a description."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.report import Finding, ReviewAnswer
from alert_responder.domain.plugin_answers import (
    MAX_ANSWER_BYTES,
    MAX_NEW_ATTRIBUTES,
    MAX_STATE_BYTES,
    InvalidAnswerError,
    read_emission,
    read_inspection,
    read_review,
)
from alert_responder.store import items


def note(data: str) -> bytes:
    return b'{"contents": [{"type": "note", "title": "t", "data": %s}]}' % data.encode()


@pytest.mark.parametrize("body", [b"", b"null", b" null ", b"{}", b'{"contents": [], "something": "new"}'])
def test_an_empty_answer_is_valid(body: bytes) -> None:
    answer = read_inspection(body)
    assert (answer.contents, answer.new_attributes) == ((), ())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON"),
        (b'{"contents": NaN}', "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b"[]", "an array"),
        (b'"text"', "a string"),
        (b"true", "a boolean"),
        (b"1", "a number"),
        (b'{"contents": [{"type": "news"}]}', r"contents\[0\]"),
        (b'{"contents": [{"title": "t"}]}', r"contents\[0\]"),
        (b'{"contents": [{"type": "note", "title": "t", "verdict": "bad"}]}', r"contents\[0\].note.verdict"),
        (b'{"new_attributes": [{"type": "domain", "value": ""}, {"type": "%"}]}', "more fault"),
        (b'"%s"' % (b"x" * MAX_ANSWER_BYTES), "bytes"),
    ],
)
def test_invalid_answers_are_described(body: bytes, words: str) -> None:
    with pytest.raises(InvalidAnswerError, match=words) as caught:
        read_inspection(body)
    assert len(caught.value.reason) < 1_000
    assert caught.value.reason.isprintable()


def test_an_answer_to_a_batch_is_not_an_empty_answer_to_a_single_task() -> None:
    known = {"contents": [{"type": "note", "title": "seen"}]}
    for answers in ({}, {"whois/5f": known}, {"whois/5f": None}, None, [known], "none"):
        with pytest.raises(InvalidAnswerError) as caught:
            read_inspection(json.dumps({"answers": answers, "elapsed": 12}).encode())
        assert caught.value.reason == (
            "The answer is that to a batch. Attach the function with batch_size, or return the answer itself."
        ), answers
    for fields in (known, {"throttled": "later"}, {"unknown": "no data"}):
        read_inspection(json.dumps({"answers": {}, **fields}).encode())


def test_the_number_of_new_attributes_is_limited() -> None:
    attribute = {"type": "domain", "value": "example.com"}
    body = json.dumps({"new_attributes": [attribute] * MAX_NEW_ATTRIBUTES}).encode()
    assert len(read_inspection(body).new_attributes) == MAX_NEW_ATTRIBUTES
    with pytest.raises(InvalidAnswerError, match="101 new attributes"):
        read_inspection(json.dumps({"new_attributes": [attribute] * (MAX_NEW_ATTRIBUTES + 1)}).encode())
    with pytest.raises(InvalidAnswerError, match="4,096 characters"):
        read_inspection(json.dumps({"new_attributes": [attribute | {"value": "x" * 4097}]}).encode())


@pytest.mark.parametrize(
    "data",
    [
        *("[" * depth + "]" * depth for depth in (200, 300, 900, 100_000)),
        '{"a":' * 300 + "1" + "}" * 300,
        '{"\\ud800": ["\\udfff"]}',
        "1e999",
        "-1e999",
        "1" * 4_000,
        "1" * 5_000,
    ],
)
def test_parsed_answers_can_be_stored_and_reported(data: str) -> None:
    """Values that would break the runner, the table or the next plug-in's JSON are escaped or rejected."""
    try:
        answer = read_inspection(note(data))
    except InvalidAnswerError:
        return
    _store_and_report(answer.contents)


def _store_and_report(contents: Any) -> None:
    dumped = [content.model_dump(mode="json", exclude_defaults=True) | {"type": content.type} for content in contents]
    stored = items.unpack(items.pack(dumped))
    finding = Finding(
        inspector="i",
        attribute_id="a",
        attribute_type="t",
        attribute_value="v",
        depth=0,
        outcome="ok",
        reason=None,
        seconds=None,
        contents=stored,
    )
    document = json.dumps(finding.model_dump(mode="json"), allow_nan=False)
    json.loads(document)
    document.encode()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
)


@given(_json)
def test_any_json_is_parsed_or_invalid(document: Any) -> None:
    body = json.dumps(document).encode()
    for read in (read_inspection, read_review, read_emission):
        with suppress(InvalidAnswerError):
            read(body)
    _store_and_report(read_inspection(note(json.dumps(document).replace("Infinity", "0"))).contents)


@given(st.binary())
def test_any_bytes_are_parsed_or_invalid(body: bytes) -> None:
    for read in (read_inspection, read_review, read_emission):
        with suppress(InvalidAnswerError):
            read(body)


@pytest.mark.parametrize("body", [b"", b"null", b"\n", b"\xef\xbb\xbfnull", "null".encode("utf-16")])
def test_an_empty_review_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        read_review(body)


def test_a_review_has_a_known_severity() -> None:
    assert read_review(b'{"severity": "urgent", "by": "me"}').reason == ""
    for body in (b"{}", b'{"severity": "bad"}', b'{"severity": "safe", "reason": "%s"}' % (b"x" * 4_001)):
        with pytest.raises(InvalidAnswerError):
            read_review(body)


def review(**fields: Any) -> ReviewAnswer:
    return read_review(json.dumps({"severity": "safe", "reason": "because", **fields}).encode())


SUPPRESSION = {"name": "scanner", "owner": "net-team@example.com", "reason": "SEC-1", "expires": "2027-03-01"}


def test_a_review_has_optional_fields() -> None:
    answer = review(rule="known", labels=["network", "team-a_2"], notes=["One."], suppressed=SUPPRESSION)
    assert (answer.rule, answer.labels, answer.notes) == ("known", ("network", "team-a_2"), ("One.",))
    assert answer.suppressed
    assert (answer.suppressed.name, answer.suppressed.despite) == ("scanner", ())


@pytest.mark.parametrize(
    ("fields", "kept", "fault"),
    [
        ({"rule": ""}, {}, "rule must have at least 1 character"),
        ({"rule": 5, "labels": ["a"]}, {"labels": ("a",)}, "rule must be a string"),
        ({"labels": ["network", "Other team", "b"]}, {"labels": ("network", "b")}, "labels[1] must match pattern"),
        ({"labels": [f"l{number}" for number in range(21)]}, {"labels": tuple(f"l{n}" for n in range(20))}, "labels"),
        ({"labels": "network"}, {}, "labels must be an array"),
        ({"labels": None}, {}, "labels must be an array"),
        ({"notes": ["x" * 1_001, "kept"]}, {"notes": ("kept",)}, "notes[0] must have at most 1000 characters"),
        ({"notes": [{}] * 30}, {}, "notes[0] must be a string (29 more faults)"),
        ({"notes": {"0": "x"}, "rule": "r"}, {"rule": "r"}, "notes must be an array"),
    ],
)
def test_an_invalid_optional_field_costs_only_itself(fields: dict[str, Any], kept: dict[str, Any], fault: str) -> None:
    answer = review(**fields)
    note, *notes = answer.notes
    assert note.startswith(f"Parts of the reviewer's answer were left out: {fault}")
    assert {**answer.model_dump(exclude_defaults=True), "notes": tuple(notes)} == {
        "severity": "safe",
        "reason": "because",
        "notes": (),
        **kept,
    }


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"owner": ""}, "suppressed.owner must have at least 1 character"),
        ({"expires": None}, "suppressed.expires must be a string"),
        ({"expires": "2027-02-30"}, "suppressed.expires must be a date"),
        ({"expires": "tomorrow"}, "suppressed.expires must be a date"),
        ({"despite": ["everything"]}, "suppressed.despite[0] must be 'malicious', 'incomplete' or 'raised'"),
        ({"reason": "x" * 1_001}, "suppressed.reason must have at most 1000 characters"),
    ],
)
def test_a_report_is_not_safe_by_an_invalid_suppression(changes: dict[str, Any], fault: str) -> None:
    answer = review(suppressed=SUPPRESSION | changes)
    assert (answer.severity, answer.suppressed) == ("unclassified", None)
    assert fault in answer.notes[0]
    assert review(severity="urgent", suppressed=SUPPRESSION | changes).severity == "urgent"


@pytest.mark.parametrize("expires", ["2027-03-01", "2027-03-01T08:00:00Z", "2027-03-01T08:00:00.5+01:00"])
def test_a_suppression_expires_at_a_date_or_a_time(expires: str) -> None:
    assert review(suppressed=SUPPRESSION | {"expires": expires}).suppressed


def test_a_note_on_an_invalid_part_does_not_quote_the_answer() -> None:
    [note] = review(labels=["<script>" * 50], rule={"evil": 1}).notes
    assert "script" not in note
    assert "evil" not in note


def test_an_emitter_s_state_is_any_small_json() -> None:
    assert read_emission(b"null").state is None
    assert read_emission(b'{"state": [1, {"a": "b"}], "url": "https://example.com/1"}').state == [1, {"a": "b"}]
    with pytest.raises(InvalidAnswerError, match="bytes of JSON"):
        read_emission(json.dumps({"state": "x" * MAX_STATE_BYTES}).encode())


@pytest.mark.parametrize("state", ["1e999", "[" * 900 + "]" * 900, '{"\\ud800": 1}'])
def test_an_emitter_s_state_can_be_sent_again(state: str) -> None:
    try:
        answer = read_emission(b'{"state": %s}' % state.encode())
    except InvalidAnswerError:
        return
    json.dumps(answer.state, allow_nan=False, ensure_ascii=False).encode()
