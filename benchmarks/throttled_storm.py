"""A storm while a third of the calls is throttled and half of the transactions conflict, compared with a calm one."""

import statistics
import time

from benchmarks.results import Result
from tests.integration.conftest import RECIPE
from tests.integration.faults import FaultProxy
from tests.integration.pipeline import Pipeline
from tests.integration.test_faults import THROTTLING
from tools import saved_installations

ALERTS = 500
TIMES = 5.0

PAIRS = 5
"""The faulty calls depend on the order of calls, which differs between storms: the result is the median."""


def measure() -> list[Result]:
    """Send storms through the same proxy, with and without faults in turn."""
    calm: list[float] = []
    struck: list[float] = []
    strikes: list[int] = []
    there: list[int] = []
    with (
        FaultProxy() as faults,
        saved_installations.started(RECIPE, settings={"AWS_ENDPOINT_URL": faults.endpoint}) as started,
    ):
        faults.start(started.emulator.account)
        pipeline = Pipeline(started.installation, started.example)
        _storm(pipeline, "warm")
        for number in range(PAIRS):
            calm.append(_storm(pipeline, f"calm {number}")[0])
            with faults.during(*THROTTLING):
                seconds, alerts = _storm(pipeline, f"struck {number}")
                strikes.append(sum(faults.struck().values()))
            struck.append(seconds)
            there.append(alerts)
    ratios = [one / other for one, other in zip(struck, calm, strict=True)]
    beside = {
        "calm [s]": statistics.median(calm),
        "struck [s]": statistics.median(struck),
        "calls struck": statistics.median(strikes),
        "least and most [x]": " and ".join(f"{one:.1f}" for one in (min(ratios), max(ratios))),
        "alerts in the report of the struck one, least": min(there),
    }
    return [
        Result(
            4,
            f"storm of {ALERTS} alerts under faults, beside a calm one",
            TIMES,
            statistics.median(ratios),
            "x",
            beside=beside,
        )
    ]


def _storm(pipeline: Pipeline, key: str) -> tuple[float, int]:
    alerts = [pipeline.alert(key, ("ipaddr", "198.51.100.7"), description=f"alert {n}") for n in range(ALERTS)]
    begun = time.monotonic()
    pipeline.send(alerts, producers=4)
    (status,) = pipeline.wait(
        lambda: [s for s in pipeline.of_key(key) if s.settled and s.alert_count == ALERTS], "the report of all"
    )
    return time.monotonic() - begun, int(pipeline.report(status)["alert_count"])
