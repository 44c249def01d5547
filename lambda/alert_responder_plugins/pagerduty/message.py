"""A report as an event of PagerDuty's Events API v2. Pure: equal reports make equal events."""

import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import Finding, Report, ReportedAttribute
from alert_responder.domain.completeness import missing
from alert_responder_plugins.common import summary
from alert_responder_plugins.common.sanitize import defanged, https_link, one_line, plain, shortened
from alert_responder_plugins.pagerduty.settings import Theirs

MAX_EVENT_BYTES = 500_000
"""Largest event [bytes of JSON]; PagerDuty takes 512 KB."""

MAX_SUMMARY = 1_024
"""Longest summary [characters]; PagerDuty's own limit."""

_MOST_OF_EACH = (50, 20, 5, 1, 0)
_MOST_LINKS = 20
_MOST_FACTS = 20
_REASON = 4_000
_VALUE = 300
_NAME = 255

# PagerDuty hands summaries and details on: to mail, chat and tickets, where angle brackets may be mark-up or commands.
_BRACKETS = str.maketrans({"<": "\u2039", ">": "\u203a"})

_Item = TypeVar("_Item")


def trigger_of(report: Report, severity: Theirs, source: str, page: str | None = None) -> dict[str, Any]:
    """Make the event that opens or updates a report's incident.

    Parameters
    ----------
    page
        Where the report's page is opened; None: nowhere.

    Returns
    -------
    dict[str, Any]
        Everything but routing key, action and dedup_key; at most `MAX_EVENT_BYTES`. Where it would be larger, fewer
        findings, lookups, attributes and notes are in it, and `left_out` says how many are not. Its links are `https`;
        nothing in its texts is a link.
    """
    event: dict[str, Any] = {}
    for most in _MOST_OF_EACH:
        event = _event(report, severity, source, page, most)
        if len(json.dumps(event)) <= MAX_EVENT_BYTES:
            break
    return event


def shown(text: str, most: int = _VALUE) -> str:
    """Make hostile text harmless and short, in one line."""
    return _harmless(text, one_line, most)


def _harmless(text: str, clean: Callable[[str], str], most: int) -> str:
    # Cleaning makes it shorter, yet seldom that much; what is beyond need not be cleaned.
    read = text[: 4 * most]
    return shortened(defanged(clean(read)).translate(_BRACKETS), most, len(text) - len(read))


def _event(report: Report, severity: Theirs, source: str, page: str | None, most: int) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "summary": shown(summary.headline(report), MAX_SUMMARY),
        "source": shown(source, _NAME),
        "severity": severity,
        "group": shown(", ".join(sorted({alert.detector for alert in report.alerts})), _NAME),
        "class": shown(report.alerts[0].rule_id if report.alerts else "", _NAME),
        "custom_details": _details(report, most),
    }
    timestamp = _timestamp(report.updated_at)
    if timestamp:
        payload["timestamp"] = timestamp
    own = [{"href": page, "text": "Open the report"}] if page else []
    return {"payload": payload, "client": "AlertResponder", "links": [*own, *_links(report)]}


def _details(report: Report, most: int) -> dict[str, Any]:
    counts = summary.counts(report)
    findings, unanswered, attributes = summary.weighed(report), summary.unanswered(report), summary.by_nearness(report)
    reason = _harmless(report.result.reason, plain, _REASON)
    details: dict[str, Any] = {
        "severity": report.result.severity,
        "reason": reason or "No reason was given.",
        "alerts": counts.alerts,
        "lookups": f"{counts.answered:,} of {counts.lookups:,} answered",
        "verdicts": f"{counts.malicious:,} malicious, {counts.suspicious:,} suspicious",
        "findings": _first(findings, most, _finding),
        "not_answered": _first(unanswered, most, _unanswered),
        "attributes": _first(attributes, most, _attribute),
        "notes": _first(report.notes, most, shown),
        "first_alert": shown(report.created_at),
        "as_of": shown(report.updated_at),
        "report": shown(report.id),
        "as_a_page": summary.page_command(report),
        "round": report.round,
    }
    if not report.complete:
        details["not_complete"] = f"{missing(report.omissions)} missing"
    listed = {"findings": findings, "not_answered": unanswered, "attributes": attributes, "notes": report.notes}
    left_out = {name: len(items) - most for name, items in listed.items() if len(items) > most}
    if left_out or report.truncated:
        more = ["The report itself was too large."] if report.truncated else []
        details["left_out"] = [*more, *(f"{number:,} more: {name}" for name, number in left_out.items())]
    return details


def _first(items: Iterable[_Item], most: int, tell: Callable[[_Item], Any]) -> list[Any]:
    return [tell(item) for item in islice(items, most)]


def _finding(finding: Finding) -> dict[str, Any]:
    facts = [fact for content in finding.contents for fact in summary.facts(content)]
    left_out = len(facts) - _MOST_FACTS
    more = [f"{left_out:,} more"] if left_out > 0 else []
    sources = sorted({content.source for content in finding.contents if content.source})
    return {
        "verdict": summary.verdict_of(finding) or "none",
        "what": _looked_up(finding),
        "facts": [*(f"{shown(name, 100)}: {shown(value)}" for name, value in facts[:_MOST_FACTS]), *more],
        "sources": shown(", ".join(sources)),
    }


def _unanswered(finding: Finding) -> str:
    reason = f": {shown(finding.reason)}" if finding.reason else ""
    return f"{finding.outcome}: {_looked_up(finding)}{reason}"


def _attribute(attribute: ReportedAttribute) -> str:
    key = f" ({shown(attribute.key, 100)})" if attribute.key else ""
    fits = "" if attribute.valid else ", does not fit its type"
    return f"{shown(attribute.type, 100)} {shown(attribute.value)}{key}{fits}"


def _looked_up(finding: Finding) -> str:
    return f"{shown(finding.inspector, 100)} of {shown(finding.attribute_type, 100)} {shown(finding.attribute_value)}"


def _links(report: Report) -> list[dict[str, str]]:
    found: dict[str, str] = {}
    for finding in summary.weighed(report):
        for content in finding.contents:
            link = https_link(content.link)
            if link:
                found.setdefault(link, shown(f"{finding.inspector}: {content.source or 'source'}", 100))
    return [{"href": link, "text": text} for link, text in islice(found.items(), _MOST_LINKS)]


def _timestamp(text: str) -> str | None:
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return None
    return time.isoformat() if time else None
