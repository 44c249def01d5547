"""Whether a report is complete, and how that and a broken suppression affect its severity."""

from collections.abc import Iterable
from typing import Any

from alert_responder.contracts.primitives import Severity
from alert_responder.contracts.report import Omission, Omitted, Report, Result
from alert_responder.domain.suppressions import obstacle

_IN_ORDER: tuple[Omitted, ...] = ("attributes", "lookups", "findings")


def with_result(report: Report, result: Result) -> Report:
    """Set the result of a report; an incomplete report, or one that breaks through a suppression, is never `safe`.

    An attacker who fills a report can keep evidence out of it: missing data must not make it look harmless. A reviewer
    that answers `safe` beside a suppression may mean the suppressed report only.

    Returns
    -------
    Report
        With the result, and with what breaks through its suppression. If the reviewer rates such a report `safe`, the
        severity is `unclassified`, and the reviewer's severity is kept beside it. The reason names the kinds of missing
        data without numbers, so that a round does not count as news only because a number changed.
    """
    broken = obstacle(report, result.suppressed) if result.suppressed else None
    severity = published_severity(result.severity, complete=report.complete, breakthrough=broken)
    changes: dict[str, Any] = {"breakthrough": broken}
    if severity != result.severity:
        lacks = f"the report lacks {' and '.join(kinds(report.omissions))}"
        why = "the suppression does not apply" if report.complete else lacks
        reason = f"The reviewer answered safe, but {why}. {result.reason}".rstrip()
        changes |= {"severity": severity, "reason": reason, "reviewer_severity": result.severity}
    return report.model_copy(update={"result": result.model_copy(update=changes)})


def published_severity(severity: Severity, *, complete: bool, breakthrough: str | None = None) -> Severity:
    """Return the severity with which a report is published, given the reviewer's answer.

    Parameters
    ----------
    breakthrough
        What breaks through the reviewer's suppression; None if nothing does, or there is none.
    """
    return "unclassified" if severity == "safe" and (breakthrough or not complete) else severity


def kinds(omissions: Iterable[Omission]) -> list[Omitted]:
    """List the kinds of missing data, each once, in a fixed order."""
    found = {omission.what for omission in omissions}
    return [what for what in _IN_ORDER if what in found]


def missing(omissions: Iterable[Omission]) -> str:
    """Format what is missing, such as "12 attributes and 3 lookups"; empty for a complete report."""
    every = list(omissions)
    counts = {what: sum(each.count for each in every if each.what == what) for what in _IN_ORDER}
    return " and ".join(
        f"{number:,} {what.removesuffix('s') if number == 1 else what}" for what, number in counts.items() if number
    )


def with_omissions(report: Report, *omissions: Omission) -> Report:
    """Add omissions to a report, except those with a count of 0."""
    every = (*report.omissions, *(each for each in omissions if each.count))
    return report.model_copy(update={"omissions": every, "complete": not every})
