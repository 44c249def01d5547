"""Microsoft Sentinel: an incident, from the API or from automation rules that run playbooks.

Format: https://learn.microsoft.com/rest/api/securityinsights/incidents/get
Playbooks: https://learn.microsoft.com/azure/sentinel/automation/playbook-triggers-actions
"""

from typing import Any

from alert_responder.formats.mapping_variants import within

_ENTITIES = "properties.relatedEntities[].properties"

_INCIDENT: dict[str, Any] = {
    "name": "microsoft-sentinel",
    "match": "type(properties) == 'object' && properties.incidentNumber && properties.title && properties.severity",
    "detector": "'microsoft-sentinel'",
    "rule_id": "properties.relatedAnalyticRuleIds[0] || properties.title",
    "rule_name": "properties.title",
    "alert_key": "name || id",
    "description": "properties.description || properties.title",
    "timestamp": "properties.lastActivityTimeUtc || properties.lastModifiedTimeUtc || properties.createdTimeUtc",
    "severity": "properties.severity",
    "attributes": [
        {"type": "ipaddr", "key": "IP address", "value": f"{_ENTITIES}.address", "context": ["remote"]},
        {"type": "hostname", "key": "host", "value": f"{_ENTITIES}.hostName", "context": ["local"]},
        {"type": "username", "key": "user", "value": f"{_ENTITIES}.accountName", "context": ["subject"]},
        {
            "type": "email",
            "key": "user",
            "value": f"{_ENTITIES} | [?type(accountName) == 'string' && type(upnSuffix) == 'string']"
            ".join('@', [accountName, upnSuffix])",
            "context": ["subject"],
        },
        {"type": "domain", "key": "domain", "value": f"{_ENTITIES}.domainName", "context": ["remote"]},
        {"type": "url", "key": "URL", "value": f"{_ENTITIES}.url", "context": ["remote"]},
        {"type": "filehashvalue", "key": "file", "value": f"{_ENTITIES}.hashValue", "context": ["file"]},
        {
            "type": "resource",
            "key": "resource",
            "value": f"{_ENTITIES}.[azureID, resourceId]",
            "context": ["local", "object"],
        },
    ],
}

MAPPINGS: list[dict[str, Any]] = [_INCIDENT, within(_INCIDENT, "microsoft-sentinel-playbook", "object")]
