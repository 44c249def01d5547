"""SentinelOne: threats, alerts of custom rules, unified alerts and activities, of the API and its webhooks.

Format: the API documentation in the SentinelOne console (`/api-doc/overview`: Threats, Alerts, Activities); the same
fields are in https://www.elastic.co/docs/reference/integrations/sentinel_one

Keys begin with the agent's id, which is unique in all accounts. On a node of Kubernetes, the agent sees many pods.
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute, respelled, within

_CONTAINER = [
    attribute("container", "container", "containerInfo.id", "local"),
    attribute("image", "container image", "containerInfo.image", "local"),
    attribute("pod", "Kubernetes pod", "kubernetesInfo.pod", "local"),
]
_POD = "kubernetesInfo.cluster, kubernetesInfo.namespace, kubernetesInfo.pod || containerInfo.id"
_POD_OF_ACTIVITY = "data.k8sclustername, data.k8snamespace, data.k8spod || data.k8scontainerid"

_AWS = "agentDetectionInfo.cloudProviders.AWS"
_SOURCE, _TARGET = "sourceProcessInfo", "targetProcessInfo"
_OUTGOING, _INCOMING = "[?netEventDirection == 'OUTGOING']", "[?netEventDirection == 'INCOMING']"

# One object in answers of the API, a list in exports.
_ASSETS = "[assets, asset][]"
_TIMES = "[detectionTime.assets, detectionTime][]"
_CLOUD = f"{_TIMES} | [?cloud.cloudProvider == 'AWS'].cloud"
_OTHER_CLOUD = f"{_TIMES} | [?cloud.cloudProvider && cloud.cloudProvider != 'AWS'].cloud"
_EVIDENCE = "rawData.evidences[]"
# In the words of OCSF, or as constants of the API.
_OBSERVED = "observables[?contains({}, type)].value"
_HOSTS = '`["IP Address", "IP_ADDRESS", "Hostname", "HOSTNAME", "URL String", "URL_STRING", "URL"]`'
_USERS = '`["User Name", "USER_NAME", "Email Address", "EMAIL_ADDRESS"]`'
_HASHES = '`["Hash", "HASH", "File Hash", "FILE_HASH"]`'

_OF_RULE_OR_THREAT = "data.ruleid || data.ruleId || threatId"

_ACTIVITY: dict[str, Any] = {
    "name": "sentinelone-activity",
    "match": "activityType && primaryDescription && createdAt && accountId && type(data) == 'object'",
    "detector": "'sentinelone'",
    # The custom rule; the kind of threat, as for the threat itself; else the kind of activity.
    "rule_id": "data.ruleid || data.ruleId || threatId && data.threatClassification || activityType",
    "rule_name": "data.rulename || data.ruleName"
    " || threatId && join(': ', known([data.threatClassification, data.fileDisplayName]))"
    " || join(' ', ['Activity', to_string(activityType)])",
    "alert_key": f"join('/', known([(data.ruleid || data.ruleId) && data.origagentuuid || agentId || threatId"
    f" || data.computerName || userId || siteId || accountId, {_POD_OF_ACTIVITY}]))",
    "description": "join(' ', [primaryDescription, secondaryDescription][?@])",
    "timestamp": "createdAt",
    "severity": "data.confidenceLevel || split(data.severity, '_')[-1]",
    "status": "data.newIncidentStatus",
    "finding_id": "data.alertid || data.alertId || threatId",
    "attributes": [
        attribute("hostname", "host", "data.[computerName, origagentname]", "local"),
        attribute("device", "agent", "data.origagentuuid || data.uuid || agentId", "local"),
        attribute("ipaddr", "host's IP address", "[split(data.externalIp, ','), split(data.agentipv4, ',')]", "local"),
        attribute("ipaddr", "IP address", "split(data.ipAddress, ',')", "additional"),
        # Of a custom rule it is the author, of a threat the analyst.
        attribute("username", "user", f"[@][?!({_OF_RULE_OR_THREAT})].data.[username, userName][]", "subject"),
        attribute("username", "user of the process", "data.sourceprocessusername", "local", "subject"),
        attribute("username", "login", "data.loginsusername", "subject"),
        attribute("ipaddr", "source", "data.[srcip, srcmachineip]", "client"),
        attribute("ipaddr", "destination", "data.dstip", "server"),
        attribute(
            "ipaddr",
            "host's IP address",
            "[[data][?neteventdirection == 'OUTGOING'].srcip, [data][?neteventdirection == 'INCOMING'].dstip][]",
            "local",
        ),
        attribute("domain", "requested domain", "data.dnsrequest", "server"),
        attribute("filehashvalue", "file", "[hash, data.fileContentHash, data.sha256]", "file"),
        attribute(
            "filehashvalue",
            "file",
            "[secondaryDescription][?type(@) == 'string' && length(@) == `40`]"
            " | [?!contains(@, '.') && !contains(@, '/')]",
            "file",
        ),
        attribute("filepath", "file", "data.filePath", "file", "local"),
        attribute(
            "filehashvalue",
            "executable of the process",
            "data.[sourceprocesssha256, sourceprocesssha1, sourceprocessmd5]",
            "file",
        ),
        attribute("filepath", "executable of the process", "data.sourceprocessfilepath", "file", "local"),
        attribute(
            "filehashvalue",
            "executable of the parent process",
            "data.[sourceparentprocesssha256, sourceparentprocesssha1, sourceparentprocessmd5]",
            "additional",
            "file",
        ),
        attribute("container", "container", "data.k8scontainerid", "local"),
        attribute("image", "container image", "data.k8scontainerimage", "local"),
        attribute("pod", "Kubernetes pod", "data.k8spod", "local"),
    ],
}

_UNIFIED: dict[str, Any] = {
    "name": "sentinelone-unified-alert",
    "match": "type(analytics) == 'object' && type(detectionSource) == 'object' && detectedAt && name"
    " && (severity || confidenceLevel)",
    "detector": "'sentinelone'",
    # The engine, the classification, and the name unless it is that of the file.
    "rule_id": "join(': ', known([analytics.name || analytics.category || detectionSource.product,"
    " classification, !(contains(name, ' detected as ') || process.file.name && starts_with(name, process.file.name))"
    " && name]))",
    "rule_name": "name",
    "alert_key": f"join('/', known([({_ASSETS}.[agentUuid || id || name][] | [0]) || id,"
    f" ({_TIMES}.kubernetes.clusterName | [0]), ({_TIMES}.kubernetes.namespaceName | [0]),"
    f" ({_TIMES}.kubernetes.[podName, containerId][] | [?@] | [0])]))",
    "description": "join(': ', [name, description][?@])",
    "timestamp": "detectedAt || createdAt",
    "severity": "severity || confidenceLevel",
    "status": "status",
    "finding_id": "id",
    "attributes": [
        attribute("hostname", "host", f"{_ASSETS}.name", "local"),
        attribute("device", "agent", f"{_ASSETS}.agentUuid", "local"),
        attribute("ipaddr", "host's IP address", f"{_TIMES}.asset.[ipV4, ipV6, consoleIpAddress]", "local"),
        attribute("ipaddr", "attacker", "detectionTime.attacker.ip", "client", "subject"),
        attribute("hostname", "attacker", "detectionTime.attacker.host", "client", "subject"),
        attribute("ipaddr", "source", f"{_EVIDENCE}.src_endpoint.ip", "client"),
        attribute("hostname", "source", f"{_EVIDENCE}.src_endpoint.hostname", "client"),
        attribute("ipaddr", "destination", f"{_EVIDENCE}.dst_endpoint.ip", "server"),
        attribute("hostname", "destination", f"{_EVIDENCE}.dst_endpoint.hostname", "server"),
        attribute("username", "user", f"{_EVIDENCE}.actor.user.name", "subject"),
        attribute("username", "targeted user", "detectionTime.targetUser.name", "local", "object"),
        attribute("email", "targeted user", "detectionTime.targetUser.emailAddress", "local", "object"),
        attribute("username", "last signed-in user", f"{_ASSETS}.lastLoggedInUser", "local"),
        attribute("filehashvalue", "file", "process.file.[sha256, sha1, md5]", "file"),
        attribute("filepath", "file", "process.file.path", "file", "local"),
        attribute("endpoint", "observable", _OBSERVED.format(_HOSTS), "additional"),
        attribute("member", "observable", _OBSERVED.format(_USERS), "additional"),
        attribute("filehashvalue", "observable", _OBSERVED.format(_HASHES), "additional", "file"),
        attribute("instance", "instance", f"{_CLOUD}.instanceId", "local"),
        attribute("account", "account", f"{_CLOUD}.accountId", "local"),
        attribute("project", "project", f"{_OTHER_CLOUD}.accountId", "local"),
        attribute("container", "container", f"{_TIMES}.kubernetes.containerId", "local"),
        attribute("image", "container image", f"{_TIMES}.kubernetes.containerImageName", "local"),
        attribute("pod", "Kubernetes pod", f"{_TIMES}.kubernetes.podName", "local"),
    ],
}

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "sentinelone-threat",
        "match": "type(threatInfo) == 'object' && (threatInfo.threatId || threatInfo.threatName)"
        " && (agentRealtimeInfo || agentDetectionInfo)",
        "detector": "'sentinelone'",
        # The name of a threat is usually the file's, therefore the rule is the kind of threat.
        "rule_id": "threatInfo.classification || threatInfo.detectionType || threatInfo.engines[0]"
        " || threatInfo.threatName",
        "rule_name": "join(': ', known([threatInfo.classification, threatInfo.threatName]))",
        # A kind of threat on a host is one incident, regardless of the number of files. Activities have this id only.
        "alert_key": "join('/', known([agentRealtimeInfo.agentId || agentRealtimeInfo.agentUuid"
        f" || agentDetectionInfo.agentUuid || agentRealtimeInfo.agentComputerName || threatInfo.threatId, {_POD}]))",
        "description": "join(' on ', known([threatInfo.threatName, agentRealtimeInfo.agentComputerName]))",
        "timestamp": "threatInfo.identifiedAt || threatInfo.createdAt",
        "severity": "threatInfo.confidenceLevel",
        "status": "threatInfo.incidentStatus",
        "finding_id": "threatInfo.threatId || id",
        "attributes": [
            attribute("hostname", "host", "agentRealtimeInfo.agentComputerName", "local"),
            attribute("device", "agent", "agentRealtimeInfo.agentUuid || agentDetectionInfo.agentUuid", "local"),
            attribute(
                "ipaddr", "host's IP address", "agentRealtimeInfo.networkInterfaces[].[inet, inet6][][]", "local"
            ),
            # A host with several addresses has them here in one string.
            attribute(
                "ipaddr",
                "host's IP address",
                "[split(agentDetectionInfo.agentIpV4, ','), split(agentDetectionInfo.agentIpV6, ','),"
                " agentDetectionInfo.externalIp]",
                "local",
            ),
            attribute(
                "email",
                "last signed-in user",
                "[agentDetectionInfo.agentLastLoggedInUserMail, agentDetectionInfo.agentLastLoggedInUpn]"
                "[?type(@) == 'string' && contains(@, '@')]",
                "local",
            ),
            attribute("instance", "instance", f"{_AWS}.cloudInstanceId", "local"),
            attribute("account", "account", f"{_AWS}.cloudAccount", "local"),
            attribute("project", "project", "agentDetectionInfo.cloudProviders.[Azure, GCP][].cloudAccount", "local"),
            attribute("arn", "task", "ecsInfo.taskArn", "local"),
            attribute("username", "user of the process", "threatInfo.processUser", "local", "subject"),
            attribute("filehashvalue", "file", "threatInfo.[sha256, sha1, md5]", "file"),
            attribute("filepath", "file", "threatInfo.filePath", "file", "local"),
            *_CONTAINER,
        ],
    },
    {
        "name": "sentinelone-alert",
        "match": "type(ruleInfo) == 'object' && ruleInfo.name && alertInfo.alertId",
        "detector": "'sentinelone'",
        "rule_id": "ruleInfo.id || ruleInfo.name",
        "rule_name": "ruleInfo.name",
        "alert_key": "join('/', known([agentDetectionInfo.uuid || agentRealtimeInfo.uuid || agentDetectionInfo.name"
        f" || alertInfo.alertId, {_POD}]))",
        "description": "ruleInfo.description",
        "timestamp": "alertInfo.createdAt || alertInfo.reportedAt",
        "severity": "ruleInfo.severity",
        "status": "alertInfo.incidentStatus",
        "finding_id": "alertInfo.alertId",
        "attributes": [
            attribute("hostname", "host", "agentDetectionInfo.name || agentRealtimeInfo.name", "local"),
            attribute("device", "agent", "agentDetectionInfo.uuid || agentRealtimeInfo.uuid", "local"),
            attribute("ipaddr", "source", "alertInfo.[srcIp, srcMachineIp]", "client"),
            attribute("ipaddr", "destination", "alertInfo.dstIp", "server"),
            attribute(
                "ipaddr",
                "host's IP address",
                f"[[alertInfo]{_OUTGOING}.srcIp, [alertInfo]{_INCOMING}.dstIp][]",
                "local",
            ),
            attribute("domain", "requested domain", "alertInfo.dnsRequest", "server"),
            attribute("username", "login", "alertInfo.loginsUserName", "subject"),
            attribute("username", "user of the process", f"{_SOURCE}.user", "local", "subject"),
            attribute(
                "filehashvalue",
                "executable of the process",
                f"{_SOURCE}.[fileHashSha256, fileHashSha1, fileHashMd5]",
                "file",
            ),
            attribute("filepath", "executable of the process", f"{_SOURCE}.filePath", "file", "local"),
            attribute(
                "filehashvalue",
                "executable of the parent process",
                "sourceParentProcessInfo.[fileHashSha256, fileHashSha1, fileHashMd5]",
                "additional",
                "file",
            ),
            attribute(
                "filehashvalue",
                "file",
                f"[{_TARGET}.tgtFileHashSha256, {_TARGET}.tgtFileHashSha1, alertInfo.moduleSha1]",
                "file",
                "object",
            ),
            attribute(
                "filepath",
                "file",
                f"[{_TARGET}.tgtFilePath, {_TARGET}.tgtProcImagePath, alertInfo.modulePath]",
                "file",
                "local",
                "object",
            ),
            attribute("registry", "registry key", "alertInfo.[registryKeyPath, registryPath]", "local", "object"),
            attribute(
                "ipaddr",
                "indicator",
                "[alertInfo][?starts_with(tiIndicatorType || '', 'IP')].tiIndicatorValue",
                "additional",
            ),
            attribute("domain", "indicator", "[alertInfo][?tiIndicatorType == 'DNS'].tiIndicatorValue", "additional"),
            attribute("url", "indicator", "[alertInfo][?tiIndicatorType == 'URL'].tiIndicatorValue", "additional"),
            *_CONTAINER,
        ],
    },
    _UNIFIED,
    within(_UNIFIED, "sentinelone-unified-alert-answer", "data.alert"),
    _ACTIVITY,
    # As log stores write it that convert all names to lower case.
    respelled(_ACTIVITY, "sentinelone-activity-lower-case", str.lower),
    {
        "name": "sentinelone-legacy-threat",
        "match": "agentComputerName && fileContentHash && (threatName || fileDisplayName) && agentId",
        "detector": "'sentinelone'",
        "rule_id": "classification || engines[0] || threatName || fileDisplayName",
        "rule_name": "join(': ', known([classification, threatName || fileDisplayName]))",
        "alert_key": "agentUuid || agentId",
        "description": "join(' on ', known([threatName || fileDisplayName, agentComputerName]))",
        "timestamp": "createdDate || createdAt",
        "severity": "confidenceLevel || rank",
        "status": "resolved == `true` && 'resolved' || incidentStatus",
        "finding_id": "id",
        "attributes": [
            attribute("hostname", "host", "agentComputerName", "local"),
            attribute("device", "agent", "agentUuid || agentId", "local"),
            attribute("ipaddr", "host's IP address", "split(agentIp, ',')", "local"),
            attribute("username", "user", "username", "local", "subject"),
            attribute("filehashvalue", "file", "[fileSha256, fileContentHash]", "file"),
            attribute("filepath", "file", "filePath", "file", "local"),
        ],
    },
]
