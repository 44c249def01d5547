"""Google Security Command Center: findings from notifications, the API, and exports to BigQuery (v1 and v2).

Format: https://cloud.google.com/security-command-center/docs/how-to-api-manage-notifications
Export: https://cloud.google.com/security-command-center/docs/how-to-analyze-findings-in-big-query
Fields: https://cloud.google.com/security-command-center/docs/reference/rest/v2/organizations.sources.findings
"""

from typing import Any

from alert_responder.formats.mapping_variants import changed, respelled, snake

_PROPERTIES = "finding.sourceProperties.properties"

_NOTIFICATION: dict[str, Any] = {
    "name": "google-scc",
    "match": "type(finding) == 'object' && finding.name && finding.category"
    " && (notificationConfigName || finding.parent || finding.resourceName) && !(finding.resource_name)",
    "detector": "'google-scc'",
    "rule_id": "finding.category",
    # A category on a resource, whose name has the project, is one incident for each vulnerability, instance, pod and
    # caller; each finding has a different name.
    "alert_key": f"join('/', known([finding.resourceName || resource.name || finding.name,"
    f" finding.vulnerability.cve.id, {_PROPERTIES}.[instanceDetails, instanceId][] | [0],"
    f" finding.kubernetes.pods[0].ns, finding.kubernetes.pods[0].name, finding.access.principalEmail"
    f" || {_PROPERTIES}.principalEmail || finding.sourceProperties.properties_principalEmail]))",
    "description": "finding.description || finding.sourceProperties.Explanation || finding.category",
    "timestamp": "finding.eventTime || finding.createTime",
    "severity": "finding.severity || (finding.sourceProperties.[detectionPriority, SeverityLevel][] | [0])",
    "status": "(finding.mute == 'MUTED' && 'suppressed') || finding.state",
    "finding_id": "finding.name",
    "attributes": [
        {
            "type": "ipaddr",
            "key": "caller's IP address",
            "value": "finding.access.callerIp",
            "context": ["client", "subject"],
        },
        {
            "type": "member",
            "key": "caller",
            "value": "[finding.access.principalEmail || finding.access.principalSubject,"
            f" finding.sourceProperties.properties_principalEmail, {_PROPERTIES}.principalEmail]",
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
            "value": f"[finding.connections[].sourceIp, {_PROPERTIES}.[ipConnection.srcIp, loginAttempts[].sourceIp,"
            " attempts[].sourceIp]]",
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
            "context": ["additional"],
        },
        {
            "type": "domain",
            "key": "indicator",
            "value": "[finding.indicator.domains, finding.sourceProperties.properties.dnsContexts[].queryName]",
            "context": ["additional"],
        },
        {
            "type": "url",
            "key": "indicator",
            "value": "finding.indicator.uris[]",
            "context": ["additional"],
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
            "type": "member",
            "key": "member of a binding",
            "value": "[finding.iamBindings[].member, finding.sourceProperties.properties_externalMembers_0,"
            f" {_PROPERTIES}.[externalMembers, bindingDeltas[].member]]",
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
            "type": "package",
            "key": "package",
            "value": "finding.vulnerability.offendingPackage.packageName",
            "context": ["local", "object"],
        },
        {
            "type": "resource",
            "key": "resource",
            "value": "resource.name || finding.resourceName",
            "context": ["local", "object"],
        },
        {
            "type": "resource",
            "key": "source of the exfiltration",
            "value": "finding.exfiltration.sources[].name",
            "context": ["local", "object"],
        },
        {
            "type": "resource",
            "key": "target of the exfiltration",
            "value": "finding.exfiltration.targets[].name",
            "context": ["object"],
        },
        {
            "type": "resource",
            "key": "key of the service account",
            "value": "finding.access.serviceAccountKeyName",
            "context": ["subject"],
        },
        {
            "type": "member",
            "key": "caller that delegated",
            "value": "finding.access.serviceAccountDelegationInfo[].[principalEmail || principalSubject]",
            "context": ["subject"],
        },
        {
            "type": "project",
            "key": "project",
            "value": "resource.gcpMetadata.projectDisplayName || resource.projectDisplayName"
            f" || ({_PROPERTIES}.[project_id, projectId][] | [0]) || finding.sourceProperties.ProjectId"
            " || (split(split(finding.resourceName, '/projects/') | [1], '/') | [0])",
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
