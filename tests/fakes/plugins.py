"""Plug-ins, registry and archive in memory."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from alert_responder.contracts.plugin import Plugins
from alert_responder.errors import PluginError
from alert_responder_cli.aws import in_memory, limits
from tests.fakes.memory import Faults, Struck

Plugin = Callable[[dict[str, Any]], Any]


class MemoryPlugins:
    """See `usecases.ports.PluginCalls`; raises a `PluginError` that a function returns, and encodes other answers."""

    def __init__(self, functions: Mapping[str, Plugin], faults: Faults | None = None) -> None:
        self.functions = functions
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults = faults or Faults()

    def call(self, arn: str, document: bytes, seconds: float) -> bytes:
        """Call a function by its ARN, which is its name here."""
        assert seconds > 0
        return bytes(self.faults.call(lambda: self._call(arn, document)))

    def _call(self, arn: str, document: bytes) -> bytes:
        payload = json.loads(limits.check_payload(document))
        self.calls.append((arn, payload))
        answer = self.functions[arn](payload)
        if isinstance(answer, PluginError):
            raise answer
        return limits.check_payload(answer if isinstance(answer, bytes) else json.dumps(answer).encode())


class FixedRegistry(Struck, in_memory.FixedRegistry):
    """See `usecases.ports.Registry`."""

    def __init__(self, plugins: Plugins, faults: Faults | None = None) -> None:
        super().__init__(plugins)
        self.faults = faults or Faults()


class MemoryArchive(Struck, in_memory.MemoryArchive):
    """See `usecases.ports.Archive`."""

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__()
        self.faults = faults or Faults()
