"""Microsoft Sentinel: an incident, from the API or from automation rules that run playbooks.

Format: https://learn.microsoft.com/rest/api/securityinsights/incidents/get
Playbooks: https://learn.microsoft.com/azure/sentinel/automation/playbook-triggers-actions
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute, within

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
    "status": "properties.status",
    "finding_id": "name || id",
    "attributes": [
        attribute("ipaddr", "IP address", f"{_ENTITIES}.address", "additional"),
        attribute("ipaddr", "sender's IP address", f"{_ENTITIES}.senderIP", "client"),
        attribute("hostname", "host", f"{_ENTITIES}.hostName", "local"),
        attribute("username", "user", f"{_ENTITIES}.accountName", "subject"),
        attribute(
            "email",
            "user",
            f"{_ENTITIES} | [?type(accountName) == 'string' && type(upnSuffix) == 'string']"
            ".join('@', [accountName, upnSuffix])",
            "subject",
        ),
        attribute("email", "sender", f"{_ENTITIES}.[sender, p1Sender, p2Sender]", "subject"),
        attribute("email", "recipient", f"{_ENTITIES}.recipient", "object"),
        attribute("email", "mailbox", f"{_ENTITIES}.mailboxPrimaryAddress", "local", "object"),
        attribute("domain", "domain", f"{_ENTITIES}.domainName", "additional"),
        attribute("endpoint", "URL", f"{_ENTITIES}.[url, urls]", "additional"),
        attribute("filehashvalue", "file", f"{_ENTITIES}.hashValue", "file"),
        attribute("filepath", "folder", f"{_ENTITIES}.directory", "file", "local"),
        attribute("registry", "registry key", f"{_ENTITIES} | [?hive].key", "local", "object"),
        attribute("application", "application", f"{_ENTITIES}.appName", "object"),
        attribute("device", "device", f"{_ENTITIES}.deviceId", "local"),
        attribute("resource", "resource", f"{_ENTITIES}.[azureID, resourceId]", "local", "object"),
        attribute("project", "project", f"{_ENTITIES}.subscriptionId", "local"),
    ],
}

MAPPINGS: list[dict[str, Any]] = [_INCIDENT, within(_INCIDENT, "microsoft-sentinel-playbook", "object")]
