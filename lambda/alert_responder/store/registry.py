"""The registry of plug-ins: written by Terraform alone, read through a short memory."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin, Plugins, ReviewerPlugin
from alert_responder.errors import DependencyError
from alert_responder.store import keys
from alert_responder.store.table import Table

MAX_AGE_MS = 30_000
"""How long the registry is remembered [ms] (design, data)."""

_Kind = TypeVar("_Kind", InspectorPlugin, EmitterPlugin, ReviewerPlugin)


class TableRegistry:
    """See `usecases.ports.Registry`."""

    def __init__(self, table: Table, clock: Callable[[], int]) -> None:
        self._table = table
        self._clock = clock
        self._plugins: Plugins | None = None
        self._read_at = 0

    def plugins(self) -> Plugins:
        """Return all that are attached and enabled; raise `DependencyError` for an item not written by Terraform."""
        now = self._clock()
        if self._plugins is None or now - self._read_at >= MAX_AGE_MS:
            reviewers = self._read(keys.REVIEWERS, ReviewerPlugin)
            self._plugins = Plugins(
                inspectors=self._read(keys.INSPECTORS, InspectorPlugin),
                emitters=self._read(keys.EMITTERS, EmitterPlugin),
                reviewer=reviewers[0] if reviewers else None,
            )
            self._read_at = now
        return self._plugins

    def _read(self, pk: str, kind: type[_Kind]) -> tuple[_Kind, ...]:
        found = self._table.query(pk, " ", keys.LAST)
        try:
            plugins = [kind.model_validate({**item, "name": item["sk"]}) for item in found]
        except ValidationError as error:
            raise DependencyError(f"{pk}: an item is not as Terraform writes it: {error.errors()[0]['loc']}") from None
        return tuple(plugin for plugin in plugins if plugin.enabled)
