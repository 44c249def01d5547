"""Write a report as an event of PagerDuty's Events API v2. Pure: equal reports produce equal events."""

import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import Finding, Report, ReportedAttribute
from alert_responder.domain.completeness import missing
from alert_responder.domain.glance import glance_of
from alert_responder.domain.review_facts import review_facts
from alert_responder.domain.sanitize import defang, https_link, one_line, shorten, strip_invisible
from alert_responder_plugins.common import summary
from alert_responder_plugins.pagerduty.settings import PagerDutySeverity

MAX_EVENT_BYTES = 500_000
"""Maximum size of an event [bytes of JSON]; PagerDuty accepts 512 KB."""

MAX_SUMMARY = 1_024
"""Maximum length of the summary [characters], PagerDuty's limit."""

_ITEMS_PER_LIST = (50, 20, 5, 1, 0)
_MAX_LINKS = 20
_MAX_FACTS = 20
_REASON = 4_000
_DESCRIPTION = 1_000
_VALUE = 300
_NAME = 255

# PagerDuty forwards summaries and details to mail, chat and tickets, where angle brackets may be mark-up or commands.
_BRACKETS = str.maketrans({"<": "\u2039", ">": "\u203a"})

_Item = TypeVar("_Item")


def trigger_event(report: Report, severity: PagerDutySeverity, source: str, page: str | None = None) -> dict[str, Any]:
    """Return the event that opens or updates a report's incident.

    Parameters
    ----------
    page
        Link to the report's page, if there is one.

    Returns
    -------
    dict[str, Any]
        All fields except routing key, action and dedup_key; at most `MAX_EVENT_BYTES`. A larger event is reduced to
        fewer findings, lookups, attributes and notes, and `left_out` contains their numbers. Its links are `https`
        addresses; its texts contain no links.
    """
    event: dict[str, Any] = {}
    for most in _ITEMS_PER_LIST:
        event = _event(report, severity, source, page, most)
        if len(json.dumps(event)) <= MAX_EVENT_BYTES:
            break
    return event


def shown(text: str, most: int = _VALUE, type_: str = "") -> str:
    """Make hostile text safe and short, in one line; `type_` is that of an attribute whose value it is."""
    return _harmless(text, one_line, most, type_)


def _harmless(text: str, clean: Callable[[str], str], most: int, type_: str = "") -> str:
    # Cleaning rarely makes text four times shorter; the remainder does not need to be cleaned.
    read = text[: 4 * most]
    return shorten(defang(clean(read), type_).translate(_BRACKETS), most, len(text) - len(read))


def _event(report: Report, severity: PagerDutySeverity, source: str, page: str | None, most: int) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "summary": shown(summary.one_line_summary(report), MAX_SUMMARY),
        "source": shown(source, _NAME),
        "severity": severity,
        "group": shown(", ".join(sorted({alert.detector for alert in report.alerts})), _NAME),
        # Data by which PagerDuty's rules tell events apart: addresses in it are not defanged.
        "class": shorten(one_line(report.alerts[0].rule_id).translate(_BRACKETS), _NAME) if report.alerts else "",
        "custom_details": _details(report, most),
    }
    glance = glance_of(report)
    if component := " ".join(filter(None, (glance.accounts, glance.regions))):
        payload["component"] = shown(component, _NAME)
    timestamp = _timestamp(report.updated_at)
    if timestamp:
        payload["timestamp"] = timestamp
    page_links = [{"href": page, "text": "Open the report"}] if page else []
    return {"payload": payload, "client": "AlertResponder", "links": [*page_links, *_links(report)]}


def _details(report: Report, most: int) -> dict[str, Any]:
    counts = summary.counts(report)
    findings, unanswered, attributes = (
        summary.findings_by_verdict(report),
        summary.unanswered(report),
        summary.attributes_by_depth(report),
    )
    reason = _harmless(report.result.reason, strip_invisible, _REASON)
    glance = glance_of(report)
    detected = (*glance.facts, ("Detector", ", ".join(sorted({alert.detector for alert in report.alerts}))))
    details: dict[str, Any] = {
        **({"description": _harmless(glance.description, strip_invisible, _DESCRIPTION)} if glance.description else {}),
        **{_field(name): shown(value) for name, value in detected if value},
        "severity": report.result.severity,
        **{_field(name): shown(value, _REASON) for name, value in review_facts(report.result)},
        "reason": reason or summary.NO_REASON,
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
        more = ["The report was too large and was truncated."] if report.truncated else []
        details["left_out"] = [*more, *(f"{number:,} more: {name}" for name, number in left_out.items())]
    return details


def _field(name: str) -> str:
    return name.lower().replace("'", "").replace(" ", "_")


def _first(items: Iterable[_Item], most: int, write: Callable[[_Item], Any]) -> list[Any]:
    return [write(item) for item in islice(items, most)]


def _finding(finding: Finding) -> dict[str, Any]:
    facts = [fact for content in finding.contents for fact in summary.facts(content)]
    left_out = len(facts) - _MAX_FACTS
    more = [f"{left_out:,} more"] if left_out > 0 else []
    sources = sorted({content.source for content in finding.contents if content.source})
    return {
        "verdict": summary.verdict_of(finding) or "none",
        "what": _looked_up(finding),
        "facts": [*(f"{shown(name, 100)}: {shown(value)}" for name, value in facts[:_MAX_FACTS]), *more],
        "sources": shown(", ".join(sources)),
    }


def _unanswered(finding: Finding) -> str:
    reason = f": {shown(finding.reason)}" if finding.reason else ""
    return f"{finding.outcome}: {_looked_up(finding)}{reason}"


def _attribute(attribute: ReportedAttribute) -> str:
    key = f" ({shown(attribute.key, 100)})" if attribute.key else ""
    fits = "" if attribute.valid else ", invalid for its type"
    return f"{shown(attribute.type, 100)} {shown(attribute.value, type_=attribute.type)}{key}{fits}"


def _looked_up(finding: Finding) -> str:
    value = shown(finding.attribute_value, type_=finding.attribute_type)
    return f"{shown(finding.inspector, 100)} on {shown(finding.attribute_type, 100)} {value}"


def _links(report: Report) -> list[dict[str, str]]:
    links: dict[str, str] = {}
    for finding in summary.findings_by_verdict(report):
        for content in finding.contents:
            link = https_link(content.link)
            if link:
                links.setdefault(link, shown(f"{finding.inspector}: {content.source or 'source'}", 100))
    return [{"href": link, "text": text} for link, text in islice(links.items(), _MAX_LINKS)]


def _timestamp(text: str) -> str | None:
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return None
    return time.isoformat() if time else None
