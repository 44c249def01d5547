"""What breaks through a suppression, whatever the reviewer decides."""

from collections.abc import Collection
from typing import Protocol

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import Report, Suppression
from alert_responder.domain.severities import in_words, rank


class SuppressionFacts(Protocol):
    """A suppression that a reviewer answers with."""

    @property
    def despite(self) -> Collection[str]:
        """What does not break through: `malicious`, `incomplete`, `raised`."""
        ...


def breakthrough(report: Report, suppression: SuppressionFacts) -> str | None:
    """Return why a suppression does not apply to a report, as one sentence, or None if it does.

    A malicious verdict, a report that is not complete, and a detector's severity that is worse than that of the first
    alert break through, unless `despite` names them.
    """
    for name, found in (("malicious", _malicious), ("incomplete", _incomplete), ("raised", _raised)):
        if name not in suppression.despite and (reason := found(report)):
            return reason
    return None


def obstacle(report: Report, suppression: Suppression) -> str | None:
    """Return why a suppression does not apply to a report that has just been reviewed: see `breakthrough`, or it ended.

    A reviewer that goes on answering with an old suppression must not hide anything.
    """
    reviewed = parse_rfc3339(report.updated_at)
    if reviewed is None or reviewed >= suppression.ends:
        return f"The suppression expired at {suppression.expires}."
    return breakthrough(report, suppression)


def _malicious(report: Report) -> str | None:
    # The first by name: the order of findings is not news.
    found = {
        finding.inspector
        for finding in report.findings
        if any(content.verdict == "malicious" for content in finding.contents)
    }
    return f"The inspector {min(found)} found something malicious." if found else None


def _incomplete(report: Report) -> str | None:
    return None if report.complete else "The report is not complete."


def _raised(report: Report) -> str | None:
    if not report.alerts:
        return None
    # The first two parts are the word and the number; the last one only makes the order total.
    first, *others = (rank(alert.detector, alert.severity)[:2] for alert in report.alerts)
    words = (report.overview.severity,) if report.overview and report.overview.severity else ()
    if any(other < first for other in (*others, *(rank("", word)[:2] for word in words))):
        severity = report.alerts[0].severity
        of_first = in_words(report.alerts[0].detector, severity)[:100] if severity else "none"
        return f"The detector raised its severity, which was {of_first} in the first alert."
    return None
