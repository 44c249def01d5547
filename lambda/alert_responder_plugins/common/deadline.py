"""The time limit of one call of a plug-in, and waiting within it."""

import time
from collections.abc import Callable


class Deadline:
    """The time that a call has left.

    Parameters
    ----------
    seconds
        Time limit of a call [s]. For emitters it must be less than the 30 s after which the runner stops waiting.
    """

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._started_at = clock()

    def restart(self) -> None:
        """Start the time of the next call."""
        self._started_at = self._clock()

    def elapsed(self) -> float:
        """Return the time since the call started [s]."""
        return self._clock() - self._started_at

    def remaining(self) -> float:
        """Return the time left [s], never below 0."""
        return max(self._seconds - self.elapsed(), 0.0)

    def wait(self, seconds: float, reserve: float = 0.0) -> bool:
        """Sleep, and return True; return False at once if less than `reserve` [s] would be left afterwards."""
        if self.remaining() - seconds < reserve:
            return False
        self.sleep(seconds)
        return True

    def sleep(self, seconds: float) -> None:
        """Sleep, even past the deadline."""
        if seconds > 0:
            self._sleep(seconds)
