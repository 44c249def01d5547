"""The doors of the installation: who goes through one is suspended there, struck there, and watched.

A transaction conflict or throttling that passes is a wait of the adapter before the call, in which others act: that is
what being suspended is. One that does not pass within its tries is `refuse`.
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
    """Knows who is acting; nobody while the machine itself looks at the installation."""

    @property
    def acting(self) -> Actor | None: ...


class Door(Faults):
    """Before table, workflow, archive and registry."""

    def __init__(self, stage: Stage, usual: str) -> None:
        super().__init__()
        self._stage = stage
        self._usual = self.kind = usual

    def call(self, do: Callable[[], Any]) -> Any:
        """Do a call as soon as its actor may, or what is to befall it."""
        strike = self._wait()
        if strike in {"refuse", "gone"}:
            raise DependencyError("refused for too long")
        if strike == "repeat":
            # Its response was lost, and the SDK sent it once more: the second answer is what the caller gets.
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
    """Before the plug-ins; `repeat` stands for a plug-in that fails and says so."""

    def call(self, do: Callable[[], Any]) -> Any:
        """Call a plug-in as soon as its actor may, or what is to befall it."""
        strike = self._wait()
        if strike == "refuse":
            raise PluginThrottledError("refused for want of capacity")
        if strike == "repeat":
            raise PluginFailedError("it raised")
        if strike == "gone":
            raise PluginUnreachableError("it was deleted")
        result = do()
        if strike == "lose":
            raise PluginTimeoutError("it acted, but no answer came in time")
        return result


class WatchedTable(MemoryTable):
    """Has its writes told from its reads at the door, and tells of each when it is done."""

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
        # Read by the door before it waits, so that others who come meanwhile are told apart again.
        self._door.kind = "write"
        do()

    def _write(self, actions: Sequence[Action]) -> None:
        super()._write(actions)
        self._watch(actions)
