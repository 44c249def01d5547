"""Grafana's alerts before version 9 (dashboard alerts): the body of a webhook.

Format: https://grafana.com/docs/grafana/v8.5/alerting/old-alerting/notifications/
Grafana's newer alerts have the shape of Alertmanager's.
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "ruleName && state && (ruleId || ruleUrl) && (type(evalMatches) == 'array' || title || ruleUrl)",
        "detector": "'grafana'",
        "rule_id": "ruleName",
        # The rule of one installation and organisation: ids are numbered in each of them.
        "alert_key": "join('/', known([ruleUrl && (split(ruleUrl, '?') | [0]), orgId, dashboardId, panelId, ruleId]))",
        "description": "sentences([message, title])",
        "severity": "tags.severity",
        "status": "state",
        "attributes": [
            {
                "type": "endpoint",
                "key": "host",
                "value": "[tags.[instance, host, hostname], evalMatches[].tags.[instance, host, hostname][]][]",
                "context": ["object"],
            },
        ],
    }
]
