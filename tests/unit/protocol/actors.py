"""Real, synchronous code that is suspended at each of its calls to anything outside.

Every actor has its own thread, but only one thread runs at a time: an actor that is advanced runs until it is about to
make one call more than it may, and hands back. A schedule is therefore a list of "advance this actor by so many calls",
and the same list has the same effect again.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from tests.fakes.memory import Crash

TO_THE_END = 10_000
"""More calls than any actor makes."""

_THREADS = ThreadPoolExecutor(1_000, "actor")
"""Threads to reuse: starting one takes longer than most of what an actor does."""

Strike = Literal["crash", "lose", "repeat", "refuse", "gone"]
"""Faults of a call; `ports` defines each of them."""


class Actor:
    """One invocation of receptor, coordinator or runner.

    Parameters
    ----------
    name
        For people who read a schedule.
    work
        The code to run; its calls to the outside go through `before_call`.
    """

    def __init__(self, name: str, work: Callable[[], Any]) -> None:
        self.name = name
        self.begun = self.done = False
        self.next_call = ""
        self.result: Any = None
        self.error: BaseException | None = None
        self._work = work
        self._calls_left = 0
        self._alone = False
        self._strike: Strike | None = None
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()

    def advance(self, calls: int, strike: Strike | None = None) -> None:
        """Let it make so many calls, with a fault at the first; it ends suspended before its next call, or done."""
        assert not self.done
        self._calls_left, self._strike = calls, strike
        if not self.begun:
            self.begun = True
            self._alone = calls >= TO_THE_END
            if self._alone:
                self._run()  # No other actor runs meanwhile: without a thread it takes much less time.
                return
            _THREADS.submit(self._run)
        else:
            self._go.release()
        self._back.acquire()

    def end(self) -> None:
        """End the thread of an actor that will not go on."""
        if self.begun and not self.done:
            self.advance(TO_THE_END, "crash")
        self.done = True

    def before_call(self, kind: str) -> Strike | None:
        """Wait, on the actor's own thread, until its next call may be made; return the fault to apply."""
        self.next_call = kind
        assert self._calls_left or not self._alone, "it never ends"
        while self._calls_left == 0:
            self._back.release()
            self._go.acquire()
        self._calls_left -= 1
        strike, self._strike = self._strike, None
        return strike

    def _run(self) -> None:
        try:
            self.result = self._work()
        except (Crash, Exception) as error:  # noqa: BLE001 - the caller of `advance` decides what it means
            self.error = error
        self.done = True
        self._back.release()
