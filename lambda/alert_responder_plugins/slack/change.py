"""What has changed since the last message of a report. Pure."""

from typing import NamedTuple

from alert_responder.contracts.primitives import is_worse
from alert_responder.contracts.report import Report
from alert_responder_plugins.slack.state import PostedMessage


class Change(NamedTuple):
    """A change that is announced in the thread of a message; `is_worse`: and in the channel."""

    what: str
    is_worse: bool


def change_of(report: Report, before: PostedMessage, *, is_inherited: bool) -> Change | None:
    """Compare a report with its message; None if there is nothing to announce.

    Parameters
    ----------
    is_inherited
        Whether the message is that of the previous report.
    """
    severity = report.result.severity
    if report.status == "resolved":
        return None if before.status == "resolved" else Change("resolved, according to the detector", is_worse=False)
    if before.status == "resolved":
        return Change(f"active again, {severity}", is_worse=True)
    if is_inherited:
        return Change(f"reported again, {severity}", is_worse=True)
    if before.severity is None or before.severity == severity:
        return None
    return Change(f"severity changed from {before.severity} to {severity}", is_worse(severity, before.severity))
