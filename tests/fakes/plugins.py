"""Plug-ins, registry and archive in memory."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from alert_responder.contracts.plugin import Plugins
from alert_responder.errors import PluginError
from tests.fakes import limits
from tests.fakes.memory import Faults

Plugin = Callable[[dict[str, Any]], Any]


class MemoryPlugins:
    """See `usecases.ports.PluginCalls`; a function's own `PluginError` is raised, its answer becomes JSON."""

    def __init__(self, functions: Mapping[str, Plugin], faults: Faults | None = None) -> None:
        self.functions = functions
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults = faults or Faults()

    def call(self, arn: str, payload: dict[str, Any], seconds: float) -> bytes:
        """Call a function by its ARN, which is its name here."""
        assert seconds > 0
        return bytes(self.faults.call(lambda: self._call(arn, payload)))

    def _call(self, arn: str, payload: dict[str, Any]) -> bytes:
        limits.check_payload(json.dumps(payload).encode())
        self.calls.append((arn, payload))
        answer = self.functions[arn](payload)
        if isinstance(answer, PluginError):
            raise answer
        return limits.check_payload(answer if isinstance(answer, bytes) else json.dumps(answer).encode())


class FixedRegistry:
    """See `usecases.ports.Registry`."""

    def __init__(self, plugins: Plugins, faults: Faults | None = None) -> None:
        self.attached = plugins
        self.faults = faults or Faults()

    def plugins(self) -> Plugins:
        """Return what is attached."""
        found: Plugins = self.faults.call(lambda: self.attached)
        return found


class MemoryArchive:
    """See `usecases.ports.Archive`."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.objects: dict[str, bytes] = {}
        self.faults = faults or Faults()

    def put(self, key: str, document: bytes, content_type: str = "application/json") -> None:
        """Write an object."""
        limits.check_object(key)
        self.faults.call(lambda: self.objects.__setitem__(key, document))

    def get(self, key: str) -> bytes:
        """Read an object."""
        return bytes(self.faults.call(lambda: self.objects[key]))

    def copy(self, source: str, target: str) -> None:
        """Copy an object."""
        limits.check_object(target)
        self.faults.call(lambda: self.objects.__setitem__(target, self.objects[source]))


class SerialExecutor(Executor):
    """Does everything at once, in order, in the caller's thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Do it."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future
