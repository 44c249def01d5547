"""What is put together how; nothing here is made at import."""

from collections.abc import Callable
from typing import Any

from alert_responder.store.table import Table
from alert_responder_plugins.quarantine.actions import Actions
from alert_responder_plugins.quarantine.actions.access_key import AccessKey
from alert_responder_plugins.quarantine.actions.address import Address
from alert_responder_plugins.quarantine.actions.instance import Instance
from alert_responder_plugins.quarantine.actions.principal import Principal
from alert_responder_plugins.quarantine.approving import Callers
from alert_responder_plugins.quarantine.commands import Commands
from alert_responder_plugins.quarantine.containing import Containing
from alert_responder_plugins.quarantine.journal import Journal
from alert_responder_plugins.quarantine.releasing import Releasing, Tending
from alert_responder_plugins.quarantine.settings import QuarantineSettings


def actions_of(settings: QuarantineSettings, client: Callable[..., Any]) -> Actions:
    """Make the actions of all kinds: one that was switched off is still undone, as far as rights go.

    Parameters
    ----------
    client
        Makes a client of a service, optionally of another region.
    """
    return {
        "access_key": AccessKey(client("iam")),
        "address": Address(lambda region: client("wafv2", region), settings.ip_sets),
        "instance": Instance(client("ec2"), settings.isolation_groups, settings.label, snapshots=settings.snapshots),
        "principal": Principal(client("iam"), settings.deny_policy_arn, settings.partition, settings.account_id),
    }


class Building:
    """One quarantine, put together for one call."""

    def __init__(
        self,
        settings: QuarantineSettings,
        table: Table,
        actions: Actions,
        own_arn: Callable[[], str],
        clock: Callable[[], int],
        time_left: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings = settings
        self.journal = Journal(table, settings.name, clock)
        self.containing = Containing(settings, self.journal, actions, own_arn, clock, time_left)
        self.releasing = Releasing(self.journal, actions, clock)
        self.tending = Tending(self.journal, self.containing, self.releasing, clock, settings.approval_hours, time_left)

    def commands(self, callers: Callers) -> Commands:
        """Return what takes commands."""
        return Commands(self._settings, self.journal, self.containing, self.releasing, self.tending, callers)
