"""Extract the rating of a stored report, and the document that its reviewer got. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from alert_responder.contracts.primitives import SEVERITIES, Severity
from alert_responder.contracts.report import Result
from alert_responder_cli.reports.summary import ReportSummary

Rate = Severity | Literal["unrated"]
"""The rating of a report; `unrated`: no reviewer answered, and it was delivered as unclassified."""

UNRATED: Rate = "unrated"

_NOT_REVIEWED = Result(severity="unclassified", reason="Not reviewed yet.", reviewer=None).model_dump(mode="json")
"""The result in a report that its reviewer gets."""


class UnreadableError(Exception):
    """The object in the archive is not a report."""


@dataclass(frozen=True)
class StoredRound:
    """An archived round of a report.

    Attributes
    ----------
    given
        The document that its reviewer got: the report with the result as it was before the review.
    rate, reason, labels
        The published rating, reason and labels.
    is_suppressed
        Whether no emitter was notified of the round.
    """

    given: dict[str, Any]
    rate: Rate
    reason: str
    labels: frozenset[str] = frozenset()
    is_suppressed: bool = False


@dataclass(frozen=True)
class Rating:
    """Old and new rating of one report.

    Attributes
    ----------
    was, old_reason
        The published rating; None: the archived report cannot be read.
    now, new_reason
        The rating of the reviewer under test; `unrated` if it did not answer.
    trouble
        Why the new rating is missing, as outcome and sentence; None: it is not.
    was_suppressed, now_suppressed
        Whether no emitter is notified, according to the published and the new rating.
    labels_changed
        Whether the labels are different.
    """

    report: ReportSummary
    was: Rate | None
    old_reason: str
    now: Rate
    new_reason: str
    trouble: tuple[str, str] | None = None
    was_suppressed: bool = False
    now_suppressed: bool = False
    labels_changed: bool = False


def read_stored_round(document: bytes) -> StoredRound:
    """Parse an object under `reports/`; raise `UnreadableError` if it is not a report."""
    try:
        report = json.loads(document)
        result = report["result"]
        severity, reason, reviewer = result["severity"], str(result["reason"]), result["reviewer"]
        labels = frozenset(map(str, result.get("labels", ())))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UnreadableError from None
    if severity not in SEVERITIES:
        raise UnreadableError
    is_suppressed = bool(result.get("suppressed")) and not result.get("breakthrough")
    rate = UNRATED if reviewer is None else severity
    return StoredRound({**report, "result": _NOT_REVIEWED}, rate, reason, labels, is_suppressed)
