"""The error tree.

    AlertResponderError
    |-- RejectedAlertError      the input is no alert: never retry, archive it with its reason
    |-- ConditionFailedError    a conditional write met another state: read again
    |-- SupersededError         the report has moved on to another round: stop quietly
    |-- DependencyError         AWS did not answer as it should: trying again later may help
    |   |-- LeaseAliveError     another runner holds this delivery: try again when its lease is over
    |   `-- UnstorableError     AWS refuses the data itself: trying again with the same data cannot help
    |-- SettingsError           a function's environment is wrong: nothing helps but a deployment
    |-- UnexpectedError         a mistake of ours, without its own words: they may quote an alert
    `-- PluginError             a plug-in did not answer: an outcome, a reason, and whether it may have run
        |-- PluginFailedError, PluginThrottledError, PluginTimeoutError, PluginUnreachableError

Only handlers decide whether an error means retry, reject or fail.
"""

from collections.abc import Sequence


class AlertResponderError(Exception):
    """Base of every error this package raises on purpose."""


class RejectedAlertError(AlertResponderError):
    """The input is no alert in a known format; trying again cannot help.

    Parameters
    ----------
    reason
        One sentence: what was wrong, where, and what is allowed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConditionFailedError(AlertResponderError):
    """A write was refused because the item is not as its condition says; nothing was written.

    Parameters
    ----------
    failed
        Positions, from 0, of the actions whose condition failed; `(0,)` for a single write.
    """

    def __init__(self, failed: Sequence[int] = (0,)) -> None:
        super().__init__(f"condition failed for action {list(failed)}")
        self.failed = tuple(failed)


class SupersededError(AlertResponderError):
    """The report's current round is not the caller's; whatever the caller does is out of date."""


class DependencyError(AlertResponderError):
    """An AWS call failed in a way that may pass: throttling, a reset, an outage."""


class LeaseAliveError(DependencyError):
    """Another invocation is delivering this emission; its lease is not over yet."""


class UnstorableError(DependencyError):
    """AWS refuses a write for what is in it, such as an item that is too large; the same write fails every time."""


class SettingsError(AlertResponderError):
    """The environment of a function is missing or out of range; the message names every fault."""


class UnexpectedError(AlertResponderError):
    """A mistake of ours; says of what kind it is and where it was met, and nothing that an alert may have said."""


class PluginError(AlertResponderError):
    """A plug-in gave no usable answer.

    Parameters
    ----------
    reason
        One sentence for the report; written by us, with the plug-in's own words quoted and shortened.
    """

    outcome = "error"
    may_have_run = False
    retryable = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PluginFailedError(PluginError):
    """The plug-in's function raised, or its runtime did: it ran, and said so."""


class PluginThrottledError(PluginError):
    """Lambda refused the call for want of capacity; the function was not run."""

    outcome = "throttled"


class PluginTimeoutError(PluginError):
    """No answer came in time, or the connection broke after the request was sent: it may have run."""

    outcome = "timeout"
    may_have_run = True
    retryable = False


class PluginUnreachableError(PluginError):
    """The function cannot be called: it was deleted, its ARN is wrong, or calling it is not allowed."""

    retryable = False


class TimeLimitExceededError(BaseException):
    """Work took too long. Not an `Exception`: code that makes the best of a failure must not go on after this one."""
