"""Azure security alerts: of Defender for Cloud, from continuous export or the API, and of Sentinel.

Format: https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas
Table: https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert (entities are JSON in a string)
"""

from typing import Any

from alert_responder.formats.mapping_variants import camel, respelled, within

_ENTITIES = "from_json(Entities)[]"

_EXPORTED: dict[str, Any] = {
    "name": "microsoft-security-alert",
    "match": "AlertType && SystemAlertId && (AlertDisplayName || AlertName || DisplayName)",
    "detector": "contains(['Azure Sentinel', 'Microsoft Sentinel'], ProductName || '') && 'microsoft-sentinel'"
    " || 'microsoft-defender'",
    "rule_id": "AlertType",
    "rule_name": "AlertDisplayName || AlertName || DisplayName",
    # The attacked resource, or else the first entity of the alert.
    "alert_key": "CompromisedEntity || AzureResourceId || ([ResourceIdentifiers][][].AzureResourceId | [0])"
    f" || ({_ENTITIES}.[HostName, Name, Address][] | [0]) || SystemAlertId",
    "description": "Description || AlertDisplayName || AlertName",
    "timestamp": "EndTimeUtc || EndTime || TimeGenerated || TimeGeneratedUtc || StartTimeUtc",
    "severity": "Severity || AlertSeverity",
    "attributes": [
        {
            "type": "ipaddr",
            "key": "IP address",
            "value": f"{_ENTITIES}.[Address, IpAdresses[].Address]",
            "context": ["remote"],
        },
        {"type": "hostname", "key": "host", "value": f"{_ENTITIES}.HostName", "context": ["local"]},
        {
            "type": "username",
            "key": "user",
            "value": f"{_ENTITIES} | [?Type == 'account' || Type == 'Account'].Name",
            "context": ["subject"],
        },
        {
            "type": "email",
            "key": "user",
            "value": f"{_ENTITIES} | [?type(Name) == 'string' && type(UPNSuffix) == 'string']"
            ".join('@', [Name, UPNSuffix])",
            "context": ["subject"],
        },
        {"type": "domain", "key": "domain", "value": f"{_ENTITIES}.DomainName", "context": ["remote"]},
        {
            "type": "url",
            "key": "URL",
            "value": f"{_ENTITIES} | [?Type == 'url' || Type == 'Url'].Url",
            "context": ["remote"],
        },
        {
            "type": "filehashvalue",
            "key": "file",
            "value": f"[{_ENTITIES}.FileHashes[].Value, {_ENTITIES} | [?Type == 'filehash'].Value]",
            "context": ["file"],
        },
        {"type": "container", "key": "container", "value": f"{_ENTITIES}.ContainerId", "context": ["local"]},
        {"type": "image", "key": "container image", "value": f"{_ENTITIES}.ImageId", "context": ["local"]},
        {
            "type": "arn",
            "key": "resource",
            "value": f"{_ENTITIES}.AmazonResourceId | [?type(@) == 'string' && starts_with(@, 'arn:')]",
            "context": ["local", "object"],
        },
        {
            "type": "resource",
            "key": "resource",
            "value": f"[AzureResourceId, [ResourceIdentifiers][][].AzureResourceId, {_ENTITIES}.[AzureID, ResourceId]]",
            "context": ["local", "object"],
        },
    ],
}

MAPPINGS: list[dict[str, Any]] = [
    _EXPORTED,
    within(respelled(_EXPORTED, "", camel), "microsoft-security-alert-resource", "properties"),
]
