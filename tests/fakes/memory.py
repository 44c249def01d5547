"""The command line's in-memory AWS with faults between any two calls."""

from collections.abc import Callable
from typing import Any

from alert_responder.errors import DependencyError
from alert_responder_cli.aws import in_memory


class Crash(BaseException):
    """The process has died; no code may catch this."""


class Faults:
    """Counts calls and makes one of them fail.

    Parameters
    ----------
    crash_before
        Number of the call, from 1, before which the process dies.
    lose_after
        Number of the call whose response is lost: the call succeeds, but its caller gets an error.
    """

    def __init__(self, crash_before: int = 0, lose_after: int = 0) -> None:
        self.calls = 0
        self._crash_before = crash_before
        self._lose_after = lose_after

    def call(self, do: Callable[[], Any]) -> Any:
        """Make a call, with its fault."""
        self.calls += 1
        if self.calls == self._crash_before:
            raise Crash
        result = do()
        if self.calls == self._lose_after:
            raise DependencyError("the response was lost")
        return result


class Interleaved(Faults):
    """Lets a concurrent actor act before one call; nothing fails.

    Parameters
    ----------
    before
        Number of the call, from 1.
    """

    def __init__(self, before: int, actor: Callable[[], None]) -> None:
        super().__init__()
        self._before = before
        self._actor = actor

    def call(self, do: Callable[[], Any]) -> Any:
        """Make a call, after the actor's."""
        self.calls += 1
        if self.calls == self._before:
            self._actor()
        return do()


class Struck(in_memory.InMemoryService):
    """A service with faults."""

    faults: Faults

    def perform(self, do: Callable[[], Any]) -> Any:
        """Make a call, with its fault."""
        return self.faults.call(do)


class MemoryTable(Struck, in_memory.MemoryTable):
    """See `store.table.Table`."""

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__()
        self.faults = faults or Faults()


class MemoryWorkflow(Struck, in_memory.MemoryWorkflow):
    """See `usecases.ports.Workflow`."""

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__()
        self.faults = faults or Faults()
