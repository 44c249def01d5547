"""Time and memory of the review of a report with very many alerts, including its page, in a separate process."""

import json
import subprocess
import sys

from benchmarks.results import Result
from tools.paths import ROOT

ALERTS = 10_000
SECONDS, MEGABYTES = 10.0, 256.0

_REVIEW = """
import json, re, time
from pathlib import Path
from alert_responder.contracts.alert import Alert
from alert_responder.domain.records import Event
from alert_responder.usecases.review import Round
from tests.fakes.installation import Installation
from tests.fakes.pages import printed

inspectors, emitters = {"inspector": lambda task: None}, {"emitter": lambda emission: None}
installation = Installation(inspectors, emitters=emitters, print_page=printed)
alerts = [
    Alert.model_validate({
        "detector": "edr", "rule_id": "r", "alert_key": "k", "description": f"alert {n}",
        "attributes": [{"type": "ipaddr", "value": f"198.51.100.{n % 250}", "context": ["remote"]}],
        "body": {"n": n, "text": "x" * 500},
    })
    for n in range(ALERTS)
]
for start in range(0, len(alerts), 500):
    installation.receive(*(Event(f"e{n}", n // 20, f"{n}", alerts[n]) for n in range(start, start + 500)))
del alerts
(head,) = installation.heads()
plan = installation.steps.planner.plan(head.report_id, 1, 1, None)
for chunk in plan.chunks:
    installation.steps.inspection.inspect(head.report_id, 1, chunk, plan.deadline)
begun = time.process_time()
installation.steps.reviewer.review(Round(head.report_id, 1, plan.revision, 0, None, as_it_stands=False))
took = time.process_time() - begun
print(json.dumps({
    "seconds": took,
    # Not from getrusage, which starts with the parent's value.
    "megabytes": int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024,
    "alerts": installation.report()["alert_count"],
}))
"""


def measure() -> list[Result]:
    """Receive the alerts into a table in memory, plan them, and review the report."""
    program = _REVIEW.replace("ALERTS", str(ALERTS))
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(run.stdout)
    beside = {"alerts in the report": found["alerts"]}
    return [
        Result(6, f"review of a report of {ALERTS:,} alerts", SECONDS, found["seconds"], "s", beside=beside),
        Result(6, "memory of the process, its table and the alerts included", MEGABYTES, found["megabytes"], "MB"),
    ]
