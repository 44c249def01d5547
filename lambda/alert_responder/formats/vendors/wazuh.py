"""Wazuh: an alert, from `alerts.json`, an integration, or the index.

Format: https://documentation.wazuh.com/current/user-manual/manager/alert-management.html
Sysmon: https://learn.microsoft.com/sysinternals/downloads/sysmon#events (names begin with a small letter)
Other products inside: https://documentation.wazuh.com/current/cloud-security/index.html, and VirusTotal
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute, within
from alert_responder.formats.vendors.microsoft_defender import evidence

_WIN = "data.win.eventdata"
_AWS, _GUARDDUTY = "data.aws", "data.aws.service.action"
_AUDIT = "data.audit"
_WAF = f"{_AWS}.httpRequest.headers"
_CALLER = "[?type(@) == 'string' && !ends_with(@, '.amazonaws.com') && @ != 'AWS Internal']"
_ARNS = "[?type(@) == 'string' && starts_with(@, 'arn:')]"
_SLASH = '`"\\\\"`'
_UNESCAPED = f"map(&(starts_with(@, {_SLASH}) && @ || join({_SLASH}, split(@, {_SLASH}))), known(%s))"
"""Wazuh doubles the backslashes of Windows."""

_ACTORS = (
    f"[data.srcuser, {_WIN}.user, {_WIN}.subjectUserName, {_AWS}.userIdentity.userName,"
    f" {_AWS}.resource.accessKeyDetails.userName, data.office365.UserId, data.github.actor,"
    " data.gcp.protoPayload.authenticationInfo.principalEmail]"
)

_FORWARDED = (
    "data.office365.Parameters | [?contains(['ForwardTo', 'RedirectTo', 'ForwardAsAttachmentTo',"
    " 'ForwardingSmtpAddress'], Name)].Value[].split(@, ';')[].split(@, ':')[-1]"
)

# Anybody may write any field into a log, but the location is then that of the log. The parts of Wazuh that scan have a
# rule for each state of a finding.
_IS_SCANNED = "location == 'vulnerability-detector' && data.vulnerability || location == 'sca' && data.sca.check"

_RESOLVED = '`["ARCHIVED", "RESOLVED", "SUPPRESSED", "PASSED"]`'
_STATUS = (
    f"(({_IS_SCANNED}) | status == 'Solved' && 'resolved' || status || result)"
    " || location == 'ms-graph' && data.\"ms-graph\".status"
    f" || location == 'Wazuh-AWS' && ({_AWS} | contains([`true`, 'true'], service.archived) && 'archived'"
    f" || (finding.[RecordState, Workflow.Status, Compliance.Status] | [?contains({_RESOLVED}, @)] | [0])) || null"
)

_ALERT: dict[str, Any] = {
    "name": "wazuh",
    "match": "type(rule) == 'object' && rule.id && rule.level && type(agent) == 'object' && (decoder || location)",
    "detector": "'wazuh'",
    "rule_id": f"({_IS_SCANNED}) && location || rule.id",
    "rule_name": "rule.description",
    # Agent 000 is the manager, which collects the logs of other hosts and clouds. Rules about another product's alerts
    # are general: its rule counts too.
    "alert_key": "join('/', known([cluster.name || manager.name, [agent][?id != '000'].[id, name][],"
    " predecoder.hostname != agent.name && predecoder.hostname, agent.id == '000' && location,"
    f" {_AWS}.[accountId, recipientAccountId, finding.AwsAccountId, type || eventName || finding.GeneratorId,"
    " resource.instanceDetails.instanceId || resource.accessKeyDetails.userName"
    " || userIdentity.sessionContext.sessionIssuer.arn || userIdentity.arn || finding.Resources[0].Id, webaclId,"
    " srcaddr || httpRequest.clientIp],"
    " location == 'rootcheck' && [data.title, data.file], data.docker.Actor.Attributes.name,"
    " data.office365.[OrganizationId, Operation, UserId], data.gcp.resource.labels.project_id,"
    " data.gcp.protoPayload.methodName, data.gcp.protoPayload.authenticationInfo.principalEmail,"
    ' data."ms-graph".[tenantId, detectorId || title, incidentId || id], data.github.[org, action, actor],'
    " data.vulnerability.cve, data.alert.signature, data.sca.check.title][]))",
    "description": "join(': ', [rule.description, full_log][?@])",
    "timestamp": 'timestamp || "@timestamp"',
    "severity": "rule.level",
    "status": _STATUS,
    "finding_id": f"({_IS_SCANNED}) && join('/', known([data.vulnerability.cve, data.vulnerability.package.name,"
    " data.sca.policy, data.sca.check.id])) || null",
    "attributes": [
        attribute("hostname", "agent", "[agent][?id != '000'].name", "local"),
        attribute("ipaddr", "agent", "[agent][?id != '000'].ip", "local"),
        attribute("hostname", "host", "[predecoder.hostname, data.win.system.computer]", "local"),
        attribute(
            "ipaddr",
            "source",
            f"[data.srcip, data.flow.src_ip || data.src_ip, {_WIN}.ipAddress, {_WIN}.sourceIp, {_AWS}.srcaddr]",
            "client",
        ),
        attribute(
            "ipaddr",
            "destination",
            f"[data.dstip, data.flow.dest_ip || data.dest_ip, {_WIN}.destinationIp, {_AWS}.dstaddr]",
            "server",
        ),
        attribute(
            "ipaddr",
            "client behind the proxy",
            f'[{_WAF}.["X-Forwarded-For", "x-forwarded-for"], data.http.xff, data.xff][].split(@, \',\')',
            "client",
        ),
        # What an active response blocked.
        attribute("ipaddr", "source", "data.parameters.alert.data.srcip", "client"),
        # Hosts without an agent, such as `(ssh_generic_diff) root@10.2.0.8->agentless`.
        attribute(
            "endpoint", "host", "[location][?ends_with(@, '->agentless')].split(split(@, '@')[-1], '->')[0]", "local"
        ),
        # Sysmon: who opened the connection.
        attribute(
            "ipaddr",
            "host's IP address",
            f"[[{_WIN}][?initiated == 'true'].sourceIp, [{_WIN}][?initiated == 'false'].destinationIp][]",
            "local",
        ),
        attribute("hostname", "source", f"[{_WIN}.sourceHostname, {_WIN}.workstationName]", "client"),
        attribute("domain", "destination", f"[{_WIN}.destinationHostname][?contains(@ || '', '.')]", "server"),
        attribute(
            "domain",
            "requested domain",
            f"[{_WIN}.queryName, {_WAF}.[Host, host], data.http.hostname, data.tls.sni, data.dns.query[].rrname,"
            f" data.dns.rrname, {_GUARDDUTY}.dnsRequestAction.domain]",
            "server",
        ),
        attribute("url", "URL", "[data.url, data.office365.ObjectId][?contains(@ || '', '://')]", "server"),
        attribute("member", "user", _UNESCAPED % _ACTORS, "subject"),
        attribute("username", "affected user", _UNESCAPED % f"[data.dstuser, {_WIN}.targetUserName]", "object"),
        attribute("filehashvalue", "executable of the process", f"{_WIN}.hashes", "file"),
        attribute(
            "filepath",
            "executable of the process",
            _UNESCAPED % f"[{_WIN}.image, {_WIN}.newProcessName, {_AUDIT}.exe]",
            "file",
        ),
        attribute(
            "filepath",
            "executable of the parent process",
            _UNESCAPED % f"[{_WIN}.parentImage, {_WIN}.sourceImage]",
            "additional",
            "file",
        ),
        attribute(
            "filepath",
            "file",
            _UNESCAPED % f"[{_WIN}.targetFilename, {_WIN}.imageLoaded, {_AUDIT}.file.name]",
            "file",
            "object",
        ),
        attribute("registry", "registry key", _UNESCAPED % f"{_WIN}.targetObject", "local", "object"),
        attribute("filehashvalue", "file", "syscheck.[sha256_after, sha1_after, md5_after]", "file"),
        attribute(
            "filehashvalue",
            "file before the change",
            "syscheck.[sha256_before, sha1_before, md5_before]",
            "additional",
            "file",
        ),
        attribute("filepath", "file", "syscheck.path", "file", "local"),
        attribute("username", "user of the change", "syscheck.audit.[login_user.name, user.name]", "local", "subject"),
        attribute("filehashvalue", "file", "data.virustotal.source.[sha1, md5]", "file"),
        attribute("filepath", "file", "data.virustotal.source.file", "file", "local"),
        attribute("filepath", "file", "[@][?location == 'rootcheck'].data.file", "file", "local"),
        attribute("cve", "vulnerability", "data.vulnerability.cve", "additional"),
        attribute("package", "package", "data.vulnerability.package.name", "local", "object"),
        # Rules of a mailbox that send messages to somebody else.
        attribute("member", "recipient of forwarded mail", _FORWARDED, "object"),
        attribute(
            "account",
            "account",
            f"{_AWS}.[accountId, recipientAccountId, userIdentity.accountId, finding.AwsAccountId]",
            "local",
        ),
        attribute("region", "region", f"{_AWS}.[region, awsRegion, finding.Region]", "local"),
        attribute("ipaddr", "caller's IP address", f"[{_AWS}.sourceIPAddress] | {_CALLER}", "client"),
        attribute(
            "ipaddr",
            "caller's IP address",
            f"[{_AWS}.httpRequest.clientIp, data.office365.ClientIP, data.office365.ClientIPAddress,"
            " data.office365.ActorIpAddress, data.gcp.protoPayload.requestMetadata.callerIp,"
            " data.gcp.jsonPayload.sourceIP]",
            "client",
        ),
        attribute(
            "ipaddr",
            "remote IP address",
            f"[{_GUARDDUTY}.*.remoteIpDetails, {_GUARDDUTY}.portProbeAction.[portProbeDetails][][].remoteIpDetails][]"
            ".[ipAddressV4, ipAddressV6]",
            "remote",
        ),
        attribute("instance", "instance", f"{_AWS}.resource.instanceDetails.instanceId", "local", "object"),
        attribute(
            "ipaddr",
            "instance's IP address",
            f"{_AWS}.resource.instanceDetails.[networkInterfaces][][].[publicIp, privateIpAddress]",
            "local",
        ),
        attribute(
            "accesskey",
            "access key",
            f"{_AWS}.[userIdentity.accessKeyId, resource.accessKeyDetails.accessKeyId]",
            "subject",
        ),
        attribute("arn", "user", f"{_AWS}.userIdentity.[sessionContext.sessionIssuer.arn || arn]", "subject"),
        attribute(
            "arn",
            "resource",
            f"{_AWS}.[resource.[s3BucketDetails][][].arn, finding.Resources[].Id, webaclId][] | {_ARNS}",
            "local",
            "object",
        ),
        # What a call of AWS acted on.
        attribute(
            "identifier",
            "resource",
            f"{_AWS}.requestParameters.* | [?type(@) == 'string'] | [?starts_with(@, 'arn:') || starts_with(@, 'i-')"
            " || starts_with(@, 'sg-') || starts_with(@, 'AKIA')]",
            "object",
        ),
        attribute("username", "affected user", f"{_AWS}.requestParameters.userName", "object"),
        attribute("resource", "resource", f"{_AWS}.requestParameters.[bucketName, roleName, functionName]", "object"),
        attribute("container", "container", "data.docker.Actor.ID", "local"),
        attribute("image", "container image", "data.docker.Actor.Attributes.image", "local"),
        attribute("project", "project", "data.gcp.resource.labels.project_id", "local"),
        attribute("repository", "repository", "data.github.repo", "object"),
        *evidence('data."ms-graph".[evidence][][]'),
    ],
}

MAPPINGS: list[dict[str, Any]] = [_ALERT, within(_ALERT, "wazuh-indexed", "_source")]
