"""Microsoft Defender XDR and Defender for Endpoint: alerts of Graph, of endpoints and of streaming, and incidents.

Graph: https://learn.microsoft.com/graph/api/resources/security-alert (alerts_v2), and before it
https://learn.microsoft.com/graph/api/resources/alert
Streaming: https://learn.microsoft.com/defender-xdr/streaming-api-event-hub (opened before, `formats.envelope`)
Endpoint: https://learn.microsoft.com/defender-endpoint/api/alerts
Incidents: https://learn.microsoft.com/defender-xdr/api-list-incidents
"""

from typing import Any

_EVIDENCE: list[dict[str, Any]] = [
    {"type": "hostname", "key": "device", "value": "evidence[].deviceDnsName", "context": ["local"]},
    {
        "type": "ipaddr",
        "key": "device's IP address",
        "value": "evidence[].[lastIpAddress, lastExternalIpAddress, ipInterfaces][][]",
        "context": ["local"],
    },
    {
        "type": "username",
        "key": "user of the device",
        "value": "evidence[].loggedOnUsers[].accountName",
        "context": ["local"],
    },
    {
        "type": "username",
        "key": "user",
        "value": "evidence[].userAccount.accountName",
        "context": ["subject"],
    },
    {
        "type": "email",
        "key": "user",
        "value": "evidence[].userAccount.userPrincipalName | [?type(@) == 'string' && contains(@, '@')]",
        "context": ["subject"],
    },
    {
        "type": "ipaddr",
        "key": "IP address",
        "value": "evidence[].[ipAddress, hostIpAddress.ipAddress, destinationAddress.ipAddress]",
        "context": ["remote"],
    },
    {"type": "url", "key": "URL", "value": "evidence[].url", "context": ["remote"]},
    {"type": "url", "key": "URL in the message", "value": "evidence[].urls[]", "context": ["remote"]},
    {"type": "domain", "key": "domain", "value": "evidence[].domainName", "context": ["remote"]},
    {
        "type": "filehashvalue",
        "key": "file",
        "value": "evidence[].fileDetails.[sha256, sha1, md5][]",
        "context": ["file"],
    },
    {
        "type": "filehashvalue",
        "key": "executable of the process",
        "value": "evidence[].imageFile.[sha256, sha1, md5][]",
        "context": ["file"],
    },
    {
        "type": "filehashvalue",
        "key": "executable of the parent process",
        "value": "evidence[].parentProcessImageFile.[sha256, sha1, md5][]",
        "context": ["additional", "file"],
    },
    {
        "type": "filehashvalue",
        "key": "hash",
        "value": "evidence[?algorithm].value",
        "context": ["file"],
    },
    {
        "type": "email",
        "key": "sender",
        "value": "evidence[].[p1Sender.emailAddress, p2Sender.emailAddress][]",
        "context": ["remote", "subject"],
    },
    {"type": "ipaddr", "key": "sender's IP address", "value": "evidence[].senderIp", "context": ["remote"]},
    {
        "type": "email",
        "key": "recipient",
        "value": "evidence[].[recipientEmailAddress, primaryAddress][]",
        "context": ["local", "object"],
    },
    {
        "type": "arn",
        "key": "resource",
        "value": "evidence[].amazonResourceId | [?type(@) == 'string' && starts_with(@, 'arn:')]",
        "context": ["local", "object"],
    },
    {
        "type": "account",
        "key": "account",
        "value": "evidence[].amazonAccountId",
        "context": ["local"],
    },
    {
        "type": "resource",
        "key": "resource",
        "value": "evidence[].[resourceId, vmMetadata.resourceId, fullResourceName]",
        "context": ["local", "object"],
    },
]

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "microsoft-defender-alert",
        "match": "title && severity && (providerAlertId || detectorId) && serviceSource"
        " && (type(evidence) == 'array' || createdDateTime)",
        "detector": "'microsoft-defender'",
        "rule_id": "detectorId || alertPolicyId || title",
        "rule_name": "title",
        # Microsoft groups related alerts in an incident: its alerts of one rule are one incident here.
        "alert_key": "incidentId || id || providerAlertId",
        "description": "description",
        "timestamp": "lastActivityDateTime || firstActivityDateTime || createdDateTime",
        "severity": "severity",
        "attributes": _EVIDENCE,
    },
    {
        "name": "microsoft-defender-graph-incident",
        "match": "displayName && severity && createdDateTime && incidentWebUrl && id",
        "detector": "'microsoft-defender'",
        "rule_id": "([alerts][].[detectorId, title][] | [0]) || displayName",
        "rule_name": "displayName",
        "alert_key": "id",
        "description": "description || ([alerts][].description | [0])",
        "timestamp": "lastUpdateDateTime || createdDateTime",
        "severity": "severity",
        # A single alert may not be in a list.
        "attributes": [
            {**each, "value": each["value"].replace("evidence[", "[alerts][].evidence[")} for each in _EVIDENCE
        ],
    },
    {
        "name": "microsoft-defender-endpoint",
        "match": "title && severity && machineId && alertCreationTime",
        "detector": "'microsoft-defender'",
        "rule_id": "detectorId || title",
        "rule_name": "title",
        "alert_key": "incidentId || machineId || id",
        "description": "description",
        "timestamp": "lastEventTime || firstEventTime || alertCreationTime",
        "severity": "severity",
        "attributes": [
            {"type": "hostname", "key": "device", "value": "computerDnsName", "context": ["local"]},
            {"type": "device", "key": "device", "value": "machineId", "context": ["local"]},
            {"type": "username", "key": "user", "value": "relatedUser.userName", "context": ["subject"]},
            {
                "type": "username",
                "key": "user of the device",
                "value": "loggedOnUsers[].accountName",
                "context": ["local"],
            },
            {"type": "username", "key": "user", "value": "[evidence][].accountName", "context": ["subject"]},
            {
                "type": "email",
                "key": "user",
                "value": "[evidence][].userPrincipalName | [?type(@) == 'string' && contains(@, '@')]",
                "context": ["subject"],
            },
            {"type": "ipaddr", "key": "IP address", "value": "[evidence][].ipAddress", "context": ["remote"]},
            {"type": "url", "key": "URL", "value": "[evidence][].url", "context": ["remote"]},
            {"type": "filehashvalue", "key": "file", "value": "[evidence][].[sha256, sha1][]", "context": ["file"]},
            {
                "type": "filehashvalue",
                "key": "executable of the parent process",
                "value": "[evidence][].[parentProcessSha256, parentProcessSha1][]",
                "context": ["additional", "file"],
            },
        ],
    },
    {
        "name": "microsoft-defender-incident",
        "match": "incidentId && incidentName && severity && type(alerts) == 'array'",
        "detector": "'microsoft-defender'",
        # An incident has many rules; the first one is used, and the body contains all.
        "rule_id": "alerts[0].detectorId || alerts[0].title || incidentName",
        "rule_name": "incidentName",
        "alert_key": "incidentId",
        "description": "alerts[0].description",
        "timestamp": "lastUpdateTime || createdTime",
        "severity": "severity",
        "attributes": [
            {"type": "hostname", "key": "device", "value": "alerts[].devices[].deviceDnsName", "context": ["local"]},
            {
                "type": "username",
                "key": "user of the device",
                "value": "alerts[].devices[].loggedOnUsers[].accountName",
                "context": ["local"],
            },
            {"type": "username", "key": "user", "value": "alerts[].entities[].accountName", "context": ["subject"]},
            {
                "type": "email",
                "key": "user",
                "value": "alerts[].entities[].userPrincipalName | [?type(@) == 'string' && contains(@, '@')]",
                "context": ["subject"],
            },
            {"type": "ipaddr", "key": "IP address", "value": "alerts[].entities[].ipAddress", "context": ["remote"]},
            {"type": "url", "key": "URL", "value": "alerts[].entities[].url", "context": ["remote"]},
            {"type": "email", "key": "sender", "value": "alerts[].entities[].sender", "context": ["remote", "subject"]},
            {
                "type": "email",
                "key": "recipient",
                "value": "alerts[].entities[].recipient",
                "context": ["local", "object"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "alerts[].entities[].[sha256, sha1][]",
                "context": ["file"],
            },
        ],
    },
    {
        "name": "microsoft-defender-graph-legacy",
        "match": "vendorInformation.provider && title && severity && (eventDateTime || createdDateTime) && category",
        "detector": "'microsoft-defender'",
        "rule_id": "category",
        "rule_name": "title",
        "alert_key": "userStates[0].userPrincipalName || userStates[0].accountName || hostStates[0].fqdn"
        " || hostStates[0].netBiosName || incidentIds[0] || id",
        "description": "description",
        "timestamp": "lastEventDateTime || eventDateTime || createdDateTime",
        "severity": "severity",
        "attributes": [
            {"type": "hostname", "key": "host", "value": "hostStates[].[fqdn || netBiosName]", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "hostStates[].[privateIpAddress, publicIpAddress]",
                "context": ["local"],
            },
            {"type": "username", "key": "user", "value": "userStates[].accountName", "context": ["subject"]},
            {
                "type": "email",
                "key": "user",
                "value": "userStates[].userPrincipalName | [?type(@) == 'string' && contains(@, '@')]",
                "context": ["subject"],
            },
            {
                "type": "ipaddr",
                "key": "address of the sign-in",
                "value": "userStates[].logonIp",
                "context": ["client", "remote", "subject"],
            },
            {
                "type": "ipaddr",
                "key": "destination",
                "value": "[networkConnections[].destinationAddress, cloudAppStates[].destinationServiceIp]",
                "context": ["remote", "server"],
            },
            {"type": "ipaddr", "key": "source", "value": "networkConnections[].sourceAddress", "context": ["client"]},
            {
                "type": "domain",
                "key": "destination",
                "value": "networkConnections[].destinationDomain",
                "context": ["remote", "server"],
            },
            {
                "type": "url",
                "key": "destination",
                "value": "networkConnections[].destinationUrl",
                "context": ["remote", "server"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "[fileStates[].fileHash.hashValue, processes[].fileHash.hashValue]",
                "context": ["file"],
            },
            {
                "type": "resource",
                "key": "resource",
                "value": "securityResources[].resource",
                "context": ["local", "object"],
            },
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
        "alert_key": "properties.AlertId",
        "description": "properties.Title",
        "timestamp": "properties.Timestamp || time",
        "severity": "properties.Severity",
        "attributes": [
            {"type": "hostname", "key": "device", "value": "properties.DeviceName", "context": ["local"]},
            {"type": "device", "key": "device", "value": "properties.DeviceId", "context": ["local"]},
            {"type": "username", "key": "user", "value": "properties.AccountName", "context": ["subject"]},
            {"type": "email", "key": "user", "value": "properties.AccountUpn", "context": ["subject"]},
            {"type": "ipaddr", "key": "device's IP address", "value": "properties.LocalIP", "context": ["local"]},
            {"type": "ipaddr", "key": "IP address", "value": "properties.RemoteIP", "context": ["remote"]},
            {
                "type": "url",
                "key": "URL",
                "value": "[properties.RemoteUrl][?type(@) == 'string' && contains(@, '://')]",
                "context": ["remote"],
            },
            {
                "type": "domain",
                "key": "domain",
                "value": "[properties.RemoteUrl][?type(@) == 'string' && !contains(@, '/')]",
                "context": ["remote"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "[properties.SHA256, properties.SHA1]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "folder", "value": "properties.FolderPath", "context": ["file", "local"]},
        ],
    },
]
