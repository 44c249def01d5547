"""A storm of alerts of one key: whether all of them are in the published report, and the rate."""

import time

from benchmarks.deployment import TYPE, calls_of
from benchmarks.results import Result
from tests.integration.pipeline import Pipeline

ALERTS = 2000
PER_SECOND = 400.0
_PRODUCERS = 4


def measure(pipeline: Pipeline) -> list[Result]:
    """Send all alerts at once and wait for the report with all of them."""
    alerts = [pipeline.alert("storm", (TYPE, "one value"), description=f"alert {n}") for n in range(ALERTS)]
    begun = time.time()
    pipeline.send(alerts, producers=_PRODUCERS)
    sent = time.time()
    status = pipeline.wait(lambda: _complete(pipeline), f"a report of {ALERTS} alerts")
    # Close is the coordinator's last call: the report was published before it.
    settled = max(end for _, end in calls_of(pipeline, "coordinator"))
    stored = max(end for begin, end in calls_of(pipeline, "receptor") if begin >= begun)
    report = pipeline.report(status)
    beside = {
        "sending took [s]": sent - begun,
        "all stored after [s]": stored - begun,
        "report of all settled after [s]": settled - begun,
        "rounds": status.head.round,
        "transactions": status.head.revision,
    }
    return [
        Result(
            18, f"of a storm of {ALERTS:,}: alerts in the report", ALERTS, report["alert_count"], "alerts", True, beside
        ),
        Result(18, "storm of one key, sending included", PER_SECOND, ALERTS / (settled - begun), "alerts/s", True),
    ]


def _complete(pipeline: Pipeline) -> object:
    found = pipeline.of_key("storm")
    if not found or not found[0].settled or found[0].alert_count < ALERTS:
        return None
    return found[0]
