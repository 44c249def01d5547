"""The digest of what a report says: equal digests mean there is nothing new to tell."""

import hashlib
import json

from alert_responder.contracts.report import Report

_SAME_AS = {"cached": "ok", "empty": "ok"}
"""Where an answer came from is no news, nor that it is empty, or not there yet: its contents are compared."""


def report_digest(report: Report) -> str:
    """Hash severity, reason, attributes, findings and limits of a report, and what its detectors call worst.

    Returns
    -------
    str
        64 hexadecimal digits. Times, durations, counts, alerts' texts, rounds, and where an answer was cached make no
        difference; nor does the order of attributes and findings.
    """
    substance = {
        "severity": report.result.severity,
        "reason": report.result.reason,
        "attributes": sorted([attribute.id, list(attribute.context)] for attribute in report.attributes),
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
        # An alert that is worse than those before it is news, whatever else they have alike.
        "detectors_severity": report.overview and report.overview.severity,
        "attempt": report.overview and report.overview.outcome,
    }
    return hashlib.sha256(_text(substance).encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
