"""Work that takes too long is stopped, and leaves no timer behind."""

import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from alert_responder.errors import TimeLimitExceededError
from alert_responder.handlers.time_limit import time_limit
from tools.paths import ROOT


def endless() -> None:
    while True:
        pass


def greedy() -> None:
    re.match(r"(a+)+$", "a" * 40 + "b")


def stubborn() -> None:
    while True:
        with suppress(Exception):
            time.sleep(60)


@pytest.mark.parametrize("work", [endless, greedy, stubborn])
def test_endless_work_is_stopped(work: object) -> None:
    before = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_VIRTUAL)
    with pytest.raises(TimeLimitExceededError), time_limit(0.05):
        work()  # type: ignore[operator]
    assert (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_VIRTUAL)) == before


def test_an_existing_timer_is_kept() -> None:
    another = signal.setitimer(signal.ITIMER_REAL, 1_000)
    try:
        with time_limit(5):
            pass
        assert 990 < signal.getitimer(signal.ITIMER_REAL)[0] <= 1_000
    finally:
        signal.setitimer(signal.ITIMER_REAL, *another)


def test_work_in_another_thread_is_left_alone() -> None:
    done = threading.Event()

    def work() -> None:
        with time_limit(0.001):
            time.sleep(0.01)
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done.is_set()


def test_work_that_ignores_signals_ends_with_its_process() -> None:
    """A call into a C library, such as a sum of numbers, does not handle signals."""
    code = """
from alert_responder.handlers.time_limit import time_limit
with time_limit(0.05, 0.2):
    sum(range(10**12))
"""
    paths = {"PYTHONPATH": str(ROOT / "lambda")}
    run = subprocess.run([sys.executable, "-c", code], check=False, timeout=60, env=paths)
    assert run.returncode == -signal.SIGVTALRM
