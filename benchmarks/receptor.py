"""The receptor's work without AWS: from a record's bytes to groups that are ready to be stored."""

import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

from alert_responder.contracts.alert import Alert
from alert_responder.domain.aggregation import alert_bodies, by_alert_id
from alert_responder.domain.records import Event
from alert_responder.formats import parse_record
from alert_responder.formats.record import decode
from alert_responder.store.items import pack
from alert_responder.store.reports import pack_groups
from benchmarks.results import Result
from tests.integration.pipeline import native_alert
from tools.paths import ROOT

TIMES_JSON = 8.0
LINEAR = 1.2
_EVENTS = ROOT / "tests" / "events"
_BATCH, _KEYS = 500, 20
_REPEATS = 15
_SIZES = (100, 1000, 10_000, 100_000)


def measure() -> list[Result]:
    """Compare the work with `json.loads` of the same bytes, and 100 alerts with 100,000."""
    storm, distinct, finding = _compared(lambda _: native(0)), _compared(native), _compared(guardduty)
    each = {count: _work_of_many(count) / count for count in _SIZES}
    return [
        Result(
            21, "an alert of a storm, in json.loads of its bytes", TIMES_JSON, storm.pop("ratio"), "x", beside=storm
        ),
        Result(
            21,
            "an alert with distinct values, in json.loads",
            TIMES_JSON,
            distinct.pop("ratio"),
            "x",
            beside=distinct,
        ),
        Result(21, "a GuardDuty finding, in json.loads", TIMES_JSON, finding.pop("ratio"), "x", beside=finding),
        Result(
            21,
            f"an alert of {_SIZES[-1]:,} beside one of {_SIZES[0]:,}",
            LINEAR,
            each[_SIZES[-1]] / each[_SIZES[0]],
            "x",
            beside={f"an alert of {count:,} [us]": 1e6 * seconds for count, seconds in each.items()},
        ),
    ]


def native(number: int, keys: int = _KEYS) -> bytes:
    """Write an alert as detectors send it: two attributes, and some hundred bytes of its original."""
    return native_alert(
        f"key {number % keys}",
        ("ipaddr", f"198.51.{number // 250 % 250}.{number % 250}"),
        ("domain", f"host{number}.example.com"),
        description="Something has happened that should not.",
        body={"number": number, "message": "The original, as the detector wrote it. " * 8, "tags": ["one", "two"]},
    )


def guardduty(number: int) -> bytes:
    """Write a GuardDuty sample finding with a unique id."""
    event = json.loads((_EVENTS / "guardduty_port_probe.json").read_bytes())
    event["id"] = f"{number:032x}"
    return json.dumps(event).encode()


def work(records: Sequence[bytes]) -> None:
    """Process a batch as the receptor does, without calling AWS."""
    events = []
    for number, data in enumerate(records):
        parsed, rejected = parse_record(data)
        if rejected:
            raise ValueError(rejected[0].reason)
        events += [Event(f"shard:{number}:{one.position}", number, f"{number}", one.alert) for one in parsed]
    for group in by_alert_id(events).values():
        pack_groups(group)


def _load(records: Sequence[bytes]) -> None:
    for data in records:
        json.loads(data)


def _load_and_keep(records: Sequence[bytes]) -> list[object]:
    """Parse a batch and keep all of it in memory, as the receptor must: new memory alone costs time."""
    return [json.loads(data) for data in records]


def _least(records: Sequence[bytes]) -> Callable[[], None]:
    """Return a function that does the libraries' part of a batch: strict parsing, validation, writing, compression.

    The work of formats and all hashes come on top.
    """
    alerts = [one.alert for data in records for one in parse_record(data)[0]]
    fields = [alert.model_dump(round_trip=True) for alert in alerts]
    groups = by_alert_id(Event(f"{n}", n, f"{n}", alert) for n, alert in enumerate(alerts)).values()
    bodies = [alert_bodies(group) for group in groups]

    def do() -> None:
        for data, known in zip(records, fields, strict=True):
            decode(data)
            Alert.model_validate(known)
        for body in bodies:
            pack(body)

    return do


def _compared(make: Callable[[int], bytes]) -> dict[str, float]:
    """Measure batches and `json.loads` of the same in turn; return medians for one record [us]."""
    batches = [[make(n) for n in range(start, start + _BATCH)] for start in range(0, _REPEATS * _BATCH, _BATCH)]
    work(batches[0])
    rows = [
        (*(_seconds(partial(do, batch)) for do in (_load, _load_and_keep, work)), _seconds(_least(batch)))
        for batch in batches[1:]
    ]
    return {
        "ratio": statistics.median(own / loads for loads, _, own, _ in rows),
        "of that in libraries: read strictly, validated, compressed [x]": statistics.median(
            least / loads for loads, _, _, least in rows
        ),
        "in json.loads that keeps the batch, as the receptor does [x]": statistics.median(
            own / kept for _, kept, own, _ in rows
        ),
        "one alert [us]": statistics.median(own for *_, own, _ in rows) / _BATCH * 1e6,
        "json.loads of it [us]": statistics.median(loads for loads, *_ in rows) / _BATCH * 1e6,
        "size [bytes]": len(batches[0][0]),
    }


def _work_of_many(count: int) -> float:
    """Measure batches of one key as the receptor gets them [seconds]."""
    total = 0.0
    for start in range(0, count, _BATCH):
        batch = [native(n, 1) for n in range(start, min(count, start + _BATCH))]
        total += _seconds(partial(work, batch))
    return total


def _seconds(do: Callable[[], object]) -> float:
    """Measure processor time, which does not depend on other load on the machine."""
    gc.collect()
    begun = time.process_time()
    do()
    return time.process_time() - begun
