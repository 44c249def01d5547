"""Time and requests of Plan and Review as a report grows, and as more reports are stored."""

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from alert_responder.contracts.alert import Alert
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import Event
from alert_responder.store.table import Key
from alert_responder.usecases.review import Round
from benchmarks.results import Result
from tests.fakes.installation import Installation
from tests.fakes.meter import Meter

FLAT = 1.2
_STORED = (100, 100_000)
_SMALL, _LARGE = 50, 400
_REPEATS = 9
_ITEMS = ("head", "meta", "alerts/g", "body/g/000", "task/inspector/a")


def measure() -> list[Result]:
    """Measure the processor time of both with tables in memory, and count their requests and read units."""
    few, many, large = _medians([_Bench(_SMALL, _STORED[0]), _Bench(_SMALL, _STORED[1]), _Bench(_LARGE, _STORED[0])])
    results = []
    for step in ("Plan", "Review"):
        times = f"{step} [ms]"
        beside = {
            f"with {count:,} reports stored: {name}": figures[name]
            for count, figures in zip(_STORED, (few, many), strict=True)
            for name in figures
            if name.startswith(step)
        }
        results.append(
            Result(
                23,
                f"{step} beside {_STORED[1]:,} reports and {_STORED[0]}",
                FLAT,
                many[times] / few[times],
                "x",
                beside=beside,
            )
        )
        grown = (large[times] / _LARGE) / (few[times] / _SMALL)
        beside = {f"{_LARGE} alerts: {name}": value for name, value in large.items() if name.startswith(step)}
        results.append(
            Result(23, f"{step} an alert, {_LARGE} beside {_SMALL} in a report", FLAT, grown, "x", beside=beside)
        )
    return results


def _medians(benches: list["_Bench"]) -> list[dict[str, Any]]:
    """Run all in turn, so that other load on the machine affects all alike, and return the median of each figure."""
    # In reality the items are in DynamoDB, so they must not slow down this process' garbage collector.
    gc.freeze()
    rounds = [[bench.run(repeat) for bench in benches] for repeat in range(_REPEATS)]
    gc.unfreeze()
    return [
        {name: statistics.median(row[name] for row in rows) for name in rows[0]} for rows in zip(*rounds, strict=True)
    ]


class _Bench:
    """Plans and reviews reports of `alerts` alerts with distinct values, while `stored` other reports exist."""

    def __init__(self, alerts: int, stored: int) -> None:
        self._alerts = alerts
        self._meter = Meter()
        self._installation = Installation({"inspector": _note}, limits=Limits(2, 500), meter=self._meter)
        _store(self._installation, stored)

    def run(self, repeat: int) -> dict[str, Any]:
        """Process one report, and return the figures of its steps."""
        installation, meter, row = self._installation, self._meter, dict[str, Any]()
        report_id = _received(installation, f"key {repeat}", self._alerts)
        _step(row, "Plan", meter, partial(installation.steps.planner.plan, report_id, 1, 1, None))
        installation.steps.inspection.inspect(
            report_id, 1, _task_ids(installation, report_id), installation.now + 60_000
        )
        round_ = Round(report_id, 1, self._alerts, 0, None, as_it_stands=False)
        _step(row, "Review", meter, partial(installation.steps.reviewer.review, round_))
        return row


def _step(row: dict[str, Any], step: str, meter: Meter, do: Callable[[], object]) -> None:
    meter.reset()
    gc.collect()
    begun = time.process_time()
    do()
    row[f"{step} [ms]"] = 1000 * (time.process_time() - begun)
    row[f"{step} requests"] = meter.requests.total()
    row[f"{step} read [bytes]"] = meter.read_bytes


def _store(installation: Installation, count: int) -> None:
    """Put other reports with equal contents into the table."""
    for number in range(count):
        for name in _ITEMS:
            key = Key(f"report/other{number}", name)
            installation.table.items[key] = {"pk": key.pk, "sk": key.sk, "data": b"x" * 200}


def _received(installation: Installation, key: str, alerts: int) -> str:
    """Receive alerts of one key, each in a separate group, and return the report's id."""
    for number in range(alerts):
        attributes = [{"type": "domain", "value": f"host{number}.example.com"}]
        fields = {"detector": "d", "rule_id": "r", "alert_key": key, "attributes": attributes}
        installation.receive(Event(f"{key}/{number}", number, f"{number}", Alert.model_validate(fields)))
    return max(str(report_id) for report_id, _, _ in installation.workflow.started)


def _task_ids(installation: Installation, report_id: str) -> list[str]:
    found = installation.table.query(f"report/{report_id}", "task/", "task/~")
    return [str(item["sk"]).removeprefix("task/") for item in found]


def _note(_: dict[str, object]) -> dict[str, object]:
    return {"contents": [{"type": "note", "title": "seen"}]}
