"""Many distinct keys at once: reports a second, how long the slowest take, and who uses the processor meanwhile."""

import statistics
import time

from benchmarks import cpu
from benchmarks.deployed import TYPE, settled_count, told_at
from benchmarks.results import Result
from tests.integration.pipeline import Pipeline
from tools.errors import ToolError

PER_SECOND = 13.6
P95_SECONDS = 3.5


def measure(pipeline: Pipeline, emitter: str, emulator_pid: int) -> list[Result]:
    """Send 500 distinct keys at once, then 100."""
    rate, beside = _throughput(pipeline, emitter, emulator_pid, 500)
    latencies, beside_100 = _run(pipeline, emitter, emulator_pid, 100)
    p95 = statistics.quantiles(latencies, n=20)[-1]
    return [
        Result(19, "500 distinct keys at once", PER_SECOND, rate, "reports/s", True, beside),
        Result(19, "100 distinct keys at once: p95 to the emitter", P95_SECONDS, p95, "s", beside=beside_100),
    ]


def _throughput(pipeline: Pipeline, emitter: str, pid: int, count: int) -> tuple[float, dict[str, object]]:
    times, beside = _run(pipeline, emitter, pid, count)
    return count / max(times), beside


def _run(pipeline: Pipeline, emitter: str, pid: int, count: int) -> tuple[list[float], dict[str, object]]:
    """Send that many keys and return when each was told to the emitter [s after sending began], and figures beside."""
    key = f"distinct{count}-{time.monotonic_ns()}"
    alerts = [pipeline.alert(key, (TYPE, f"value {n}"), suffix=f"-{n}") for n in range(count)]
    wait_for = settled_count(pipeline) + count
    before, begun = cpu.used(pid), time.time()
    pipeline.send(alerts)
    # Asking costs the emulator as well: it is asked seldom.
    pipeline.wait(lambda: time.sleep(1.5) or settled_count(pipeline) >= wait_for, f"{count} settled reports", 450)
    seconds = cpu.used(pid)
    seconds.subtract(before)
    found = pipeline.of_key(key)
    if not all([task.outcome for task in standing.tasks] == ["ok"] for standing in found):
        raise ToolError("A report was published without its finding.")
    times = sorted(told_at(pipeline, standing.report_id, emitter) - begun for standing in found)
    total = sum(seconds.values())
    return times, {
        "median [s]": statistics.median(times),
        "slowest [s]": times[-1],
        "processor time a report [ms]": 1000 * total / count,
        **{f"processor time in {owner}": f"{value / total:.0%}" for owner, value in seconds.items()},
    }
