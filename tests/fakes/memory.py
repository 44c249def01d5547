"""What the command line simulates AWS with, and faults between any two calls of it."""

from collections.abc import Callable
from typing import Any

from alert_responder.errors import DependencyError
from alert_responder_cli.aws import in_memory


class Crash(BaseException):
    """The process is gone; nothing may catch it."""


class Faults:
    """Counts calls and strikes at one of them.

    Parameters
    ----------
    crash_before
        Number of the call, from 1, before which the process dies.
    lose_after
        Number of the call whose response is lost: it happened, but its caller is told it failed.
    """

    def __init__(self, crash_before: int = 0, lose_after: int = 0) -> None:
        self.calls = 0
        self._crash_before = crash_before
        self._lose_after = lose_after

    def call(self, do: Callable[[], Any]) -> Any:
        """Do a call, or strike."""
        self.calls += 1
        if self.calls == self._crash_before:
            raise Crash
        result = do()
        if self.calls == self._lose_after:
            raise DependencyError("the response was lost")
        return result


class Interleaved(Faults):
    """Has somebody else do something before one call; nothing fails.

    Parameters
    ----------
    before
        Number of the call, from 1.
    """

    def __init__(self, before: int, somebody: Callable[[], None]) -> None:
        super().__init__()
        self._before = before
        self._somebody = somebody

    def call(self, do: Callable[[], Any]) -> Any:
        """Do a call, after the other's."""
        self.calls += 1
        if self.calls == self._before:
            self._somebody()
        return do()


class Struck(in_memory.InMemoryService):
    """Something that may be struck at each of its calls."""

    faults: Faults

    def perform(self, do: Callable[[], Any]) -> Any:
        """Do a call, or strike."""
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
