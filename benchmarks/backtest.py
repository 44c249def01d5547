"""Speed of a backtest over many stored reports, and its memory as their number grows."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from benchmarks import backtest_server
from benchmarks.cpu import tree
from benchmarks.results import Result
from tools.paths import ROOT

REPORTS, FEWER = 10_000, 2_000
A_SECOND, GROWTH = 500.0, 1.1
RULES, POLICY_SECONDS = 200, 60.0

_REVIEWER = """
def handler(report, context):
    verdicts = [each.get("verdict") for finding in report["findings"] for each in finding["contents"]]
    bad = verdicts.count("suspicious") + verdicts.count("malicious")
    return {"severity": "urgent" if bad > 2 else "safe", "reason": f"{bad} of {len(verdicts)} say that it is bad."}
"""
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


def measure() -> list[Result]:
    """Run the command over many reports, and over fewer, and with a policy."""
    fewer, most, policy = _run(FEWER), _run(REPORTS), _run(REPORTS, "--policy", "policy.json")
    what = f"reports of a backtest over {REPORTS:,}, with a reviewer on this machine"
    names = ("seconds", "processor time a report, on all cores [ms]", "rated otherwise", "bytes a report")
    beside = {name: most[name] for name in names}
    grown = {f"with {FEWER:,} reports [MB]": fewer["megabytes"], f"with {REPORTS:,} [MB]": most["megabytes"]}
    rate = REPORTS / most["seconds"]
    return [
        Result(27, what, A_SECOND, rate, "a second", at_least=True, beside=beside),
        Result(
            27,
            f"memory of all its processes, {REPORTS:,} beside {FEWER:,}",
            GROWTH,
            most["megabytes"] / fewer["megabytes"],
            "x",
            beside=grown,
        ),
        Result(
            27,
            f"a backtest over {REPORTS:,} reports, with a policy of {RULES} rules",
            POLICY_SECONDS,
            policy["seconds"],
            "s",
            beside={name: policy[name] for name in (*names, "megabytes")},
        ),
    ]


def _run(reports: int, *reviewer: str) -> dict[str, Any]:
    with _served(reports) as endpoint, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "policy.py").write_text(_REVIEWER)
        (Path(folder) / "policy.json").write_text(json.dumps(_policy()))
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("lambda", "cli")),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "us-east-1",
            **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test"),
        }
        command = [sys.executable, "-m", "alert_responder_cli", "backtest"]
        command += reviewer or ("--reviewer", "policy.py:handler")
        options = ["--since", f"{backtest_server.DAYS + 1}d", "--installation", backtest_server.NAME, "--json"]
        begun, used, megabytes, answer = time.monotonic(), _used(), 0.0, Path(folder) / "answer.json"
        with (
            answer.open("w") as file,
            subprocess.Popen([*command, *options], cwd=folder, env=environment, stdout=file) as process,
        ):
            while process.poll() is None:
                megabytes = max(megabytes, sum(map(_resident, tree(process.pid))))
                time.sleep(0.1)
            seconds = time.monotonic() - begun
        found = json.loads(answer.read_text(encoding="utf-8"))
    if process.returncode or found["reports"] != reports:
        raise RuntimeError(f"the backtest ended with {process.returncode} after {found['reports']} reports")
    size = len(backtest_server.document(reports, "0" * 26))
    return {
        "seconds": seconds,
        "megabytes": megabytes,
        "processor time a report, on all cores [ms]": 1000 * (_used() - used) / reports,
        "rated otherwise": found["changed"],
        "bytes a report": size,
    }


def _policy() -> dict[str, Any]:
    """Make a policy of rules that all have to be checked, and of suppressions."""
    kinds: list[dict[str, Any]] = [
        {"match": {"verdict": "malicious", "attribute_type": "domain", "context": "remote"}},
        {"match": {"attribute": {"cidr": [f"10.{number}.0.0/16" for number in range(50)]}}},
        {"match": {"attribute": {"type": "ipaddr", "value": ["203.0.113.*", "192.0.2.1"]}}},
        {"match": {"detector": "vpn"}, "when": "attributes[?type == 'domain' && contains(value, 'never')]"},
        {"match": {"rule": "Recon:*", "severity": "high", "account": "111122223333"}},
    ]
    rules = [{**kinds[number % len(kinds)], "name": f"rule {number}", "severity": "urgent"} for number in range(RULES)]
    rules.append({"name": "suspicious", "match": {"verdict": "suspicious"}, "severity": "urgent"})
    suppression = {"owner": "a", "reason": "b", "starts": "2026-01-01", "expires": "2026-03-01"}
    suppressions = [
        {**suppression, "name": f"s {number}", "match": {"attribute": {"cidr": f"192.0.{number}.0/24"}}}
        for number in range(50)
    ]
    return {"rules": rules, "suppressions": suppressions}


@contextmanager
def _served(reports: int) -> Generator[str]:
    now = time.time_ns() // 1_000_000
    command = [sys.executable, "-m", "benchmarks.backtest_server", str(reports), str(now)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(("lambda", "cli", "."))}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(cast(IO[str], process.stdout).readline())}"
        finally:
            process.terminate()


def _used() -> float:
    """Return the processor time of child processes that have ended, and of their children [seconds]."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _resident(pid: int) -> float:
    """Return the proportional memory of a process [MB]; 0 if it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * _PAGE_SIZE / 1e6
