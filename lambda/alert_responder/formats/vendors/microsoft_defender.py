"""Microsoft Defender XDR and Defender for Endpoint: alerts of Graph, of endpoints and of streaming, and incidents.

Graph: https://learn.microsoft.com/graph/api/resources/security-alert (alerts_v2; evidence: `alertEvidence`), and before
it https://learn.microsoft.com/graph/api/resources/alert
Streaming: https://learn.microsoft.com/defender-xdr/streaming-api-event-hub (opened before, `formats.envelope`)
Endpoint: https://learn.microsoft.com/defender-endpoint/api/alerts
Incidents: https://learn.microsoft.com/defender-xdr/api-list-incidents

Keys begin with the tenant, because incidents are numbered in each one.
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute

_PATH = '| [?filePath && fileName].join(contains(filePath, `"\\\\"`) && `"\\\\"` || \'/\', [filePath, fileName])'
_REGISTRY = '| [?registryKey].join(`"\\\\"`, known([registryHive, registryKey]))'


# Who was attacked is not suspected; who was attacked and compromised is.
_IS_VICTIM = "roles && contains(roles, 'attacked') && !contains(roles, 'compromised')"
_NAMES = "[].[userAccount, account.userAccount, @][].[accountName, userPrincipalName, login]"


def _users(each: str) -> str:
    return f"{each} | [?(userAccount || account || login) && !primaryAddress]"


def evidence(each: str) -> list[dict[str, Any]]:
    """Return the attributes of the evidence of Graph that an expression selects."""
    return [
        attribute("hostname", "device", f"{each}.[deviceDnsName || hostName, host.deviceDnsName, deviceName]", "local"),
        attribute("device", "device", f"{each}.[mdeDeviceId, host.mdeDeviceId, deviceId]", "local"),
        attribute(
            "ipaddr",
            "device's IP address",
            f"{each}.[lastIpAddress, lastExternalIpAddress, ipInterfaces, podIp.ipAddress, nics[].ipAddress.ipAddress]",
            "local",
        ),
        attribute("username", "user of the device", f"{each}.loggedOnUsers[].accountName", "local"),
        # The owner of a mailbox received the message.
        attribute(
            "member",
            "user",
            f"{_users(each)} | [?!({_IS_VICTIM})] | {_NAMES}",
            "subject",
        ),
        attribute("member", "affected user", f"{_users(each)} | [?{_IS_VICTIM}] | {_NAMES}", "object"),
        attribute("ipaddr", "IP address", f"{each}.ipAddress | [?type(@) == 'string']", "additional"),
        attribute(
            "ipaddr",
            "IP address",
            f"[{each}.[ipAddress.ipAddress, hostIpAddress.ipAddress, ipAddresses[].ipAddress],"
            f" {each}.userAccount.resourceAccessEvents[].ipAddress, {each}.resourceAccessEvents[].ipAddress]",
            "additional",
        ),
        attribute(
            "ipaddr",
            "source",
            f"{each} | [?roles && (contains(roles, 'source') || contains(roles, 'attacker'))].ipAddress",
            "client",
        ),
        attribute("ipaddr", "source", f"{each}.sourceAddress.ipAddress", "client"),
        attribute(
            "ipaddr",
            "destination",
            f"{each} | [?roles && (contains(roles, 'destination') || contains(roles, 'commandAndControl'))].ipAddress",
            "server",
        ),
        attribute("ipaddr", "destination", f"{each}.destinationAddress.ipAddress", "server"),
        attribute("endpoint", "URL", f"{each}.[url, urls]", "additional"),
        attribute("domain", "domain", f"{each}.domainName", "additional"),
        attribute(
            "filehashvalue", "file", f"[{each}.fileDetails, {each}.files[].fileDetails][].[sha256, sha1, md5]", "file"
        ),
        attribute("filehashvalue", "hash", f"[{each}.fileHashes[].value, {each} | [?algorithm].value]", "file"),
        attribute("filepath", "file", f"[{each}.fileDetails, {each}.files[].fileDetails][] {_PATH}", "file", "local"),
        attribute("filehashvalue", "executable of the process", f"{each}.imageFile.[sha256, sha1, md5]", "file"),
        attribute("filepath", "executable of the process", f"{each}.imageFile {_PATH}", "file", "local"),
        attribute(
            "filehashvalue",
            "executable of the parent process",
            f"{each}.parentProcessImageFile.[sha256, sha1, md5]",
            "additional",
            "file",
        ),
        attribute("registry", "registry key", f"{each} {_REGISTRY}", "local", "object"),
        attribute(
            "email",
            "sender",
            f"{each}.[p1Sender.emailAddress, p2Sender.emailAddress, sender, senderFromAddress]",
            "subject",
        ),
        attribute("ipaddr", "sender's IP address", f"{each}.[senderIp, senderIP]", "client"),
        attribute("email", "recipient", f"{each}.[recipientEmailAddress, recipient, recipients]", "object"),
        attribute("email", "mailbox", f"{each}.[primaryAddress, mailboxPrimaryAddress]", "local", "object"),
        attribute("identifier", "resource", f"{each}.amazonResourceId", "local", "object"),
        attribute("account", "account", f"{each}.amazonAccountId", "local"),
        attribute("project", "project", f"{each}.[vmMetadata.subscriptionId, projectId]", "local"),
        attribute(
            "resource",
            "resource",
            f"{each}.[resourceId, vmMetadata.resourceId, fullResourceName, storageResource.resourceId,"
            " cloudResource.[resourceId, fullResourceName, amazonResourceId]]",
            "local",
            "object",
        ),
        attribute("application", "application", f"{each}.[appId, servicePrincipalName]", "object"),
        attribute("application", "application", f"{each} | [?appId].displayName", "object"),
        attribute("container", "container", f"{each}.[containerId, containers[].containerId]", "local", "object"),
        attribute("image", "container image", f"{each}.[imageId, digestImage, image.imageId]", "local", "object"),
        attribute("pod", "Kubernetes pod", f"{each} | [?namespace && serviceAccount].name", "local", "object"),
        attribute("pod", "Kubernetes pod", f"{each}.pod.name", "local", "object"),
        attribute(
            "resource",
            "Kubernetes resource",
            f"{each} | [?cloudResource || cluster || namespace && !serviceAccount].name",
            "local",
            "object",
        ),
        attribute("repository", "repository", f"{each} | [?repoId].webUrl", "object"),
    ]


def _entities(each: str) -> list[dict[str, Any]]:
    """Return the attributes of the evidence of endpoints and incidents, which has all fields in one object."""
    return [
        attribute("device", "device", f"{each}.deviceId", "local"),
        attribute("member", "user", f"{each}.[accountName, userPrincipalName]", "subject"),
        attribute("ipaddr", "IP address", f"{each}.ipAddress", "additional"),
        attribute("endpoint", "URL", f"{each}.url", "additional"),
        attribute("filehashvalue", "file", f"{each}.[sha256, sha1, md5]", "file"),
        attribute("filepath", "file", f"{each} {_PATH}", "file", "local"),
        attribute(
            "filehashvalue",
            "executable of the parent process",
            f"{each}.[parentProcessSha256, parentProcessSha1]",
            "additional",
            "file",
        ),
        attribute("registry", "registry key", f"{each} {_REGISTRY}", "local", "object"),
        attribute("email", "sender", f"{each}.sender", "subject"),
        attribute("email", "recipient", f"{each}.recipient", "object"),
        attribute("email", "mailbox", f"{each}.mailboxAddress", "local", "object"),
        attribute("application", "application", f"{each}.[applicationId, applicationName]", "object"),
    ]


_FIELDS = "[from_json(properties.AdditionalFields)][]"

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "microsoft-defender-alert",
        "match": "title && severity && (providerAlertId || detectorId) && serviceSource"
        " && (evidence || createdDateTime)",
        "detector": "'microsoft-defender'",
        "rule_id": "detectorId || alertPolicyId || title",
        "rule_name": "title",
        # Microsoft groups related alerts in an incident: its alerts of one rule are one incident here.
        "alert_key": "join('/', known([tenantId, incidentId || id || providerAlertId]))",
        "description": "description",
        "timestamp": "lastActivityDateTime || firstActivityDateTime || createdDateTime",
        "severity": "severity",
        "status": "status",
        "finding_id": "id || providerAlertId",
        "attributes": evidence("[evidence][]"),
    },
    {
        "name": "microsoft-defender-graph-incident",
        "match": "displayName && severity && createdDateTime && incidentWebUrl && id",
        "detector": "'microsoft-defender'",
        # An incident has alerts of several rules, and gets more of them.
        "rule_id": "'incident'",
        "rule_name": "displayName",
        "alert_key": "join('/', known([tenantId, id]))",
        "description": "description || ([alerts][].description | [0])",
        "timestamp": "lastUpdateDateTime || createdDateTime",
        "severity": "severity",
        "status": "status",
        "finding_id": "id",
        # A single alert may not be in a list.
        "attributes": evidence("[alerts][].[evidence][][]"),
    },
    {
        "name": "microsoft-defender-endpoint",
        "match": "title && severity && machineId && alertCreationTime",
        "detector": "'microsoft-defender'",
        "rule_id": "detectorId || title",
        "rule_name": "title",
        "alert_key": "join('/', known([aadTenantId, incidentId || machineId || id]))",
        "description": "description",
        "timestamp": "lastEventTime || firstEventTime || alertCreationTime",
        "severity": "severity",
        "status": "status",
        "finding_id": "id",
        "attributes": [
            attribute("hostname", "device", "computerDnsName", "local"),
            attribute("device", "device", "machineId", "local"),
            attribute("username", "user", "relatedUser.userName", "subject"),
            attribute("username", "user of the device", "loggedOnUsers[].accountName", "local"),
            *_entities("[evidence][]"),
        ],
    },
    {
        "name": "microsoft-defender-incident",
        "match": "incidentId && incidentName && severity && type(alerts) == 'array'",
        "detector": "'microsoft-defender'",
        "rule_id": "'incident'",
        "rule_name": "incidentName",
        "alert_key": "join('/', known([tenantId || (alerts[].[tenantId, aadTenantId][] | [0]), incidentId]))",
        "description": "alerts[0].description",
        "timestamp": "lastUpdateTime || createdTime",
        "severity": "severity",
        "status": "status",
        "finding_id": "incidentId",
        "attributes": [
            attribute("hostname", "device", "alerts[].devices[].deviceDnsName", "local"),
            attribute("device", "device", "alerts[].devices[].mdatpDeviceId", "local"),
            attribute("username", "user of the device", "alerts[].devices[].loggedOnUsers[].accountName", "local"),
            *_entities("alerts[].entities[]"),
        ],
    },
    {
        "name": "microsoft-defender-graph-legacy",
        "match": "vendorInformation.provider && title && severity && (eventDateTime || createdDateTime) && category",
        "detector": "'microsoft-defender'",
        "rule_id": "category",
        "rule_name": "title",
        "alert_key": "join('/', known([azureTenantId, userStates[0].userPrincipalName || userStates[0].accountName"
        " || hostStates[0].fqdn || hostStates[0].netBiosName || incidentIds[0] || id]))",
        "description": "description",
        "timestamp": "lastEventDateTime || eventDateTime || createdDateTime",
        "severity": "severity",
        "status": "status",
        "finding_id": "id",
        "attributes": [
            attribute("hostname", "host", "hostStates[].[fqdn || netBiosName]", "local"),
            attribute("ipaddr", "host's IP address", "hostStates[].[privateIpAddress, publicIpAddress]", "local"),
            attribute("member", "user", "userStates[].[accountName, userPrincipalName]", "subject"),
            attribute("ipaddr", "address of the sign-in", "userStates[].logonIp", "client", "subject"),
            attribute(
                "ipaddr",
                "destination",
                "[networkConnections[].destinationAddress, cloudAppStates[].destinationServiceIp]",
                "server",
            ),
            attribute("ipaddr", "source", "networkConnections[].sourceAddress", "client"),
            attribute("domain", "destination", "networkConnections[].destinationDomain", "server"),
            attribute("endpoint", "destination", "networkConnections[].destinationUrl", "server"),
            attribute(
                "filehashvalue", "file", "[fileStates[].fileHash.hashValue, processes[].fileHash.hashValue]", "file"
            ),
            attribute("filepath", "file", "[fileStates[].path, processes[].path]", "file", "local"),
            attribute("registry", "registry key", "registryKeyStates[].key", "local", "object"),
            attribute("resource", "resource", "securityResources[].resource", "local", "object"),
            attribute("project", "project", "azureSubscriptionId", "local"),
        ],
    },
    {
        "name": "microsoft-defender-streamed",
        "match": "properties.AlertId"
        " && contains(['AdvancedHunting-AlertInfo', 'AdvancedHunting-AlertEvidence'], category)",
        "detector": "'microsoft-defender'",
        # An alert and each piece of its evidence are separate records: together they are one incident.
        "rule_id": "properties.ServiceSource || 'alert'",
        "rule_name": "properties.Title || properties.ServiceSource",
        "alert_key": "join('/', known([tenantId, properties.AlertId]))",
        "description": "properties.Title",
        "timestamp": "properties.Timestamp || time",
        "severity": "properties.Severity",
        "finding_id": "properties.AlertId",
        "attributes": [
            attribute(
                "hostname", "device", f"[properties.DeviceName, {_FIELDS}.[Host, ImageFile.Host][].HostName]", "local"
            ),
            attribute(
                "device", "device", f"[properties.DeviceId, {_FIELDS}.[Host, ImageFile.Host][].MachineId]", "local"
            ),
            attribute("username", "user", f"[properties.AccountName, {_FIELDS}.Account.Name]", "subject"),
            # With a message, it is the recipient.
            attribute("email", "user", "[properties][?EntityType != 'MailMessage'].AccountUpn", "subject"),
            attribute("email", "user", f"{_FIELDS}.Account.UserPrincipalName", "subject"),
            attribute("email", "recipient", "[properties][?EntityType == 'MailMessage'].AccountUpn", "object"),
            attribute("email", "recipient", f"{_FIELDS}.Recipient", "object"),
            attribute("email", "sender", f"{_FIELDS}.[Sender, P1Sender, P2Sender]", "subject"),
            attribute("ipaddr", "sender's IP address", f"{_FIELDS}.SenderIP", "client"),
            attribute("ipaddr", "device's IP address", "properties.LocalIP", "local"),
            attribute("ipaddr", "IP address", "properties.RemoteIP", "additional"),
            attribute("endpoint", "URL", f"[properties.RemoteUrl, {_FIELDS}.Urls]", "additional"),
            attribute("filehashvalue", "file", "properties.[SHA256, SHA1]", "file"),
            attribute("filehashvalue", "file", f"{_FIELDS}.[FileHashes, ImageFile.FileHashes][][].Value", "file"),
            attribute(
                "filehashvalue",
                "executable of the parent process",
                f"{_FIELDS}.ParentProcess.ImageFile.FileHashes[].Value",
                "additional",
                "file",
            ),
            attribute("filepath", "folder", "properties.FolderPath", "file", "local"),
            attribute("registry", "registry key", "properties.RegistryKey", "local", "object"),
            attribute("resource", "resource", "properties.[ResourceID, CloudResource]", "local", "object"),
            attribute("project", "project", "properties.SubscriptionId", "local"),
            attribute("application", "application", "properties.[OAuthApplicationId, Application]", "object"),
        ],
    },
]
