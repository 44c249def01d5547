"""Many distinct keys at once: reports per second, latency of the slowest, and use of the processor."""

import statistics
import time

from alert_responder.domain.admission import NO_LIMITS
from alert_responder.domain.records import Event
from alert_responder.formats import parse_record
from benchmarks import cpu
from benchmarks.deployment import TYPE, notified_at, settled_count, wait_for_settled
from benchmarks.results import Result
from tests.fakes.installation import Installation
from tests.integration.pipeline import Pipeline, native_alert
from tools.errors import ToolError

PER_SECOND = 13.6
P95_SECONDS = 3.5


def measure(pipeline: Pipeline, emitter: str, emulator_pid: int, many: int = 500, few: int = 100) -> list[Result]:
    """Send 500 distinct keys at once, then 100; process the same 500 in memory without the emulator."""
    times, beside = _run(pipeline, emitter, emulator_pid, many)
    latencies, beside_few = _run(pipeline, emitter, emulator_pid, few)
    beside["the same in one process, without emulator [reports/s]"] = many / in_process(many)
    p95 = statistics.quantiles(latencies, n=20)[-1]
    return [
        Result(19, f"{many} distinct keys at once", PER_SECOND, many / max(times), "reports/s", True, beside),
        Result(19, f"{few} distinct keys at once: p95 to the emitter", P95_SECONDS, p95, "s", beside=beside_few),
    ]


def in_process(count: int) -> float:
    """Process the alerts in memory with the same code, one report after the other [seconds of processor time]."""
    installation = Installation({"inspector": _note}, emitters={"emitter": _notified}, admission=NO_LIMITS)
    alerts = [native_alert(f"key {n}", (TYPE, f"value {n}")) for n in range(count)]
    begun = time.process_time()
    for number, data in enumerate(alerts):
        ((parsed,), _) = parse_record(data)
        installation.receive(Event(f"e{number}", number, f"{number}", parsed.alert))
    installation.run()
    return time.process_time() - begun


def _note(_: dict[str, object]) -> dict[str, object]:
    return {"contents": [{"type": "note", "title": "seen"}]}


def _notified(_: dict[str, object]) -> dict[str, object]:
    return {"state": 1}


def _run(pipeline: Pipeline, emitter: str, pid: int, count: int) -> tuple[list[float], dict[str, object]]:
    """Send keys and return when the emitter was notified of each [s after sending began], and further figures."""
    key = f"distinct{count}-{time.monotonic_ns()}"
    alerts = [pipeline.alert(key, (TYPE, f"value {n}"), suffix=f"-{n}") for n in range(count)]
    wanted = settled_count(pipeline) + count
    before, begun = cpu.used(pid), time.time()
    pipeline.send(alerts)
    wait_for_settled(pipeline, wanted, every=1.5, seconds=450)
    seconds = {owner: total - before.get(owner, 0.0) for owner, total in cpu.used(pid).items()}
    found = pipeline.of_key(key)
    if not all([task.outcome for task in status.tasks] == ["ok"] for status in found):
        raise ToolError("A report was published without its finding.")
    times = sorted(notified_at(pipeline, status.report_id, emitter) - begun for status in found)
    total = sum(seconds.values())
    return times, {
        "median [s]": statistics.median(times),
        "slowest [s]": times[-1],
        "processor time a report [ms]": 1000 * total / count,
        **{f"processor time in {owner}": f"{value / total:.0%}" for owner, value in seconds.items()},
    }
