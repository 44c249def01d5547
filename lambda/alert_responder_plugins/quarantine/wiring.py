"""Wire the parts of a quarantine; nothing is created at import."""

from collections.abc import Callable
from typing import Any

from alert_responder.store.table import Table
from alert_responder_plugins.quarantine.actions import Actions
from alert_responder_plugins.quarantine.actions.access_key import AccessKey
from alert_responder_plugins.quarantine.actions.address import Address
from alert_responder_plugins.quarantine.actions.bucket import Bucket
from alert_responder_plugins.quarantine.actions.function import Function
from alert_responder_plugins.quarantine.actions.instance import Instance
from alert_responder_plugins.quarantine.actions.principal import Principal
from alert_responder_plugins.quarantine.approval import Caller, Callers, NotProvenError, verified
from alert_responder_plugins.quarantine.commands import Commands
from alert_responder_plugins.quarantine.containment import Containment
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.housekeeping import Housekeeping
from alert_responder_plugins.quarantine.journal import Journal
from alert_responder_plugins.quarantine.model import Entry
from alert_responder_plugins.quarantine.places import Places
from alert_responder_plugins.quarantine.release import Releaser
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from alert_responder_plugins.quarantine.verification import Verifier


def actions_of(settings: QuarantineSettings, client: Callable[..., Any]) -> Actions:
    """Return the actions of all kinds: targets of a disabled kind can still be released, if permissions allow it.

    Parameters
    ----------
    client
        Returns a client of a service, optionally for another region. With `slow`, the client waits long for an answer
        and does not retry.
    """
    place = f"{settings.region}:{settings.account_id}"
    ec2, functions = (f"arn:{settings.partition}:{name}:{place}:" for name in ("ec2", "lambda"))
    groups = settings.isolation_groups
    snapshot_client = client("ec2", slow=True) if settings.snapshots else None
    return {
        "access_key": AccessKey(client("iam")),
        "address": Address(lambda region: client("wafv2", region), settings.ip_sets),
        "bucket": Bucket(lambda region: client("s3", region), settings.partition, settings.account_id, settings.region),
        "function": Function(lambda: client("lambda"), f"{functions}function:"),
        "instance": Instance(client("ec2"), groups, settings.label, ec2, snapshot_client),
        "principal": Principal(client("iam"), settings.deny_policy_arn, settings.partition, settings.account_id),
    }


class Quarantine:
    """One quarantine, wired for one call.

    Parameters
    ----------
    callers
        Identifies signers of approvals through STS; if None, no action that requires an approval begins.
    """

    def __init__(
        self,
        settings: QuarantineSettings,
        table: Table,
        actions: Actions,
        own_arn: Callable[[], str],
        clock: Callable[[], int],
        time_left: Callable[[], bool] = lambda: True,
        callers: Callers | None = None,
    ) -> None:
        def verify(entry: Entry) -> Caller:
            if callers is None:
                raise NotProvenError("The approval cannot be verified here.")
            return verified(entry, callers, settings)

        self._settings = settings
        self._callers = callers
        places = Places(actions)
        self.journal = Journal(table, settings.name, clock)
        self.executor = Executor(settings, self.journal, places, own_arn, clock, verify)
        self.containment = Containment(settings, self.journal, places, self.executor, own_arn, clock, time_left)
        self.releaser = Releaser(self.journal, places, clock)
        self.verifier = Verifier(settings, places, self.executor)
        self.housekeeping = Housekeeping(
            self.journal,
            self.executor,
            self.containment,
            self.releaser,
            self.verifier,
            clock,
            settings.approval_hours,
            time_left,
        )

    def commands(self) -> Commands:
        """Return the commands; requires `callers`."""
        if self._callers is None:
            raise ValueError("commands require callers")
        return Commands(self._settings, self.journal, self.executor, self.releaser, self.housekeeping, self._callers)
