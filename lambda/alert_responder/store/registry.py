"""The registry of plug-ins, settings and custom formats, which Terraform writes, and the marks of test reports."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.plugin import (
    EmitterPlugin,
    InspectorPlugin,
    InstallationSettings,
    Plugins,
    ReviewerPlugin,
)
from alert_responder.domain.doctor_mark import Mark
from alert_responder.errors import DependencyError
from alert_responder.store import keys
from alert_responder.store.table import Table

if TYPE_CHECKING:
    from alert_responder.contracts.mapping import FormatMapping

MAX_AGE_MS = 30_000
"""How long the registry is cached [ms]; see `docs/architecture.md`."""

_Kind = TypeVar("_Kind", InspectorPlugin, EmitterPlugin, ReviewerPlugin)


class TableRegistry:
    """See `usecases.ports.Registry`."""

    def __init__(self, table: Table, clock: Callable[[], int]) -> None:
        self._table = table
        self._clock = clock
        self._plugins: Plugins | None = None
        self._read_at = 0

    def plugins(self) -> Plugins:
        """Return the attached and enabled plug-ins, and the settings.

        Settings that are missing have their defaults: installations of earlier versions have none.

        Raises
        ------
        DependencyError
            An item is invalid. Nothing is planned then, so that no rule is ignored because it cannot be read.
        """
        now = self._clock()
        if self._plugins is None or now - self._read_at >= MAX_AGE_MS:
            reviewers = self._read(keys.REVIEWERS, ReviewerPlugin)
            inspectors = self._read(keys.INSPECTORS, InspectorPlugin)
            self._plugins = Plugins(
                inspectors=inspectors,
                emitters=self._read(keys.EMITTERS, EmitterPlugin),
                reviewer=reviewers[0] if reviewers else None,
                # Read last: Terraform writes the settings before it attaches an inspector that they apply to.
                settings=installation_settings(self._table),
            )
            self._read_at = now
        return self._plugins

    def _read(self, pk: str, kind: type[_Kind]) -> tuple[_Kind, ...]:
        found = self._table.query(pk, " ", keys.LAST)
        try:
            plugins = [kind.model_validate({**item, "name": item["sk"]}) for item in found]
        except ValidationError as error:
            raise _invalid(pk, error) from None
        return tuple(plugin for plugin in plugins if plugin.enabled)


def installation_settings(table: Table) -> InstallationSettings:
    """Read the installation's settings; raise `DependencyError` if they are invalid."""
    key = keys.settings()
    try:
        return InstallationSettings.model_validate(table.get(key) or {})
    except ValidationError as error:
        raise _invalid(f"{key.pk}/{key.sk}", error) from None


def read_mappings(table: Table) -> tuple["FormatMapping", ...] | None:
    """Read the custom formats; None if the item is missing. Raise `DependencyError` if it is invalid."""
    # Needed only by receptors with custom formats.
    from alert_responder.contracts.mapping import FormatMapping

    item = table.get(keys.formats())
    if item is None:
        return None
    try:
        # Earlier versions of the Terraform module wrote `each` for `events`.
        entries = [{"events": entry.get("each"), **entry} for entry in json.loads(item["mappings"])]
        return TypeAdapter(tuple[FormatMapping, ...]).validate_python(entries)
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError):
        raise DependencyError("config/formats: item is not as Terraform writes it") from None


def read_test_mark(table: Table, alert_id: str) -> Mark | None:
    """Read the test mark of an alert id; None if it is missing."""
    item = table.get(keys.test_mark(alert_id))
    return Mark(item["valid_from"], item["expires_at"] * 1000) if item else None


def _invalid(what: str, error: ValidationError) -> DependencyError:
    return DependencyError(f"{what}: item is not as Terraform writes it: {describe_faults(error, 'item')[0]}")
