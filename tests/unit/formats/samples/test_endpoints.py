"""What an analyst reads in events of endpoint and cloud-security products, after those of tests/events/samples."""

import json
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.domain.attributes import canonical, unite
from alert_responder.formats import parse_record

SAMPLES = Path(__file__).parents[3] / "events" / "samples"
MD5, SHA1 = "900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d"
SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
PARENT = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


def read(document: Any) -> list[Alert]:
    parsed, rejected = parse_record(json.dumps(document).encode())
    assert not rejected
    return [each.alert for each in parsed]


def alerts(name: str) -> list[Alert]:
    return read(json.loads((SAMPLES / f"{name}.json").read_bytes()))


def found(alert: Alert) -> dict[tuple[str, str | None], str]:
    """Return the contexts of each attribute by its type and canonical value; all are valid."""
    return {(each.type, canonical(each)): " ".join(each.context) for each in unite(alert.attributes)}


def heads(name: str) -> list[tuple[Any, ...]]:
    return [
        (each.rule_id, each.alert_key, each.rule_name, each.severity, each.status, each.finding_id)
        for each in alerts(name)
    ]


# The rule, the key, the title, the severity, the status and the id of the finding.
HEADS: dict[str, list[tuple[Any, ...]]] = {
    "crowdstrike_cloud_alert": [
        ("211", "c1/111122223333/bob", "Security group opened to the internet", "High", "active", "c1:fcs:ioa-211:e1")
    ],
    "crowdstrike_cloud_page": [
        ("211", "c0ffee12/111122223333/bob", "Group opened", "High", "active", "c0ffee12:fcs:ioa-211:e-2"),
        ("300", "c0ffee12/111122223333/bob", "Logging stopped", "High", "active", "c0ffee12:fcs:ioa-300:e-3"),
        ("211", "c0ffee12/999988887777/bob", "Group opened", "High", "resolved", "c0ffee12:fcs:ioa-211:e-4"),
        (
            "Another",
            "c0ffee12/5a6b-sub/c0ffee12:fcs:ioa-211:e-5",
            "Another",
            "30",
            "active",
            "c0ffee12:fcs:ioa-211:e-5",
        ),
    ],
    "crowdstrike_epp_alert": [
        ("5761", "c0ffee12/2ce412d1", "PUP-Lowest", "30", "resolved", "c0ffee12:ind:2ce412d1:1-5761-4")
    ],
    "crowdstrike_mobile": [
        ("41124", "c0ffee12/85ae85ae", "DomainHigh", "70", "active", "c0ffee12:ind:85ae85ae:41124|2")
    ],
    "crowdstrike_replicated_cloud": [
        ("249", "c0ffee12/111122223333/build", "Instance deleted by a user", None, "active", "249:c7c1:ioa")
    ],
    "microsoft_defender_url": [("d-1", "77", "Connection to a malicious site", "high", "resolved", "da1")],
    "microsoft_endpoint_resolved": [
        ("Malware was found", "tenant-2/12", "Malware was found", "Low", "resolved", "da6_-1")
    ],
    "microsoft_graph_evidence": [("e0da-1", "tenant-1/28282", "Hidden file was started", "low", "active", "da9_-1")],
    "microsoft_security_alert_dismissed": [
        ("ARM_Odd", "/subscriptions/sub-1/vm-1", "Sign-in from an odd address", "Medium", "resolved", "2517_c")
    ],
    "microsoft_sentinel_alert_entity": [("myAlert", "abc-1", "My alert", "Low", "active", "abc-1")],
    "microsoft_streamed_mail": [
        ("Microsoft Defender for Office 365", "tenant-1/a-2", "A link was clicked", "High", "active", "a-2")
    ],
    "microsoft_streamed_process": [
        ("Microsoft Defender for Endpoint", "tenant-1/da8_1", "Odd process", "Low", "active", "da8_1")
    ],
    "sentinelone_custom_rules": [
        ("4001", "0a0b0c0d0e0f", "Office starts a shell", "CRITICAL", "active", "3001"),
        ("4002", "0a0b0c0d0e0f", "Shadow copies deleted", "CRITICAL", "active", "3002"),
    ],
    "sentinelone_identity": [
        (
            "ADSecure-DC: Copy of the directory",
            "1231231231",
            "Copy of the directory",
            "MALICIOUS",
            "active",
            "19b5-1",
        )
    ],
    "sentinelone_lower_case": [("12345", "2001", "A rule", "CRITICAL", "active", "1570")],
    "sentinelone_rule_activity": [
        (
            "1250000000000000007",
            "058f058f058f058f",
            "Policy of scripts changed",
            "MEDIUM",
            "active",
            "1290000000000000001",
        )
    ],
    "sentinelone_rule_alert": [
        (
            "1412000000000000001",
            "0efd0efd0efd0efd",
            "Connection of a shell",
            "Critical",
            "resolved",
            "1985000000000000001",
        )
    ],
    "sentinelone_threat_activities": [
        ("Malware", "2001", "Malware: a.lnk", "suspicious", "active", "9001"),
        ("Malware", "2001", "Malware: a.lnk", None, "active", "9001"),
    ],
    "sentinelone_threat_kubernetes": [("Malware", "2005/7777aaaa", "Malware: php1", "malicious", "resolved", "9005")],
    "sentinelone_unified_answer": [
        ("Agent Policy: MALWARE", "u-9", "x.txt detected as Malware", "CRITICAL", "active", "0191-3")
    ],
    "sentinelone_unified_of_api": [
        (
            "On-Write: RANSOMWARE: Malicious activity detected",
            "u-7",
            "Malicious activity detected",
            "CRITICAL",
            "active",
            "a1",
        )
    ],
    "sentinelone_unified_page": [
        (
            "On-Write: RANSOMWARE: Malicious activity detected",
            "as1",
            "Malicious activity detected",
            "CRITICAL",
            "active",
            "0191-1",
        ),
        ("On-Write: RANSOMWARE", "as1", "test.exe detected as Ransomware", "CRITICAL", "resolved", "0191-2"),
    ],
    "wazuh_cloudtrail": [
        (
            "80202",
            "wazuh-1/Wazuh-AWS/111122223333/CreateUser/arn:aws:iam::111122223333:role/deploy",
            "AWS Cloudtrail: iam.amazonaws.com - CreateUser.",
            "3",
            "active",
            "",
        )
    ],
    "wazuh_graph": [("99509", "wazuh-1/ms-graph/tenant-1/det-1/5", "MS Graph message", "12", "resolved", "")],
    "wazuh_guardduty": [
        (
            "80301",
            f"wazuh-1/Wazuh-AWS/{account}/{kind}/i-0123456789abcdef0",
            "AWS GuardDuty: PORT_PROBE",
            "3",
            "active",
            "",
        )
        for account, kind in (
            ("111122223333", "Recon:EC2/PortProbeUnprotectedPort"),
            ("444455556666", "Recon:EC2/PortProbeUnprotectedPort"),
            ("111122223333", "UnauthorizedAccess:EC2/SSHBruteForce"),
        )
    ],
    "wazuh_office365": [
        ("91545", "wazuh-1/office365/org-1/UserLoggedIn/bob@example.com", "Office 365: a sign-in", "3", "active", "")
    ],
    "wazuh_syslog_of_firewall": [
        ("4151", f"wazuh-1/fw-1/10.0.0.{sender}", "Many connections are refused", "10", "active", "")
        for sender in (1, 2)
    ],
    "wazuh_sysmon_connection": [
        ("92000", "manager/004/PC-8", "Sysmon: connection by a program in a user's folder", "12", "active", "")
    ],
    "wazuh_sysmon_inbound": [("92100", "wazuh-1/004/PC-8", "A connection came in", "10", "active", "")],
    "wazuh_sysmon_process": [("92031", "wazuh-1/004/PC-8", "A program was started", "6", "active", "")],
    "wazuh_virustotal": [
        (
            "87105",
            "wazuh-1/004/PC-8",
            "VirusTotal: Alert - c:\\users\\bob\\a.txt - 64 engines detected this file",
            "12",
            "active",
            "",
        )
    ],
    "wazuh_windows_sign_in": [("60122", "wazuh-1/004/PC-8", "Sign-in failed", "5", "active", "")],
    "wiz_configuration_findings": [
        ("73-1", "sub-1/k8s/pod/da99/default/p", "Pod should have no capabilities", "LOW", "active", "f-1"),
        (
            "56-1",
            "111122223333/arn:aws:iam::111122223333:root",
            "Root keys should not exist",
            "MEDIUM",
            "resolved",
            "f-2",
        ),
    ],
    "wiz_detection_of_user": [("rule-4", "111122223333/orders", "Odd access to a database", "HIGH", "active", "det-1")],
    "wiz_issue_rejected": [("sr-1", "iss-1", "Exposed endpoint", "HIGH", "resolved", "iss-1")],
    "wiz_issue_resolved": [("cer-1", "sub-1/e318", "A port is probed", "LOW", "resolved", "e318")],
}

# Attributes of the first alert, with their contexts: those that an analyst looks for.
FOUND: dict[str, dict[tuple[str, str], str]] = {
    "crowdstrike_cloud_alert": {
        ("ipaddr", "198.51.100.7"): "client",
        ("accesskey", "AKIAIOSFODNN7EXAMPLE"): "subject",
        ("account", "111122223333"): "local",
        ("resource", "sg-0a1b2c3d4e5f60718"): "local object",
        ("region", "eu-west-1"): "local",
        ("username", "bob"): "subject",
    },
    "crowdstrike_epp_alert": {
        ("hostname", "PC-9"): "local",
        ("device", "2ce412d1"): "local",
        ("filehashvalue", SHA256): "additional file",
        ("filehashvalue", PARENT): "additional file",
    },
    "crowdstrike_mobile": {
        ("email", "bob@example.com"): "subject",
        ("ipaddr", "198.51.100.4"): "server",
        ("url", "https://c2.example.net/i"): "server",
    },
    "crowdstrike_replicated_cloud": {
        ("ipaddr", "198.51.100.20"): "client",
        ("accesskey", "AKIAIOSFODNN7EXAMPLE"): "subject",
        ("arn", "arn:aws:iam::111122223333:user/services/build"): "subject",
        ("instance", "i-0123456789abcdef0"): "local object",
        ("account", "111122223333"): "local",
    },
    "microsoft_defender_url": {
        ("domain", "c2.example.net"): "additional",
        ("ipaddr", "10.0.0.9"): "additional",
        ("ipaddr", "10.0.0.7"): "local",
        ("device", "73e7e2de709dff64ef64b1d0c30e67fab63279db"): "local",
        ("filehashvalue", SHA256): "file",
        ("filepath", "C:\\Users\\alice\\m.exe"): "file local",
    },
    "microsoft_endpoint_resolved": {
        ("domain", "c2.example.net"): "additional",
        ("filepath", "C:\\Windows\\Temp\\x\\SB.xsl"): "file local",
    },
    "microsoft_graph_evidence": {
        ("device", "73e773e7"): "local",
        ("filepath", "/opt/x/m"): "file local",
        ("filepath", "C:\\Program Files\\temp\\p.exe"): "file local",
        ("registry", "HKEY_LOCAL_MACHINE\\SYSTEM\\CONTROL\\WMI"): "local object",
        ("project", "sub-1"): "local",
    },
    "microsoft_security_alert_dismissed": {
        ("ipaddr", "198.51.100.142"): "additional",
        ("pod", "pod-1"): "local",
        ("project", "gcp-1"): "local",
        ("filehashvalue", MD5): "file",
        ("url", "https://store.example.net/Sample.txt"): "additional",
    },
    "microsoft_streamed_mail": {
        ("email", "bob@example.com"): "object",
        ("email", "bounce@mail.example.net"): "subject",
        ("ipaddr", "198.51.100.25"): "client",
        ("url", "https://c2.example.net/a"): "additional",
        ("domain", "c2.example.net"): "additional",
    },
    "microsoft_streamed_process": {
        ("hostname", "pc-8"): "local",
        ("device", "44d444d4"): "local",
        ("username", "bob"): "subject",
        ("filehashvalue", MD5): "file",
    },
    "sentinelone_custom_rules": {
        ("hostname", "PC-7"): "local",
        ("ipaddr", "198.51.100.27"): "server",
        ("domain", "c2.example.net"): "server",
        ("filehashvalue", SHA256): "file",
        ("filehashvalue", SHA1): "file",
        ("username", "EXAMPLE\\alice"): "local subject",
    },
    "sentinelone_identity": {
        ("ipaddr", "198.51.100.40"): "client",
        ("ipaddr", "10.0.0.2"): "server",
        ("username", "mallory"): "subject",
    },
    "sentinelone_lower_case": {("ipaddr", "10.0.0.4"): "local", ("filehashvalue", SHA1): "file"},
    "sentinelone_rule_activity": {
        ("hostname", "LAP-4075"): "local",
        ("username", "EXAMPLE\\bob"): "local subject",
        ("filehashvalue", SHA256): "file",
        ("filehashvalue", PARENT): "additional file",
    },
    "sentinelone_rule_alert": {
        # The outgoing connection's source is the host, although its address is public.
        ("ipaddr", "203.0.113.9"): "client local",
        ("ipaddr", "198.51.100.27"): "additional server",
        ("registry", "HKLM\\Software\\Run"): "local object",
        ("filepath", "C:\\Windows\\System32\\conhost.exe"): "file local object",
    },
    "sentinelone_threat_kubernetes": {
        ("account", "111122223333"): "local",
        ("container", "7777aaaa"): "local",
        ("ipaddr", "203.0.113.5"): "local",
    },
    "sentinelone_unified_of_api": {
        ("hostname", "PC-7"): "local",
        ("device", "u-7"): "local",
        ("ipaddr", "10.0.0.7"): "local",
        ("instance", "i-0123456789abcdef0"): "local",
        ("account", "111122223333"): "local",
        ("filehashvalue", SHA256): "file",
    },
    "sentinelone_unified_page": {("project", "my-project"): "local", ("filehashvalue", MD5): "file"},
    "wazuh_cloudtrail": {
        ("account", "111122223333"): "local",
        ("accesskey", "ASIAIOSFODNN7EXAMPLE"): "subject",
        ("arn", "arn:aws:iam::111122223333:role/deploy"): "subject",
        ("ipaddr", "198.51.100.15"): "client",
    },
    "wazuh_graph": {("ipaddr", "198.51.100.17"): "additional client", ("email", "bob@example.com"): "subject"},
    "wazuh_guardduty": {
        ("ipaddr", "198.51.100.14"): "remote",
        ("ipaddr", "203.0.113.7"): "local",
        ("instance", "i-0123456789abcdef0"): "local object",
        ("account", "111122223333"): "local",
        ("region", "us-east-1"): "local",
    },
    "wazuh_office365": {("email", "bob@example.com"): "subject", ("ipaddr", "198.51.100.16"): "client"},
    "wazuh_syslog_of_firewall": {("ipaddr", "198.51.100.18"): "client", ("ipaddr", "203.0.113.18"): "server"},
    "wazuh_sysmon_connection": {
        ("filehashvalue", MD5): "file",
        ("filehashvalue", SHA1): "file",
        ("filehashvalue", SHA256): "file",
        ("ipaddr", "10.0.0.8"): "client",
        ("ipaddr", "198.51.100.27"): "server",
        ("domain", "c2.example.net"): "server",
        ("username", "CORP\\alice"): "subject",
        ("filepath", "C:\\Users\\alice\\x.exe"): "file",
    },
    "wazuh_sysmon_inbound": {("ipaddr", "198.51.100.60"): "client", ("ipaddr", "203.0.113.60"): "local server"},
    "wazuh_sysmon_process": {
        ("username", "EXAMPLE\\bob"): "subject",
        ("filepath", "C:\\Program Files\\a.exe"): "file",
        ("filepath", "C:\\Windows\\explorer.exe"): "additional file",
        ("filehashvalue", SHA256): "file",
    },
    "wazuh_virustotal": {("filehashvalue", SHA1): "file", ("filepath", "c:\\users\\bob\\a.txt"): "file local"},
    "wazuh_windows_sign_in": {
        ("ipaddr", "198.51.100.61"): "client",
        ("hostname", "PC-77"): "client",
        ("username", "alice"): "object",
    },
    "wiz_configuration_findings": {("project", "sub-1"): "local"},
    "wiz_detection_of_user": {
        ("username", "mallory"): "subject",
        ("arn", "arn:aws:iam::111122223333:user/mallory"): "subject",
        ("arn", "arn:aws:rds:us-east-1:111122223333:db:orders"): "local object",
        ("account", "111122223333"): "local",
    },
    "wiz_issue_rejected": {("url", "https://www.example.org/"): "local object"},
    "wiz_issue_resolved": {("project", "sub-1"): "local"},
}

# What must not be read from any alert of the event.
ABSENT = {
    "crowdstrike_cloud_alert": ["production"],
    "crowdstrike_epp_alert": ["N/A", "0" * 40],
    "sentinelone_custom_rules": ["author-of-the-rule"],
    "sentinelone_rule_activity": ["author", "77"],
    "sentinelone_threat_activities": ["analyst"],
    "wazuh_cloudtrail": ["wazuh-1"],
    "wazuh_guardduty": ["wazuh-1"],
    "wazuh_sysmon_connection": ["any"],
    "wazuh_sysmon_inbound": ["-"],
    "wazuh_sysmon_process": ["0cc175b9c0f1b6a831c399e269772661"],
    "wazuh_windows_sign_in": ["-"],
}


@pytest.mark.parametrize("name", HEADS)
def test_rule_key_title_severity_status_and_finding(name: str) -> None:
    assert heads(name) == HEADS[name]


@pytest.mark.parametrize("name", FOUND)
def test_attributes_and_their_contexts(name: str) -> None:
    attributes = found(alerts(name)[0])
    assert {key: attributes.get(key) for key in FOUND[name]} == FOUND[name]


@pytest.mark.parametrize("name", HEADS)
def test_all_attributes_are_valid(name: str) -> None:
    for alert in alerts(name):
        assert not [each for each in alert.attributes if canonical(each) is None]


@pytest.mark.parametrize("name", ABSENT)
def test_placeholders_authors_and_names_of_accounts_are_not_attributes(name: str) -> None:
    values = [each.value for alert in alerts(name) for each in alert.attributes]
    assert not {*ABSENT[name]} & {*values}
    assert MD5 not in ABSENT[name]


def test_nothing_is_remote_unless_the_event_states_it() -> None:
    for name in HEADS.keys() - {"wazuh_guardduty"}:
        assert not [each for alert in alerts(name) for each in alert.attributes if "remote" in each.context], name


def test_a_threat_and_its_activities_are_one_incident() -> None:
    (threat,) = alerts("sentinelone_threat_kubernetes")
    (activity, _) = alerts("sentinelone_threat_activities")
    threat_of_host = {
        "threatInfo": {"threatId": "9001", "classification": "Malware", "incidentStatus": "in_progress"},
        "agentRealtimeInfo": {"agentId": "2001", "agentUuid": "u"},
    }
    (same,) = read(threat_of_host)
    assert (same.rule_id, same.alert_key, same.finding_id) == (
        activity.rule_id,
        activity.alert_key,
        activity.finding_id,
    )
    assert same.alert_key != threat.alert_key


def test_a_rule_s_alert_and_its_activity_are_one_incident() -> None:
    (activity,) = alerts("sentinelone_rule_activity")
    (alert,) = read(
        {
            "ruleInfo": {"id": "1250000000000000007", "name": "Policy of scripts changed"},
            "alertInfo": {"alertId": "1290000000000000001", "incidentStatus": "Unresolved"},
            "agentDetectionInfo": {"uuid": "058f058f058f058f"},
        }
    )
    assert (alert.rule_id, alert.alert_key, alert.finding_id) == (
        activity.rule_id,
        activity.alert_key,
        activity.finding_id,
    )


@pytest.mark.parametrize(("field", "value"), [("namespace", "b"), ("pod", "p-2"), ("cluster", "c-2")])
def test_pods_of_one_node_are_separate_incidents(field: str, value: str) -> None:
    pod = {"cluster": "c", "namespace": "a", "pod": "p"}
    threat = {"threatInfo": {"threatId": "1", "classification": "Malware"}, "agentRealtimeInfo": {"agentId": "2"}}
    keys = {read({**threat, "kubernetesInfo": info})[0].alert_key for info in (pod, {**pod, field: value})}
    assert len(keys) == 2


def test_evidence_of_graph_in_one_object_is_read() -> None:
    (document,) = [json.loads((SAMPLES / "microsoft_defender_url.json").read_bytes())]
    (alert,) = read({**document, "evidence": document["evidence"][1]})
    assert found(alert) == {("domain", "c2.example.net"): "additional"}


EVIDENCE: list[tuple[dict[str, Any], dict[tuple[str, str], str]]] = [
    ({"ipAddress": "198.51.100.1", "roles": ["commandAndControl"]}, {("ipaddr", "198.51.100.1"): "additional server"}),
    (
        {"sourceAddress": {"ipAddress": "10.0.0.1"}, "destinationAddress": {"ipAddress": "198.51.100.1"}},
        {("ipaddr", "10.0.0.1"): "client", ("ipaddr", "198.51.100.1"): "server"},
    ),
    (
        {"domainName": "c2.example.net", "ipAddresses": [{"ipAddress": "198.51.100.1"}]},
        {("domain", "c2.example.net"): "additional", ("ipaddr", "198.51.100.1"): "additional"},
    ),
    ({"algorithm": "sha256", "value": SHA256}, {("filehashvalue", SHA256): "file"}),
    (
        {"name": "malware", "files": [{"fileDetails": {"sha1": SHA1, "fileName": "f", "filePath": "/tmp"}}]},
        {("filehashvalue", SHA1): "file", ("filepath", "/tmp/f"): "file local"},
    ),
    ({"name": "blob", "fileHashes": [{"algorithm": "md5", "value": MD5}]}, {("filehashvalue", MD5): "file"}),
    ({"registryKey": "K", "registryHive": "HKLM", "registryValue": "v"}, {("registry", "HKLM\\K"): "local object"}),
    (
        {"primaryAddress": "bob@example.com", "userAccount": {"accountName": "bob"}},
        {("email", "bob@example.com"): "local object"},
    ),
    (
        {"appId": "app-1", "displayName": "Reader"},
        {("application", "app-1"): "object", ("application", "Reader"): "object"},
    ),
    ({"resourceId": "/subscriptions/s/x"}, {("resource", "/subscriptions/s/x"): "local object"}),
    (
        {"projectId": "p-1", "fullResourceName": "//compute/x"},
        {("project", "p-1"): "local", ("resource", "//compute/x"): "local object"},
    ),
    (
        {"amazonAccountId": "111122223333", "amazonResourceId": "arn:aws:s3:::b"},
        {("account", "111122223333"): "local", ("arn", "arn:aws:s3:::b"): "local object"},
    ),
    (
        {"containerId": "c-1", "image": {"imageId": "app:1"}, "pod": {"name": "p-1"}},
        {("container", "c-1"): "local object", ("image", "app:1"): "local object", ("pod", "p-1"): "local object"},
    ),
    (
        {
            "name": "p-2",
            "namespace": {"name": "n"},
            "serviceAccount": {"name": "s"},
            "podIp": {"ipAddress": "10.0.0.3"},
        },
        {("pod", "p-2"): "local object", ("ipaddr", "10.0.0.3"): "local"},
    ),
    (
        {"name": "k", "cloudResource": {"resourceId": "/subscriptions/s/k"}},
        {("resource", "k"): "local object", ("resource", "/subscriptions/s/k"): "local object"},
    ),
    ({"account": {"userAccount": {"accountName": "bob"}}}, {("username", "bob"): "subject"}),
    (
        {
            "recipientEmailAddress": "bob@example.com",
            "senderIp": "198.51.100.2",
            "p2Sender": {"emailAddress": "x@example.net"},
        },
        {
            ("email", "bob@example.com"): "object",
            ("ipaddr", "198.51.100.2"): "client",
            ("email", "x@example.net"): "subject",
        },
    ),
]


@pytest.mark.parametrize(("evidence", "expected"), EVIDENCE)
def test_each_kind_of_evidence_of_graph(evidence: dict[str, Any], expected: dict[tuple[str, str], str]) -> None:
    alert = {
        "title": "t",
        "severity": "low",
        "serviceSource": "s",
        "detectorId": "d",
        "id": "1",
        "providerAlertId": "1",
    }
    assert found(read({**alert, "evidence": [evidence]})[0]) == expected
    incident = {"displayName": "t", "severity": "low", "createdDateTime": "x", "incidentWebUrl": "u", "id": "1"}
    for within in ([{"evidence": evidence}], {"evidence": [evidence]}):
        assert found(read({**incident, "alerts": within})[0]) == expected


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("new", "active"),
        ("inProgress", "active"),
        ("resolved", "resolved"),
        ("unknownFutureValue", "active"),
        (7, "active"),
    ],
)
def test_the_status_of_a_graph_alert(word: Any, status: str) -> None:
    alert = {"title": "t", "severity": "low", "serviceSource": "s", "detectorId": "d", "evidence": [{}], "status": word}
    assert read(alert)[0].status == status


def test_incidents_of_tenants_are_separate() -> None:
    alert = {
        "title": "t",
        "severity": "low",
        "serviceSource": "s",
        "detectorId": "d",
        "evidence": [{}],
        "incidentId": 7,
    }
    endpoint = {
        "title": "t",
        "severity": "low",
        "machineId": "m",
        "alertCreationTime": "x",
        "incidentId": "7",
        "detectorId": "d",
    }
    keys = [read({**alert, "tenantId": tenant})[0].alert_key for tenant in ("a", "b")]
    assert keys == ["a/7", "b/7"]
    assert read({**endpoint, "aadTenantId": "a"})[0].alert_key == "a/7"


def test_customers_of_crowdstrike_and_domains_are_separate() -> None:
    alert = {"composite_id": "c:ind:1", "pattern_id": 1, "product": "idp", "source_account_name": "bob"}
    keys = {
        read({**alert, "cid": cid, "source_account_domain": domain})[0].alert_key
        for cid in ("c1", "c2")
        for domain in ("A", "B")
    }
    assert keys == {"c1/bob/A", "c1/bob/B", "c2/bob/A", "c2/bob/B"}


@pytest.mark.parametrize(
    ("direction", "context"),
    [(0, "server"), ("Outbound", "server"), (None, "server"), (1, "client"), ("1", "client"), ("Inbound", "client")],
)
def test_the_role_of_a_connection_is_that_of_who_opened_it(direction: int | str | None, context: str) -> None:
    access = {"remote_address": "198.51.100.1", "local_address": "203.0.113.1", "connection_direction": direction}
    alert = {"composite_id": "c:ind:1", "pattern_id": 1, "product": "epp", "network_accesses": [access]}
    assert found(read(alert)[0]) == {("ipaddr", "198.51.100.1"): context, ("ipaddr", "203.0.113.1"): "local"}


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"agent": {"id": "001", "name": "a"}}, "m/001/a"),
        ({"agent": {"id": "001", "name": "a"}, "cluster": {"name": "c"}}, "c/001/a"),
        ({"agent": {"id": "001", "name": "a"}, "predecoder": {"hostname": "a"}}, "m/001/a"),
        ({"agent": {"id": "001", "name": "a"}, "predecoder": {"hostname": "fw"}}, "m/001/a/fw"),
        ({"agent": {"id": "000", "name": "m"}, "predecoder": {"hostname": "m"}}, "m//var/log/x"),
        (
            {"agent": {"id": "000", "name": "m"}, "data": {"vulnerability": {"cve": "CVE-2026-1"}}},
            "m//var/log/x/CVE-2026-1",
        ),
        ({"agent": {"id": "001", "name": "a"}, "data": {"alert": {"signature": "ET x"}}}, "m/001/a/ET x"),
    ],
)
def test_the_key_of_wazuh_is_the_agent_or_what_the_manager_reports_on(more: dict[str, Any], key: str) -> None:
    alert = {"rule": {"id": "1", "level": 3}, "manager": {"name": "m"}, "location": "/var/log/x", **more}
    assert read(alert)[0].alert_key == key


def test_data_of_wazuh_does_not_resolve_an_alert() -> None:
    alert = {
        "rule": {"id": "1", "level": 3},
        "agent": {"id": "001"},
        "location": "x",
        "status": "resolved",
        "data": {"status": "resolved"},
    }
    assert read(alert)[0].status == "active"


@pytest.mark.parametrize("caller", ["ec2.amazonaws.com", "AWS Internal", None])
def test_a_service_of_aws_in_wazuh_is_not_an_address(caller: str | None) -> None:
    alert = {
        "rule": {"id": "1", "level": 3},
        "agent": {"id": "000"},
        "location": "x",
        "data": {"aws": {"sourceIPAddress": caller}},
    }
    assert found(read(alert)[0]) == {}


@pytest.mark.parametrize(
    "page",
    [
        {"data": {"issues": {"nodes": [{"a": 1}, 2], "pageInfo": {}}}},
        {"data": {"issues": {"edges": [{"node": {"a": 1}}, {"cursor": "c"}]}}, "errors": None},
    ],
)
def test_pages_of_graphql_are_opened(page: dict[str, Any]) -> None:
    parsed, rejected = parse_record(json.dumps(page).encode())
    assert not parsed
    assert [reject.position for reject in rejected] == [0, 1]
    assert "first fields: 'a'" in rejected[0].reason or '"a"' in rejected[0].reason
    assert "must be an object" in rejected[1].reason


@pytest.mark.parametrize(
    "page", [{"data": {"issues": {"nodes": []}}}, {"data": {"issues": 5}}, {"data": {}, "kind": "x"}]
)
def test_other_documents_with_data_are_not_pages(page: dict[str, Any]) -> None:
    _, (reject,) = parse_record(json.dumps(page).encode())
    assert "first fields" in reject.reason


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        # The packet of an alert may go in the other direction than its flow.
        (
            {
                "src_ip": "198.51.100.2",
                "dest_ip": "10.0.0.2",
                "flow": {"src_ip": "10.0.0.2", "dest_ip": "198.51.100.2"},
            },
            {("ipaddr", "10.0.0.2"): "client", ("ipaddr", "198.51.100.2"): "server"},
        ),
        (
            {
                "aws": {
                    "requestParameters": {
                        "groupId": "sg-0a1b2c3d4e5f60718",
                        "userName": "bob",
                        "force": False,
                        "x": "y",
                    }
                }
            },
            {("resource", "sg-0a1b2c3d4e5f60718"): "object", ("username", "bob"): "object"},
        ),
        (
            {"aws": {"service": {"action": {"awsApiCallAction": {"remoteIpDetails": {"ipAddressV6": "2001:db8::7"}}}}}},
            {("ipaddr", "2001:db8::7"): "remote"},
        ),
        (
            {"docker": {"Actor": {"ID": "c-1", "Attributes": {"image": "app"}}}},
            {("container", "c-1"): "local", ("image", "app"): "local"},
        ),
        (
            {"srcuser": "mallory", "dstuser": "root"},
            {("username", "mallory"): "subject", ("username", "root"): "object"},
        ),
        (
            {"win": {"eventdata": {"initiated": "true", "sourceIp": "203.0.113.1", "destinationIp": "198.51.100.1"}}},
            {("ipaddr", "203.0.113.1"): "client local", ("ipaddr", "198.51.100.1"): "server"},
        ),
        (
            {"win": {"eventdata": {"queryName": "c2.example.net", "user": "A\\\\b", "targetFilename": "\\\\srv\\x"}}},
            {
                ("domain", "c2.example.net"): "server",
                ("username", "A\\b"): "subject",
                ("filepath", "\\\\srv\\x"): "file object",
            },
        ),
    ],
)
def test_data_of_wazuh(data: dict[str, Any], expected: dict[tuple[str, str], str]) -> None:
    alert = {"rule": {"id": "1", "level": 3}, "agent": {"id": "000"}, "location": "x", "data": data}
    assert found(read(alert)[0]) == expected


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("NEW", "active"),
        ("IN_PROGRESS", "active"),
        ("AUTO_RESOLVED", "resolved"),
        ("DISMISS", "resolved"),
        ("closed", "resolved"),
    ],
)
def test_the_state_of_an_incident_of_crowdstrike(state: str, status: str) -> None:
    event = {"IncidentType": "A", "IdentityProtectionIncidentId": "INC-1", "State": state}
    (alert,) = read({"metadata": {"eventType": "IdentityProtectionEvent", "customerIDString": "c"}, "event": event})
    assert alert.status == status
