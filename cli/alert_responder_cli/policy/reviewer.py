"""The policy as a reviewer in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from alert_responder.contracts.report import Report, ReviewAnswer
from alert_responder.errors import PluginFailedError
from alert_responder_plugins.policy.evaluate import Decision, PreparedPolicy
from alert_responder_plugins.policy.model import Policy


@dataclass(frozen=True)
class DatedPolicy:
    """A policy to test, for other processes.

    Attributes
    ----------
    at
        Time of all reviews.
    """

    policy: Policy
    at: datetime

    def reviewer(self) -> "PolicyReviewer":
        """Create the reviewer, which several threads may call."""
        return PolicyReviewer(self.policy, lambda: self.at)


class PolicyReviewer:
    """Rates reports as the function of modules/policy does; see `checking.target.Target`.

    Parameters
    ----------
    clock
        Returns the time of the review.

    Attributes
    ----------
    decisions
        The last decision by report id, if they are kept.
    """

    name = "policy"

    def __init__(self, policy: Policy, clock: Callable[[], datetime], *, keeps_decisions: bool = False) -> None:
        self._policy = PreparedPolicy(policy)
        self._clock = clock
        self._keeps_decisions = keeps_decisions
        self.decisions: dict[str, Decision] = {}

    def call(self, event: Any, seconds: float) -> bytes:  # noqa: ARG002 - the work of a policy is bounded
        """Rate a report; return the bytes of the answer."""
        try:
            report = Report.model_validate(event, extra="ignore")
        except ValidationError:
            raise PluginFailedError("The report was written by another version of AlertResponder.") from None
        decision = self._policy.evaluate(report, self._clock())
        if self._keeps_decisions:
            self.decisions[report.id] = decision
        return ReviewAnswer.model_validate(decision.answer()).model_dump_json().encode()

    def restart(self) -> None:
        """Do nothing, because the policy runs in this process."""
