"""Prometheus Alertmanager, and Grafana's alerts: one alert of a webhook, or as Prometheus sends it.

Format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
Grafana: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
Webhooks, which contain several alerts, are opened before (`formats.envelope`). A resolved alert joins the report.
"""

from typing import Any

# A group may have the name that its alerts lack. Grafana names alerts of its own failures after the failure, and
# has the rule in a label.
_NAME = (
    "(labels.rulename && labels.alertname && join(': ', [labels.alertname, labels.rulename])) || labels.alertname"
    " || labels.rulename || _envelope.groupLabels.alertname || _envelope.commonLabels.alertname"
    " || annotations.summary || 'alert without a name'"
)
_CLUSTER = "labels.cluster || labels.cluster_name || labels.k8s_cluster_name || labels.cluster_id"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type(labels) == 'object' && startsAt"
        " && (fingerprint || generatorURL || type(annotations) == 'object' && endsAt)",
        "detector": "'alertmanager'",
        "rule_id": _NAME,
        # The labels, and therefore the fingerprint, distinguish the alerts of a rule. Other installations may have the
        # same labels.
        "alert_key": f"[{_CLUSTER} || _envelope.externalURL, _envelope.orgId || orgId, fingerprint"
        " || join(',', known([labels.namespace, labels.instance || labels.pod || labels.host]))]"
        " | join('/', known(@))",
        "description": "sentences([annotations.description, annotations.message,"
        " annotations.summary != labels.alertname && annotations.summary || null]) || annotations.summary"
        " || _envelope.title",
        "timestamp": "startsAt",
        "severity": "labels.severity || labels.priority",
        # An object in the API. A group without it in its alerts is resolved if all of them are.
        "status": "type(status) == 'string' && status || !status && _envelope.status || null",
        # An alert that is sent again, or resolved, has the same start.
        "finding_id": "fingerprint && join('@', known([fingerprint, startsAt])) || null",
        "attributes": [
            {
                "type": "endpoint",
                "key": "host",
                "value": "labels.[instance, exported_instance, target, host, hostname, node, nodename]",
                "context": ["object"],
            },
            {
                "type": "pod",
                "key": "Kubernetes pod",
                "value": "[labels.pod, labels.kubernetes_pod_name]",
                "context": ["local"],
            },
            {"type": "container", "key": "container", "value": "labels.container", "context": ["local"]},
            # Labels of rules about logs.
            {
                "type": "ipaddr",
                "key": "source",
                "value": "labels.[src_ip, srcip, source_ip, client_ip, remote_ip, remote_addr]",
                "context": ["client"],
            },
            {
                "type": "ipaddr",
                "key": "destination",
                "value": "labels.[dst_ip, dstip, dest_ip, destination_ip]",
                "context": ["server"],
            },
            {"type": "endpoint", "key": "domain", "value": "labels.domain", "context": ["additional"]},
        ],
    }
]
