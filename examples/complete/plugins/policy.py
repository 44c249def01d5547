"""Reviewer: rates a report by its findings and the detector's severity. Replace the rules with your own."""

from typing import Any

SEVERE = ("critical", "high")
MINOR = ("informational", "low")
ANSWERED = ("ok", "empty", "cached")


def handler(report: dict[str, Any], context: object) -> dict[str, str]:
    findings, alerts = report["findings"], report["alerts"]
    malicious = sorted(
        {
            finding["attribute_value"]
            for finding in findings
            for content in finding["contents"]
            if content.get("verdict") == "malicious"
        }
    )
    if malicious:
        return {"severity": "urgent", "reason": f"Known as malicious: {', '.join(malicious)}"[:4000]}
    # GuardDuty writes "High (8)", Security Hub "HIGH".
    severities = [(alert["severity"] or "").lower() for alert in alerts]
    if any(severity.startswith(SEVERE) for severity in severities):
        return {"severity": "urgent", "reason": "The detector rates it high or critical."}
    answered = bool(findings) and all(finding["outcome"] in ANSWERED for finding in findings)
    # A report with many alerts shows only some of them.
    shown = len(alerts) == report["alert_count"]
    if answered and shown and all(severity.startswith(MINOR) for severity in severities):
        return {"severity": "safe", "reason": "The detector rates it low, and inspectors found nothing malicious."}
    return {"severity": "unclassified", "reason": "The detector rates it neither high nor low, or a lookup is missing."}
