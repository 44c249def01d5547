"""Suspect records: their tries are counted, and they are rejected after too many."""

import pytest

from alert_responder.domain.stream import StreamRecord
from alert_responder.store.tries import FORGOTTEN_MS, MOST_UNFINISHED_TRIES, TryStore
from alert_responder.usecases.intake import SUSPECT_AGE_MS, is_suspect
from tests.fakes.memory import MemoryTable

RECORD = StreamRecord("shardId-0", "7", 1_000, "p", b"")


@pytest.mark.parametrize(
    ("records", "age", "suspected"),
    [(1, SUSPECT_AGE_MS, True), (1, SUSPECT_AGE_MS - 1, False), (2, SUSPECT_AGE_MS, False), (0, 0, False)],
)
def test_a_record_that_is_delivered_alone_and_late_is_suspect(records: int, age: int, suspected: bool) -> None:
    assert is_suspect([RECORD] * records, RECORD.arrival + age) == (RECORD if suspected else None)


def test_a_record_is_rejected_after_unfinished_tries() -> None:
    tries = TryStore(MemoryTable())
    for now in range(MOST_UNFINISHED_TRIES):
        assert tries.begin(RECORD, now)
    assert not tries.begin(RECORD, 10)
    assert tries.begin(RECORD._replace(sequence_number="8"), 10)


def test_a_finished_try_does_not_count() -> None:
    tries = TryStore(MemoryTable())
    for now in range(10):
        assert tries.begin(RECORD, now)
        tries.end(RECORD, now)
    assert tries.begin(RECORD, 11)


def test_tries_are_forgotten_after_an_hour() -> None:
    tries = TryStore(MemoryTable())
    for now in range(MOST_UNFINISHED_TRIES):
        tries.begin(RECORD, now)
    assert not tries.begin(RECORD, FORGOTTEN_MS)
    assert tries.begin(RECORD, FORGOTTEN_MS + MOST_UNFINISHED_TRIES)
