"""Errors of AWS calls: their codes, which errors of this package they become, and waits before a retry."""

import random
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from alert_responder.errors import DependencyError, UnstorableError

CONFLICT_TRIES = 10
"""Tries of a write that conflicts with transactions of other writers; the protocol requires at least 8."""

CONFLICT_WAIT_SECONDS = (0.02, 1.0)
"""Upper bound of the first wait, and of any wait; each is drawn between 0 and its bound (full jitter) [s]."""

_WRITES = frozenset({"put_item", "transact_write_items", "update_item"})
"""Calls whose request contains alert data."""


def error_code(error: ClientError) -> str:
    """Return the error code, such as `ThrottlingException`; an empty string if there is none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def as_dependency_error(call: str, error: ClientError | BotoCoreError) -> DependencyError:
    """Build an error from the call and the error code; AWS's message is left out, because it may contain alert data."""
    code = error_code(error) if isinstance(error, ClientError) else type(error).__name__
    # The request itself is invalid: an item or a transaction is too large, for example.
    is_invalid = isinstance(error, ParamValidationError) or code == "ValidationException"
    return (UnstorableError if is_invalid and call in _WRITES else DependencyError)(f"{call}: {code}")


@contextmanager
def dependency_errors(call: str, except_codes: Collection[str] = ()) -> Generator[None]:
    """Raise botocore's errors of a call as a `DependencyError`, except those with a code that the caller handles."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError) and error_code(error) in except_codes:
            raise
        raise as_dependency_error(call, error) from error


def full_jitter(attempt: int, first: float, most: float) -> float:
    """Draw a wait for an attempt, counted from 0; the bound doubles from `first` up to `most` [s]."""
    return random.uniform(0, min(most, first * 2**attempt))  # nosec B311 # noqa: S311 - not for security


def wait_for_conflict(attempt: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait before a write is tried again after a conflict."""
    sleep(full_jitter(attempt, *CONFLICT_WAIT_SECONDS))
