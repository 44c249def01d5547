"""Many reports, few concurrent calls and a slow inspector: every lookup is made, however late."""

import time

from benchmarks.deployment import TYPE, settled_count, slow_inspector, wait_for_settled
from benchmarks.results import Result
from tests.integration.pipeline import Pipeline

REPORTS, VALUES = 200, 3


def measure(pipeline: Pipeline) -> list[Result]:
    """Send 200 distinct keys at once, and count the lookups that were answered."""
    key = f"busy-{time.monotonic_ns()}"
    alerts = [
        pipeline.alert(key, *((TYPE, f"value {report} {value}") for value in range(VALUES)), suffix=f"-{report}")
        for report in range(REPORTS)
    ]
    with slow_inspector(pipeline):
        wanted, begun = settled_count(pipeline) + REPORTS, time.time()
        pipeline.send(alerts)
        wait_for_settled(pipeline, wanted, every=5, seconds=3_600)
        seconds = time.time() - begun
    tasks = [task for status in pipeline.of_key(key) for task in status.tasks]
    answered = sum(task.outcome == "ok" for task in tasks)
    beside = {
        "all settled after [s]": seconds,
        "lookups that had no turn in the first round": sum(task.reopened for task in tasks),
        "timeouts": sum(task.outcome == "timeout" for task in tasks),
    }
    # The benchmark's other inspector is attached to the same type, and is called as well.
    what = f"{REPORTS} reports on few calls at once: lookups made"
    return [Result(19, what, 2 * REPORTS * VALUES, answered, "lookups", True, beside)]
