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
_TIMED = "import time\nbegun = time.process_time()\n{code}\nprint(time.process_time() - begun)"


def measure() -> list[Result]:
    """Compare with `import boto3` and one client of DynamoDB; without byte code of ours, as shipped, and with it."""
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
        # One of each in turn, so that what others do on the machine meets all alike.
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
            },
        )
        for name in _FUNCTIONS
    ]


def _seconds(code: str, package_folder: Path) -> float:
    """Run code in a fresh interpreter that writes no byte code, and time it by the processor's clock."""
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
            "AWS_SECRET_ACCESS_KEY": "b",  # nosec B105 - no client of it calls anything
            "PATH": os.defpath,
        },
    )
    return float(json.loads(run.stdout))


def _python() -> str:
    """The interpreter whose packages are those that Lambda's runtime and layer bring."""
    return str(EMULATOR_ENVIRONMENT / "bin" / "python")
