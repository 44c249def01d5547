"""GitHub: webhooks of secret scanning, code scanning and Dependabot alerts.

Format: https://docs.github.com/webhooks/webhook-events-and-payloads (secret_scanning_alert, code_scanning_alert,
dependabot_alert)
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type(alert) == 'object' && alert.number && repository.full_name && action"
        " && (alert.secret_type || alert.rule.id || alert.security_advisory.ghsa_id)",
        "detector": "'github'",
        "rule_id": "alert.secret_type || alert.rule.id || alert.security_advisory.ghsa_id",
        "rule_name": "alert.secret_type_display_name || alert.rule.description || alert.security_advisory.summary",
        "alert_key": "join('#', [repository.full_name, to_string(alert.number)])",
        "description": "join(' ', [alert.secret_type_display_name || alert.rule.description"
        " || alert.security_advisory.summary || alert.secret_type, 'in', repository.full_name])",
        "timestamp": "alert.updated_at || alert.created_at",
        "severity": "alert.rule.security_severity_level || alert.rule.severity || alert.security_advisory.severity",
        "attributes": [
            {
                "type": "repository",
                "key": "repository",
                "value": "repository.full_name",
                "context": ["local", "object"],
            },
            {"type": "cve", "key": "vulnerability", "value": "alert.security_advisory.cve_id", "context": ["local"]},
            {
                "type": "filepath",
                "key": "file in the repository",
                "value": "[alert.most_recent_instance.location.path, alert.dependency.manifest_path]",
                "context": ["file", "local"],
            },
            {
                "type": "username",
                "key": "user who triggered the event",
                "value": "sender.login",
                "context": ["subject"],
            },
        ],
    }
]
