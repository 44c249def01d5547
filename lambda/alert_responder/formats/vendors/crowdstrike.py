"""CrowdStrike Falcon: events of the stream and of the data replicator, alerts and incidents of the API, and detections
of the previous API.

Events: https://www.crowdstrike.com/documentation/ (Streaming API event dictionary)
Alerts: https://developer.crowdstrike.com/docs/openapi/ (alerts, v2)

The body of a Falcon Fusion webhook is configurable: it is parsed if it has the fields of an alert.

Keys begin with the customer's id, and are the same for an event and for the alert of the API: both join one report.
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute, without

_TYPES = (
    "['IncidentSummaryEvent', 'IdentityProtectionEvent', 'AutomatedLeadSummaryEvent', 'CustomerIOCEvent', "
    "'CSPMIOAStreamingEvent', 'ReconNotificationSummaryEvent']"
)
"""Events of the stream that are alerts, in addition to all that end with `DetectionSummaryEvent`."""

_HASHES = '`["hash_sha256", "hash_md5", "sha256", "md5"]`'
_INBOUND = '`[1, "1", "Inbound", "INBOUND"]`'
_NETWORK = "[event.NetworkAccesses, event.MobileNetworkConnections][]"
_USERS = "[event.UserName, event.SourceAccountName, event.SourceAccountUpn]"

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
    # instead of the host, and in a cloud who acted.
    "alert_key": "join('/', known([metadata.customerIDString || event.cid || split(event.CompositeId, ':')[0],"
    " event.AccountId, known([event.IncidentID, event.IdentityProtectionIncidentId, event.LeadId,"
    " event.CloudProvider && (event.UserName || event.UserId), event.SourceAccountName, event.AgentId,"
    " event.AgentIdString, event.SensorId, event.Hostname, event.ComputerName, event.SourceEndpointHostName,"
    " event.CompositeId, event.DetectId, event.NotificationId, event.UserId])[0],"
    " event.SourceAccountName && event.SourceAccountDomain]))",
    "description": "event.Description || event.DetectDescription || event.IncidentDescription"
    " || event.PolicyStatement || event.ThreatgraphIndicators[0].Description || event.Highlights[0]",
    "timestamp": "metadata.eventCreationTime || event.Timestamp || event.timestamp || event.UTCTimestamp"
    " || event.ContextTimeStamp || event.ProcessStartTime",
    # A score is on another scale than the severity.
    "severity": "event.SeverityName || event.Severity || event.RulePriority"
    " || (event.Score || event.FineScore) && join(' ', ['score', to_string(event.Score || event.FineScore)])",
    "status": 'contains(`["AUTO_RESOLVED", "DISMISS"]`, event.State) && \'resolved\' || event.State',
    "finding_id": "event.IncidentID || event.IdentityProtectionIncidentId || event.LeadId || event.CompositeId"
    " || event.DetectId || event.NotificationId",
    "attributes": [
        attribute(
            "hostname",
            "host",
            "[event.Hostname || event.ComputerName || event.SourceEndpointHostName || event.EndpointName,"
            " split(event.HostNames, ','), event.ThreatgraphIndicators[].Hostname]",
            "local",
        ),
        attribute("hostname", "targeted host", "event.TargetEndpointHostName", "local", "object"),
        attribute(
            "device",
            "sensor",
            "[event.AgentId || event.AgentIdString || event.SensorId || event.HostID, event.LMHostIDs,"
            " event.SourceEndpointSensorId]",
            "local",
        ),
        attribute(
            "ipaddr",
            "host's IP address",
            f"[event.LocalIP, event.LocalIPv6, {_NETWORK}.LocalAddress]",
            "local",
        ),
        # Of a sign-in, perhaps from a host of somebody else.
        attribute("ipaddr", "source", "[event.SourceEndpointIpAddress, event.EndpointIp]", "client"),
        attribute("ipaddr", "caller's IP address", "event.UserSourceIp", "client", "subject"),
        attribute(
            "ipaddr",
            "address of the detection",
            "[split(event.IPv4Addresses, ','), split(event.IPv6Addresses, ',')]",
            "additional",
        ),
        attribute("member", "user", _USERS, "subject"),
        attribute("username", "targeted account", "event.TargetAccountName", "local", "object"),
        attribute("account", "account", "[event][?CloudProvider == 'aws'].AccountId", "local"),
        attribute("project", "project", "[event][?CloudProvider && CloudProvider != 'aws'].AccountId", "local"),
        attribute("filehashvalue", "executable", "event.[SHA256String, SHA1String, MD5String]", "file"),
        attribute("filepath", "executable", "event.FilePath", "file", "local"),
        attribute("filepath", "file", "event.AssociatedFile", "file", "local", "object"),
        attribute(
            "ipaddr",
            "remote address of a connection",
            f"{_NETWORK} | [?RemoteAddress && !contains({_INBOUND}, ConnectionDirection)].RemoteAddress",
            "server",
        ),
        attribute(
            "ipaddr",
            "remote address of a connection",
            f"{_NETWORK} | [?RemoteAddress && contains({_INBOUND}, ConnectionDirection)].RemoteAddress",
            "client",
        ),
        attribute("url", "requested URL", f"{_NETWORK}.Url", "server"),
        attribute("domain", "requested domain", "event.DnsRequests[].DomainName", "server"),
        attribute("domain", "domain of the detection", "split(event.DomainNames, ',')", "additional"),
        attribute("member", "user of the detection", "split(event.Users, ',')", "additional"),
        attribute("domain", "indicator", "[[event][?IOCType == 'domain'].IOCValue, event.DomainName]", "additional"),
        attribute(
            "ipaddr",
            "indicator",
            "[[event][?IOCType == 'ipv4' || IOCType == 'ipv6'].IOCValue, event.IPv4, event.IPv6]",
            "additional",
        ),
        attribute(
            "filehashvalue", "indicator", f"[event][?contains({_HASHES}, IOCType)].IOCValue", "additional", "file"
        ),
    ],
}

_REPLICATED = {
    **without(_EVENT, "crowdstrike-replicated", "event"),
    "match": "(CompositeId || DetectId) && (Name || DetectName) && type(FalconHostLink) == 'string' && !metadata",
}
"""The same event from the data replicator and its exports."""

_OF_CLOUD = "cloud_provider || cloud_account_id"
_WHO = (
    "[user_name, user_names, users[].user_name, user_principal, source_account_upn,"
    f" [@][?!({_OF_CLOUD})].source_account_name][]"
)

MAPPINGS: list[dict[str, Any]] = [
    _EVENT,
    _REPLICATED,
    {
        "name": "crowdstrike-alert",
        "match": "type(composite_id) == 'string' && contains(composite_id, ':')"
        " && (pattern_id || display_name || name) && (product || aggregate_id || cid)",
        "detector": "'crowdstrike'",
        # All correlation rules have one pattern, and many policies of a cloud have the pattern of their technique.
        "rule_id": "correlation_rule_id || product == 'automated-lead' && product"
        f" || ({_OF_CLOUD}) && policy_id || pattern_id || name || display_name",
        "rule_name": "product == 'automated-lead' && 'Automated lead' || display_name || name",
        # In a cloud, `source_account_name` is the name of the cloud account.
        "alert_key": "join('/', known([cid || split(composite_id, ':')[0], cloud_account_id,"
        " known([lead_id && product == 'automated-lead' && lead_id,"
        f" ({_OF_CLOUD}) && (user_name || user_names[0] || resource_id), source_account_name && !({_OF_CLOUD})"
        " && source_account_name, agent_id, device.device_id, user_principal, source_account_upn, user_name,"
        " user_names[0], host_names[0], source_ips[0], source_hosts[0], composite_id])[0],"
        f" source_account_name && !({_OF_CLOUD}) && source_account_domain]))",
        "description": "description || threatgraph_indicators[0].description || display_name",
        "timestamp": "timestamp || created_timestamp",
        "severity": "severity_name || severity",
        "status": "status",
        "finding_id": "product == 'automated-lead' && lead_id || composite_id",
        "attributes": [
            attribute(
                "hostname",
                "host",
                "[device.hostname || source_endpoint_host_name, host_names, threatgraph_indicators[].hostname]",
                "local",
            ),
            attribute("hostname", "targeted host", "target_endpoint_host_name", "local", "object"),
            attribute("hostname", "source", "source_hosts", "client"),
            attribute("hostname", "destination", "destination_hosts", "server"),
            attribute("ipaddr", "source", "[source_ips, source_ip_address]", "client"),
            attribute("ipaddr", "destination", "destination_ips", "server"),
            attribute("device", "sensor", "agent_id || device.device_id", "local"),
            attribute(
                "ipaddr",
                "host's IP address",
                "[device.local_ip, device.external_ip, network_accesses[].local_address]",
                "local",
            ),
            # Of a sign-in, perhaps from a host of somebody else.
            attribute("ipaddr", "source", "[source_endpoint_address_ip4, source_endpoint_ip_address]", "client"),
            attribute(
                "instance",
                "instance",
                "[device.instance_id][?type(@) == 'string' && starts_with(@, 'i-')]",
                "local",
            ),
            attribute("identifier", "resource", "resource_id", "local", "object"),
            attribute(
                "account",
                "account",
                "[[@][?cloud_provider == 'aws'].cloud_account_id, aws_user_account_id, aws_recipient_account_id][]",
                "local",
            ),
            attribute(
                "account",
                "account",
                "[device][?starts_with(service_provider || '', 'AWS') || service_provider == 'aws']"
                ".service_provider_account_id",
                "local",
            ),
            attribute(
                "project", "project", "[@][?cloud_provider && cloud_provider != 'aws'].cloud_account_id", "local"
            ),
            attribute("region", "region", "cloud_region", "local"),
            attribute("accesskey", "access key", "aws_access_key_id", "subject"),
            attribute("member", "user", _WHO, "subject"),
            attribute("username", "targeted account", "target_account_name", "local", "object"),
            attribute("filehashvalue", "executable", "[sha256, sha1, md5]", "file"),
            attribute("filehashvalue", "indicator", "ioc_context[].[sha256, md5]", "additional", "file"),
            attribute("filehashvalue", "file", "[associated_files, file_writes][].sha256", "file", "object"),
            attribute("filepath", "executable", "filepath", "file", "local"),
            attribute(
                "filehashvalue",
                "executable of the parent process",
                "parent_details.[sha256, md5]",
                "additional",
                "file",
            ),
            attribute(
                "ipaddr",
                "remote address of a connection",
                f"network_accesses[?remote_address && !contains({_INBOUND}, connection_direction)].remote_address",
                "server",
            ),
            attribute(
                "ipaddr",
                "remote address of a connection",
                f"network_accesses[?remote_address && contains({_INBOUND}, connection_direction)].remote_address",
                "client",
            ),
            attribute("domain", "requested domain", "dns_requests[].domain_name", "server"),
            attribute("domain", "indicator", "[@][?ioc_type == 'domain'].ioc_value", "additional"),
            attribute("ipaddr", "indicator", "[@][?ioc_type == 'ipv4' || ioc_type == 'ipv6'].ioc_value", "additional"),
            attribute(
                "filehashvalue", "indicator", f"[@][?contains({_HASHES}, ioc_type)].ioc_value", "additional", "file"
            ),
        ],
    },
    {
        "name": "crowdstrike-replicated-cloud",
        "match": "vertex_type == 'ioa' && policy_id && cid && cloud_provider",
        "detector": "'crowdstrike'",
        # The same rule and key as of an alert of the API.
        "rule_id": "policy_id",
        "rule_name": "policy_statement",
        "alert_key": "join('/', known([cid, account, user_identity_user_name || user_identity_arn || vertex_id]))",
        "description": "policy_description || policy_statement",
        "timestamp": "event_created",
        "finding_id": "vertex_id",
        "attributes": [
            attribute("ipaddr", "source", "source_ip_address", "client"),
            attribute("accesskey", "access key", "user_identity_access_key_id", "subject"),
            attribute("arn", "user", "user_identity_arn", "subject"),
            attribute("username", "user", "user_identity_user_name", "subject"),
            attribute(
                "account", "account", "[@][?cloud_provider == 'aws'].[account, user_identity_account_id]", "local"
            ),
            attribute("project", "project", "[@][?cloud_provider != 'aws'].account", "local"),
            attribute("region", "region", "cloud_region", "local"),
            attribute(
                "identifier",
                "resource",
                "from_json(request_parameters).[groupId, instancesSet.items[].instanceId]",
                "local",
                "object",
            ),
        ],
    },
    {
        "name": "crowdstrike-detection",
        "match": "detection_id && type(behaviors) == 'array' && type(device) == 'object'",
        "detector": "'crowdstrike'",
        "rule_id": "behaviors[0].pattern_id || behaviors[0].behavior_id || behaviors[0].display_name"
        " || behaviors[0].scenario",
        "rule_name": "behaviors[0].display_name || behaviors[0].scenario",
        "alert_key": "join('/', known([cid, device.device_id || detection_id]))",
        "description": "behaviors[0].description",
        "timestamp": "last_behavior || created_timestamp",
        "severity": "max_severity_displayname || max_severity",
        "status": "status",
        "finding_id": "detection_id",
        "attributes": [
            attribute("hostname", "host", "device.hostname", "local"),
            attribute("device", "sensor", "device.device_id", "local"),
            attribute("ipaddr", "host's IP address", "device.[local_ip, external_ip]", "local"),
            attribute("username", "user", "behaviors[].user_name", "local", "subject"),
            attribute("filehashvalue", "executable", "behaviors[].[sha256, md5][]", "file"),
            attribute("filepath", "executable", "behaviors[].filepath", "file", "local"),
            attribute("domain", "indicator", "behaviors[?ioc_type == 'domain'].ioc_value", "additional"),
        ],
    },
    {
        "name": "crowdstrike-incident",
        "match": "incident_id && type(hosts) == 'array' && (tactics || techniques || fine_score || state)",
        "detector": "'crowdstrike'",
        "rule_id": "'incident'",
        "rule_name": "name || 'Incident'",
        "alert_key": "join('/', known([cid, incident_id]))",
        "description": "description || join(', ', not_null(techniques, tactics))",
        "timestamp": "end || modified_timestamp || start || created",
        "severity": "fine_score && join(' ', ['score', to_string(fine_score)])",
        "status": "state",
        "finding_id": "incident_id",
        "attributes": [
            attribute("hostname", "host", "hosts[].hostname", "local"),
            attribute("device", "sensor", "hosts[].device_id", "local"),
            attribute("ipaddr", "host's IP address", "hosts[].[local_ip, external_ip]", "local"),
            attribute("instance", "instance", "hosts[].instance_id", "local"),
            attribute("username", "user", "users", "local", "subject"),
        ],
    },
]
