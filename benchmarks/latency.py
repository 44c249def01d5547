"""Latency from an alert on the stream to the emitter's call, without the emulator's polling of the stream."""

import statistics
import time

from alert_responder.store import keys
from benchmarks.deployment import TYPE, calls_of, notified_at, settled_count, wait_for_settled
from benchmarks.results import Result
from tests.integration.pipeline import Pipeline

LIMIT_SECONDS = 0.7
_WARM_UP = 3
INSPECTORS = 3


def measure(pipeline: Pipeline, emitter: str, runs: int = 20) -> list[Result]:
    """Send one alert at a time to warm functions, with all delays 0, and measure its steps."""
    rows = [_one(pipeline, emitter, number) for number in range(_WARM_UP + runs)][_WARM_UP:]
    medians = {f"median of {step} [s]": statistics.median(row[step] for row in rows) for step in rows[0]}
    measured = [row["in all"] - row["waiting to be polled"] for row in rows]
    beside = {"runs": runs, "inspectors": INSPECTORS, "longest [s]": max(measured), **medians}
    return [
        Result(
            17, "alert on the stream to emitter called", LIMIT_SECONDS, statistics.median(measured), "s", beside=beside
        )
    ]


def _one(pipeline: Pipeline, emitter: str, number: int) -> dict[str, float]:
    wanted = settled_count(pipeline) + 1
    pipeline.send([pipeline.alert(f"latency{number}", (TYPE, f"value {number}"))])
    time.sleep(1)
    wait_for_settled(pipeline, wanted, every=0.5)
    (status,) = pipeline.of_key(f"latency{number}")
    notified = notified_at(pipeline, status.report_id, emitter)
    key = keys.meta(status.report_id)
    item = pipeline.installation.client("dynamodb").get_item(
        TableName=pipeline.installation.table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
    )["Item"]["timings"]["M"]
    at = {step: int(value["N"]) / 1000 for step, value in item.items()}
    # The arrival on the stream; the receptor is called when the emulator polls the stream next.
    polled = max(begin for begin, _ in calls_of(pipeline, "receptor"))
    return {
        "waiting to be polled": polled - at["opened"],
        "polled to planned": at["planned"] - polled,
        "planned to inspected": at["inspected"] - at["planned"],
        "inspected to compiled": at["compiled"] - at["inspected"],
        "compiled to emitter called": notified - at["compiled"],
        "in all": notified - at["opened"],
    }
