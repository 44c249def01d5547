"""What a stored report says of its review, and what its reviewer was given. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from alert_responder.contracts.primitives import SEVERITIES, Severity
from alert_responder_cli.reports.summary import ReportSummary

Rate = Severity | Literal["unrated"]
"""How a report was rated; `unrated`: nobody answered, and it went out as unclassified."""

UNRATED: Rate = "unrated"

_NOT_REVIEWED = {"severity": "unclassified", "reason": "Not reviewed yet.", "reviewer": None, "reviewer_severity": None}
"""The result of a report that goes to its reviewer."""


class UnreadableError(Exception):
    """The archive's object is no report."""


@dataclass(frozen=True)
class StoredRound:
    """A round of a report as the archive has it.

    Attributes
    ----------
    given
        What its reviewer was given: all of it but the result, which stands there as it did before the review.
    rate, reason
        What was published of it.
    """

    given: dict[str, Any]
    rate: Rate
    reason: str


@dataclass(frozen=True)
class Rating:
    """What became of one report.

    Attributes
    ----------
    was, old_reason
        What was published; None: the archive's object could not be had.
    now, new_reason
        What the reviewer under test says; `unrated` where it does not.
    trouble
        Why there is no rating, as an outcome and a sentence; None: there is one.
    """

    report: ReportSummary
    was: Rate | None
    old_reason: str
    now: Rate
    new_reason: str
    trouble: tuple[str, str] | None = None


def read_stored_round(document: bytes) -> StoredRound:
    """Read an object below `reports/`; raise `UnreadableError` if it is none."""
    try:
        found = json.loads(document)
        result = found["result"]
        severity, reason, reviewer = result["severity"], str(result["reason"]), result["reviewer"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UnreadableError from None
    if severity not in SEVERITIES:
        raise UnreadableError
    return StoredRound({**found, "result": _NOT_REVIEWED}, UNRATED if reviewer is None else severity, reason)
