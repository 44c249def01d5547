"""The organisation's own networks, which the quarantine never blocks."""

from alert_responder.domain.internal import unmapped
from alert_responder.store.registry import installation_settings
from alert_responder.store.table import Table
from alert_responder_plugins.quarantine.settings import QuarantineSettings


def with_internal_networks(settings: QuarantineSettings, table: Table) -> QuarantineSettings:
    """Protect the installation's `internal_networks` as well.

    They are in the table, since 200 of them do not fit a function's environment. Raises `DependencyError` when they
    cannot be read: nothing is blocked then.
    """
    internal = map(str, map(unmapped, installation_settings(table).internal_networks))
    protected = (*settings.protected_networks, *internal)
    return settings.model_copy(update={"protected_networks": protected})
