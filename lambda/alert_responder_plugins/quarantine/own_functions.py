"""AlertResponder's own Lambda functions, which the quarantine never stops."""

from alert_responder.store import keys
from alert_responder.store.table import Table
from alert_responder_plugins.quarantine.settings import QuarantineSettings

CORE = ("coordinator", "receptor", "runner")
"""Functions of AlertResponder itself; their names follow the installation's."""

_REGISTERED = (keys.COMMANDS, keys.EMITTERS, keys.INSPECTORS, keys.REVIEWERS)


def with_own_functions(settings: QuarantineSettings, table: Table) -> QuarantineSettings:
    """Add the exact ARNs of AlertResponder's functions and of all attached plug-ins' to the protected ones.

    They are read from the table, so that plug-ins that are attached later are protected at once. Raises
    `DependencyError` if they cannot be read, so that nothing is contained. Without the kind `function` nothing is read.
    """
    if "function" not in settings.kinds:
        return settings
    functions = f"arn:{settings.partition}:lambda:{settings.region}:{settings.account_id}:function:"
    own = {f"{functions}{settings.installation}-{name}" for name in CORE}
    for partition in _REGISTERED:
        for item in table.query(partition, " ", keys.LAST):
            # An attached function may be a version or an alias.
            own.add(":".join(str(item["arn"]).split(":")[:7]))
    return settings.model_copy(update={"protected_arns": settings.protected_arns | own})
