"""Duration of a simulation on a laptop, including the start of Python."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import Result
from tools.paths import ROOT

SECONDS = 1.0
ALERTS, INSPECTORS = 20, ("reputation", "history", "asset")
_REPEATS = 7

_REVIEWER = """
def handler(report, context):
    bad = [each for finding in report["findings"] for each in finding["contents"] if each["verdict"] == "malicious"]
    return {"severity": "urgent" if bad else "safe", "reason": f"{len(bad)} say that it is bad."}
"""


def measure() -> list[Result]:
    """Run the command on a file with alerts of five incidents, with recorded answers and a reviewer in Python."""
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder))
        found, times = {}, []
        for _ in range(_REPEATS):
            begun = time.monotonic()
            found = _run(folder)
            times.append(time.monotonic() - begun)
    what = f"simulation of {ALERTS} alerts with {len(INSPECTORS)} inspectors and a reviewer, median of {_REPEATS}"
    beside = {
        "longest [s]": max(times),
        "reports": len(found["reports"]),
        "lookups": sum(len(report["report"]["findings"]) for report in found["reports"]),
    }
    return [Result(28, what, SECONDS, statistics.median(times), "s", beside=beside)]


def _write(folder: Path) -> None:
    values = [f"host{number}.example.com" for number in range(ALERTS)]
    alerts = [
        {
            "detector": "vpn",
            "rule_id": "new-address",
            "alert_key": f"user{number % 5}",
            "attributes": [{"type": "domain", "value": value}],
        }
        for number, value in enumerate(values)
    ]
    (folder / "alerts.jsonl").write_text("".join(f"{json.dumps(alert)}\n" for alert in alerts))
    (folder / "policy.py").write_text(_REVIEWER)
    (folder / "answers").mkdir()
    answer = {"contents": [{"type": "host", "verdict": "malicious", "source": "list"}]}
    lines = [json.dumps({"type": "domain", "value": value, "answer": answer}) for value in values]
    for name in INSPECTORS:
        (folder / "answers" / f"{name}.jsonl").write_text("\n".join(lines))


def _run(folder: str) -> dict[str, list[dict[str, dict[str, list[object]]]]]:
    command = [sys.executable, "-m", "alert_responder_cli", "simulate", "alerts.jsonl", "--json"]
    options = ["--inspector-answers", "answers", "--reviewer", "policy.py:handler"]
    path = os.pathsep.join(str(ROOT / part) for part in ("lambda", "cli"))
    run = subprocess.run(
        [*command, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[dict[str, dict[str, list[object]]]]] = json.loads(run.stdout)
    return found
