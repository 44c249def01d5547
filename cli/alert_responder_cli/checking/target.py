"""The interface to a plug-in, wherever it runs."""

from typing import Any, Protocol


class Target(Protocol):
    """A plug-in that can be called; see `usecases.ports.PluginCalls` for the errors."""

    @property
    def name(self) -> str:
        """Its name for messages."""
        ...

    def call(self, event: Any, seconds: float) -> bytes:
        """Call it once with a time limit [s]; return the bytes of its answer, or raise a `PluginError`."""
        ...

    def restart(self) -> None:
        """Use a new process for the next call, if possible."""
        ...
