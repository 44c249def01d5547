"""The error tree.

    AlertResponderError
    |-- RejectedAlertError      the input is not a valid alert: archive it with the reason, never retry
    |-- ConditionFailedError    the condition of a write is false: read again
    |-- SupersededError         the report is in another round: stop without an error
    |-- DependencyError         an AWS call failed: retry later
    |   |-- LeaseAliveError     another runner holds the lease of this delivery: retry when it has expired
    |   |-- InvalidItemError    an item of the table is invalid: it must be written again
    |   `-- UnstorableError     AWS refuses the data itself: a retry with the same data fails too
    |-- SettingsError           a function's environment is invalid: only a deployment helps
    |-- UnexpectedError         a bug; the message is left out, because it may quote an alert
    `-- PluginError             a plug-in did not answer: an outcome, a reason, and whether it may have run
        |-- PluginFailedError, PluginThrottledError, PluginTimeoutError, PluginUnreachableError

Only handlers decide whether to retry, reject or fail after an error.
"""

import traceback
from collections.abc import Sequence
from pathlib import Path


class AlertResponderError(Exception):
    """Base of all errors that this package raises on purpose."""


class RejectedAlertError(AlertResponderError):
    """The input is not an alert in a known format; a retry cannot help.

    Parameters
    ----------
    reason
        One sentence: which field is wrong and what is allowed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ConditionFailedError(AlertResponderError):
    """The condition of a write is false; nothing was written.

    Parameters
    ----------
    failed
        Indexes of the actions whose conditions are false; `(0,)` for a single write.
    """

    def __init__(self, failed: Sequence[int] = (0,)) -> None:
        super().__init__(f"condition failed for action {list(failed)}")
        self.failed = tuple(failed)


class SupersededError(AlertResponderError):
    """The report is in another round than the caller, whose work is obsolete."""


class DependencyError(AlertResponderError):
    """An AWS call failed temporarily: throttling, a connection reset, an outage."""


class InvalidItemError(DependencyError):
    """An item of the table is invalid; the function that writes it must do so again."""


class LeaseAliveError(DependencyError):
    """Another invocation is making this delivery, and its lease has not expired."""


class UnstorableError(DependencyError):
    """AWS refuses the data of a write, such as an item that is too large; every retry fails."""


class SettingsError(AlertResponderError):
    """The environment of a function is invalid; the message names every fault."""


class UnexpectedError(AlertResponderError):
    """A bug. The message names the error's class and place, but does not quote it: it may contain alert data."""


class PluginError(AlertResponderError):
    """A plug-in returned no usable answer.

    Parameters
    ----------
    reason
        One sentence for the report, with the plug-in's message quoted and shortened.
    """

    outcome = "error"
    may_have_run = False
    retryable = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PluginFailedError(PluginError):
    """The plug-in's function or its runtime failed: it ran."""


class PluginThrottledError(PluginError):
    """Lambda throttled the call; the function did not run."""

    outcome = "throttled"


class PluginTimeoutError(PluginError):
    """The call timed out, or the connection broke after the request was sent: the function may have run."""

    outcome = "timeout"
    may_have_run = True
    retryable = False


class PluginUnreachableError(PluginError):
    """The function cannot be called: it was deleted, its ARN is wrong, or the call is not allowed."""

    retryable = False


class TimeLimitExceededError(BaseException):
    """Work took too long. Not an `Exception`, so that code that tolerates failures does not continue after it."""


def describe_error(error: BaseException) -> str:
    """Name the class and the place of an error; its message is left out, because it may quote an alert."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    return type(error).__name__ + (f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "")
