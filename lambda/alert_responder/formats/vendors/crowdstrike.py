"""CrowdStrike Falcon: events of the stream, alerts of the API, and detections of the API before it.

Events: https://www.crowdstrike.com/documentation/ (Streaming API event dictionary)
Alerts: https://developer.crowdstrike.com/docs/openapi/ (alerts, v2)

A webhook of Falcon Fusion has the body its author gives it: the fields of an alert, by their names, make it one.
"""

from typing import Any

_TYPES = (
    "['DetectionSummaryEvent', 'EppDetectionSummaryEvent', 'IdpDetectionSummaryEvent', "
    "'MobileDetectionSummaryEvent', 'XdrDetectionSummaryEvent']"
)

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "crowdstrike-event",
        "match": f"type(event) == 'object' && metadata.eventType && contains({_TYPES}, metadata.eventType)",
        "detector": "'crowdstrike'",
        "rule_id": "event.PatternId || event.Name || event.DetectName || event.Technique",
        "rule_name": "event.Name || event.DetectName",
        # What one pattern finds on one host is one incident, however many processes it finds; for identities it is
        # the account.
        "alert_key": "event.AgentId || event.SensorId || event.Hostname || event.ComputerName"
        " || event.SourceAccountName || event.SourceEndpointHostName || event.CompositeId || event.DetectId",
        "description": "event.Description || event.DetectDescription",
        "timestamp": "metadata.eventCreationTime",
        "severity": "event.SeverityName || event.Severity",
        "attributes": [
            {
                "type": "hostname",
                "key": "host",
                "value": "event.Hostname || event.ComputerName || event.SourceEndpointHostName",
                "context": ["local"],
            },
            {"type": "device", "key": "sensor", "value": "event.AgentId || event.SensorId", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "[event.LocalIP, event.LocalIPv6, event.SourceEndpointIpAddress]",
                "context": ["local"],
            },
            {
                "type": "username",
                "key": "user",
                "value": "[event.UserName, event.SourceAccountName][?@ && @ != 'N/A']",
                "context": ["local", "subject"],
            },
            {
                "type": "username",
                "key": "account that was aimed at",
                "value": "event.TargetAccountName",
                "context": ["local", "object"],
            },
            {
                "type": "filehashvalue",
                "key": "executable",
                "value": "[event.SHA256String, event.MD5String]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "executable", "value": "event.FilePath", "context": ["file", "local"]},
            {
                "type": "ipaddr",
                "key": "far end of a connection",
                "value": "event.NetworkAccesses[].RemoteAddress",
                "context": ["remote"],
            },
            {
                "type": "domain",
                "key": "requested domain",
                "value": "event.DnsRequests[].DomainName",
                "context": ["remote", "server"],
            },
            {
                "type": "domain",
                "key": "indicator",
                "value": "[event][?IOCType == 'domain'].IOCValue",
                "context": ["additional", "remote"],
            },
            {
                "type": "ipaddr",
                "key": "indicator",
                "value": "[event][?IOCType == 'ipv4' || IOCType == 'ipv6'].IOCValue",
                "context": ["additional", "remote"],
            },
            {
                "type": "filehashvalue",
                "key": "indicator",
                "value": "[event][?contains(['hash_sha256', 'hash_md5', 'sha256', 'md5'], IOCType)].IOCValue",
                "context": ["additional", "file"],
            },
        ],
    },
    {
        "name": "crowdstrike-alert",
        "match": "type(composite_id) == 'string' && contains(composite_id, ':')"
        " && (pattern_id || display_name || name) && (product || aggregate_id || cid)",
        "detector": "'crowdstrike'",
        "rule_id": "pattern_id || name || display_name",
        "rule_name": "display_name || name",
        # As of events, so that both ways lead into one report.
        "alert_key": "agent_id || device.device_id || user_principal || source_account_upn || user_name"
        " || composite_id",
        "description": "description",
        "timestamp": "timestamp || created_timestamp",
        "severity": "severity_name || severity",
        "attributes": [
            {
                "type": "hostname",
                "key": "host",
                "value": "device.hostname || source_endpoint_host_name || host_names[0]",
                "context": ["local"],
            },
            {"type": "device", "key": "sensor", "value": "agent_id || device.device_id", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "[device.local_ip, device.external_ip, source_endpoint_address_ip4]",
                "context": ["local"],
            },
            {
                "type": "instance",
                "key": "instance",
                "value": "[device.instance_id][?type(@) == 'string' && starts_with(@, 'i-')]",
                "context": ["local"],
            },
            {
                "type": "account",
                "key": "account",
                "value": "[device][?starts_with(service_provider || '', 'AWS')].service_provider_account_id",
                "context": ["local"],
            },
            {
                "type": "username",
                "key": "user",
                "value": "[user_name, source_account_name][?@ && @ != 'N/A']",
                "context": ["local", "subject"],
            },
            {
                "type": "email",
                "key": "user",
                "value": "[user_principal, source_account_upn][?type(@) == 'string' && contains(@, '@')]",
                "context": ["subject"],
            },
            {"type": "filehashvalue", "key": "executable", "value": "[sha256, md5]", "context": ["file"]},
            {"type": "filepath", "key": "executable", "value": "filepath", "context": ["file", "local"]},
            {
                "type": "filehashvalue",
                "key": "executable of the parent process",
                "value": "parent_details.sha256",
                "context": ["additional", "file"],
            },
            {
                "type": "ipaddr",
                "key": "far end of a connection",
                "value": "network_accesses[].remote_address",
                "context": ["remote"],
            },
            {
                "type": "domain",
                "key": "requested domain",
                "value": "dns_requests[].domain_name",
                "context": ["remote", "server"],
            },
            {
                "type": "domain",
                "key": "indicator",
                "value": "[@][?ioc_type == 'domain'].ioc_value",
                "context": ["additional", "remote"],
            },
            {
                "type": "ipaddr",
                "key": "indicator",
                "value": "[@][?ioc_type == 'ipv4' || ioc_type == 'ipv6'].ioc_value",
                "context": ["additional", "remote"],
            },
            {
                "type": "filehashvalue",
                "key": "indicator",
                "value": "[@][?contains(['hash_sha256', 'hash_md5', 'sha256', 'md5'], ioc_type)].ioc_value",
                "context": ["additional", "file"],
            },
        ],
    },
    {
        "name": "crowdstrike-detection",
        "match": "detection_id && type(behaviors) == 'array' && type(device) == 'object'",
        "detector": "'crowdstrike'",
        "rule_id": "behaviors[0].pattern_id || behaviors[0].behavior_id || behaviors[0].display_name"
        " || behaviors[0].scenario",
        "rule_name": "behaviors[0].display_name || behaviors[0].scenario",
        "alert_key": "device.device_id || detection_id",
        "description": "behaviors[0].description",
        "timestamp": "last_behavior || created_timestamp",
        "severity": "max_severity_displayname || max_severity",
        "attributes": [
            {"type": "hostname", "key": "host", "value": "device.hostname", "context": ["local"]},
            {"type": "device", "key": "sensor", "value": "device.device_id", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "[device.local_ip, device.external_ip]",
                "context": ["local"],
            },
            {
                "type": "username",
                "key": "user",
                "value": "behaviors[].user_name",
                "context": ["local", "subject"],
            },
            {
                "type": "filehashvalue",
                "key": "executable",
                "value": "behaviors[].[sha256, md5][]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "executable", "value": "behaviors[].filepath", "context": ["file", "local"]},
            {
                "type": "domain",
                "key": "indicator",
                "value": "behaviors[?ioc_type == 'domain'].ioc_value",
                "context": ["additional", "remote"],
            },
        ],
    },
]
