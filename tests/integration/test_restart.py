"""AWS goes away in the middle, and every running execution with it: the sweeper brings all to its end."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.conftest import apply_example
from tests.integration.pipeline import Pipeline
from tools.emulator import Emulator

KEYS, ALERTS = 20, 100
SAVING_SECONDS = 60


@pytest.fixture
def state() -> Iterator[dict[str, str]]:
    """Settings with which an emulator keeps its state for the next one."""
    with tempfile.TemporaryDirectory(prefix="alert-responder-state-") as folder:
        yield {
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "STATE_DIR": f"{folder}/state",
            "S3_DATA_DIR": f"{folder}/s3",
        }


def test_rounds_that_died_with_the_emulator_are_done_again(state: dict[str, str], tmp_path: Path) -> None:
    with Emulator(settings=state) as emulator:
        # Long enough for every round to be caught in it.
        before = apply_example(emulator, tmp_path, {"inspection_delay_seconds": 25, "inspection_timeout_seconds": 60})
        before.send([before.alert("restart", ("ipaddr", "192.0.2.9"), suffix=f"-{n % KEYS}") for n in range(ALERTS)])
        before.wait(lambda: sum(s.alert_count for s in before.of_key("restart")) == ALERTS, "all alerts in reports")
        running = [s for s in before.of_key("restart") if s.head.started and not s.settled]
        assert len(running) == KEYS, "the rounds are over already"
        interrupt(emulator, Path(state["STATE_DIR"]))

    with Emulator(settings=state) as emulator:
        after = Pipeline(replace(before.installation, account=emulator.account), before.example)
        # The first starts the next rounds, the second must find nothing left to do once they are through.
        assert after.sweep()["revived"] == KEYS
        found = after.settled("restart", KEYS)
        assert after.sweep()["revived"] == 0

        assert [(s.alert_count, s.head.round) for s in found] == [(ALERTS // KEYS, 2)] * KEYS
        for standing in found:
            report = after.report(standing)
            assert report["alert_count"] == ALERTS // KEYS
            assert [finding["outcome"] for finding in report["findings"]] == ["empty"]
            assert len(after.told(standing.report_id)) == 1


def interrupt(emulator: Emulator, state: Path) -> None:
    """Have the server save its state, as SIGTERM does, and end it."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    (server,) = [int(pid) for pid, parent in map(str.split, listed.splitlines()) if int(parent) == emulator.pid]
    os.kill(server, signal.SIGTERM)
    # It would go on until the last execution's thread has ended.
    last, until = -1, time.monotonic() + SAVING_SECONDS
    while (size := sum(file.stat().st_size for file in state.glob("*.json"))) == 0 or size != last:
        assert time.monotonic() < until, "the emulator does not save its state"
        last = size
        time.sleep(2)
    emulator.stop()
