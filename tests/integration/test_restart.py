"""AWS stops with all running executions: the sweeper completes all reports."""

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from tests.integration.conftest import RECIPE
from tests.integration.pipeline import Pipeline
from tools import saved_installations
from tools.emulator import Emulator, state_settings
from tools.installation import LocalExample

KEYS, ALERTS = 20, 100
SAVING_SECONDS = 60


def test_rounds_that_died_with_the_emulator_are_run_again(tmp_path: Path) -> None:
    saved_installations.copy(saved_installations.save(RECIPE), tmp_path, {})
    settings = state_settings(tmp_path)
    with Emulator(settings=settings) as emulator:
        # Long enough for every round to be running.
        slow = {**RECIPE.variables, "inspection_delay_seconds": 25, "inspection_timeout_seconds": 60}
        example = LocalExample(emulator.account, tmp_path / "example", slow)
        before = Pipeline(example.apply(), example)
        before.send([before.alert("restart", ("ipaddr", "192.0.2.9"), suffix=f"-{n % KEYS}") for n in range(ALERTS)])
        before.wait(lambda: sum(s.alert_count for s in before.of_key("restart")) == ALERTS, "all alerts in reports")
        running = [s for s in before.of_key("restart") if s.head.started and not s.settled]
        assert len(running) == KEYS, "some rounds are over already"
        interrupt(emulator, tmp_path / "state")

    with Emulator(settings=settings) as emulator:
        after = Pipeline(replace(before.installation, account=emulator.account), before.example)
        # The first sweep starts the next rounds; after them, the second must find nothing to do.
        assert after.sweep()["revived"] == KEYS
        found = after.settled("restart", KEYS)
        assert after.sweep()["revived"] == 0

        assert [(s.alert_count, s.head.round) for s in found] == [(ALERTS // KEYS, 2)] * KEYS
        for status in found:
            report = after.report(status)
            assert report["alert_count"] == ALERTS // KEYS
            assert [finding["outcome"] for finding in report["findings"]] == ["empty"]
            assert len(after.emissions(status.report_id)) == 1


def interrupt(emulator: Emulator, state: Path) -> None:
    """Make the server save its state, as on SIGTERM, and end it."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    (server,) = [int(pid) for pid, parent in map(str.split, listed.splitlines()) if int(parent) == emulator.pid]
    begun = time.time()
    os.kill(server, signal.SIGTERM)
    # Otherwise it would run until the last execution's thread has ended.
    last, until = -1, time.monotonic() + SAVING_SECONDS
    while (size := written(state, begun)) == 0 or size != last:
        assert time.monotonic() < until, "the emulator did not save its state"
        last = size
        time.sleep(2)
    emulator.stop()


def written(state: Path, since: float) -> int:
    """Return the number of bytes of state that were written since a time."""
    found = [file.stat() for file in state.glob("*.json")]
    return sum(each.st_size for each in found if each.st_mtime >= since)
