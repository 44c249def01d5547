"""The facts of a report that emitters show, in their order. Texts are hostile, as in the report.

The order is fixed: equal reports produce equal messages.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from alert_responder.contracts.inspection import Content, NoteContent, Verdict
from alert_responder.contracts.report import EmissionRequest, Finding, Report, ReportedAttribute
from alert_responder.domain.content_facts import facts_of
from alert_responder.domain.glance import RESOLVED, glance_of
from alert_responder.domain.review_facts import suppression_note
from alert_responder.domain.sanitize import https_link
from alert_responder.domain.verdicts import weight

Fact = tuple[str, str]
"""A name and a value, such as `("country", "NL")`."""

MAX_PAGE_LINK = 4_000
"""Maximum length of the link to a report's page [characters]; a presigned URL contains a session token."""

MAX_LISTED = 5
"""Maximum number of values named in one fact."""

NO_REASON = "The reviewer gave no reason."

_UNANSWERED = ("error", "throttled", "timeout", "invalid", "skipped")


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a report.

    Attributes
    ----------
    lookups
        All findings, whatever their outcome.
    answered
        Lookups that were answered, with or without contents.
    found
        Lookups with contents.
    """

    alerts: int
    attributes: int
    lookups: int
    answered: int
    found: int
    malicious: int
    suspicious: int


def headline(report: Report) -> str:
    """Return severity and title, or that it is resolved; contains line breaks only if the title does."""
    label = RESOLVED if report.status == "resolved" else f"{report.result.severity}: "
    return f"{test_label(report)}{label}{report.title}"


def one_line_summary(report: Report) -> str:
    """Return what people read on a phone: the headline, a suppression that does not apply, where, and what happened."""
    glance = glance_of(report)
    where = " ".join(filter(None, (glance.accounts, glance.regions)))
    suppression = suppression_note(report.result)
    return " | ".join(filter(None, (headline(report), suppression, glance.severity, where, glance.description)))


def test_label(report: Report) -> str:
    """Return what the headline of a test report begins with; empty for other reports."""
    return "[TEST] " if report.test else ""


def inherits_state(request: EmissionRequest) -> bool:
    """Whether the emitter's state is that of the previous report of the same incident."""
    has_previous = request.report.previous_report_id is not None
    return request.state is not None and has_previous and not delivered_before(request)


def delivered_before(request: EmissionRequest) -> bool:
    """Whether an earlier round of this report was delivered to the emitter, whatever the outcome."""
    return any(emission.emitter == request.emitter for emission in request.report.emissions)


def needs_no_delivery(request: EmissionRequest) -> bool:
    """Whether a report is resolved, and the emitter has not notified anybody of it or of the report before."""
    return request.report.status == "resolved" and request.state is None and not delivered_before(request)


def page_link(request: EmissionRequest) -> str | None:
    """Return the link to the report's page, or None."""
    return https_link(request.report_url, MAX_PAGE_LINK)


def page_command(report: Report) -> str:
    """Return the command that opens the report's page."""
    return f"alert-responder open {report.id}"


def verdict_of(finding: Finding) -> Verdict | None:
    """Return the worst verdict of a finding, or None if it has none."""
    verdicts: list[Verdict] = [content.verdict for content in finding.contents if content.verdict is not None]
    return min(verdicts, key=weight, default=None)


def findings_by_verdict(report: Report) -> tuple[Finding, ...]:
    """List the findings with contents: malicious, suspicious, without a verdict, unknown, harmless."""
    findings = [finding for finding in report.findings if finding.contents]
    return tuple(sorted(findings, key=lambda finding: weight(verdict_of(finding))))


def unanswered(report: Report) -> tuple[Finding, ...]:
    """List the lookups without an answer: failed ones before skipped ones."""
    findings = [finding for finding in report.findings if finding.outcome in _UNANSWERED]
    return tuple(sorted(findings, key=lambda finding: finding.outcome == "skipped"))


def attributes_by_depth(report: Report) -> tuple[ReportedAttribute, ...]:
    """List the attributes: those of the alerts first, then those that inspectors returned."""
    return tuple(sorted(report.attributes, key=lambda attribute: attribute.depth))


def counts(report: Report) -> Counts:
    """Count alerts, attributes, lookups and verdicts."""
    outcomes = Counter(finding.outcome for finding in report.findings)
    verdicts = Counter(verdict_of(finding) for finding in report.findings)
    return Counts(
        alerts=report.alert_count,
        attributes=len(report.attributes),
        lookups=len(report.findings),
        answered=outcomes["ok"] + outcomes["empty"] + outcomes["cached"],
        found=sum(bool(finding.contents) for finding in report.findings),
        malicious=verdicts["malicious"],
        suspicious=verdicts["suspicious"],
    )


def facts(content: Content) -> tuple[Fact, ...]:
    """Return the facts of a content as text, the most important first."""
    if not isinstance(content, NoteContent):
        return tuple((name, _listed(values)) for name, values in facts_of(content))
    data = "" if content.data is None else json.dumps(content.data, ensure_ascii=False, sort_keys=True)
    note = (content.title, content.text) if content.text else ("note", content.title)
    return tuple((name, value) for name, value in (note, ("data", data)) if value)


def _listed(values: Sequence[str]) -> str:
    more = len(values) - MAX_LISTED
    return ", ".join(values[:MAX_LISTED]) + (f" and {more:,} more" if more > 0 else "")
