"""Whether a report is complete, and how that affects its severity."""

from collections.abc import Iterable

from alert_responder.contracts.primitives import Severity
from alert_responder.contracts.report import Omission, Omitted, Report, Result

_IN_ORDER: tuple[Omitted, ...] = ("attributes", "lookups", "findings")


def with_result(report: Report, result: Result) -> Report:
    """Set the result of a report; an incomplete report is never `safe`.

    An attacker who fills a report can keep evidence out of it: missing data must not make it look harmless.

    Returns
    -------
    Report
        With the result. If the reviewer rates an incomplete report `safe`, the severity is `unclassified`, and the
        reviewer's severity is kept beside it. The reason names the kinds of missing data without numbers, so that a
        round does not count as news only because a number changed.
    """
    severity = published_severity(result.severity, complete=report.complete)
    if severity != result.severity:
        missing = " and ".join(kinds(report.omissions))
        reason = f"The reviewer answered safe, but the report lacks {missing}. {result.reason}".rstrip()
        result = result.model_copy(
            update={"severity": severity, "reason": reason, "reviewer_severity": result.severity}
        )
    return report.model_copy(update={"result": result})


def published_severity(severity: Severity, *, complete: bool) -> Severity:
    """Return the severity with which a report is published, given the reviewer's answer."""
    return "unclassified" if severity == "safe" and not complete else severity


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
