"""What a plug-in looks like to those who call it, wherever it runs."""

from typing import Any, Protocol


class Target(Protocol):
    """A plug-in that can be called; see `usecases.ports.PluginCalls` for the errors."""

    @property
    def name(self) -> str:
        """What it is called, for people."""
        ...

    def call(self, event: Any, seconds: float) -> bytes:
        """Call it once, wait for so long, and return the bytes of its answer, or raise a `PluginError`."""
        ...

    def restart(self) -> None:
        """Have the next call answered by a new process, where that is in one's power."""
        ...
