"""How long from an alert on the stream to the emitter called: ``python -m benchmarks.latency [RUNS]``.

Applies the local example to an emulated AWS, with no delays and three inspectors, sends one alert at a time, and prints
the median and the share of each step. The emulator polls the stream about once a second; that is in the figures.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.integration.conftest import VARIABLES
from tests.integration.pipeline import Pipeline, only
from tools.emulator import Emulator
from tools.installation import LocalExample

_INSPECTOR = "def handler(task, context):\n    return {'contents': [{'type': 'note', 'title': 'seen'}]}"
_WARM_UP = 3


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory(prefix="alert-responder-bench-") as folder, Emulator() as emulator:
        example = LocalExample(emulator.account, Path(folder), VARIABLES)
        pipeline = Pipeline(example.apply(), example)
        try:
            _measure(pipeline, runs)
        finally:
            example.terraform.destroy()


def _measure(pipeline: Pipeline, runs: int) -> None:
    wanted = only(["x-bench"])
    with (
        pipeline.attached("inspector", _INSPECTOR, **wanted),
        pipeline.attached("inspector", _INSPECTOR, **wanted),
        pipeline.attached("inspector", _INSPECTOR, **wanted),
    ):
        time.sleep(31)
        rows = [_one(pipeline, number) for number in range(_WARM_UP + runs)][_WARM_UP:]
    for step in rows[0]:
        values = sorted(row[step] for row in rows)
        Console().print(f"{step:<28} median {statistics.median(values):6.2f} s   max {values[-1]:6.2f} s")


def _one(pipeline: Pipeline, number: int) -> dict[str, float]:
    s3, bucket = pipeline.installation.client("s3"), pipeline.installation.emitter_bucket
    before = s3.list_objects_v2(Bucket=bucket, Prefix="inbox/").get("KeyCount", 0)
    sent = time.time()
    pipeline.send([pipeline.alert(f"bench{number}", ("x-bench", f"value {number}"))])
    while s3.list_objects_v2(Bucket=bucket, Prefix="inbox/").get("KeyCount", 0) == before:
        time.sleep(0.02)
    told = time.time()
    (standing,) = pipeline.settled(f"bench{number}")
    item = pipeline.installation.client("dynamodb").get_item(
        TableName=pipeline.installation.table,
        Key={"pk": {"S": f"report/{standing.report_id}"}, "sk": {"S": "meta"}},
    )["Item"]["timings"]["M"]
    at = {step: int(value["N"]) / 1000 for step, value in item.items()}
    return {
        "stream to planned": at["planned"] - sent,
        "planned to inspected": at["inspected"] - at["planned"],
        "inspected to compiled": at["compiled"] - at["inspected"],
        "compiled to emitter called": told - at["compiled"],
        "in all": told - sent,
    }


if __name__ == "__main__":
    main()
