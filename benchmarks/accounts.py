"""Time of the command `accounts` in a simulated organisation of 500 accounts, also while STS throttles."""

import json
import os
import resource
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import certifi
import trustme

from benchmarks import accounts_server
from benchmarks.results import Result
from tools.paths import ROOT

ACCOUNTS, SECONDS = 500, 60.0
_REGIONS = ("us-east-1", "eu-west-1")
_RATES = {"": 10_000, ", STS answers 30 AssumeRole a second": 30}


def measure() -> list[Result]:
    """Run the command on the organisation, with one forwarder in each of two regions."""
    results = []
    for what, rate in _RATES.items():
        seconds, calls = _run(rate)
        expected = {"AssumeRole": ACCOUNTS, "GetRole": ACCOUNTS * (2 + len(_REGIONS))}
        if any(calls[name] != number for name, number in expected.items()):
            raise RuntimeError(f"the command called {calls} instead of {expected}")
        delay = {"latency of a call [ms]": accounts_server.CALL_SECONDS * 1000}
        results.append(
            Result(36, f"accounts, {ACCOUNTS} accounts{what}", SECONDS, seconds, "s", beside={**delay, **calls})
        )
    return results


def _run(rate: int) -> tuple[float, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder), rate) as (endpoint, bundle):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("lambda", "cli")),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_CA_BUNDLE": str(bundle),
            "AWS_REGION": _REGIONS[0],
            "ALERT_RESPONDER_EXTERNAL_ID": accounts_server.EXTERNAL_ID,
            **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test"),
        }
        command = [sys.executable, "-m", "alert_responder_cli", "accounts", "--installation", accounts_server.NAME]
        command += ["--member-name", "alert-responder", "--regions", ",".join(_REGIONS), "--json"]
        begun, used = time.monotonic(), _used()
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds, processor = time.monotonic() - begun, _used() - used
        answering = [
            each["id"] for each in json.loads(ended.stdout or "{}").get("accounts", ()) if not each["problems"]
        ]
        if ended.returncode or len(answering) != ACCOUNTS:
            raise RuntimeError(f"accounts ended with {ended.returncode}, {len(answering)} answer: {ended.stderr}")
        context = ssl.create_default_context(cafile=bundle)
        with urllib.request.urlopen(f"{endpoint}/calls", context=context) as answer:  # noqa: S310  # served here  # nosec B310
            calls: dict[str, float] = json.load(answer)
        return seconds, {"processor time [s]": processor, **calls}


def _used() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


@contextmanager
def _served(folder: Path, rate: int) -> Generator[tuple[str, Path]]:
    authority, bundle, certificate = trustme.CA(), folder / "bundle.pem", folder / "server.pem"
    # As large as the one that is read for each connection to AWS.
    bundle.write_bytes(Path(certifi.where()).read_bytes() + authority.cert_pem.bytes())
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    paths: dict[str, Any] = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda"), str(ROOT / "cli")])}
    command = [sys.executable, "-m", "benchmarks.accounts_server", str(ACCOUNTS), str(rate), str(certificate)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **paths}, stdout=subprocess.PIPE, text=True) as process:
        port = cast(IO[str], process.stdout).readline().strip()
        try:
            yield f"https://127.0.0.1:{port}", bundle
        finally:
            process.kill()
