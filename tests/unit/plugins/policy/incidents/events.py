"""Events as products send them, shortened to the fields that matter; all values are invented."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

Event = dict[str, Any]

ACCOUNT, OTHER_ACCOUNT = "111122223333", "999988887777"
REGION, TIME = "eu-west-1", "2026-01-01T00:00:00Z"
INSTANCE, KEY, SESSION_KEY = "i-0a1b2c3d4e5f60718", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"
TENANT, CUSTOMER = "11112222-3333-4444-5555-666677778888", "c0ffee12c0ffee12c0ffee12c0ffee12"


def file_hash(name: str) -> str:
    """Return a SHA-256 hash for the name of a file."""
    return hashlib.sha256(name.encode()).hexdigest()


def bridged(source: str, kind: str, detail: Any) -> Event:
    """Wrap an event as EventBridge does."""
    return {
        "version": "0",
        "id": "9b1c2d3e-1111-4a2b-8c3d-4e5f60718293",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": TIME,
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def guardduty(kind: str, severity: float, resource: Event, *, role: str = "TARGET", **service: Any) -> Event:
    """Return a finding of GuardDuty; `service` has the action and further details."""
    finding = hashlib.sha256(f"{kind}{resource}".encode()).hexdigest()[:32]
    sample = service.pop("sample", False)
    finding_of = {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": finding,
        "arn": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/12abc34d567e8fa901bc2d34e56789f0/finding/{finding}",
        "type": kind,
        "resource": resource,
        "service": {
            "serviceName": "guardduty",
            "detectorId": "12abc34d567e8fa901bc2d34e56789f0",
            "resourceRole": role,
            "additionalInfo": {"sample": True} if sample else {"value": "{}", "type": "default"},
            "eventFirstSeen": TIME,
            "eventLastSeen": TIME,
            "archived": False,
            "count": 1,
            **service,
        },
        "severity": severity,
        "createdAt": TIME,
        "updatedAt": TIME,
        "title": f"{'[SAMPLE] ' if sample else ''}{kind} was found.",
        "description": f"{kind} was found.",
    }
    return bridged("aws.guardduty", "GuardDuty Finding", finding_of)


def instance(name: str = "web-1", instance_id: str = INSTANCE) -> Event:
    """Return an instance as the resource of a finding of GuardDuty."""
    interface = {
        "networkInterfaceId": "eni-0f1e2d3c4b5a69788",
        "privateIpAddress": "10.0.1.17",
        "publicIp": "203.0.113.17",
    }
    details = {"instanceId": instance_id, "networkInterfaces": [interface], "tags": [{"key": "Name", "value": name}]}
    return {"resourceType": "Instance", "instanceDetails": details}


def access_key(user: str, kind: str = "IAMUser", key: str = KEY) -> Event:
    """Return a key of a user (`IAMUser`), role (`AssumedRole`) or root (`Root`) as the resource of a finding."""
    return {"resourceType": "AccessKey", "accessKeyDetails": {"accessKeyId": key, "userName": user, "userType": kind}}


def bucket(name: str, user: str, kind: str = "IAMUser") -> Event:
    """Return a bucket, and who accessed it, as the resource of a finding."""
    details = [{"arn": f"arn:aws:s3:::{name}", "name": name, "type": "Destination"}]
    return {**access_key(user, kind), "resourceType": "S3Bucket", "s3BucketDetails": details}


def dns(domain: str) -> Event:
    """Return the action of a finding: a DNS request."""
    action = {"domain": domain, "protocol": "UDP", "blocked": False}
    return {"action": {"actionType": "DNS_REQUEST", "dnsRequestAction": action}}


def connection(address: str, *, outbound: bool = True, port: int = 443) -> Event:
    """Return the action of a finding: a connection."""
    action = {
        "connectionDirection": "OUTBOUND" if outbound else "INBOUND",
        "protocol": "TCP",
        "blocked": False,
        "localIpDetails": {"ipAddressV4": "10.0.1.17"},
        "localPortDetails": {"port": 50123 if outbound else port},
        "remoteIpDetails": {"ipAddressV4": address},
        "remotePortDetails": {"port": port if outbound else 50123},
    }
    return {"action": {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": action}}


def port_probe(*addresses: str) -> Event:
    """Return the action of a finding: probes of a port."""
    details = [
        {
            "localPortDetails": {"port": 443},
            "localIpDetails": {"ipAddressV4": "10.0.1.17"},
            "remoteIpDetails": {"ipAddressV4": address},
        }
        for address in addresses
    ]
    action = {"blocked": False, "portProbeDetails": details}
    return {"action": {"actionType": "PORT_PROBE", "portProbeAction": action}}


def api_call(service: str, api: str, address: str) -> Event:
    """Return the action of a finding: a call of AWS."""
    action = {
        "api": api,
        "serviceName": f"{service}.amazonaws.com",
        "callerType": "Remote IP",
        "remoteIpDetails": {"ipAddressV4": address},
        "affectedResources": {},
    }
    return {"action": {"actionType": "AWS_API_CALL", "awsApiCallAction": action}}


def process(path: str) -> Event:
    """Return the details of a runtime finding: a process."""
    name = path.rpartition("/")[2]
    facts = {"name": name, "executablePath": path, "executableSha256": file_hash(path), "user": "www-data", "pid": 4711}
    return {"featureName": "RuntimeMonitoring", "runtimeDetails": {"process": facts, "context": {}}}


def control(name: str, title: str, severity: str, resource: str, kind: str = "AwsS3Bucket") -> Event:
    """Return a failed control of Security Hub."""
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:security-control/{name}/finding/0e1d2c3b-4a59-4687-8796",
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/securityhub",
        "ProductName": "Security Hub",
        "CompanyName": "AWS",
        "Region": REGION,
        "GeneratorId": f"security-control/{name}",
        "AwsAccountId": ACCOUNT,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "FirstObservedAt": TIME,
        "LastObservedAt": TIME,
        "CreatedAt": TIME,
        "UpdatedAt": TIME,
        "Severity": {"Label": severity, "Original": severity},
        "Title": title,
        "Description": f"This control checks this: {title}",
        "Resources": [{"Type": kind, "Id": resource, "Partition": "aws", "Region": REGION}],
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        "Compliance": {"Status": "FAILED", "SecurityControlId": name},
    }
    return bridged("aws.securityhub", "Security Hub Findings - Imported", {"findings": [finding]})


def iam_user(name: str, key: str = KEY) -> Event:
    """Return the identity of an IAM user in a record of CloudTrail."""
    return {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLEEXAMPLE01",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": name,
    }


def assumed_role(role: str, session: str) -> Event:
    """Return the identity of a role's session in a record of CloudTrail."""
    issuer = {
        "type": "Role",
        "principalId": "AROAEXAMPLEEXAMPLE01",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "accountId": ACCOUNT,
        "userName": role,
    }
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLEEXAMPLE01:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": SESSION_KEY,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"creationDate": TIME, "mfaAuthenticated": "false"}},
    }


def root() -> Event:
    """Return the identity of the root user in a record of CloudTrail."""
    return {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
        "accessKeyId": SESSION_KEY,
    }


def cloudtrail(
    service: str,
    call: str,
    identity: Event,
    address: str,
    request: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Event:
    """Return a record of CloudTrail, as EventBridge sends it."""
    record = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": TIME,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": call,
        "awsRegion": REGION,
        "sourceIPAddress": address,
        "userAgent": "aws-cli/2.22.0",
        "requestParameters": request,
        "responseElements": None,
        "requestID": "11111111-2222-4333-8444-555555555551",
        "eventID": "11111111-2222-4333-8444-555555555552",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        **fields,
    }
    return bridged(f"aws.{service}", "AWS API Call via CloudTrail", record)


def secret(name: str) -> Event:
    """Return the parameters of a call that reads a secret."""
    return {"secretId": name}


def console_login(identity: Event, address: str, *, mfa: bool = True, success: bool = True) -> Event:
    """Return the record of a sign-in to the console."""
    fields: dict[str, Any] = {} if success else {"errorMessage": "Failed authentication"}
    return cloudtrail(
        "signin",
        "ConsoleLogin",
        {name: value for name, value in identity.items() if name != "accessKeyId"},
        address,
        None,
        eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Success" if success else "Failure"},
        additionalEventData={"MFAUsed": "Yes" if mfa else "No", "MobileVersion": "No"},
        **fields,
    )


def crowdstrike(
    name: str, severity: int, *, file: str = "powershell.exe", remote: Iterable[str] = (), **fields: Any
) -> Event:
    """Return an alert of CrowdStrike's API; severities are 10 to 100."""
    words = ((80, "Critical"), (60, "High"), (40, "Medium"), (20, "Low"), (0, "Informational"))
    accesses = [
        {"connection_direction": 0, "protocol": "TCP", "remote_address": each, "remote_port": 443} for each in remote
    ]
    return {
        "agent_id": "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4",
        "aggregate_id": "aggind:a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4:17179869184",
        "cid": CUSTOMER,
        "composite_id": f"{CUSTOMER}:ind:a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4:17180000009-5701-77",
        "created_timestamp": TIME,
        "timestamp": TIME,
        "name": name,
        "display_name": name,
        "description": f"{name} on a host.",
        "device": {
            "device_id": "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4",
            "external_ip": "203.0.113.10",
            "hostname": "WS-0815",
            "local_ip": "10.20.30.40",
            "platform_name": "Windows",
        },
        "filename": file,
        "filepath": f"\\Device\\HarddiskVolume3\\Users\\a\\{file}",
        "sha256": file_hash(file),
        "network_accesses": accesses,
        "pattern_disposition": 0,
        "pattern_id": 5701,
        "product": "epp",
        "severity": severity,
        "severity_name": next(word for lowest, word in words if severity >= lowest),
        "status": "new",
        "type": "ldt",
        "user_name": "a.example",
        **fields,
    }


def defender(
    title: str,
    severity: str,
    *evidence: Event,
    service: str = "microsoftDefenderForEndpoint",
    **fields: Any,
) -> Event:
    """Return an alert of Microsoft Graph (alerts_v2)."""
    return {
        "@odata.type": "#microsoft.graph.security.alert",
        "id": "da100000000000000001_-100000001",
        "providerAlertId": "da100000000000000001_-100000001",
        "incidentId": "31001",
        "status": "new",
        "severity": severity,
        "classification": "unknown",
        "determination": "unknown",
        "serviceSource": service,
        "detectionSource": service,
        "detectorId": hashlib.sha256(title.encode()).hexdigest()[:32],
        "tenantId": TENANT,
        "title": title,
        "description": f"{title}.",
        "category": "SuspiciousActivity",
        "createdDateTime": TIME,
        "lastUpdateDateTime": TIME,
        "firstActivityDateTime": TIME,
        "lastActivityDateTime": TIME,
        "evidence": list(evidence),
        **fields,
    }


def device(name: str = "ws-1000.corp.example") -> Event:
    """Return a device as evidence of Microsoft Graph."""
    return {
        "@odata.type": "#microsoft.graph.security.deviceEvidence",
        "mdeDeviceId": "f0e1f0e1f0e1f0e1f0e1f0e1f0e1f0e1f0e1f0e1",
        "deviceDnsName": name,
        "lastIpAddress": "10.20.30.70",
        "lastExternalIpAddress": "203.0.113.13",
        "loggedOnUsers": [{"accountName": "frank", "domainName": "CORP"}],
    }


def file_evidence(name: str) -> Event:
    """Return a file as evidence of Microsoft Graph."""
    details = {"sha256": file_hash(name), "fileName": name, "filePath": "C:\\Users\\frank\\Downloads"}
    return {
        "@odata.type": "#microsoft.graph.security.fileEvidence",
        "detectionStatus": "detected",
        "fileDetails": details,
    }


def address_evidence(address: str) -> Event:
    """Return an address as evidence of Microsoft Graph."""
    return {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": address}


def user_evidence(name: str = "frank") -> Event:
    """Return a user as evidence of Microsoft Graph."""
    user = {"accountName": name, "domainName": "CORP", "userPrincipalName": f"{name}@corp.example"}
    return {"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": user}


def mail_evidence(sender: str, address: str, *urls: str) -> Event:
    """Return a message as evidence of Microsoft Graph."""
    return {
        "@odata.type": "#microsoft.graph.security.analyzedMessageEvidence",
        "networkMessageId": "b1b1b1b1-0000-4000-8000-000000000001",
        "p1Sender": {"emailAddress": f"bounce@{sender}", "domainName": sender},
        "p2Sender": {"emailAddress": f"billing@{sender}", "displayName": "Billing"},
        "senderIp": address,
        "recipientEmailAddress": "grace@corp.example",
        "subject": "Invoice",
        "urls": list(urls),
    }


def mail_alert(title: str, severity: str, *evidence: Event) -> Event:
    """Return an alert of Defender for Office 365."""
    return defender(title, severity, *evidence, service="microsoftDefenderForOffice365", category="InitialAccess")


def sign_in_alert(title: str, severity: str, address: str, user: str = "frank") -> Event:
    """Return a risk of Entra ID Protection as an alert of Microsoft Graph."""
    evidence = (user_evidence(user), address_evidence(address))
    return defender(title, severity, *evidence, service="azureAdIdentityProtection", category="CredentialAccess")


def sentinelone(classification: str, name: str, confidence: str, **threat: Any) -> Event:
    """Return a threat of SentinelOne."""
    return {
        "id": "1900000000000000001",
        "agentDetectionInfo": {
            "accountName": "Example",
            "agentIpV4": "10.20.30.60",
            "agentUuid": "d1e2f3a4d1e2f3a4d1e2f3a4d1e2f3a4",
            "externalIp": "203.0.113.12",
        },
        "agentRealtimeInfo": {"agentComputerName": "WS-0900", "agentId": "1800000000000000001"},
        "indicators": [],
        "mitigationStatus": [],
        "threatInfo": {
            "analystVerdict": "undefined",
            "classification": classification,
            "confidenceLevel": confidence,
            "createdAt": TIME,
            "identifiedAt": TIME,
            "incidentStatus": "unresolved",
            "filePath": f"\\Device\\HarddiskVolume3\\Users\\erin\\Downloads\\{name}",
            "mitigationStatus": "not_mitigated",
            "processUser": "CORP\\erin",
            "sha256": file_hash(name),
            "threatId": "1900000000000000001",
            "threatName": name,
            **threat,
        },
    }


def sentinelone_alert(name: str, classification: str, severity: str, file: str) -> Event:
    """Return an alert of SentinelOne's unified alerts."""
    facts = {"name": file, "path": f"\\Device\\HarddiskVolume3\\{file}", "sha256": file_hash(file)}
    return {
        "id": "01911119-abcd",
        "analystVerdict": "UNDEFINED",
        "analytics": {"category": "Behavior", "name": "Agent Policy", "typeValue": "BEHAVIORAL", "uid": None},
        "assets": [{"agentUuid": "eb65eb65eb65eb65eb65eb65eb65eb65", "id": "asset1", "name": "vm-win-1"}],
        "classification": classification,
        "confidenceLevel": "SUSPICIOUS",
        "createdAt": TIME,
        "detectedAt": TIME,
        "description": f"{name}.",
        "detectionSource": {"product": "EDR", "vendor": "SentinelOne"},
        "name": name,
        "process": {"cmdLine": None, "file": facts, "parentName": "explorer.exe"},
        "severity": severity,
        "status": "NEW",
        "updatedAt": TIME,
    }


def okta(
    event_type: str,
    message: str,
    severity: str = "INFO",
    *,
    result: str = "SUCCESS",
    reason: str | None = None,
    address: str = "198.51.100.61",
    actor: str = "carol@example.com",
    target: str | None = None,
    uuid: str = "9b1d6a10-1111",
    **debug: str,
) -> Event:
    """Return an event of Okta's System Log; `debug` is its debug data."""

    def person(name: str) -> Event:
        return {"id": f"00u{file_hash(name)[:8]}", "type": "User", "alternateId": name, "displayName": name}

    return {
        "uuid": uuid,
        "published": TIME,
        "eventType": event_type,
        "version": "0",
        "severity": severity,
        "legacyEventType": "x",
        "displayMessage": message,
        "actor": person(actor),
        "client": {"userAgent": {"rawUserAgent": "Mozilla/5.0"}, "ipAddress": address, "device": "Computer"},
        "outcome": {"result": result, "reason": reason},
        "target": [person(target)] if target else None,
        "transaction": {"type": "WEB", "id": "t1", "detail": {}},
        "debugContext": {"debugData": debug},
        "authenticationContext": {"externalSessionId": "e1"},
        "securityContext": {"isProxy": None},
        "request": {"ipChain": [{"ip": address, "version": "V4"}]},
    }


def proofpoint(classification: str, url: str, **fields: Any) -> Event:
    """Return an answer of Proofpoint TAP with one delivered message, for examples/formats/proofpoint.json."""
    message = {
        "GUID": "g-1",
        "messageTime": TIME,
        "sender": "pay@example.net",
        "senderIP": "198.51.100.30",
        "recipient": ["a.example@example.com"],
        "subject": "Invoice",
        "threatsInfoMap": [
            {
                "threatID": "t-1",
                "threat": url,
                "threatType": "URL",
                "classification": classification,
                "threatStatus": "active",
            }
        ],
        "messageParts": [],
        **fields,
    }
    return {"queryEndTime": TIME, "clicksPermitted": [], "messagesDelivered": [message]}


def abnormal(attack: str, *urls: str, remediation: str = "Not Remediated", **fields: Any) -> Event:
    """Return a threat of Abnormal, for examples/formats/abnormal.json."""
    return {
        "abxMessageId": -4898,
        "abxMessageIdStr": "-4898",
        "attackStrategy": "Unknown Sender",
        "attackType": attack,
        "attackVector": "Link" if urls else "Text",
        "fromAddress": "pay@example.net",
        "recipientAddress": "a.example@example.com",
        "toAddresses": ["a.example@example.com"],
        "receivedTime": TIME,
        "remediationStatus": remediation,
        "subject": "Your invoice",
        "threatId": "437dc979",
        "senderDomain": "example.net",
        "senderIpAddress": "198.51.100.20",
        "urls": list(urls),
        **fields,
    }


def record(event: Event) -> bytes:
    """Return an event as a record of the stream."""
    return json.dumps(event).encode()
