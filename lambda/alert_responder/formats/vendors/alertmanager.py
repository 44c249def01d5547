"""Prometheus Alertmanager, and Grafana's alerts: one alert of a webhook.

Format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
Webhooks, which contain several alerts, are opened before (`formats.envelope`). A resolved alert joins the report.
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "labels.alertname && startsAt && (fingerprint || generatorURL)",
        "detector": "'alertmanager'",
        "rule_id": "labels.alertname",
        # The labels, and therefore the fingerprint, distinguish the alerts of a rule.
        "alert_key": "fingerprint || labels.instance || labels.pod || labels.host",
        "description": "annotations.summary || annotations.description || annotations.message",
        "timestamp": "startsAt",
        "severity": "labels.severity",
        "attributes": [
            {
                "type": "hostname",
                "key": "host",
                "value": "[split(labels.instance, ':')[0], labels.host, labels.hostname, labels.node]",
                "context": ["local"],
            },
            {
                "type": "pod",
                "key": "Kubernetes pod",
                "value": "[labels.pod, labels.kubernetes_pod_name]",
                "context": ["local"],
            },
            {"type": "container", "key": "container", "value": "labels.container", "context": ["local"]},
        ],
    }
]
