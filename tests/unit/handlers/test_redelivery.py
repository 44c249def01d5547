"""With any records and any faults, no record is lost, and none waits longer than the mapping's maximum age."""

import json
import logging
import math
from collections.abc import Iterator

import pytest
from hypothesis import event, given, settings

from alert_responder.handlers.observability import logger
from alert_responder.kinesis_records import read_record
from alert_responder.store.archive_keys import rejected_key
from alert_responder_cli.recovery.replay import Replay, records_of, replay
from tests.fakes.event_source_mapping import Settings, arrival
from tests.unit.handlers.stream_layouts import (
    NO_ALERTS,
    OURS,
    START,
    Layout,
    Subject,
    World,
    alerts,
    late,
    layouts,
    record,
)

A_FEW_CALLS = 60
"""Tolerance for calls and short pauses after a stuck record [s]."""

ISOLATED_WITHIN = 900
"""A record that ends the process is archived within this time after its first delivery [s]."""


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Silence the log of thousands of tries."""
    logger().setLevel(logging.ERROR)
    yield
    logger().setLevel(logging.INFO)


@settings(max_examples=200)
@given(layouts())
def test_every_record_is_processed_or_discarded_at_its_age_and_a_replay_restores_it_once(layout: Layout) -> None:
    world = World(layout)
    world.run()
    event(f"some were never delivered: {world.never_delivered()}")
    # Records without a fault are processed by the first call that survives, whatever else is in the batch.
    assert world.undone == []
    check_given_up(world, layout)
    check_held_up(world, layout)
    check_tried_alone(world, layout)
    world.repair()
    check_replay(world, layout)


@pytest.mark.parametrize(("batch_size", "count", "place"), [(1, 40, 0), (10, 40, 7), (500, 500, 0), (500, 500, 499)])
def test_a_record_that_ends_the_process_is_archived_within_a_quarter_of_an_hour(
    batch_size: int, count: int, place: int
) -> None:
    deadly, harmless = Subject(0, "deadly", math.inf), Subject(1, "alert", 0)
    shard = tuple(
        record("shardId-000000000000", f"{number}", START + number, (deadly if number == place else harmless).data())
        for number in range(count)
    )
    about = {entry["eventID"]: deadly if number == place else harmless for number, entry in enumerate(shard)}
    world = World(Layout((shard,), about, Settings(batch_size=batch_size, call=60)))
    world.run()
    (archived,) = world.archived_at
    assert archived == rejected_key(read_record(shard[place]))
    first = min(at for at, batch in world.deliveries if shard[place] in batch)
    assert world.archived_at[archived] - first < ISOLATED_WITHIN
    assert world.mapping.given_up == []
    assert len(world.counted()) == count - 1
    (reject,) = json.loads(world.archive.objects[archived])["rejects"]
    assert reject["reason"].startswith("internal error: ProcessEnded")


def check_given_up(world: World, layout: Layout) -> None:
    """Assert that a record is discarded once, whole, and soon after it reaches the maximum age."""
    given_up = world.mapping.given_up
    oldest = layout.settings.maximum_age
    for entry in given_up:
        assert oldest < entry.at - arrival(entry.record) <= oldest + late(layout.settings) + isolating(layout)
    assert len({entry.record["eventID"] for entry in given_up}) == len(given_up)
    written = [record for document in world.mapping.destination.values() for record in records_of(document)]
    assert written == [entry.record for entry in given_up]


def check_held_up(world: World, layout: Layout) -> None:
    """Assert that only records that AWS always refuses are discarded, and those that arrived right behind them."""
    given_up = {entry.record["eventID"] for entry in world.mapping.given_up}
    done = world.done()
    for shard in layout.shards:
        stuck = -math.inf
        for entry in shard:
            fails_until = layout.subjects[entry["eventID"]].fails_until
            if fails_until > arrival(entry) + layout.settings.maximum_age - late(layout.settings) - isolating(layout):
                stuck = arrival(entry)
            if fails_until == math.inf:
                assert entry["eventID"] in given_up
            elif arrival(entry) - stuck > late(layout.settings) + isolating(layout) + A_FEW_CALLS:
                assert entry["eventID"] in done - given_up
            else:
                assert entry["eventID"] in done | given_up


def isolating(layout: Layout) -> float:
    """Return how long the records that end the process can block a shard [s]."""
    return ISOLATED_WITHIN * max(
        sum(layout.subjects[entry["eventID"]].kind == "deadly" for entry in shard) for shard in layout.shards
    )


def check_tried_alone(world: World, layout: Layout) -> None:
    """Assert that records are discarded alone if AWS halves the rest of a batch."""
    for entry in world.mapping.given_up:
        batches = [batch for _, batch in world.deliveries if entry.record in batch]
        # A batch of ten is down to one after four halvings.
        if len(batches) > 4 and layout.settings.halves_rest:
            assert batches[-1] == [entry.record]


def check_replay(world: World, layout: Layout) -> None:
    """Assert that a replay completes everything exactly once, and that a second replay changes nothing."""
    kept = {**world.archive.objects, **world.mapping.destination}
    records = {record["eventID"] for document in kept.values() for record in records_of(document)}
    assert replay(kept.items(), world.invoke) == Replay(objects=len(kept), taken=len(records))
    # The first replay archives a record that ended the process until it was discarded; the second one parses it.
    replay({**kept, **world.archive.objects}.items(), world.invoke)
    assert world.counted() == alerts(world.records(), layout)
    rejected = {
        rejected_key(read_record(entry)): entry
        for entry in world.records()
        if layout.subjects[entry["eventID"]].kind in (*NO_ALERTS, *OURS)
    }
    assert world.archive.objects.keys() <= rejected.keys()
    for key, entry in rejected.items():
        if layout.subjects[entry["eventID"]].kind in NO_ALERTS or key in world.archive.objects:
            assert json.loads(world.archive.objects[key])["data"] == entry["kinesis"]["data"]

    before = world.state()
    replay({**kept, **world.archive.objects}.items(), world.invoke)
    assert world.state() == before
