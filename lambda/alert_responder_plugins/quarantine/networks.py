"""The installation's internal networks, which the quarantine never blocks."""

from alert_responder.domain.internal import unmapped
from alert_responder.store.registry import installation_settings
from alert_responder.store.table import Table
from alert_responder_plugins.quarantine.settings import QuarantineSettings


def with_internal_networks(settings: QuarantineSettings, table: Table) -> QuarantineSettings:
    """Add the installation's `internal_networks` to the protected networks.

    They are read from the table, because 200 networks do not fit into a function's environment. Raises
    `DependencyError` if they cannot be read, so that nothing is blocked.
    """
    internal = map(str, map(unmapped, installation_settings(table).internal_networks))
    protected = (*settings.protected_networks, *internal)
    return settings.model_copy(update={"protected_networks": protected})
