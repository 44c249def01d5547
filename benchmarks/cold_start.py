"""Cold start: importing each handler and making its first client, from the tracked package as Lambda extracts it."""

import json
import os
import statistics
import subprocess
import tempfile
import zipfile
from pathlib import Path

from benchmarks.results import Result
from tools import package
from tools.paths import EMULATOR_ENVIRONMENT

TIMES_BOTO3 = 1.6
_RUNS = 11
_FUNCTIONS = ("receptor", "coordinator", "runner")
_BASE = "import boto3\nboto3.client('dynamodb')"
_FUNCTION = (
    "import alert_responder.handlers.{name}\nfrom alert_responder.bootstrap.common import client\nclient('dynamodb')"
)
_FIRST_CALL = {
    "receptor": "from alert_responder.bootstrap.receptor import formats, receptor\n"
    "from alert_responder.formats import parse_record\n"
    "receptor()\n"
    """parse_record(b'{"detector": "d", "rule_id": "r", "alert_key": "k"}', formats()[0])""",
    "coordinator": "from alert_responder.bootstrap.coordinator import planner\nplanner()",
    "runner": "from alert_responder.bootstrap.runner import inspection\ninspection()",
}
"""What the first call in a new container executes in addition: time saved at the start must not be spent here."""
_SETTINGS = {
    "AGGREGATION_WINDOW_SECONDS": "600",
    "MAX_NEW_REPORTS_PER_DETECTOR": "70",
    "MAX_NEW_REPORTS_PER_INSTALLATION": "none",
    "ARCHIVE_BUCKET": "bucket",
    "INSPECTION_TIMEOUT_SECONDS": "90",
    "INSTALLATION": "name",
    "MAX_INSPECTIONS_PER_REPORT": "20",
    "MAX_INSPECTION_DEPTH": "1",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "REPORT_RETENTION_DAYS": "30",
    "TABLE_NAME": "table",
    "WORKFLOW_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:name",
}
"""As Terraform sets them for all three functions."""

_TIMED = "import time\nbegun = time.process_time()\n{code}\nprint(time.process_time() - begun)"


def measure() -> list[Result]:
    """Compare with `import boto3` and one DynamoDB client, with and without byte code of the package."""
    with tempfile.TemporaryDirectory() as folder:
        shipped, compiled = Path(folder, "shipped"), Path(folder, "compiled")
        for target in (shipped, compiled):
            with zipfile.ZipFile(package.TARGET) as archive:
                archive.extractall(target)
        subprocess.run([_python(), "-m", "compileall", "-q", str(compiled)], check=True)
        cases = {"base": (_BASE, shipped)}
        for name in _FUNCTIONS:
            cases[name] = (_FUNCTION.format(name=name), shipped)
            cases[f"{name} with byte code"] = (_FUNCTION.format(name=name), compiled)
            cases[f"{name} called"] = (f"{_FUNCTION.format(name=name)}\n{_FIRST_CALL[name]}", shipped)
        # One of each in turn, so that other load on the machine affects all alike.
        rows = [{case: _seconds(*what) for case, what in cases.items()} for _ in range(_RUNS)]
    milliseconds = {case: 1000 * statistics.median(row[case] for row in rows) for case in cases}
    ratios = {case: statistics.median(row[case] / row["base"] for row in rows) for case in cases}
    return [
        Result(
            22,
            f"cold start of the {name}, in import boto3 and a client",
            TIMES_BOTO3,
            ratios[name],
            "x",
            beside={
                "processor time [ms]": milliseconds[name],
                "import boto3 and a client [ms]": milliseconds["base"],
                "with byte code in the package": ratios[f"{name} with byte code"],
                "with what its first call makes": ratios[f"{name} called"],
            },
        )
        for name in _FUNCTIONS
    ]


def _seconds(code: str, package_folder: Path) -> float:
    """Run code in a new interpreter that writes no byte code, and measure its processor time."""
    run = subprocess.run(
        [_python(), "-c", _TIMED.format(code=code)],
        capture_output=True,
        text=True,
        check=True,
        env={
            "PYTHONPATH": str(package_folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",  # never used in a request  # nosec B105
            "PATH": os.defpath,
            **_SETTINGS,
        },
    )
    return float(json.loads(run.stdout))


def _python() -> str:
    """Return the interpreter that has the packages of Lambda's runtime and of the layer."""
    return str(EMULATOR_ENVIRONMENT / "bin" / "python")
