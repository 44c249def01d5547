"""Real, synchronous code that is suspended at each of its calls to anything outside.

Every actor has a thread of its own, but only one thread runs at a time: who is advanced runs until it is about to make
one call more than it may, and hands back. So a schedule is a list of "advance this one by so many calls", and the same
list does the same again.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from tests.fakes.memory import Crash

TO_THE_END = 10_000
"""More calls than any actor makes."""

_THREADS = ThreadPoolExecutor(1_000, "actor")
"""Whose threads are used again: to start one costs more than most of what an actor does."""

Strike = Literal["crash", "lose", "repeat", "refuse", "gone"]
"""What can befall a call; `ports` says what each means where."""


class Actor:
    """One invocation of receptor, coordinator or runner.

    Parameters
    ----------
    name
        For people who read a schedule.
    work
        What it does; its calls to the outside go through `before_call`.
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
        """Let it make so many calls, the first of them struck; it ends suspended before its next call, or done."""
        assert not self.done
        self._calls_left, self._strike = calls, strike
        if not self.begun:
            self.begun = True
            self._alone = calls >= TO_THE_END
            if self._alone:
                self._run()  # Nobody acts meanwhile: it takes no thread of its own, and much less time.
                return
            _THREADS.submit(self._run)
        else:
            self._go.release()
        self._back.acquire()

    def end(self) -> None:
        """End the thread of one that is not to go on."""
        if self.begun and not self.done:
            self.advance(TO_THE_END, "crash")
        self.done = True

    def before_call(self, kind: str) -> Strike | None:
        """Wait, on the actor's own thread, until its next call may be made; return what is to befall it."""
        self.next_call = kind
        assert self._calls_left or not self._alone, "it goes on for ever"
        while self._calls_left == 0:
            self._back.release()
            self._go.acquire()
        self._calls_left -= 1
        strike, self._strike = self._strike, None
        return strike

    def _run(self) -> None:
        try:
            self.result = self._work()
        except (Crash, Exception) as error:  # noqa: BLE001 - whoever advances it decides what its end means
            self.error = error
        self.done = True
        self._back.release()
