"""A storm while a third of the calls is throttled and half of the transactions conflict, beside a calm one."""

import tempfile
import time
from pathlib import Path

from benchmarks.results import Result
from tests.integration.conftest import apply_example
from tests.integration.faults import FaultProxy
from tests.integration.pipeline import Pipeline
from tests.integration.test_faults import THROTTLING
from tools.emulator import Emulator

ALERTS = 500
TIMES = 5.0


def measure() -> list[Result]:
    """Send both storms through the same proxy; only the second time does it strike."""
    with (
        FaultProxy() as faults,
        tempfile.TemporaryDirectory(prefix="alert-responder-bench-") as folder,
        Emulator(settings={"AWS_ENDPOINT_URL": faults.endpoint}) as emulator,
    ):
        faults.start(emulator.account)
        pipeline = apply_example(emulator, Path(folder))
        _storm(pipeline, "warm")
        calm, _ = _storm(pipeline, "calm")
        with faults.during(*THROTTLING):
            struck, alerts = _storm(pipeline, "struck")
            strikes = sum(faults.struck().values())
    beside = {
        "calm [s]": calm,
        "struck [s]": struck,
        "calls struck": strikes,
        "alerts in the report of the struck one": alerts,
    }
    return [
        Result(4, f"storm of {ALERTS} alerts under faults, beside a calm one", TIMES, struck / calm, "x", beside=beside)
    ]


def _storm(pipeline: Pipeline, key: str) -> tuple[float, int]:
    alerts = [pipeline.alert(key, ("ipaddr", "198.51.100.7"), description=f"alert {n}") for n in range(ALERTS)]
    begun = time.monotonic()
    pipeline.send(alerts, producers=4)
    (standing,) = pipeline.wait(
        lambda: [s for s in pipeline.of_key(key) if s.settled and s.alert_count == ALERTS], "the report of all"
    )
    return time.monotonic() - begun, int(pipeline.report(standing)["alert_count"])
