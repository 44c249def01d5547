"""Which lookups share a call, and how an answer to a batch is split."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder.contracts.plugin import MAX_BATCH
from alert_responder.domain.lookup_batches import MAX_REQUEST_BYTES, in_calls
from alert_responder.domain.lookup_plan import in_chunks
from alert_responder.domain.plugin_answers import MAX_BATCH_BYTES, InvalidAnswerError, json_members, split_answers
from alert_responder.domain.records import CHUNK_SIZE, LookupRecord


def lookup(number: int, inspector: str = "logs", batch_size: int = 50, **fields: Any) -> LookupRecord:
    return LookupRecord(inspector, f"{number:04d}", "arn", 1001, 0, fields, batch_size=batch_size)


lookups = st.lists(
    st.builds(lookup, st.integers(0, 999), st.sampled_from("ab"), st.sampled_from([1, 2, 50, 51, 100])),
    unique_by=lambda each: each.task_id,
    max_size=300,
)


@given(lookups)
def test_each_lookup_is_in_one_call_of_its_inspector_and_size(given_lookups: list[LookupRecord]) -> None:
    calls = in_calls(given_lookups)
    assert sorted(each for call in calls for each in call) == sorted(given_lookups)
    for call in calls:
        assert len({(each.inspector, each.batch_size) for each in call}) == 1
        assert len(call) <= call[0].batch_size
    for key in {(each.inspector, each.batch_size) for each in given_lookups}:
        sizes = [len(call) for call in calls if (call[0].inspector, call[0].batch_size) == key]
        assert all(size == key[1] for size in sizes[:-1]), "only the last call has fewer"
    assert in_calls(reversed(given_lookups)) == calls


@given(lookups)
def test_chunks_have_whole_calls_and_are_no_more_than_without_batches(given_lookups: list[LookupRecord]) -> None:
    chunks = in_chunks(given_lookups)
    by_id = {each.task_id: each for each in given_lookups}
    assert sorted(each for chunk in chunks for each in chunk) == sorted(by_id)
    assert len(chunks) <= len(given_lookups) // CHUNK_SIZE + 1
    again = [in_calls(by_id[each] for each in chunk) for chunk in chunks]
    assert sum(map(len, again)) == len(in_calls(given_lookups)), "the runner makes the calls that were planned"
    for chunk, calls in zip(chunks, again, strict=True):
        assert len(calls) <= CHUNK_SIZE
        assert len(chunk) <= MAX_BATCH


def test_a_call_is_split_before_its_request_is_too_large_for_lambda() -> None:
    large = [lookup(number, batch_size=100, text="\u20ac" * 50_000) for number in range(40)]
    calls = in_calls(large)
    assert sum(map(len, calls)) == 40
    assert all(len(json.dumps({"tasks": [each.task for each in call]})) <= MAX_REQUEST_BYTES + 20 for call in calls)
    assert len(calls) == 3
    assert len(in_calls([lookup(1, text="x" * 6_000_000), lookup(2)])) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(), json_values, max_size=3), st.booleans(), st.sampled_from([None, 1]))
def test_an_object_is_split_into_its_members(document: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode(errors="surrogatepass")
    members = json_members(b" " + text + b"\n")
    assert members is not None
    assert {name: json.loads(value.decode(errors="surrogatepass")) for name, value in members.items()} == document


def is_json(text: str | bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@given(st.text(alphabet='{}[]:,"\\ 1a', max_size=12))
def test_an_object_is_split_and_other_text_has_an_invalid_part_or_none(text: str) -> None:
    members = json_members(text.encode())
    document = json.loads(text) if is_json(text) else None
    if isinstance(document, dict):
        assert members is not None
        assert {name: json.loads(value) for name, value in members.items()} == document
    else:
        assert members is None or not all(map(is_json, members.values()))


def test_values_are_not_read_when_they_are_split() -> None:
    deep = b"[" * 20_000 + b"]" * 20_000
    body = b'{"answers": {"a": null, "b": ' + deep + b', "c": NaN, "d": "\xff", "e": {"f": 1e999}, "a": 7}}'
    assert split_answers(body) == {"a": b"7", "b": deep, "c": b"NaN", "d": b'"\xff"', "e": b'{"f": 1e999}'}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "must be an object with answers"),
        (b"null", "must be an object with answers"),
        (b"[]", "must be an object with answers"),
        (b"{", "must be an object with answers"),
        (b'{"answers": {}}}', "must be an object with answers"),
        (b'{"answers": {"a": 1,}', "must be an object with answers"),
        (b'{1: 2, "answers": {}}', "must be an object with answers"),
        (b"{" + b"[" * 20_000 + b"]" * 20_000 + b": 1}", "must be an object with answers"),
        (b"{}", "has no field answers"),
        (b'{"statusCode": 200}', "has no field answers"),
        (b'{"contents": []}', "is that to a single task"),
        (b'{"throttled": "later"}', "is that to a single task"),
        (b'{"answers": []}', "must be an object of task ids and answers"),
        (b'{"answers": null}', "must be an object of task ids and answers"),
        (b'{"answers": {"a": 1,}}', "must be an object of task ids and answers"),
        (b'{"answers": {"a":}}', "must be an object of task ids and answers"),
        (b" " * (MAX_BATCH_BYTES + 1), "at most 6,291,456 are allowed"),
    ],
)
def test_any_other_answer_to_a_batch_is_invalid(body: bytes, what: str) -> None:
    with pytest.raises(InvalidAnswerError, match=what) as error:
        split_answers(body)
    if b"contents" in body:
        assert "attach the function with batch_size 1" in error.value.reason
