"""The registry of plug-ins and the installation's settings: written by Terraform alone, read through a short memory."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.plugin import (
    EmitterPlugin,
    InspectorPlugin,
    InstallationSettings,
    Plugins,
    ReviewerPlugin,
)
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
        """Return all that are attached and enabled, and the settings.

        Settings that are missing are the defaults: an installation of an earlier version has none.

        Raises
        ------
        DependencyError
            For an item not written by Terraform. Nothing is planned then: a rule that cannot be read is not dropped.
        """
        now = self._clock()
        if self._plugins is None or now - self._read_at >= MAX_AGE_MS:
            reviewers = self._read(keys.REVIEWERS, ReviewerPlugin)
            inspectors = self._read(keys.INSPECTORS, InspectorPlugin)
            self._plugins = Plugins(
                inspectors=inspectors,
                emitters=self._read(keys.EMITTERS, EmitterPlugin),
                reviewer=reviewers[0] if reviewers else None,
                # After the inspectors: Terraform attaches one when the settings it is to obey are there.
                settings=installation_settings(self._table),
            )
            self._read_at = now
        return self._plugins

    def _read(self, pk: str, kind: type[_Kind]) -> tuple[_Kind, ...]:
        found = self._table.query(pk, " ", keys.LAST)
        try:
            plugins = [kind.model_validate({**item, "name": item["sk"]}) for item in found]
        except ValidationError as error:
            raise _not_terraforms(pk, error) from None
        return tuple(plugin for plugin in plugins if plugin.enabled)


def installation_settings(table: Table) -> InstallationSettings:
    """Read the installation's settings; missing ones are the defaults.

    Raises
    ------
    DependencyError
        When they are not as Terraform writes them.
    """
    key = keys.settings()
    try:
        return InstallationSettings.model_validate(table.get(key) or {})
    except ValidationError as error:
        raise _not_terraforms(f"{key.pk}/{key.sk}", error) from None


def _not_terraforms(what: str, error: ValidationError) -> DependencyError:
    return DependencyError(f"{what}: item is not as Terraform writes it: {describe_faults(error, 'item')[0]}")
