"""Whether a report has all that it should have, and what that means for how it is rated."""

from collections.abc import Iterable

from alert_responder.contracts.primitives import Severity
from alert_responder.contracts.report import Omission, Omitted, Report, Result

_IN_ORDER: tuple[Omitted, ...] = ("attributes", "lookups", "findings")


def rated(report: Report, result: Result) -> Report:
    """Give a report its result; one that is not complete is never `safe`.

    An attacker who can fill a report can keep evidence out of it: what is missing must not make a report look harmless.

    Returns
    -------
    Report
        With the result, or, where a reviewer calls an incomplete report `safe`, with `unclassified` and the reviewer's
        word beside it. The reason names what kinds are missing, without numbers: it changes only with the kinds, so
        that no round is news for it alone.
    """
    severity = published_severity(result.severity, complete=report.complete)
    if severity != result.severity:
        missing = " and ".join(kinds(report.omissions))
        reason = f"The reviewer's answer is safe, but {missing} are missing from the report. {result.reason}".rstrip()
        result = result.model_copy(
            update={"severity": severity, "reason": reason, "reviewer_severity": result.severity}
        )
    return report.model_copy(update={"result": result})


def published_severity(severity: Severity, *, complete: bool) -> Severity:
    """Return what a report is published as whose reviewer answers `severity`."""
    return "unclassified" if severity == "safe" and not complete else severity


def kinds(omissions: Iterable[Omission]) -> list[Omitted]:
    """List what kinds of things are missing, each once, in a fixed order."""
    found = {omission.what for omission in omissions}
    return [what for what in _IN_ORDER if what in found]


def missing(omissions: Iterable[Omission]) -> str:
    """Say how much is missing, such as "12 attributes and 3 lookups"; empty for a complete report."""
    every = list(omissions)
    counts = {what: sum(each.count for each in every if each.what == what) for what in _IN_ORDER}
    return " and ".join(
        f"{number:,} {what.removesuffix('s') if number == 1 else what}" for what, number in counts.items() if number
    )


def with_omissions(report: Report, *omissions: Omission) -> Report:
    """Add what was left out; nothing is added for a count of 0."""
    every = (*report.omissions, *(each for each in omissions if each.count))
    return report.model_copy(update={"omissions": every, "complete": not every})
