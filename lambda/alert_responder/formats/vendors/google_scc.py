"""Google Security Command Center: findings from notifications, the API, and exports to BigQuery (v1 and v2).

Format: https://cloud.google.com/security-command-center/docs/how-to-api-manage-notifications
Export: https://cloud.google.com/security-command-center/docs/how-to-analyze-findings-in-big-query
Fields: https://cloud.google.com/security-command-center/docs/reference/rest/v2/organizations.sources.findings
"""

from typing import Any

from alert_responder.formats.mapping_variants import changed, respelled, snake

_NOTIFICATION: dict[str, Any] = {
    "name": "google-scc",
    "match": "type(finding) == 'object' && finding.name && finding.category"
    " && (notificationConfigName || finding.parent || finding.resourceName) && !(finding.resource_name)",
    "detector": "'google-scc'",
    "rule_id": "finding.category",
    # A category on a resource is one incident; each finding has a different name.
    "alert_key": "finding.resourceName || resource.name || finding.name",
    "description": "finding.description || finding.category",
    "timestamp": "finding.eventTime || finding.createTime",
    "severity": "finding.severity",
    "attributes": [
        {
            "type": "ipaddr",
            "key": "caller's IP address",
            "value": "finding.access.callerIp",
            "context": ["client", "remote", "subject"],
        },
        {
            "type": "email",
            "key": "caller",
            "value": "[finding.access.principalEmail, finding.sourceProperties.properties_principalEmail,"
            " finding.sourceProperties.properties.principalEmail]",
            "context": ["subject"],
        },
        {
            "type": "username",
            "key": "caller",
            "value": "finding.access.userName",
            "context": ["subject"],
        },
        {
            "type": "ipaddr",
            "key": "source",
            "value": "[finding.connections[].sourceIp, finding.sourceProperties.properties.[ipConnection.srcIp,"
            " loginAttempts[].sourceIp]]",
            "context": ["client"],
        },
        {
            "type": "ipaddr",
            "key": "destination",
            "value": "[finding.connections[].destinationIp, finding.sourceProperties.properties.ipConnection.destIp]",
            "context": ["server"],
        },
        {
            "type": "ipaddr",
            "key": "indicator",
            "value": "finding.indicator.ipAddresses[]",
            "context": ["additional", "remote"],
        },
        {
            "type": "domain",
            "key": "indicator",
            "value": "[finding.indicator.domains, finding.sourceProperties.properties.dnsContexts[].queryName]",
            "context": ["additional", "remote"],
        },
        {
            "type": "url",
            "key": "indicator",
            "value": "finding.indicator.uris[]",
            "context": ["additional", "remote"],
        },
        {
            "type": "filehashvalue",
            "key": "file",
            "value": "[finding.files[].sha256, finding.processes[].[binary.sha256, script.sha256][]] | [?@] | []",
            "context": ["file"],
        },
        {
            "type": "filepath",
            "key": "file",
            "value": "[finding.files[].path, finding.processes[].binary.path] | [?@] | []",
            "context": ["file", "local"],
        },
        {
            "type": "username",
            "key": "member of a binding",
            "value": "[finding.iamBindings[].member, finding.sourceProperties.properties_externalMembers_0,"
            " finding.sourceProperties.properties.externalMembers][] | [?@]",
            "context": ["object"],
        },
        {
            "type": "image",
            "key": "container image",
            "value": "[finding.containers[].uri, finding.kubernetes.pods[].containers[].uri]",
            "context": ["local"],
        },
        {"type": "pod", "key": "Kubernetes pod", "value": "finding.kubernetes.pods[].name", "context": ["local"]},
        {"type": "cve", "key": "vulnerability", "value": "finding.vulnerability.cve.id", "context": ["local"]},
        {
            "type": "resource",
            "key": "resource",
            "value": "resource.name || finding.resourceName",
            "context": ["local", "object"],
        },
        {
            "type": "project",
            "key": "project",
            "value": "resource.gcpMetadata.projectDisplayName || resource.projectDisplayName",
            "context": ["local"],
        },
        {"type": "account", "key": "account", "value": "resource.awsMetadata.account.id", "context": ["local"]},
    ],
}

MAPPINGS: list[dict[str, Any]] = [
    _NOTIFICATION,
    {
        **respelled(_NOTIFICATION, "google-scc-export", snake),
        "match": "type(finding) == 'object' && finding.name && finding.category && finding.resource_name",
    },
    {
        **changed(_NOTIFICATION, "google-scc-finding", lambda text: text.replace("finding.", "")),
        "match": "type(name) == 'string' && contains(name, '/findings/') && category && resourceName && state",
    },
]
