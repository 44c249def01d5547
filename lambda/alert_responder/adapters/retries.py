"""Errors of AWS calls: which may pass, and waiting before the next try."""

import random
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from alert_responder.errors import DependencyError, UnstorableError

CONFLICT_TRIES = 10
"""Tries of a transaction that others keep in the way of; the protocol asks for at least 8."""

CONFLICT_WAIT_SECONDS = (0.02, 1.0)
"""Upper bound of the first wait, and of any wait; each is drawn between 0 and its bound (full jitter) [seconds]."""

_WRITES = frozenset({"put_item", "transact_write_items", "update_item"})
"""Calls whose request holds what an alert says."""


def error_code(error: ClientError) -> str:
    """Return AWS's name for an error, such as `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def as_dependency_error(call: str, error: ClientError | BotoCoreError) -> DependencyError:
    """Say which call failed and with what code; AWS's own message may hold data and is left out."""
    what = error_code(error) if isinstance(error, ClientError) else type(error).__name__
    # The request itself is wrong: an item or a transaction that is too large, for one.
    is_refused = isinstance(error, ParamValidationError) or what == "ValidationException"
    return (UnstorableError if is_refused and call in _WRITES else DependencyError)(f"{call}: {what}")


def full_jitter(attempt: int, first: float, most: float) -> float:
    """Draw a wait [seconds] for an attempt, from 0; bounds double from `first` up to `most`."""
    return random.uniform(0, min(most, first * 2**attempt))  # nosec B311 # noqa: S311 - spreads load, protects nothing


def wait_for_conflict(attempt: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait before a transaction is tried again."""
    sleep(full_jitter(attempt, *CONFLICT_WAIT_SECONDS))
