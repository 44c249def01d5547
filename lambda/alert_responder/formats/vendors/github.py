"""GitHub: webhooks of secret scanning, code scanning and Dependabot alerts.

Format: https://docs.github.com/webhooks/webhook-events-and-payloads (secret_scanning_alert, code_scanning_alert,
dependabot_alert, and the older repository_vulnerability_alert)
"""

from typing import Any

_RULE = (
    "alert.secret_type || alert.rule.id || alert.security_advisory.ghsa_id || alert.ghsa_id"
    " || alert.external_identifier"
)
_NAME = "alert.secret_type_display_name || alert.rule.description || alert.security_advisory.summary"
_PACKAGE = "(alert.dependency.package.name || alert.affected_package_name)"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type(alert) == 'object' && (alert.number || alert.id) && repository.full_name && action"
        f" && ({_RULE})",
        "detector": "'github'",
        "rule_id": _RULE,
        "rule_name": f"{_NAME} || {_RULE}",
        "alert_key": "join('#', known([repository.full_name, alert.number || alert.id]))",
        "description": f"sentences([alert.most_recent_instance.message.text, join(' ', known([{_NAME} || {_RULE},"
        f" "
        f"'in', repository.full_name, {_PACKAGE} && 'by the package', {_PACKAGE}])), alert.rule.full_description])",
        "timestamp": "alert.updated_at || alert.resolved_at || alert.created_at",
        "severity": "alert.rule.security_severity_level || alert.rule.severity || alert.security_advisory.severity"
        " || alert.severity",
        # Older payloads have no state, but what ended it.
        "status": "alert.state || alert.resolution && 'resolved' || alert.dismissed_at && 'dismissed'"
        " || alert.fixed_at && 'fixed' || action",
        "finding_id": "alert.html_url || join('#', known([repository.full_name, alert.number || alert.id]))",
        "attributes": [
            {
                "type": "repository",
                "key": "repository",
                "value": "repository.full_name",
                "context": ["local", "object"],
            },
            {
                "type": "cve",
                "key": "vulnerability",
                "value": "alert.security_advisory.cve_id || alert.external_identifier",
                "context": ["local"],
            },
            {"type": "package", "key": "package", "value": _PACKAGE, "context": ["local", "object"]},
            {
                "type": "filepath",
                "key": "file in the repository",
                "value": "[alert.most_recent_instance.location.path, alert.instances[].location.path,"
                " alert.dependency.manifest_path,"
                " location.details.path]",
                "context": ["file", "local"],
            },
            # Who dismissed the alert or pushed the commit, or a bot: not necessarily a suspect.
            {
                "type": "username",
                "key": "user who triggered the event",
                "value": "sender.login",
                "context": ["additional"],
            },
        ],
    }
]
