"""Doors in front of the installation's ports, where actors are suspended, suffer faults, and are watched.

A transaction conflict or throttling that passes makes the adapter wait before the call while others act: suspending an
actor stands for it. One that does not pass within the adapter's tries is `refuse`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from alert_responder.errors import (
    ConditionFailedError,
    DependencyError,
    PluginFailedError,
    PluginThrottledError,
    PluginTimeoutError,
    PluginUnreachableError,
)
from alert_responder.store.table import Action, Put, Update
from tests.fakes.memory import Crash, Faults, MemoryTable
from tests.unit.protocol.actors import Actor, Strike


class Stage(Protocol):
    """Knows the acting actor; None while the machine itself reads the installation."""

    @property
    def acting(self) -> Actor | None: ...


class Door(Faults):
    """In front of table, workflow, archive and registry."""

    def __init__(self, stage: Stage, usual: str) -> None:
        super().__init__()
        self._stage = stage
        self._usual = self.kind = usual

    def call(self, do: Callable[[], Any]) -> Any:
        """Make a call as soon as its actor may, or apply a fault."""
        strike = self._wait()
        if strike in {"refuse", "gone"}:
            raise DependencyError("refused for too long")
        if strike == "repeat":
            # Its response was lost, and the SDK sent it again: the caller gets the second answer.
            self._first(do)
        result = do()
        if strike == "lose":
            raise DependencyError("the response was lost")
        return result

    def _wait(self) -> Strike | None:
        actor, kind = self._stage.acting, self.kind
        self.kind = self._usual
        strike = actor.before_call(kind) if actor else None
        if strike == "crash":
            raise Crash
        return strike

    def _first(self, do: Callable[[], Any]) -> None:
        try:
            do()
        except ConditionFailedError:
            return


class PluginDoor(Door):
    """In front of the plug-ins; `repeat` stands for a plug-in that reports a failure."""

    def call(self, do: Callable[[], Any]) -> Any:
        """Call a plug-in as soon as its actor may, or apply a fault."""
        strike = self._wait()
        if strike == "refuse":
            raise PluginThrottledError("refused: no capacity")
        if strike == "repeat":
            raise PluginFailedError("it raised")
        if strike == "gone":
            raise PluginUnreachableError("it was deleted")
        result = do()
        if strike == "lose":
            raise PluginTimeoutError("it acted, but no answer came in time")
        return result


class WatchedTable(MemoryTable):
    """Distinguishes writes from reads at the door, and reports each write when it is done."""

    def __init__(self, door: Door, watch: Callable[[Sequence[Action]], None]) -> None:
        super().__init__(door)
        self._door = door
        self._watch = watch

    def write(self, action: Put | Update) -> None:
        """Write one item, or raise `ConditionFailedError`."""
        self._writing(lambda: super(WatchedTable, self).write(action))

    def transact(self, actions: Sequence[Action]) -> None:
        """Do all or nothing."""
        self._writing(lambda: super(WatchedTable, self).transact(actions))

    def _writing(self, do: Callable[[], None]) -> None:
        # The door reads this before it waits, so that it can distinguish the calls of others meanwhile.
        self._door.kind = "write"
        do()

    def _write(self, actions: Sequence[Action]) -> None:
        super()._write(actions)
        self._watch(actions)
