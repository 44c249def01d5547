"""Wire the parts of a quarantine; nothing is created at import."""

from collections.abc import Callable

from alert_responder.store.table import Table
from alert_responder_plugins.quarantine.actions import Actions
from alert_responder_plugins.quarantine.approval import Caller, Callers, NotProvenError, verified
from alert_responder_plugins.quarantine.commands import Commands
from alert_responder_plugins.quarantine.containment import Containment
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.housekeeping import Housekeeping
from alert_responder_plugins.quarantine.journal import Journal
from alert_responder_plugins.quarantine.members import Members
from alert_responder_plugins.quarantine.model import Entry
from alert_responder_plugins.quarantine.places import Places
from alert_responder_plugins.quarantine.release import Releaser
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from alert_responder_plugins.quarantine.verification import Verifier


class Quarantine:
    """One quarantine, wired for one call.

    Parameters
    ----------
    callers
        Identifies signers of approvals through STS; if None, no action that requires an approval begins.
    members
        Required if the settings have `members`; otherwise nothing is contained in member accounts.
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
        members: Members | None = None,
    ) -> None:
        def verify(entry: Entry) -> Caller:
            if callers is None:
                raise NotProvenError("The approval cannot be verified here.")
            return verified(entry, callers, settings)

        self._settings = settings
        self._callers = callers
        places = Places(actions, members)
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
