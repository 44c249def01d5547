"""The actions of each account and region, and whether targets there may be contained at all."""

from alert_responder.domain.directory import Directory
from alert_responder_plugins.quarantine import accounts as rules
from alert_responder_plugins.quarantine.actions import Action, ActionFailedError, Actions
from alert_responder_plugins.quarantine.members import Members
from alert_responder_plugins.quarantine.model import Location


class Places:
    """The installation's account and region, and those of member accounts.

    Parameters
    ----------
    actions
        Actions in the installation's account and region.
    members
        None to act there only. Otherwise only addresses are contained there, and other targets only released.
    """

    def __init__(self, actions: Actions, members: Members | None) -> None:
        self._actions = actions
        self._members = members

    def directory(self) -> Directory | None:
        """Return the accounts of the organisation; None if they are not known, or not needed."""
        return self._members.directory() if self._members else None

    def action(self, location: Location) -> Action:
        """Return the action on a target, or raise `ActionFailedError` if there is none."""
        if location.account:
            if self._members is None:
                raise ActionFailedError(rules.NO_MEMBERS)
            return self._members.action(location)
        action = self._actions.get(location.kind)
        if action is None:
            raise ActionFailedError(f"The target kind {location.kind} is not enabled.")
        return action

    def account_refusal(self, location: Location) -> str | None:
        """Return why nothing is contained in the target's account, without a call of AWS there; None otherwise."""
        if not location.account:
            return rules.HOME_PROTECTED if self._members and location.kind != "address" else None
        if location.kind == "address":
            return "Addresses are blocked in the home account only."
        return self._members.account_refusal(location.account) if self._members else rules.NO_MEMBERS

    def refusal(self, location: Location) -> str | None:
        """Return why the target's account does not allow the containment; None if it does.

        Raises
        ------
        ActionFailedError
            The account's role could not be read.
        """
        if refusal := self.account_refusal(location):
            return refusal
        return self._members.role_refusal(location) if self._members and location.account else None

    def departure(self, location: Location) -> str | None:
        """Return why the target's account certainly is not an active one of the organisation; None if it may be."""
        return self._members.departure(location.account) if self._members and location.account else None

    def learn(self, location: Location, error: ActionFailedError) -> None:
        """Assume the role in the target's account again if a call failed because its session has ended."""
        if self._members and location.account and error.session_ended:
            self._members.renew(location.account)
