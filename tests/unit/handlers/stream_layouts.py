"""Layouts of records on a stream with faults in AWS or in our code, and a receptor that processes them."""

import base64
import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert
from alert_responder.domain.identifiers import ulid
from alert_responder.errors import DependencyError
from alert_responder.formats import parse_record
from alert_responder.kinesis_records import read_record
from alert_responder.store import items, keys
from alert_responder.store.archive_keys import rejected_key
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.store.table import Action, Item, Key
from alert_responder.usecases import batch as reading
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.intake import receive_batch
from alert_responder.usecases.receive import Receiver
from alert_responder_cli.aws.in_memory import SerialExecutor
from tests.fakes.event_source_mapping import EventSourceMapping, Record, Settings
from tests.fakes.memory import Crash, MemoryTable, MemoryWorkflow
from tests.fakes.plugins import MemoryArchive

Kind = Literal["alert", "reject", "throttled", "lost", "bug", "unreadable", "unarchived", "deadly"]
FAULTLESS: tuple[Kind, ...] = ("alert", "reject")
FAULTS: tuple[Kind, ...] = ("throttled", "lost", "bug", "unreadable", "unarchived", "deadly")
OUTAGES: tuple[Kind, ...] = ("throttled", "unarchived")
OURS: tuple[Kind, ...] = ("bug", "unreadable", "deadly")
NO_ALERTS: tuple[Kind, ...] = ("reject", "unarchived")
START = 1_760_000_000.0
"""When the first record arrives [s since the epoch]."""


@dataclass(frozen=True)
class Subject:
    """The subject of records: an incident, or a kind of invalid record.

    Attributes
    ----------
    kind
        The fault of its records: `alert` and `reject` have none; `throttled`: the table refuses calls; `lost`: its
        responses are lost; `bug` and `unreadable`: an exception while storing or parsing; `unarchived`: the archive
        refuses the rejected record; `deadly`: the process dies while parsing.
    fault_ends
        When the fault ends [s since the epoch].
    """

    number: int
    kind: Kind
    fault_ends: float

    def data(self) -> bytes:
        """Write a record about the subject."""
        if self.kind in NO_ALERTS:
            return f"no alert {self.number}".encode()
        return json.dumps({"detector": "d", "rule_id": "r", "alert_key": str(self.number)}).encode()

    @property
    def fails_until(self) -> float:
        """Until when its records are delivered again [s since the epoch], because AWS fails for longer than a call."""
        return self.fault_ends if self.kind in OUTAGES else 0

    @property
    def window(self) -> Key:
        """Key of the item with the report of its alerts."""
        return keys.window(Alert(detector="d", rule_id="r", alert_key=str(self.number)).alert_id)


@dataclass(frozen=True)
class Layout:
    """Records on shards, the subject of each by event id, and the mapping's settings."""

    shards: tuple[tuple[Record, ...], ...]
    subjects: dict[str, Subject]
    settings: Settings


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Draw up to 3 shards with up to 14 records on up to 8 subjects, which arrive together or hours apart."""
    kinds: st.SearchStrategy[Kind] = st.one_of(st.sampled_from(FAULTLESS), st.sampled_from(FAULTS))
    lasting = st.sampled_from([1.0, 40.0, 900.0, 12_000.0, math.inf, math.inf])
    subjects = [
        Subject(number, kind, START + draw(lasting) if kind in FAULTS else 0)
        for number, kind in enumerate(draw(st.lists(kinds, min_size=2, max_size=8)))
    ]
    gaps = st.sampled_from([0, 0, 0.001, 0.2, 3, 45, 400, 5000])
    places = st.lists(st.tuples(gaps, st.sampled_from(subjects)), min_size=1, max_size=14)
    shards, about = [], {}
    for number in range(draw(st.integers(1, 3))):
        shard, now = [], START
        for place, (gap, subject) in enumerate(draw(places)):
            now += gap
            shard.append(record(f"shardId-{number:012d}", f"{number}{place:03d}", now, subject.data()))
            about[shard[-1]["eventID"]] = subject
        shards.append(tuple(shard))
    settings = Settings(batch_size=draw(st.integers(1, 10)), halves_rest=draw(st.booleans()))
    return Layout(tuple(shards), about, settings)


def record(shard: str, number: str, came: float, data: bytes) -> Record:
    """Make a record of Lambda's event."""
    return {
        "eventID": f"{shard}:{number}",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": number,
            "partitionKey": "p",
            "approximateArrivalTimestamp": round(came, 3),
            "data": base64.b64encode(data).decode(),
        },
    }


class World:
    """A receptor behind a mapping, with the faults of a layout in its way.

    Attributes
    ----------
    deliveries
        Records and time of each call.
    archived_at
        When each object was first archived, by key [s since the epoch].
    undone
        Records that were without fault and yet not done when a call had returned or raised.
    """

    def __init__(self, layout: Layout) -> None:
        self.archive = MemoryArchive()
        self.table = _Table(self)
        self.mapping = EventSourceMapping(self.invoke, layout.settings, START)
        self.deliveries: list[tuple[float, list[Record]]] = []
        self.undone: list[str] = []
        self._layout = layout
        self._fixed = False
        self.archived_at: dict[str, float] = {}
        self._subjects = {subject.data(): subject for subject in layout.subjects.values()}
        self._windows = {subject.window: subject for subject in layout.subjects.values()}
        numbers = itertools.count(1)
        self.receiver = Receiver(
            ReportStore(self.table, Retention(365)),
            MemoryWorkflow(),
            clock=lambda: int(self.mapping.now * 1000),
            new_id=lambda milliseconds: ulid(milliseconds, next(numbers).to_bytes(10, "big")),
            window_ms=10_800_000,
            caps=ReportCaps(lambda: self.archive),
        )

    def run(self) -> None:
        """Deliver the layout through the mapping."""
        self.mapping.deliver(*self._layout.shards)

    def repair(self) -> None:
        """End all faults."""
        self._fixed = True

    def is_struck(self, subject: Subject, *kinds: Kind) -> bool:
        """Whether one of these faults affects a subject now."""
        return subject.kind in kinds and not self._fixed and self.mapping.now < subject.fault_ends

    def struck_at(self, key: Key, kind: Kind) -> bool:
        """Whether a fault affects a key of the table."""
        return key in self._windows and self.is_struck(self._windows[key], kind)

    def invoke(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """Deliver a batch to the receptor."""
        batch: list[Record] = event["Records"]
        self.deliveries.append((self.mapping.now, batch))
        subjects = [self._layout.subjects[entry["eventID"]] for entry in batch]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading, "parse_record", self._parse)
            patch.setattr(self.archive, "put", self._put)
            try:
                intake = receive_batch(
                    list(map(read_record, batch)), self.receiver, lambda: self.archive, SerialExecutor()
                )
                answer = {"batchItemFailures": [{"itemIdentifier": number} for number in intake.failed]}
            except Crash:
                return None
        done = self.done()
        self.undone += [
            entry["eventID"]
            for entry, subject in zip(batch, subjects, strict=True)
            if not self.is_struck(subject, *FAULTS) and entry["eventID"] not in done
        ]
        return answer

    def done(self) -> set[str]:
        """Return the processed records: alerts that are in a report, other records that are in the archive."""
        archived = [entry for entry in self.records() if rejected_key(read_record(entry)) in self.archive.objects]
        return {entry["eventID"] for entry in archived} | set(map(_record_of, self.counted()))

    def never_delivered(self) -> bool:
        """Whether records without a fault were discarded before they reached a working receptor."""
        done = self.done()
        return any(
            entry.record["eventID"] not in done and not self._layout.subjects[entry.record["eventID"]].fails_until
            for entry in self.mapping.given_up
        )

    def counted(self) -> list[str]:
        """Return the event ids that reports count, with repetitions: each report counts an id once."""
        reports: dict[str, set[str]] = {}
        for key, item in self.table.items.items():
            if key.sk.startswith(keys.GROUPS):
                reports.setdefault(key.pk, set()).update(event_id for event_id, _ in items.read_group(item).events)
        return sorted(event_id for events in reports.values() for event_id in events)

    def records(self) -> list[Record]:
        """Return all records of the layout."""
        return [entry for shard in self._layout.shards for entry in shard]

    def state(self) -> tuple[dict[Key, Any], dict[str, bytes]]:
        """Return everything that is stored."""
        return {key: dict(item) for key, item in self.table.items.items()}, dict(self.archive.objects)

    def _parse(self, data: bytes, _: Any) -> Any:
        if self.is_struck(self._subjects[data], "deadly"):
            raise Crash
        if self.is_struck(self._subjects[data], "unreadable"):
            return 1 // 0
        return parse_record(data)

    def _put(self, key: str, document: bytes) -> None:
        if self.is_struck(self._subjects[base64.b64decode(json.loads(document)["data"])], "unarchived"):
            raise DependencyError("put_object: SlowDown")
        MemoryArchive.put(self.archive, key, document)
        self.archived_at.setdefault(key, self.mapping.now)


class _Table(MemoryTable):
    """A table with faults when a subject's alerts are read or written."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._looked_up = Key("", "")

    def get(self, key: Key) -> Item | None:
        if self._world.struck_at(key, "throttled"):
            raise DependencyError("get_item: ThrottlingException")
        if self._world.struck_at(key, "bug"):
            raise ZeroDivisionError
        if key.sk == "window":
            self._looked_up = key
        return super().get(key)

    def transact(self, actions: Sequence[Action]) -> None:
        super().transact(actions)
        if self._world.struck_at(self._looked_up, "lost"):
            raise DependencyError("transact_write_items: the response was lost")


def late(settings: Settings) -> float:
    """How far a record's age can exceed the maximum when it is discarded: a retry and a pause [s]."""
    return settings.call + settings.longest_pause


def alerts(entries: Iterable[Record], layout: Layout) -> list[str]:
    """Return the event ids of the records that are alerts."""
    found = [entry["eventID"] for entry in entries if layout.subjects[entry["eventID"]].kind not in NO_ALERTS]
    return sorted(f"record:20:{event_id}:0/0" for event_id in found)


def _record_of(event_id: str) -> str:
    """Return the record of an alert without an envelope."""
    return event_id.removeprefix("record:20:").removesuffix(":0/0")
