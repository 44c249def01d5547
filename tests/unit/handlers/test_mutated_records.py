"""Records of any kind, mutated: nothing raises, and each alert is in a report or its record under `rejected/`.

As many as in a long run:

    RECORD_EXAMPLES=100000 nice .venv/bin/python -m pytest tests/unit/handlers/test_mutated_records.py
"""

import base64
import copy
import json
import logging
import os
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alert_responder.domain.stream import StreamRecord
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder.handlers.observability import logger
from alert_responder.store import items, keys
from alert_responder.store.archive_keys import rejected_key
from alert_responder.usecases.batch import read_batch
from alert_responder.usecases.intake import receive_batch
from alert_responder_cli.aws.in_memory import SerialExecutor
from tests.fakes.installation import Installation

EXAMPLES = int(os.environ.get("RECORD_EXAMPLES", "600"))
BATCH = 50
EVENTS = Path(__file__).parents[2] / "events"
FORMATS = FormatRegistry()
SAMPLES = [json.loads(path.read_bytes()) for path in sorted(EVENTS.rglob("*.json"))]
NATIVE = {
    "detector": "d",
    "rule_id": "r",
    "rule_name": "n",
    "alert_key": "k",
    "description": "x",
    "severity": "s",
    "timestamp": "2026-01-01T00:00:00Z",
    "source": {"product": "p", "region": "r", "standards": ["s"]},
    "body": {"a": 1},
    "attributes": [
        {"type": kind, "value": "v", "key": "k", "context": ["remote"], "timestamp": "2026-01-01T00:00:00Z"}
        for kind in ("ipaddr", "domain", "url", "email", "json", "arn", "account", "filehashvalue")
    ],
}
VALUES: tuple[Any, ...] = (
    *("", " ", "\u3000", "\x00", "\ud800", "\udfff\ud800", "\ufffe", "\u202e", "\ufdfa" * 60, "a" * 5_000),
    *("\u00e9" * 1_024, "\U0001f480" * 1_024, " " * 300 + "x", "\ud800" * 300, "[.]", "[::1", "http://[::1"),
    *("http://a:99999/", "a@b", "<>", "%" * 4_000, "\\", '{"a":' * 50 + "1" + "}" * 50, "[" * 200, "NaN", "1e999"),
    *("null", "-1", "AKIA" + "A" * 124, "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2026-02-29T00:00:00Z"),
    *("31 Feb 2026 00:00 +9999", "9" * 19, "Jan 1, 0001, 1:00:00 AM", "2026-01-01T00:00:00." + "9" * 500 + "Z"),
    *("123456789.9999999999999999", 0, -0.0, 1.5, 1e308, 5e-324, 2**53, 2**255, 10**300, 10**999, -(10**999)),
    *(264 * 10**15, 1e17, True, False, None, [], {}, [[]], [None], [{}], {"a": []}, [[[{"a": None}]]], {"": ""}),
    *({"\ud800": "\ud800"}, [1, "x", None, {"value": 1}]),
)
TEXTS = (
    *(b"NaN", b"-Infinity", b"1e999", b"9" * 1_200, b"\xff", b"\x00", b"[" * 150, b"]" * 150, b'"a":1,"a":2'),
    *(b'"', b"{", b""),
)


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield from paths(value, (*path, key))


class Mutator:
    """Makes hostile records of samples, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._paths = [list(paths(sample)) for sample in (*SAMPLES, NATIVE)]

    def record(self, number: int) -> StreamRecord:
        """Make one record."""
        data = self._mutated()
        if self._random.random() < 0.15:
            place = self._random.randrange(len(data))
            data = data[:place] + self._random.choice(TEXTS) + data[place + self._random.randint(0, 3) :]
        return StreamRecord("shardId-000000000000", str(number), 1_000 + number, "p", data)

    def _mutated(self) -> bytes:
        which = self._random.randrange(len(SAMPLES) + len(SAMPLES) // 2)
        document = copy.deepcopy(SAMPLES[which] if which < len(SAMPLES) else NATIVE)
        places = self._paths[min(which, len(SAMPLES))]
        for _ in range(self._random.randint(1, 3)):
            node, (*path, last) = document, self._random.choice(places)
            try:
                for part in path:
                    node = node[part]
                node[last] = copy.deepcopy(self._random.choice(VALUES))
            except (KeyError, IndexError, TypeError):
                continue
        return json.dumps(document).encode()


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    logger().setLevel(logging.CRITICAL)
    yield
    logger().setLevel(logging.INFO)


def test_every_record_is_in_a_report_or_archived_without_an_exception() -> None:
    mutator = Mutator(20_261_128)
    numbers = iter(range(EXAMPLES))
    seen = {"reported": 0, "archived": 0}
    while batch := [mutator.record(number) for number, _ in zip(numbers, range(BATCH), strict=False)]:
        installation = Installation()
        intake = receive_batch(
            batch, installation.receiver, partial(getattr, installation, "archive"), SerialExecutor(), FORMATS
        )
        faults = [reject for reject in intake.rejects if reject.internal]
        assert (intake.failed, faults) == (frozenset(), []), [base64.b64encode(each.data) for each in batch]
        stored = {
            event_id
            for key, item in installation.table.items.items()
            if key.sk.startswith(keys.GROUPS)
            for event_id, _ in items.read_group(item).events
        }
        read = read_batch(batch, FORMATS)
        assert stored == {event.event_id for group in read.groups for event in group.events}
        reported = {event.record for group in read.groups for event in group.events}
        for record in batch:
            archived = rejected_key(record) in installation.archive.objects
            assert archived or record.sequence_number in reported, record.data
            assert archived == bool(parse_record(record.data, FORMATS)[1])
            seen["reported"] += record.sequence_number in reported
            seen["archived"] += archived
    assert min(seen.values()) > EXAMPLES // 10
