"""A time limit for pure work, with timers of the operating system."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from alert_responder.errors import TimeLimitExceededError

MOST_SECONDS = 25
"""Maximum time for one record [s]. The slowest known record of maximum size takes a third of it in the receptor."""

MOST_PROCESSOR_SECONDS = 30
"""Processor time after which the operating system ends the process [s], because a library that does not handle signals
would otherwise run until the function times out."""


@contextmanager
def time_limit(seconds: float = MOST_SECONDS, processor_seconds: float = MOST_PROCESSOR_SECONDS) -> Generator[None]:
    """Raise `TimeLimitExceededError` when the work takes too long, and end the process if that has no effect.

    Python runs signal handlers only in the main thread, in which Lambda calls handlers; other threads have no limit.
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
        # Separate from the above, where the alarm may still be raised once.
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def _raise(_signal: int, _frame: FrameType | None) -> None:
    raise TimeLimitExceededError
