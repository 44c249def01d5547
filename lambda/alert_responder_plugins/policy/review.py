"""Rate a report with the policy in force. Fails open: without a usable policy, the report is `unclassified`."""

from collections.abc import Callable
from datetime import datetime

from alert_responder.contracts.report import Report, ReviewAnswer
from alert_responder.errors import AlertResponderError
from alert_responder_plugins.policy.evaluate import PreparedPolicy

Log = Callable[[str], None]


def review(report: Report, policy: Callable[[], PreparedPolicy], now: datetime, log: Log) -> tuple[ReviewAnswer, int]:
    """Rate a report.

    Parameters
    ----------
    policy
        Returns the policy in force, or raises `AlertResponderError`.
    log
        Called with each fault.

    Returns
    -------
    tuple of ReviewAnswer, int
        The answer, and the number of faults.
    """
    try:
        decision = policy().evaluate(report, now)
    except AlertResponderError as error:
        reason = f"The policy cannot be used: {error}"[:1000]
        log(reason)
        return ReviewAnswer.model_validate({"severity": "unclassified", "reason": reason, "notes": (reason,)}), 1
    for fault in decision.faults:
        log(fault)
    return ReviewAnswer.model_validate(decision.answer()), len(decision.faults)
