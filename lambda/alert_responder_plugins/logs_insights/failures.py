"""Why a query failed, as a sentence for the report. Pure.

Messages of CloudWatch Logs may quote the query, and through it an alert: only names and codes of a fixed form are taken
over.
"""

import re

from alert_responder_plugins.logs.failures import Failure

_ACTION = re.compile(r"not authorized to perform:? \"?([a-z0-9-]{2,40}:[A-Za-z0-9]{2,60})")
_CODE = re.compile(r"[A-Za-z]{3,60}")
_BEFORE = re.compile(r"log retention settings|creation time")
_BUSY = frozenset({"LimitExceededException", "ServiceUnavailableException"})
_STATES = {
    "Cancelled": "was cancelled",
    "Timeout": "took longer than Logs Insights allows",
}


def explain_state(state: str, reads: str) -> Failure:
    """Explain a query that ended without a result.

    Parameters
    ----------
    state
        `Failed`, `Cancelled`, `Timeout` or `Unknown`.
    reads
        What the query reads, from the settings.
    """
    return Failure("failed", f"The query on {reads} {_STATES.get(state, 'failed')}.", limited=state == "Timeout")


def explain_error(action: str, code: str, message: str, reads: str, *, throttled: bool, denied: bool) -> Failure:
    """Explain a call that failed.

    Parameters
    ----------
    action
        The IAM action, such as `logs:StartQuery`.
    throttled, denied
        What kind of error it is, if it is one that all services share.
    """
    if throttled or code in _BUSY:
        return Failure("throttled", f"CloudWatch Logs throttled {action} ({_name(code)}).")
    if denied:
        named = _ACTION.search(message)
        return Failure("failed", f"The role lacks the permission {named[1] if named else action} for {reads}.", True)
    if code == "ResourceNotFoundException":
        return Failure("failed", f"A log group of {reads} does not exist, or is not linked to this account.", True)
    if code == "MalformedQueryException" and _BEFORE.search(message):
        return Failure("no_data", f"the logs of {reads} begin after this time, or have expired.")
    return Failure("failed", f"CloudWatch Logs rejected {action} for {reads} ({_name(code)}).")


def _name(code: str) -> str:
    return code if _CODE.fullmatch(code) else "unknown error"
