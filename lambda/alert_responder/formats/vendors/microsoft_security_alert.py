"""Azure security alerts: of Defender for Cloud, from continuous export or the API, and of Sentinel.

Format: https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas
Table: https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert (entities are JSON in a string)
Entities: https://learn.microsoft.com/azure/sentinel/entities-reference
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute, camel, changed, respelled, within

_ENTITIES = "from_json(Entities)[]"
_RESOURCE = "AzureResourceId || ([ResourceIdentifiers][][].AzureResourceId | [0])"
_TENANT = "TenantId || ([ResourceIdentifiers][][].AadTenantId | [0]) || WorkspaceSubscriptionId"
_ACCOUNTS = "[?Type == 'account' || Type == 'Account']"

_EXPORTED: dict[str, Any] = {
    "name": "microsoft-security-alert",
    "match": "AlertType && SystemAlertId && (AlertDisplayName || AlertName || DisplayName)",
    "detector": "contains(['Azure Sentinel', 'Microsoft Sentinel'], ProductName || '') && 'microsoft-sentinel'"
    " || 'microsoft-defender'",
    "rule_id": "AlertType",
    "rule_name": "AlertDisplayName || AlertName || DisplayName",
    # The attacked resource, perhaps a whole subscription, in lower case since products differ in that; and what is
    # attacked there or the first entity.
    "alert_key": f"join('/', known([lower({_RESOURCE} || {_TENANT}), CompromisedEntity"
    f" || ({_ENTITIES}.[HostName, Name, Address][] | [0]) || SystemAlertId]))",
    "description": "Description || AlertDisplayName || AlertName",
    "timestamp": "EndTimeUtc || EndTime || TimeGenerated || TimeGeneratedUtc || StartTimeUtc",
    "severity": "Severity || AlertSeverity",
    "status": "Status",
    "finding_id": "SystemAlertId",
    "attributes": [
        attribute("ipaddr", "IP address", f"{_ENTITIES}.[Address, IpAdresses[].Address]", "additional"),
        attribute("ipaddr", "source", f"{_ENTITIES}.SourceAddress.Address", "client"),
        attribute("ipaddr", "destination", f"{_ENTITIES}.DestinationAddress.Address", "server"),
        attribute("ipaddr", "sender's IP address", f"{_ENTITIES}.SenderIP", "client"),
        attribute("hostname", "host", f"{_ENTITIES}.HostName", "local"),
        attribute("username", "user", f"{_ENTITIES} | {_ACCOUNTS}.Name", "subject"),
        attribute(
            "email",
            "user",
            f"{_ENTITIES} | [?type(Name) == 'string' && type(UPNSuffix) == 'string'].join('@', [Name, UPNSuffix])",
            "subject",
        ),
        attribute("email", "sender", f"{_ENTITIES}.[Sender, P1Sender, P2Sender]", "subject"),
        attribute("email", "recipient", f"{_ENTITIES}.Recipient", "object"),
        attribute("email", "mailbox", f"{_ENTITIES}.MailboxPrimaryAddress", "local", "object"),
        attribute("domain", "domain", f"{_ENTITIES}.DomainName", "additional"),
        attribute("endpoint", "URL", f"{_ENTITIES}.[Url, Urls]", "additional"),
        attribute(
            "filehashvalue",
            "file",
            f"[{_ENTITIES}.FileHashes[].Value, {_ENTITIES} | [?Type == 'filehash' || Type == 'FileHash'].Value]",
            "file",
        ),
        attribute("filepath", "folder", f"{_ENTITIES}.Directory", "file", "local"),
        attribute("registry", "registry key", f"{_ENTITIES} | [?Hive].Key", "local", "object"),
        attribute("container", "container", f"{_ENTITIES}.ContainerId", "local"),
        attribute("image", "container image", f"{_ENTITIES}.ImageId", "local"),
        attribute("pod", "Kubernetes pod", f"{_ENTITIES} | [?Type == 'K8s-pod'].Name", "local"),
        attribute("identifier", "resource", f"{_ENTITIES}.AmazonResourceId", "local", "object"),
        attribute(
            "account", "account", f"{_ENTITIES}.AccountId | [?type(@) == 'string' && length(@) == `12`]", "local"
        ),
        attribute("project", "project", f"[{_ENTITIES}.ProjectId, WorkspaceSubscriptionId]", "local"),
        attribute(
            "resource",
            "resource",
            f"[AzureResourceId, [ResourceIdentifiers][][].AzureResourceId, {_ENTITIES}.[AzureID, ResourceId]]",
            "local",
            "object",
        ),
    ],
}

_RESOURCE_OF_API = changed(
    respelled(_EXPORTED, "", camel), "", lambda text: text.replace("from_json(entities)", "entities")
)

MAPPINGS: list[dict[str, Any]] = [
    _EXPORTED,
    within(_RESOURCE_OF_API, "microsoft-security-alert-resource", "properties"),
]
