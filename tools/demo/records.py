"""The records that the demonstration puts on the stream, with addresses and names reserved for documentation."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

ACCOUNT = "111122223333"
REGION = "eu-west-1"
STORM_ALERTS = 500


def guardduty(domain: str = "update-check.example.net", instance: str = "i-0a1b2c3d4e5f60718") -> bytes:
    """Return a GuardDuty finding in its EventBridge envelope; with another domain, GuardDuty's update of it."""
    finding = "f6b1d9e0c3a24d0f9a5b7c8d9e0f1a2b"
    now = _now()
    detail = {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": finding,
        "arn": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/0123456789abcdef0123456789abcdef/finding/{finding}",
        "type": "Backdoor:EC2/C&CActivity.B!DNS",
        "title": f"EC2 instance {instance} is querying a domain name of a known command and control server.",
        "description": f"The EC2 instance {instance} is querying {domain}, a domain name associated with a "
        "known command and control server.",
        "severity": 8,
        "createdAt": now,
        "updatedAt": now,
        "resource": {
            "resourceType": "Instance",
            "instanceDetails": {
                "instanceId": instance,
                "instanceType": "c7g.large",
                "networkInterfaces": [
                    {"privateIpAddress": "10.0.3.17", "privateIpAddresses": [{"privateIpAddress": "10.0.3.17"}]}
                ],
            },
        },
        "service": {
            "serviceName": "guardduty",
            "action": {
                "actionType": "DNS_REQUEST",
                "dnsRequestAction": {"domain": domain, "protocol": "UDP", "blocked": False},
            },
            "resourceRole": "TARGET",
            "eventFirstSeen": now,
            "eventLastSeen": now,
            "archived": False,
            "count": 12,
        },
    }
    return _event("aws.guardduty", "GuardDuty Finding", detail)


def security_hub() -> bytes:
    """Return a Security Hub event with two findings: an internal port scan and a public bucket."""
    scan = _finding(
        "recon/port-scan",
        "Internal port scan",
        "10.0.9.80 probed 41 ports of 10.0.3.17.",
        {
            "Network": {
                "Direction": "OUT",
                "Protocol": "TCP",
                "SourceIpV4": "10.0.9.80",
                "DestinationIpV4": "10.0.3.17",
                "DestinationPort": 22,
            }
        },
    )
    bucket = _finding("s3/public-read", "S3 bucket allows public read access", "Anyone can read the bucket.", {})
    return _event("aws.securityhub", "Security Hub Findings - Imported", {"findings": [scan, bucket]})


def ocsf() -> bytes:
    """Return an OCSF Detection Finding with a domain for which the threat feed fails."""
    return _json(
        {
            "class_uid": 2004,
            "category_uid": 2,
            "activity_id": 1,
            "type_uid": 200401,
            "time": int(datetime.now(UTC).timestamp() * 1000),
            "severity_id": 3,
            "severity": "Medium",
            "message": "A mail with a suspicious link was opened",
            "metadata": {"version": "1.4.0", "product": {"name": "Example Mail Security", "vendor_name": "Example"}},
            "finding_info": {
                "uid": "mail-4711",
                "title": "A mail with a suspicious link was opened",
                "types": ["Phishing"],
            },
            "observables": [
                {"name": "link.host", "type_id": 1, "type": "Hostname", "value": "feed-outage.example.org"},
            ],
        }
    )


def native() -> bytes:
    """Return an alert in the native format whose author tries to write control characters to the reader's screen."""
    return _json(
        {
            "detector": "edr",
            "rule_id": "suspicious-process",
            "rule_name": "Suspicious process \u001b[2J\u001b[31m[bold]all is well[/bold]",
            "alert_key": "laptop-42",
            "description": "curl | sh by [link=https://evil.example]alice[/link]\u202egnp.exe",
            "timestamp": _now(),
            "attributes": [
                {"type": "ipaddr", "key": "peer", "value": "198.51.100.23", "context": ["remote"]},
                {"type": "username", "key": "user", "value": "alice", "context": ["subject"]},
            ],
        }
    )


def storm() -> list[bytes]:
    """Return 500 alerts with the same rule and key."""
    return [
        _json(
            {
                "detector": "vpn",
                "rule_id": "failed-logins",
                "rule_name": "Many failed logins",
                "alert_key": "gateway-1",
                "description": f"Failed login {number + 1} at gateway-1",
                "timestamp": _now(),
                "attributes": [{"type": "ipaddr", "key": "client", "value": "192.0.2.53", "context": ["remote"]}],
            }
        )
        for number in range(STORM_ALERTS)
    ]


def malformed() -> list[bytes]:
    """Return records that cannot be parsed: not JSON, an unknown format, an alert without a rule, truncated JSON."""
    return [
        b"\x80\x04 this is not JSON",
        _json({"hello": "world"}),
        _json({"detector": "edr", "alert_key": "laptop-42", "rule_id": None, "attributes": "none"}),
        native()[:80],
    ]


def _finding(generator: str, title: str, description: str, more: dict[str, Any]) -> dict[str, Any]:
    now = _now()
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"example/{generator}/1",
        "ProductArn": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default",
        "GeneratorId": f"example/{generator}",
        "AwsAccountId": ACCOUNT,
        "Types": ["Unusual Behaviors/Network Flow"],
        "CreatedAt": now,
        "UpdatedAt": now,
        "Severity": {"Label": "MEDIUM"},
        "Title": title,
        "Description": description,
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{ACCOUNT}", "Partition": "aws", "Region": REGION}],
        **more,
    }


def _event(source: str, kind: str, detail: dict[str, Any]) -> bytes:
    return _json(
        {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": kind,
            "source": source,
            "account": ACCOUNT,
            "time": _now(),
            "region": REGION,
            "resources": [],
            "detail": detail,
        }
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()
