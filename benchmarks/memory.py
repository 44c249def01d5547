"""Memory of each step for the largest possible report, in a separate process."""

import json
import subprocess
import sys

from benchmarks.results import Result
from tools.paths import ROOT

COORDINATOR_MEGABYTES = 0.6 * 1024

_ROUND = """
import json, re
from pathlib import Path
import boto3
from alert_responder.domain.report_caps import MAX_ATTRIBUTES
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import Event
from alert_responder.formats import parse_record
from alert_responder.usecases.review import Round
from tests.fakes.installation import Installation
from tests.fakes.pages import printed

clients = [boto3.client(name, region_name="eu-west-1") for name in ("dynamodb", "s3", "lambda", "stepfunctions")]
small = "{}," * 80_000
answer = ('{"contents":[{"type":"note","title":"t","data":[%s0]}]}' % small).encode()
installation = Installation(
    {"inspector": lambda task: answer}, emitters={"emitter": lambda emission: None}, print_page=printed,
    limits=Limits(2, 500), window_ms=10_800_000,
)

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def send(number, document):
    parsed, rejects = parse_record(document)
    assert not rejects
    (one,) = parsed
    installation.receive(Event(f"e{number}", number, str(number), one.alert, one.cut_off))

about = {"detector": "edr", "rule_id": "r", "alert_key": "k"}
for number in range(MAX_ATTRIBUTES // 1_000 + 2):
    attributes = [{"type": "domain", "value": f"d{number}-{n}.example.net"} for n in range(1_000)]
    send(number, json.dumps({**about, "description": "x" * 2_000, "attributes": attributes}).encode())
for number in range(100, 130):
    send(number, (json.dumps(about)[:-1] + ',"body":[%s0]}' % ("{}," * 340_000)).encode())
found = {"receive": peak()}
(head,) = installation.heads()
plan = installation.steps.planner.plan(head.report_id, 1, 1, None)
found["plan"] = peak()
for chunk in plan.chunks:
    installation.steps.inspection.inspect(head.report_id, 1, chunk, plan.deadline)
found["inspect"] = peak()
installation.steps.planner.plan(head.report_id, 1, 2, plan.deadline)
found["plan again"] = peak()
installation.steps.reviewer.review(Round(head.report_id, 1, plan.revision, 2, None, as_it_stands=False))
found["review"] = peak()
installation.steps.deliverer.deliver(head.report_id, 1, "emitter")
found["emit"] = peak()
print(json.dumps({"peaks": found, "notes": installation.report()["notes"]}))
"""


def measure() -> list[Result]:
    """Fill a report to its caps with JSON that takes 24 times its size in memory, and run a round."""
    run = subprocess.run([sys.executable, "-c", _ROUND], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(run.stdout)
    peak = max(found["peaks"].values())
    return [Result(29, "largest report: peak of all steps", COORDINATOR_MEGABYTES, peak, "MB", beside=found["peaks"])]
