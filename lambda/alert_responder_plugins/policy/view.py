"""The view of a report for `when`: flat, and without verdicts, findings and what inspectors found. Pure."""

from typing import Any

from alert_responder_plugins.policy.facts import ReportFacts

VIEW = {
    "accounts": "ids of the accounts, at most 10",
    "alert_count": "number of all alerts",
    "alert_key": "key of the first alert",
    "alerts": "the alerts that are shown, at most 25: objects with `description` and `body` (null above 64 KB)",
    "attributes": "attributes of the alerts: objects with `type`, `value`, `key`, `context` (list)",
    "body": "body of the first alert; null if it is larger than 64 KB",
    "created_at": "when the report was opened (RFC 3339)",
    "description": "description of the first alert",
    "detector": "detector of the first alert",
    "detector_outcome": "`success` or `failure` of the attempted action, according to the detector; null if unknown",
    "detector_severity": "worst word of the detector's severity, in lower case; null if there is none",
    "first_seen": "when the incident happened first, according to the detector (RFC 3339); null if unknown",
    "last_seen": "when it happened last (RFC 3339); null if unknown",
    "occurrences": "how often the detector saw it; null if unknown",
    "overflow": "whether the report holds alerts of many incidents",
    "regions": "regions, at most 20",
    "rounds": "number of rounds, this one included",
    "rule_id": "rule of the first alert",
    "rule_name": "name of this rule",
    "sources": "products from which the alerts came",
    "status": "`active` or `resolved`",
    "test": "whether it is the report of `doctor --end-to-end`",
    "title": "title of the report",
}
"""All fields; `docs/policy.md` lists them."""


def build_view(facts: ReportFacts) -> dict[str, Any]:
    """Build the view."""
    report, overview = facts.report, facts.overview
    first = report.alerts[0] if report.alerts else None
    alerts = [
        {"description": alert.description, "body": body}
        for alert, body in zip(report.alerts, facts.bodies, strict=True)
    ]
    return {
        "accounts": list(facts.accounts),
        "alert_count": report.alert_count,
        "alert_key": first.alert_key if first else "",
        "alerts": alerts,
        "attributes": [
            {
                "type": each.type,
                "value": facts.canonical(each) or each.value,
                "key": each.key,
                "context": list(each.context),
            }
            for each in facts.of_alerts
        ],
        "body": alerts[0]["body"] if alerts else None,
        "created_at": report.created_at,
        "description": first.description if first else "",
        "detector": first.detector if first else "",
        "detector_outcome": overview.outcome,
        "detector_severity": severity_word(overview.severity),
        "first_seen": overview.first_seen,
        "last_seen": overview.last_seen,
        "occurrences": overview.occurrences,
        "overflow": report.overflow is not None,
        "regions": list(overview.regions),
        "rounds": report.round,
        "rule_id": first.rule_id if first else "",
        "rule_name": first.rule_name if first else "",
        "sources": [source.product for source in report.sources],
        "status": report.status,
        "test": report.test,
        "title": report.title,
    }


def severity_word(severity: str | None) -> str | None:
    """Return the word of a severity in words without the number: `high` for `High (8)`."""
    return severity.partition(" (")[0].lower() if severity else None
