"""Generated names, shards, and formatted times."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.primitives import format_rfc3339, utc_day
from alert_responder.domain.identifiers import (
    INDEX_SHARDS,
    emission_id,
    execution_name,
    index_shard,
    parse_execution_name,
    sequence,
    ulid,
    ulid_range,
)

_times = st.integers(0, 2**48 - 1)
_random = st.binary(min_size=10, max_size=10)
_rounds = st.integers(1, 10**6)


@given(_times, _times, _random, _random)
def test_report_ids_sort_by_time(first: int, second: int, one: bytes, other: bytes) -> None:
    ids = ulid(first, one), ulid(second, other)
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", made) for made in ids)
    if first != second:
        assert (ids[0] < ids[1]) is (first < second)
    assert (ids[0] == ids[1]) is ((first, one) == (second, other))


@given(_times, _random, st.integers(1, 26))
def test_the_beginning_of_a_report_id_limits_its_time(at: int, random: bytes, length: int) -> None:
    beginning = ulid(at, random)[:length]
    first, last = ulid_range(beginning)
    assert first <= at <= last
    assert ulid(first, b"\x00" * 10)[: min(length, 10)] == ulid(last, b"\xff" * 10)[: min(length, 10)] == beginning[:10]
    assert first == 0 or ulid(first - 1, b"\xff" * 10)[:length] < beginning
    assert last == 2**48 - 1 or ulid(last + 1, b"\x00" * 10)[:length] > beginning


def test_beginnings_beyond_the_last_time_match_nothing() -> None:
    for beginning in ("8", "Z", "ZZZZ0"):
        first, last = ulid_range(beginning)
        assert first > last


@given(_times, _random, _rounds)
def test_an_execution_name_is_valid_and_contains_the_round(at: int, random: bytes, round_: int) -> None:
    report_id = ulid(at, random)
    name = execution_name(report_id, round_)
    assert re.fullmatch("[A-Za-z0-9_-]{1,80}", name)
    assert parse_execution_name(name) == (report_id, round_)


@pytest.mark.parametrize("name", ["", "-", "-1", "name", "R1-", "R1-x", "R1-²", "R1--"])
def test_other_execution_names_are_not_parsed(name: str) -> None:
    assert parse_execution_name(name) is None


@given(_times, _random)
def test_every_report_has_a_shard(at: int, random: bytes) -> None:
    assert 0 <= index_shard(ulid(at, random)) < INDEX_SHARDS


def test_reports_of_the_same_time_are_distributed_over_shards() -> None:
    assert {index_shard(ulid(1, bytes(9) + bytes([number]))) for number in range(64)} == set(range(INDEX_SHARDS))


@given(_rounds, st.integers(1, 999), _rounds, st.integers(1, 999))
def test_later_plans_have_larger_numbers(round_: int, iteration: int, other: int, another: int) -> None:
    assert (sequence(round_, iteration) < sequence(other, another)) is ((round_, iteration) < (other, another))


def test_deliveries_sort_by_round() -> None:
    assert emission_id("R1", "e", 9) == "R1/e/000009" < emission_id("R1", "e", 10)


def test_times_are_formatted_with_milliseconds_in_utc() -> None:
    assert format_rfc3339(1_737_383_520_007) == "2025-01-20T14:32:00.007Z"
    assert format_rfc3339(-1) == "1969-12-31T23:59:59.999Z"
    assert format_rfc3339(-61_315_142_400_000) == "0027-01-01T00:00:00.000Z"
    assert utc_day(1_737_383_520_007) == "2025-01-20"
    assert utc_day(0) == "1970-01-01"
