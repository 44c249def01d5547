"""Whatever is on the stream, and whatever fails on our side: nothing is lost, and nothing waits longer than the age."""

import json
import logging
import math
from collections.abc import Iterator

import pytest
from hypothesis import event, given, settings

from alert_responder.domain.stream import read_record, rejected_key
from alert_responder.handlers.observability import logger
from alert_responder_cli.replaying import Replay, records_of, replay
from tests.fakes.event_source_mapping import arrival
from tests.unit.handlers.redelivering import NO_ALERTS, Layout, World, alerts, late, layouts

FAILS_WHOLE = ("mistake", "unreadable", "deadly")
A_FEW_CALLS = 60
"""For the calls and short pauses between what was stuck and what came next [s]."""


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Write no line for each of some thousand tries."""
    logger().setLevel(logging.ERROR)
    yield
    logger().setLevel(logging.INFO)


@settings(max_examples=200)
@given(layouts())
def test_every_record_is_done_or_given_up_at_its_age_and_a_replay_brings_it_back_once(layout: Layout) -> None:
    world = World(layout)
    world.run()
    event(f"some were never delivered: {world.never_delivered()}")
    # What nothing is wrong with is done by the first call that lives, whatever else is in the batch.
    assert world.undone == []
    check_given_up(world, layout)
    check_held_up(world, layout)
    check_tried_alone(world, layout)
    world.mend()
    check_replay(world, layout)


def check_given_up(world: World, layout: Layout) -> None:
    """Demand that a record is given up once, whole, and when its age is over: not before, and not much later."""
    given_up = world.mapping.given_up
    oldest = layout.settings.maximum_age
    for entry in given_up:
        assert oldest < entry.at - arrival(entry.record) <= oldest + late(layout.settings)
    assert len({entry.record["eventID"] for entry in given_up}) == len(given_up)
    written = [record for document in world.mapping.destination.values() for record in records_of(document)]
    assert written == [entry.record for entry in given_up]


def check_held_up(world: World, layout: Layout) -> None:
    """Demand that what always fails is given up, and nothing else but what came at once behind it."""
    given_up = {entry.record["eventID"] for entry in world.mapping.given_up}
    done = world.done()
    for shard in layout.shards:
        stuck = -math.inf
        for entry in shard:
            fails_until = layout.subjects[entry["eventID"]].fails_until
            if fails_until > arrival(entry) + layout.settings.maximum_age - late(layout.settings):
                stuck = arrival(entry)
            if fails_until == math.inf:
                assert entry["eventID"] in given_up
            elif arrival(entry) - stuck > late(layout.settings) + A_FEW_CALLS:
                assert entry["eventID"] in done - given_up
            else:
                assert entry["eventID"] in done | given_up


def check_tried_alone(world: World, layout: Layout) -> None:
    """Demand that what fails a batch as a whole, or is halved by AWS at all, is alone in the end."""
    for entry in world.mapping.given_up:
        batches = [batch for _, batch in world.deliveries if entry.record in batch]
        subject = layout.subjects[entry.record["eventID"]]
        fails_whole = subject.fails_until == math.inf and subject.kind in FAILS_WHOLE
        # A batch of ten is down to one after four halvings.
        if len(batches) > 4 and (fails_whole or layout.settings.halves_what_is_left):
            assert batches[-1] == [entry.record]


def check_replay(world: World, layout: Layout) -> None:
    """Demand that everything is where it belongs, once, after a replay; and that a second one changes nothing."""
    kept = {**world.archive.objects, **world.mapping.destination}
    records = {record["eventID"] for document in kept.values() for record in records_of(document)}
    assert replay(kept.items(), world.invoke) == Replay(objects=len(kept), taken=len(records))
    assert world.counted() == alerts(world.records(), layout)
    rejected = [entry for entry in world.records() if layout.subjects[entry["eventID"]].kind in NO_ALERTS]
    assert world.archive.objects.keys() == {rejected_key(read_record(entry)) for entry in rejected}
    for entry in rejected:
        document = json.loads(world.archive.objects[rejected_key(read_record(entry))])
        assert document["data"] == entry["kinesis"]["data"]

    before = world.state()
    replay({**kept, **world.archive.objects}.items(), world.invoke)
    assert world.state() == before
