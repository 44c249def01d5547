"""The time of one delivery."""

import time
from collections.abc import Callable

from alert_responder_plugins.common.errors import ReceiverFailedError

DELIVERY_SECONDS = 22.0
"""How long a delivery may take in all [s]; the runner waits for 30 s, a cold start included."""

REQUEST_SECONDS = 10
"""How long one request may take [s]: GitHub ends what it has worked on for so long."""


class Budget:
    """The time of one delivery, which begins when it is made."""

    def __init__(
        self,
        seconds: float = DELIVERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._began = clock()
        self._seconds = seconds

    def passed(self) -> float:
        """Return how long it has been going on [s]."""
        return self._clock() - self._began

    def wait(self, seconds: float) -> None:
        """Wait; raise `ReceiverFailedError`, at once, when there would be no time for a request after it."""
        if self.passed() + seconds > self._seconds - REQUEST_SECONDS:
            reason = f"It would take {seconds:.0f} s more to wait for GitHub" if seconds >= 1 else "GitHub was too slow"
            raise ReceiverFailedError(f"{reason}, which is longer than a delivery may take.")
        self.sleep(seconds)

    def sleep(self, seconds: float) -> None:
        """Wait, whether there is time for a request after it or not."""
        if seconds > 0:
            self._sleep(seconds)
