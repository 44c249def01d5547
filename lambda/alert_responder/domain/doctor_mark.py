"""Which report is a test: the one that `alert-responder doctor --end-to-end` has marked with the operator's rights.

The text of an alert never decides: authors of alerts know the constants, but cannot write the mark.
"""

from typing import TYPE_CHECKING, NamedTuple

from alert_responder.domain.records import Head

if TYPE_CHECKING:
    from alert_responder.contracts.report import Report

DETECTOR, RULE_ID = "alert-responder", "doctor-end-to-end"
"""Of the alert that doctor sends. A mark is read for no other alert."""

NOTE = "This is a test report of alert-responder doctor. It is not about an incident."


class Mark(NamedTuple):
    """Permission for one report to be a test; the alert key behind its alert id contains a one-time nonce.

    Attributes
    ----------
    valid_from, expires
        When the report must be opened and reviewed [ms].
    """

    valid_from: int
    expires: int


def is_test(mark: Mark | None, head: Head, alert_count: int, now: int) -> bool:
    """Decide whether a report is a test, from the mark of its alert id.

    A report with a second alert and a second report of the alert id are not: somebody else may have sent the alert. An
    overflow report has another alert id.
    """
    return (
        mark is not None
        and mark.valid_from <= head.opened < mark.expires
        and now < mark.expires
        and alert_count == 1
        and not head.held.more
        and head.previous is None
    )


def as_test(report: "Report") -> "Report":
    """Mark a report as a test."""
    return report.model_copy(update={"test": True, "notes": (NOTE, *report.notes)})
