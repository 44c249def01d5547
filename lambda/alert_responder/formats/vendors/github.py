"""GitHub: webhooks of secret scanning, code scanning and Dependabot alerts, and of a repository's own advisories.

Format: https://docs.github.com/webhooks/webhook-events-and-payloads (secret_scanning_alert, code_scanning_alert,
dependabot_alert, repository_advisory, and the older repository_vulnerability_alert)
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute

_RULE = (
    "alert.secret_type || alert.rule.id || alert.security_advisory.ghsa_id || alert.ghsa_id"
    " || alert.external_identifier"
)
_NAME = "alert.secret_type_display_name || alert.rule.description || alert.security_advisory.summary"
_PACKAGE = "(alert.dependency.package.name || alert.affected_package_name)"
_REPOSITORY = attribute("repository", "repository", "repository.full_name", "local", "object")
# Who dismissed the alert or pushed the commit, or a bot: not necessarily a suspect.
_SENDER = attribute("username", "user who triggered the event", "sender.login", "additional")

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
            _REPOSITORY,
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
            _SENDER,
        ],
    },
    # A vulnerability that somebody reported privately, or that the repository published.
    {
        "name": "github-advisory",
        "match": "repository_advisory.ghsa_id && repository.full_name && action",
        "detector": "'github'",
        "rule_id": "repository_advisory.ghsa_id",
        "rule_name": "repository_advisory.summary",
        "alert_key": "repository.full_name",
        "description": "sentences([join(' ', known([repository_advisory.summary, 'in', repository.full_name])),"
        " repository_advisory.description])",
        "timestamp": "repository_advisory.[updated_at, published_at, created_at] | [?@] | [0]",
        "severity": "repository_advisory.severity",
        "status": "repository_advisory | withdrawn_at && 'closed' || state",
        "finding_id": "repository_advisory | html_url || ghsa_id",
        "attributes": [
            _REPOSITORY,
            attribute("cve", "vulnerability", "repository_advisory.cve_id", "local"),
            attribute("package", "package", "repository_advisory.vulnerabilities[].package.name", "local", "object"),
            _SENDER,
        ],
    },
]
