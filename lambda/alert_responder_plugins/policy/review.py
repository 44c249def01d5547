"""Rate a report with the policy in force."""

from collections.abc import Callable
from datetime import datetime

from alert_responder.contracts.report import Report, ReviewAnswer
from alert_responder.errors import AlertResponderError, TimeLimitExceededError
from alert_responder_plugins.common.errors import PluginFaultError
from alert_responder_plugins.policy.evaluate import PreparedPolicy

Log = Callable[[str], None]
Count = Callable[[int], None]


class UnusablePolicyError(PluginFaultError):
    """The policy is missing or invalid, or cannot be read."""


def review(report: Report, policy: Callable[[], PreparedPolicy], now: datetime, log: Log, count: Count) -> ReviewAnswer:
    """Rate a report.

    Parameters
    ----------
    policy
        Returns the policy in force, or raises `AlertResponderError`.
    log
        Called with each fault.
    count
        Called with the number of faults.

    Raises
    ------
    UnusablePolicyError
        Then the report is `unclassified`, with this reason, and every emitter is notified: an answer would have no
        labels, and reach only those that take all.
    """
    try:
        decision = policy().evaluate(report, now)
    except (AlertResponderError, TimeLimitExceededError) as error:
        reason = f"The policy cannot be used: {str(error) or 'the time was up'}"[:1000]
        log(reason)
        count(1)
        raise UnusablePolicyError(reason) from None
    for fault in decision.faults:
        log(fault)
    count(len(decision.faults))
    return ReviewAnswer.model_validate(decision.answer())
