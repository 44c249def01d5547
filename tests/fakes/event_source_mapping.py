"""A Kinesis event source mapping that follows AWS's rules, on a simulated clock.

Source of the rules: AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event
source" and "Configuring partial batch response with Kinesis Data Streams and Lambda". Where they leave something open,
a setting selects the behaviour.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from tests.fakes.failure_destination import invocation_record

Record = dict[str, Any]
Invoke = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Invokes the function; None: the whole batch failed."""


@dataclass(frozen=True)
class Settings:
    """Settings of a mapping; the defaults are those of the root module.

    Attributes
    ----------
    batch_size, batch_window
        Records in a call, and how long they gather [s].
    maximum_age
        Maximum age of a record at delivery [s]; retries are not limited.
    halves_rest
        Whether the rest of a batch, from its first failed record on, is also halved: the documentation says that the
        batch is "bisected at the returned sequence number".
    call, longest_pause
        Duration of a call, and longest pause between retries [s]; both are undocumented.
    """

    batch_size: int = 500
    batch_window: float = 1
    maximum_age: float = 6 * 60 * 60
    halves_rest: bool = False
    call: float = 0.5
    longest_pause: float = 300


@dataclass(frozen=True)
class GivenUp:
    """A record that went to the failure destination, and when [s since the epoch]."""

    record: Record
    at: float


class EventSourceMapping:
    """Delivers records in batches: in order and one batch at a time within a shard, all shards concurrently.

    Parameters
    ----------
    invoke
        Calls the function with an event.
    now
        Start time [s since the epoch].

    Attributes
    ----------
    now
        Simulated time: calls and pauses advance it without waiting.
    given_up
        Discarded records, in order.
    destination
        The objects in the bucket of the failure destination, as Lambda writes them.
    """

    def __init__(self, invoke: Invoke, settings: Settings, now: float = 0) -> None:
        self.now = now
        self.given_up: list[GivenUp] = []
        self.destination: dict[str, bytes] = {}
        self._invoke = invoke
        self._settings = settings

    def deliver(self, *shards: Sequence[Record]) -> None:
        """Deliver shards from their beginnings to their ends."""
        waiting = [(self.now, number, self._shard(records)) for number, records in enumerate(shards)]
        while waiting:
            self.now, number, shard = heapq.heappop(waiting)
            until = next(shard, None)
            if until is not None:
                heapq.heappush(waiting, (max(until, self.now), number, shard))

    def _shard(self, records: Sequence[Record]) -> Iterator[float]:
        """Deliver a shard; yields the time until which it waits."""
        position = 0
        while position < len(records):
            full = records[position : position + self._settings.batch_size]
            yield max(arrival(full[0]), min(arrival(full[0]) + self._settings.batch_window, arrival(full[-1])))
            batch = list(takewhile(lambda record: arrival(record) <= self.now, full))
            yield from self._batch(batch)
            position += len(batch)

    def _batch(self, batch: list[Record]) -> Iterator[float]:
        tries = 0
        while batch := self._young(batch, tries):
            answer = self._invoke({"Records": batch})
            yield self.now + self._settings.call
            first = _first_failed(batch, answer)
            if first is None:
                return
            # The checkpoint is the lowest failed sequence number: this record and all later ones are delivered again.
            batch, whole = batch[max(first, 0) :], first == _EVERYTHING
            tries += 1
            yield self.now + min(2.0 ** (tries - 1), self._settings.longest_pause)
            if len(batch) > 1 and (whole or self._settings.halves_rest):
                middle = len(batch) // 2
                yield from self._batch(batch[:middle])
                yield from self._batch(batch[middle:])
                return

    def _young(self, batch: list[Record], tries: int) -> list[Record]:
        """Discard records that are too old, delivered before or not, and return the others."""
        old = [record for record in batch if self.now - arrival(record) > self._settings.maximum_age]
        if old:
            self.given_up += [GivenUp(record, self.now) for record in old]
            key, document = invocation_record(old, self.now, tries, number=len(self.destination))
            self.destination[key] = document
        return [record for record in batch if record not in old]


def arrival(record: Record) -> float:
    """Return when a record arrived on the stream [s since the epoch]."""
    return float(record["kinesis"]["approximateArrivalTimestamp"])


def sequence_number(record: Record) -> str:
    """Return a record's sequence number."""
    return str(record["kinesis"]["sequenceNumber"])


_EVERYTHING = -1


def _first_failed(batch: Sequence[Record], answer: dict[str, Any] | None) -> int | None:
    """Return the position of the first failed record, or None; an invalid answer fails the whole batch."""
    if answer is None:
        return _EVERYTHING
    places = {sequence_number(record): place for place, record in enumerate(batch)}
    failures = answer.get("batchItemFailures") or []
    found = [places.get(failure.get("itemIdentifier", ""), _EVERYTHING) for failure in failures]
    return min(found, default=None)
