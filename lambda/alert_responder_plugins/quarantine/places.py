"""The actions of each account and region, and whether targets there may be contained at all."""

from alert_responder_plugins.quarantine.actions import Action, ActionFailedError, Actions
from alert_responder_plugins.quarantine.model import Location


class Places:
    """The account and region of the installation.

    Parameters
    ----------
    actions
        Actions of the account and region of the installation.
    """

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    def action(self, location: Location) -> Action:
        """Return the action on a target, or raise `ActionFailedError` if there is none."""
        action = self._actions_at(location).get(location.kind)
        if action is None:
            raise ActionFailedError(f"The target kind {location.kind} is not enabled.")
        return action

    def account_refusal(self, location: Location) -> str | None:
        """Return why nothing is contained in the target's account, without a call of AWS there; None otherwise."""
        return "Member accounts are not configured." if location.account else None

    def refusal(self, location: Location) -> str | None:
        """Return why a target's account does not allow the containment; None if it does."""
        return self.account_refusal(location)

    def _actions_at(self, location: Location) -> Actions:
        if location.account:
            raise ActionFailedError("Member accounts are not configured.")
        return self._actions
