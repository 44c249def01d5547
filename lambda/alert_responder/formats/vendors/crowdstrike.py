"""CrowdStrike Falcon: events of the stream and of the data replicator, alerts and incidents of the API, and detections
of the previous API.

Events: https://www.crowdstrike.com/documentation/ (Streaming API event dictionary)
Alerts: https://developer.crowdstrike.com/docs/openapi/ (alerts, v2)

The body of a Falcon Fusion webhook is configurable: it is parsed if it has the fields of an alert.
"""

from typing import Any

from alert_responder.formats.mapping_variants import without

_TYPES = (
    "['IncidentSummaryEvent', 'IdentityProtectionEvent', 'AutomatedLeadSummaryEvent', 'CustomerIOCEvent', "
    "'CSPMIOAStreamingEvent', 'ReconNotificationSummaryEvent']"
)
"""Events of the stream that are alerts, in addition to all that end with `DetectionSummaryEvent`."""

_EVENT: dict[str, Any] = {
    "name": "crowdstrike-event",
    "match": "type(event) == 'object' && type(metadata.eventType) == 'string'"
    f" && (ends_with(metadata.eventType, 'DetectionSummaryEvent') || contains({_TYPES}, metadata.eventType))",
    "detector": "'crowdstrike'",
    # XDR has one pattern for all rules, and the name of a lead is specific to one incident.
    "rule_id": "event.XdrType && event.Name || event.LeadId && 'automated-lead' || event.IncidentID && 'incident'"
    " || event.PatternId || event.PolicyId"
    " || event.RuleId || event.Name || event.DetectName"
    " || ([event.IncidentType][?type(@) == 'string'] | [0]) || event.Technique || metadata.eventType",
    "rule_name": "event.LeadId && 'Automated lead' || event.IncidentID && 'Incident' || event.RuleName"
    " || event.PolicyStatement || event.Name || event.DetectName",
    # A pattern on a host is one incident, regardless of the number of processes; for identities, the account counts
    # instead of the host.
    "alert_key": "event.IncidentID || event.IdentityProtectionIncidentId || event.LeadId || event.SourceAccountName"
    " || event.AgentId || event.AgentIdString || event.SensorId || event.Hostname || event.ComputerName"
    " || event.SourceEndpointHostName || event.CompositeId || event.DetectId || event.NotificationId"
    " || event.UserId || event.AccountId",
    "description": "event.Description || event.DetectDescription || event.IncidentDescription"
    " || event.PolicyStatement || event.ThreatgraphIndicators[0].Description || event.Highlights[0]",
    "timestamp": "metadata.eventCreationTime || event.Timestamp || event.timestamp || event.UTCTimestamp"
    " || event.ContextTimeStamp || event.ProcessStartTime",
    "severity": "event.SeverityName || event.Severity || event.RulePriority || event.Score || event.FineScore",
    "attributes": [
        {
            "type": "hostname",
            "key": "host",
            "value": "[event.Hostname || event.ComputerName || event.SourceEndpointHostName || event.EndpointName,"
            " split(event.HostNames, ','), event.ThreatgraphIndicators[].Hostname]",
            "context": ["local"],
        },
        {
            "type": "hostname",
            "key": "targeted host",
            "value": "event.TargetEndpointHostName",
            "context": ["local", "object"],
        },
        {
            "type": "device",
            "key": "sensor",
            "value": "[event.AgentId || event.AgentIdString || event.SensorId || event.HostID, event.LMHostIDs,"
            " event.SourceEndpointSensorId]",
            "context": ["local"],
        },
        {
            "type": "ipaddr",
            "key": "host's IP address",
            "value": "[event.LocalIP, event.LocalIPv6, event.SourceEndpointIpAddress, event.EndpointIp]",
            "context": ["local"],
        },
        {
            "type": "ipaddr",
            "key": "caller's IP address",
            "value": "event.UserSourceIp",
            "context": ["client", "remote", "subject"],
        },
        {
            "type": "ipaddr",
            "key": "address of the detection",
            "value": "[split(event.IPv4Addresses, ','), split(event.IPv6Addresses, ',')]",
            "context": ["additional"],
        },
        {
            "type": "username",
            "key": "user",
            "value": "[event.UserName, event.SourceAccountName][?@ && @ != 'N/A']",
            "context": ["local", "subject"],
        },
        {"type": "email", "key": "user", "value": "event.SourceAccountUpn", "context": ["subject"]},
        {
            "type": "username",
            "key": "targeted account",
            "value": "event.TargetAccountName",
            "context": ["local", "object"],
        },
        {
            "type": "account",
            "key": "account",
            "value": "[event][?CloudProvider == 'aws'].AccountId",
            "context": ["local"],
        },
        {
            # A missing hash consists of zeros.
            "type": "filehashvalue",
            "key": "executable",
            "value": "[event.SHA256String, event.SHA1String, event.MD5String]"
            "[?type(@) == 'string' && !starts_with(@, '0000000000000000')]",
            "context": ["file"],
        },
        {"type": "filepath", "key": "executable", "value": "event.FilePath", "context": ["file", "local"]},
        {
            "type": "ipaddr",
            "key": "remote address of a connection",
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
            "value": "[[event][?IOCType == 'domain'].IOCValue, event.DomainName]",
            "context": ["additional", "remote"],
        },
        {
            "type": "ipaddr",
            "key": "indicator",
            "value": "[[event][?IOCType == 'ipv4' || IOCType == 'ipv6'].IOCValue, event.IPv4, event.IPv6]",
            "context": ["additional", "remote"],
        },
        {
            "type": "filehashvalue",
            "key": "indicator",
            "value": "[event][?contains(['hash_sha256', 'hash_md5', 'sha256', 'md5'], IOCType)].IOCValue",
            "context": ["additional", "file"],
        },
    ],
}


_REPLICATED = {
    **without(_EVENT, "crowdstrike-replicated", "event"),
    "match": "(CompositeId || DetectId) && (Name || DetectName) && type(FalconHostLink) == 'string' && !metadata",
}
"""The same event from the data replicator and its exports."""

MAPPINGS: list[dict[str, Any]] = [
    _EVENT,
    _REPLICATED,
    {
        "name": "crowdstrike-alert",
        "match": "type(composite_id) == 'string' && contains(composite_id, ':')"
        " && (pattern_id || display_name || name) && (product || aggregate_id || cid)",
        "detector": "'crowdstrike'",
        # All correlation rules have the same pattern.
        "rule_id": "correlation_rule_id || product == 'automated-lead' && product || pattern_id || name"
        " || display_name",
        "rule_name": "product == 'automated-lead' && 'Automated lead' || display_name || name",
        # The same as for events, so that both are in one report.
        "alert_key": "lead_id && product == 'automated-lead' && lead_id || source_account_name || agent_id"
        " || device.device_id || user_principal || source_account_upn || user_name || user_names[0] || host_names[0]"
        " || source_ips[0] || source_hosts[0] || composite_id",
        "description": "description || threatgraph_indicators[0].description || display_name",
        "timestamp": "timestamp || created_timestamp",
        "severity": "severity_name || severity",
        "attributes": [
            {
                "type": "hostname",
                "key": "host",
                "value": "[device.hostname || source_endpoint_host_name, host_names,"
                " threatgraph_indicators[].hostname]",
                "context": ["local"],
            },
            {
                "type": "hostname",
                "key": "targeted host",
                "value": "target_endpoint_host_name",
                "context": ["local", "object"],
            },
            {"type": "hostname", "key": "source", "value": "source_hosts", "context": ["client"]},
            {"type": "hostname", "key": "destination", "value": "destination_hosts", "context": ["server"]},
            {"type": "ipaddr", "key": "source", "value": "source_ips", "context": ["client"]},
            {"type": "ipaddr", "key": "destination", "value": "destination_ips", "context": ["server"]},
            {"type": "device", "key": "sensor", "value": "agent_id || device.device_id", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "[device.local_ip, device.external_ip, source_endpoint_address_ip4,"
                " source_endpoint_ip_address]",
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
                "value": "[user_name, source_account_name, user_names, users[].user_name][]"
                " | [?type(@) == 'string' && @ != 'N/A' && !contains(@, '@')]",
                "context": ["local", "subject"],
            },
            {
                "type": "email",
                "key": "user",
                "value": "[user_principal, source_account_upn, user_names][]"
                " | [?type(@) == 'string' && contains(@, '@')]",
                "context": ["subject"],
            },
            {
                "type": "username",
                "key": "targeted account",
                "value": "target_account_name",
                "context": ["local", "object"],
            },
            {"type": "filehashvalue", "key": "executable", "value": "[sha256, md5]", "context": ["file"]},
            {
                "type": "filehashvalue",
                "key": "indicator",
                "value": "ioc_context[].[sha256, md5]",
                "context": ["additional", "file"],
            },
            {"type": "filepath", "key": "executable", "value": "filepath", "context": ["file", "local"]},
            {
                "type": "filehashvalue",
                "key": "executable of the parent process",
                "value": "parent_details.sha256",
                "context": ["additional", "file"],
            },
            {
                "type": "ipaddr",
                "key": "remote address of a connection",
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
    {
        "name": "crowdstrike-incident",
        "match": "incident_id && type(hosts) == 'array' && (tactics || techniques || fine_score || state)",
        "detector": "'crowdstrike'",
        "rule_id": "'incident'",
        "rule_name": "name || 'Incident'",
        "alert_key": "incident_id",
        "description": "description || join(', ', not_null(techniques, tactics))",
        "timestamp": "end || modified_timestamp || start || created",
        "severity": "fine_score",
        "attributes": [
            {"type": "hostname", "key": "host", "value": "hosts[].hostname", "context": ["local"]},
            {"type": "device", "key": "sensor", "value": "hosts[].device_id", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "host's IP address",
                "value": "hosts[].[local_ip, external_ip]",
                "context": ["local"],
            },
            {"type": "instance", "key": "instance", "value": "hosts[].instance_id", "context": ["local"]},
            {"type": "username", "key": "user", "value": "users", "context": ["local", "subject"]},
        ],
    },
]
