"""The time that one call of a plug-in may take, and waiting within it."""

import time
from collections.abc import Callable


class Patience:
    """How long there still is to wait for a receiver.

    Parameters
    ----------
    seconds
        The whole time of a call [s]; an emitter has 30 s, after which nobody waits for it any more.
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
        self._ends_at = clock() + seconds

    def renew(self) -> None:
        """Begin anew: the next call has come."""
        self._ends_at = self._clock() + self._seconds

    def left(self) -> float:
        """Tell how much time is left [s], never below 0."""
        return max(self._ends_at - self._clock(), 0.0)

    def wait(self, seconds: float, spare: float) -> bool:
        """Wait so long, and tell that it was done; False, at once, where less than `spare` [s] would be left."""
        if self.left() - seconds < spare:
            return False
        self._sleep(seconds)
        return True
