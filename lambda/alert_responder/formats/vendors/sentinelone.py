"""SentinelOne: threats, and alerts of custom rules, from the management API (v2.1) and its webhooks.

Format: the API documentation in the SentinelOne console (`/api-doc/overview`: Threats, Alerts); the same fields are in
https://www.elastic.co/docs/reference/integrations/sentinel_one
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "sentinelone-threat",
        "match": "type(threatInfo) == 'object' && (threatInfo.threatId || threatInfo.threatName)"
        " && (agentRealtimeInfo || agentDetectionInfo)",
        "detector": "'sentinelone'",
        # The name of a threat is usually the file's, therefore the rule is the kind of threat.
        "rule_id": "threatInfo.classification || threatInfo.detectionType || threatInfo.engines[0]"
        " || threatInfo.threatName",
        "rule_name": "join(': ', [threatInfo.classification, threatInfo.threatName])",
        # A kind of threat on a host is one incident, regardless of the number of files.
        "alert_key": "agentRealtimeInfo.agentUuid || agentDetectionInfo.agentUuid || agentRealtimeInfo.agentId"
        " || agentRealtimeInfo.agentComputerName || threatInfo.threatId",
        "description": "join(' ', [threatInfo.threatName, 'on', agentRealtimeInfo.agentComputerName])",
        "timestamp": "threatInfo.identifiedAt || threatInfo.createdAt",
        "severity": "threatInfo.confidenceLevel",
        "attributes": [
            {
                "type": "hostname",
                "key": "host",
                "value": "agentRealtimeInfo.agentComputerName",
                "context": ["local"],
            },
            {
                "type": "device",
                "key": "agent",
                "value": "agentRealtimeInfo.agentUuid || agentDetectionInfo.agentUuid",
                "context": ["local"],
            },
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "agentRealtimeInfo.networkInterfaces[].[inet, inet6][][]",
                "context": ["local"],
            },
            {
                # A host with several addresses has them here in one string.
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "[split(agentDetectionInfo.agentIpV4, ','), split(agentDetectionInfo.agentIpV6, ','),"
                " agentDetectionInfo.externalIp]",
                "context": ["local"],
            },
            {
                "type": "email",
                "key": "last signed-in user",
                "value": "[agentDetectionInfo.agentLastLoggedInUserMail, agentDetectionInfo.agentLastLoggedInUpn]"
                "[?type(@) == 'string' && contains(@, '@')]",
                "context": ["local"],
            },
            {
                "type": "instance",
                "key": "instance",
                "value": "agentDetectionInfo.cloudProviders.AWS.cloudInstanceId",
                "context": ["local"],
            },
            {
                "type": "account",
                "key": "account",
                "value": "agentDetectionInfo.cloudProviders.AWS.cloudAccount",
                "context": ["local"],
            },
            {
                "type": "username",
                "key": "user of the process",
                "value": "threatInfo.processUser",
                "context": ["local", "subject"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "[threatInfo.sha256, threatInfo.sha1, threatInfo.md5]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "file", "value": "threatInfo.filePath", "context": ["file", "local"]},
            {"type": "container", "key": "container", "value": "containerInfo.id", "context": ["local"]},
            {"type": "image", "key": "container image", "value": "containerInfo.image", "context": ["local"]},
            {"type": "pod", "key": "Kubernetes pod", "value": "kubernetesInfo.pod", "context": ["local"]},
        ],
    },
    {
        "name": "sentinelone-alert",
        "match": "type(ruleInfo) == 'object' && ruleInfo.name && alertInfo.alertId",
        "detector": "'sentinelone'",
        "rule_id": "ruleInfo.id || ruleInfo.name",
        "rule_name": "ruleInfo.name",
        "alert_key": "agentDetectionInfo.uuid || agentRealtimeInfo.uuid || agentDetectionInfo.name"
        " || alertInfo.alertId",
        "description": "ruleInfo.description",
        "timestamp": "alertInfo.createdAt || alertInfo.reportedAt",
        "severity": "ruleInfo.severity",
        "attributes": [
            {
                "type": "hostname",
                "key": "host",
                "value": "agentDetectionInfo.name || agentRealtimeInfo.name",
                "context": ["local"],
            },
            {
                "type": "device",
                "key": "agent",
                "value": "agentDetectionInfo.uuid || agentRealtimeInfo.uuid",
                "context": ["local"],
            },
            {"type": "ipaddr", "key": "source", "value": "alertInfo.srcIp", "context": ["client"]},
            {"type": "ipaddr", "key": "destination", "value": "alertInfo.dstIp", "context": ["server"]},
            {
                "type": "domain",
                "key": "requested domain",
                "value": "alertInfo.dnsRequest",
                "context": ["remote", "server"],
            },
            {"type": "username", "key": "login", "value": "alertInfo.loginsUserName", "context": ["subject"]},
            {
                "type": "username",
                "key": "user of the process",
                "value": "sourceProcessInfo.user",
                "context": ["local", "subject"],
            },
            {
                "type": "filehashvalue",
                "key": "executable of the process",
                "value": "sourceProcessInfo.[fileHashSha256, fileHashSha1, fileHashMd5]",
                "context": ["file"],
            },
            {
                "type": "filepath",
                "key": "executable of the process",
                "value": "sourceProcessInfo.filePath",
                "context": ["file", "local"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "targetProcessInfo.[tgtFileHashSha256, tgtFileHashSha1]",
                "context": ["file", "object"],
            },
            {
                "type": "filepath",
                "key": "file",
                "value": "targetProcessInfo.tgtFilePath",
                "context": ["file", "local", "object"],
            },
            {"type": "container", "key": "container", "value": "containerInfo.id", "context": ["local"]},
            {"type": "image", "key": "container image", "value": "containerInfo.image", "context": ["local"]},
            {"type": "pod", "key": "Kubernetes pod", "value": "kubernetesInfo.pod", "context": ["local"]},
        ],
    },
    {
        "name": "sentinelone-unified-alert",
        "match": "type(analytics) == 'object' && type(detectionSource) == 'object' && detectedAt && name && severity",
        "detector": "'sentinelone'",
        # The name is the file's; the rule is the engine and the classification.
        "rule_id": "join(': ', [analytics.name || analytics.category || detectionSource.product, classification][?@])",
        "rule_name": "name",
        "alert_key": "assets[0].agentUuid || assets[0].id || assets[0].name || id",
        "description": "join(': ', [name, description][?@])",
        "timestamp": "detectedAt || createdAt",
        "severity": "severity",
        "attributes": [
            {"type": "hostname", "key": "host", "value": "assets[].name", "context": ["local"]},
            {"type": "device", "key": "agent", "value": "assets[].agentUuid", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "detectionTime.assets[].asset.[ipV4, ipV6, consoleIpAddress]",
                "context": ["local"],
            },
            {
                "type": "ipaddr",
                "key": "attacker",
                "value": "detectionTime.attacker.ip",
                "context": ["remote", "subject"],
            },
            {
                "type": "hostname",
                "key": "attacker",
                "value": "detectionTime.attacker.host",
                "context": ["remote", "subject"],
            },
            {
                "type": "username",
                "key": "targeted user",
                "value": "detectionTime.targetUser.name",
                "context": ["local", "object"],
            },
            {
                "type": "email",
                "key": "targeted user",
                "value": "detectionTime.targetUser.emailAddress",
                "context": ["local", "object"],
            },
            {
                "type": "username",
                "key": "last signed-in user",
                "value": "assets[].lastLoggedInUser",
                "context": ["local"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "process.file.[sha256, sha1, md5]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "file", "value": "process.file.path", "context": ["file", "local"]},
            {
                "type": "instance",
                "key": "instance",
                "value": "detectionTime.assets[?cloud.cloudProvider == 'AWS'].cloud.instanceId",
                "context": ["local"],
            },
            {
                "type": "account",
                "key": "account",
                "value": "detectionTime.assets[?cloud.cloudProvider == 'AWS'].cloud.accountId",
                "context": ["local"],
            },
            {
                "type": "container",
                "key": "container",
                "value": "detectionTime.assets[].kubernetes.containerId",
                "context": ["local"],
            },
            {
                "type": "image",
                "key": "container image",
                "value": "detectionTime.assets[].kubernetes.containerImageName",
                "context": ["local"],
            },
            {
                "type": "pod",
                "key": "Kubernetes pod",
                "value": "detectionTime.assets[].kubernetes.podName",
                "context": ["local"],
            },
        ],
    },
    {
        "name": "sentinelone-activity",
        "match": "activityType && primaryDescription && createdAt && accountId && type(data) == 'object'",
        "detector": "'sentinelone'",
        "rule_id": "activityType",
        "rule_name": "data.threatClassification || data.ruleName",
        "alert_key": "agentId || threatId || data.computerName || userId || siteId || accountId",
        "description": "join(' ', [primaryDescription, secondaryDescription][?@])",
        "timestamp": "createdAt",
        "severity": "data.confidenceLevel || data.severity",
        "attributes": [
            {"type": "hostname", "key": "host", "value": "data.computerName", "context": ["local"]},
            {
                "type": "username",
                "key": "user",
                "value": "[data.username, data.userName]",
                "context": ["subject"],
            },
            {
                "type": "ipaddr",
                "key": "IP address",
                "value": "[split(data.ipAddress, ','), split(data.externalIp, ',')]",
                "context": ["local"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "[hash, data.fileContentHash, data.sha256]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "file", "value": "data.filePath", "context": ["file", "local"]},
        ],
    },
    {
        "name": "sentinelone-legacy-threat",
        "match": "agentComputerName && fileContentHash && (threatName || fileDisplayName) && agentId",
        "detector": "'sentinelone'",
        "rule_id": "classification || engines[0] || threatName || fileDisplayName",
        "rule_name": "join(': ', [classification, threatName || fileDisplayName][?@])",
        "alert_key": "agentUuid || agentId",
        "description": "join(' ', [threatName || fileDisplayName, 'on', agentComputerName])",
        "timestamp": "createdDate || createdAt",
        "severity": "confidenceLevel || rank",
        "attributes": [
            {"type": "hostname", "key": "host", "value": "agentComputerName", "context": ["local"]},
            {"type": "device", "key": "agent", "value": "agentUuid || agentId", "context": ["local"]},
            {"type": "ipaddr", "key": "host's IP address", "value": "split(agentIp, ',')", "context": ["local"]},
            {"type": "username", "key": "user", "value": "username", "context": ["local", "subject"]},
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "[fileSha256, fileContentHash]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "file", "value": "filePath", "context": ["file", "local"]},
        ],
    },
]
