"""SentinelOne: threats, and alerts of custom rules, as the management API (v2.1) and its webhooks carry them.

Format: the API documentation of one's own console (`/api-doc/overview`: Threats, Alerts); the same fields are in
https://www.elastic.co/docs/reference/integrations/sentinel_one
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "sentinelone-threat",
        "match": "type(threatInfo) == 'object' && (threatInfo.threatId || threatInfo.threatName)"
        " && (agentRealtimeInfo || agentDetectionInfo)",
        "detector": "'sentinelone'",
        # The name of a threat is mostly the file's, so what kind of threat it is has to tell the rule.
        "rule_id": "threatInfo.classification || threatInfo.detectionType || threatInfo.engines[0]"
        " || threatInfo.threatName",
        "rule_name": "join(': ', [threatInfo.classification, threatInfo.threatName])",
        # One kind of threat on one host is one incident, however many files it has.
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
                # A host with several has them here in one text; the interfaces have them one by one.
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "[agentDetectionInfo.agentIpV4, agentDetectionInfo.externalIp]"
                "[?type(@) == 'string' && !contains(@, ',')]",
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
        ],
    },
]
