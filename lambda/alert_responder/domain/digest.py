"""The digest of a report: equal digests mean that emitters do not need to be notified."""

import hashlib
import json

from alert_responder.contracts.report import Report, ReportedAttribute, Result
from alert_responder.domain.sides import SIDED_TYPES, SIDES

_SAME_AS = {"cached": "ok", "empty": "ok"}
"""Outcomes that do not count as news: only the contents of an answer are compared."""


def report_digest(report: Report) -> str:
    """Hash what matters to people: the review, status, attributes, findings, limits, and the worst detector's severity.

    Returns
    -------
    str
        64 hexadecimal digits. Times, durations, counts, texts of alerts, rounds, whether an answer was cached, and the
        order of attributes and findings make no difference.
    """
    substance = {
        "severity": report.result.severity,
        "reason": report.result.reason,
        "attributes": sorted([attribute.id, _contexts(attribute)] for attribute in report.attributes),
        "findings": sorted(
            [
                finding.inspector,
                finding.attribute_id,
                "ok" if finding.no_turn else _SAME_AS.get(finding.outcome, finding.outcome),
                _text([content.model_dump(mode="json") for content in finding.contents]),
            ]
            for finding in report.findings
        ),
        "truncated": report.truncated,
        # An alert that is worse than those before it is always news.
        "detectors_severity": report.overview and report.overview.severity,
        "attempt": report.overview and report.overview.outcome,
        # A report that is no longer a test is news.
        **({"test": True} if report.test else {}),
        **({"status": "resolved"} if report.status == "resolved" else {}),
        **_review(report.result),
    }
    return hashlib.sha256(_text(substance).encode()).hexdigest()


def _review(result: Result) -> dict[str, object]:
    """Return what only some reviewers answer; empty without it, so that earlier digests stay the same."""
    answered = {
        "rule": result.rule,
        "labels": sorted({*result.labels}),
        "suppressed": result.suppressed and result.suppressed.name,
        "breakthrough": result.breakthrough,
    }
    return {name: value for name, value in answered.items() if value}


def _contexts(attribute: ReportedAttribute) -> list[str]:
    """List contexts without sides, which depend on the settings of the moment."""
    return [each for each in attribute.context if attribute.type not in SIDED_TYPES or each not in SIDES]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
