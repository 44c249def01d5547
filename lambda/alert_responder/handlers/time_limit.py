"""A bound on the time of pure work, by the timers of the operating system."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from alert_responder.errors import TimeLimitExceededError

MOST_SECONDS = 25
"""Longest work on one record [s]. The slowest known record of the largest size takes a third of it on the receptor."""

MOST_PROCESSOR_SECONDS = 30
"""Processor time after which the operating system ends the process [s]: the work is in a library that does not look for
signals, and would otherwise last until the function times out."""


@contextmanager
def time_limit(seconds: float = MOST_SECONDS, processor_seconds: float = MOST_PROCESSOR_SECONDS) -> Generator[None]:
    """Have work end with `TimeLimitExceededError` when it takes too long, and the process end when that does not help.

    Python runs handlers of signals in the main thread alone, where Lambda calls handlers: elsewhere nothing is bounded.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGALRM, _raise)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_VIRTUAL, processor_seconds)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        # Apart from the above, where the alarm may still go off, once.
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def _raise(_signal: int, _frame: FrameType | None) -> None:
    raise TimeLimitExceededError
