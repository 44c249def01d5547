"""Findings of AWS services and in OCSF, with the shape of public samples: key, status, id, description, attributes."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.domain.body_details import extract_details
from alert_responder.formats import parse_record

EVENTS = Path(__file__).parents[3] / "events" / "samples"

TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit"
IMAGE = "arn:aws:ecr:eu-west-1:111122223333:repository/shop/sha256:" + "e9e2" * 16
CONTROL = "arn:aws:securityhub:eu-west-1:111122223333:security-control"
OLD_CONTROL = "arn:aws:securityhub:eu-west-1:111122223333:subscription"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
GROUP = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0daf160f08dfed499"
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/e4dc1386-8b4b-402c-9fed-03269ee10006"
RISK = "arn:aws:securityhub:eu-west-1:111122223333:risk:" + "12f7" * 16
LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function:shop"
OURS = "account 111122223333 (local)"


class Wanted(NamedTuple):
    """What an analyst needs of an alert. Attributes are those that it must have, with all contexts."""

    detector: str
    rule: str
    key: str
    severity: str
    status: str
    finding_id: str
    description: str
    attributes: set[str]
    occurrences: int | None = None


def of(name: str) -> list[Alert]:
    parsed, rejected = parse_record((EVENTS / f"{name}.json").read_bytes())
    assert rejected == []
    return [each.alert for each in parsed]


def lines(alert: Alert) -> set[str]:
    return {f"{each.type} {each.value} ({' '.join(each.context)})" for each in alert.attributes}


def facts(alert: Alert) -> tuple[Any, ...]:
    named = alert.detector, alert.rule_id, alert.alert_key
    return *named, alert.severity, alert.status, alert.finding_id, alert.description


STOLEN_ROLE = {
    "accesskey ASIAIOSFODNN7EXAMPLE (subject)",
    "username Admin (subject)",
    "arn arn:aws:iam::111122223333:role/Admin (subject)",
    f"arn {TRAIL} (local object)",
    OURS,
}

WANTED: dict[str, list[Wanted]] = {
    "securityhub_guardduty_trail": [
        Wanted(
            "guardduty",
            "Stealth:IAMUser/CloudTrailLoggingDisabled",
            "111122223333/Admin/2026-03-02T09:55:09Z",
            "LOW",
            "active",
            "3c0d" * 8,
            f"AWS CloudTrail trail {TRAIL} was switched off by Admin calling DeleteTrail.",
            STOLEN_ROLE | {"ipaddr 198.51.100.7 (client remote subject)"},
            3,
        )
    ],
    "ocsf_guardduty_details_as_text": [
        Wanted(
            "guardduty",
            "Stealth:IAMUser/CloudTrailLoggingDisabled",
            "111122223333/Admin/2026-03-02T09:55:09Z",
            "Low",
            "active",
            "3c0d" * 8,
            f"AWS CloudTrail trail {TRAIL} was switched off by Admin calling DeleteTrail.",
            STOLEN_ROLE - {"accesskey ASIAIOSFODNN7EXAMPLE (subject)"}
            | {"accesskey ASIAIOSFODNN7EXAMPLE (additional subject)", "ipaddr 198.51.100.7 (additional client)"},
            3,
        )
    ],
    "ocsf_control_of_one_resource": [
        Wanted(
            "securityhub",
            "security-control/Config.1",
            "111122223333/eu-west-1/AWS::::Account:111122223333",
            "Medium",
            "active",
            f"{OLD_CONTROL}/pci-dss/v/3.2.1/PCI.Config.1/finding/7d61",
            "FAILED: AWS::::Account:111122223333. Checks whether AWS Config is enabled in account and region.",
            {"account 111122223333 (additional local object)"},
        )
    ],
    "securityhub_inspector_image": [
        Wanted(
            "inspector",
            "CVE-2026-10255",
            IMAGE,
            "MEDIUM",
            "resolved",
            "arn:aws:inspector2:eu-west-1:111122223333:finding/" + "faa0" * 8,
            "openssl 3.0.8. A cipher may read past its buffer.",
            {f"arn {IMAGE} (local)", "cve CVE-2026-10255 (local)", OURS},
        )
    ],
    "ocsf_vulnerability_of_image": [
        Wanted(
            "inspector",
            "CVE-2026-10255",
            IMAGE,
            "Medium",
            "active",
            "arn:aws:inspector2:eu-west-1:111122223333:finding/" + "faa0" * 8,
            "openssl 3.0.8 (fixed in 0:3.0.8-r4). A cipher may read past its buffer.",
            {f"arn {IMAGE} (additional local object)", "cve CVE-2026-10255 (local)", OURS},
        )
    ],
    "ocsf_security_finding": [
        Wanted(
            "securityhub",
            "security-control/EC2.19",
            f"111122223333/eu-west-1/{GROUP}",
            "Informational",
            "resolved",
            f"{OLD_CONTROL}/aws-foundational-security-best-practices/v/1.0.0/EC2.19/finding/bf42",
            "PASSED: Port 22 is open to 10.0.0.0/8 only. "
            "This control checks whether security groups let the internet in.",
            {f"arn {GROUP} (local object)", OURS},
        )
    ],
    "ocsf_prowler_checks": [
        Wanted(
            "prowler",
            "acm_certificates_expiration_check",
            "prowler-aws-acm_certificates_expiration_check-111122223333-eu-west-1-e4dc1386",
            "High",
            status,
            "prowler-aws-acm_certificates_expiration_check-111122223333-eu-west-1-e4dc1386",
            f"{code}: ACM Certificate e4dc1386 for *.shop.example.com expires in {days} days. "
            "Check if ACM Certificates are about to expire",
            {f"arn {CERTIFICATE} (local object)", OURS},
        )
        for code, days, status in (("PASS", 200, "resolved"), ("FAIL", 2, "active"), ("FAIL", 2, "resolved"))
    ],
    "ocsf_prowler_v3": [
        Wanted(
            "prowler",
            "acm_certificates_expiration_check",
            "prowler-aws-acm_certificates_expiration_check-111122223333-eu-west-1-x",
            "High",
            "resolved",
            "prowler-aws-acm_certificates_expiration_check-111122223333-eu-west-1-x",
            "Pass: ACM Certificate for x expires in 111 days. Check if ACM Certificates are about to expire",
            {f"arn {CERTIFICATE} (local object)", OURS},
        )
    ],
    "ocsf_prowler_of_gcp": [
        Wanted(
            "prowler",
            "compute_firewall_rdp",
            "shop-1234/prowler-gcp-compute_firewall_rdp-allow-rdp",
            "Critical",
            "active",
            "prowler-gcp-compute_firewall_rdp-allow-rdp",
            "FAIL: Firewall allow-rdp lets the internet in. Open RDP ports are found by scanners within minutes.",
            {"project shop-1234 (local)"},
        )
    ],
    "securityhub_v2_exposure": [
        Wanted(
            "securityhub-risk",
            "Exposure/Potential Impact/Resource Hijacking",
            RISK,
            "Critical",
            "active",
            RISK,
            "Public Lambda function has a vulnerability with a known exploit",
            {f"arn {LAMBDA} (additional local object)", OURS},
        )
    ],
    "securityhub_v2_coverage": [
        Wanted(
            "securityhub-coverage",
            "GuardDuty Foundational Coverage",
            "111122223333/" + "8c4b" * 16,
            "Informational",
            "resolved",
            "8c4b" * 16,
            f"Pass: arn:aws:guardduty:eu-west-1:111122223333:detector/{'0d5e' * 8}. "
            "Checks if Amazon GuardDuty is enabled in this account.",
            {OURS},
        )
    ],
    "securityhub_v2_data_security": [
        Wanted(
            "macie",
            "SensitiveData:S3Object/Personal",
            "arn:aws:s3:::shop-exports",
            "Medium",
            "active",
            "f184" * 8,
            "The object contains personal information.",
            {"arn arn:aws:s3:::shop-exports (local object)", "filepath exports/customers.csv (file local)", OURS},
        )
    ],
    "securityhub_v2_guardduty_suppressed": [
        Wanted(
            "guardduty",
            "Stealth:IAMUser/CloudTrailLoggingDisabled",
            "111122223333/ci/2026-01-30T09:28:06Z",
            "Low",
            "resolved",
            "06c9" * 8,
            "AWS CloudTrail trail audit was disabled by ci calling DeleteTrail under unusual circumstances.",
            {
                f"arn {TRAIL} (local object)",
                "arn arn:aws:s3:::audit-logs (local object)",
                "accesskey ASIAIOSFODNN7EXAMPLE (subject)",
                "username ci (subject)",
                "arn arn:aws:iam::111122223333:role/ci (subject)",
                OURS,
            },
            264,
        )
    ],
    "securityhub_v2_vulnerability": [
        Wanted(
            "inspector",
            "CVE-2026-44487",
            "i-0abcdef012345678b",
            "High",
            "active",
            "arn:aws:inspector2:eu-west-1:111122223333:finding/" + "7123" * 8,
            "golang.org/x/net v0.1.0 (fixed in 0.17.0). HTTP/2 allows a denial of service.",
            {
                "instance i-0abcdef012345678b (local object)",
                "ipaddr 203.0.113.20 (local)",
                "arn arn:aws:iam::111122223333:instance-profile/web (local object)",
                "cve CVE-2026-44487 (local)",
                OURS,
            },
        )
    ],
    "securityhub_v2_controls": [
        Wanted(
            "securityhub",
            "security-control/SQS.1",
            f"111122223333/eu-west-1/{QUEUE}",
            severity,
            status,
            f"{CONTROL}/SQS.1/finding/7dab",
            f"{word}: {QUEUE}. This control checks whether Amazon SQS queues are encrypted at rest.",
            {f"arn {QUEUE} (local object)", OURS},
        )
        for word, severity, status in (("Fail", "Medium", "active"), ("Pass", "Informational", "resolved"))
    ],
    "securityhub_control_with_annotation": [
        Wanted(
            "securityhub",
            "security-control/EC2.7",
            "111122223333/eu-west-1/AWS::::Account:111122223333",
            "MEDIUM",
            "active",
            f"{OLD_CONTROL}/aws-foundational-security-best-practices/v/1.0.0/EC2.7/finding/b16b",
            "FAILED: EBS Encryption by default is not enabled. "
            "This control checks whether EBS encryption is enabled by default.",
            {OURS},
        )
    ],
    "securityhub_guardduty_brute_force": [
        Wanted(
            "guardduty",
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "46ba" * 8,
            "Medium (40)",
            "resolved",
            "46ba" * 8,
            "198.51.100.27 is performing SSH brute force attacks against i-0c10c2c7863d1a356.",
            {
                "ipaddr 198.51.100.27 (client remote subject)",
                "ipaddr 172.31.43.6 (local object server)",
                "instance i-0c10c2c7863d1a356 (local object)",
                OURS,
            },
            74,
        )
    ],
    "ocsf_incident": [
        Wanted(
            "example-xdr",
            "Command and Control",
            f"{'6f0d' * 8}/incident-7",
            "High",
            "active",
            "incident-7",
            "Three hosts of finance talk to one server. PC-7 called c2.example.net 40 times.",
            {"domain c2.example.net (additional)", f"project {'6f0d' * 8} (local)"},
        )
    ],
    "ocsf_application_posture": [
        Wanted(
            "example-scanner",
            "Code",
            "111122223333/appsec-1",
            "High (7.5)",
            "resolved",
            "appsec-1",
            "Parameter q of https://shop.example.com/search reaches a query. User input reaches a query.",
            {
                "url https://shop.example.com/search (server)",
                "domain shop.example.com (server)",
                "filepath /src/search.py (file local)",
                OURS,
            },
        )
    ],
}


@pytest.mark.parametrize("name", WANTED)
def test_a_finding_is_read_as_an_analyst_would(name: str) -> None:
    found = of(name)

    assert [facts(alert) for alert in found] == [wanted[:7] for wanted in WANTED[name]]
    for alert, wanted in zip(found, WANTED[name], strict=True):
        assert wanted.attributes <= lines(alert)
        assert extract_details(alert.body).occurrences == wanted.occurrences


@pytest.mark.parametrize(
    "names",
    [
        ("securityhub_guardduty_trail", "ocsf_guardduty_details_as_text"),
        ("securityhub_inspector_image", "ocsf_vulnerability_of_image"),
    ],
)
def test_copies_are_one_incident_and_have_one_finding_id(names: tuple[str, str]) -> None:
    first, second = (alert for name in names for alert in of(name))

    assert first.alert_id == second.alert_id
    assert first.finding_id == second.finding_id
    assert first.timestamp == second.timestamp


def test_the_id_of_an_event_is_not_the_id_of_its_finding() -> None:
    (alert,) = of("ocsf_okta_threat")
    event = json.loads((EVENTS / "ocsf_okta_threat.json").read_text())
    event["metadata"]["uid"] = event["finding_info"]["uid"] = "another"
    ((later,), _) = parse_record(json.dumps(event).encode())

    assert alert.finding_id == ""
    assert alert.alert_id == later.alert.alert_id
    assert lines(alert) == {"ipaddr 203.0.113.40 (client)"}


ASFF: dict[str, Any] = {"SchemaVersion": "2018-10-08", "Id": "1", "ProductArn": "arn:p", "GeneratorId": "g"}
OCSF: dict[str, Any] = {"class_uid": 2004, "metadata": {}, "finding_info": {"uid": "1", "title": "t"}}
HUB = "arn:aws:securityhub:eu-west-1::"
OF_INSPECTOR = {**ASFF, "ProductArn": f"{HUB}product/aws/inspector"}
OF_GUARDDUTY = {**ASFF, "ProductArn": f"{HUB}product/aws/guardduty"}
OF_HUB = {**OCSF, "metadata": {"product": {"uid": f"{HUB}product/aws/securityhub"}}}
GUARDDUTY: dict[str, Any] = {"type": "Recon:EC2/X", "id": "1", "severity": 5, "service": {}, "resource": {}}


def only(document: dict[str, Any]) -> Alert:
    (parsed,), rejected = parse_record(json.dumps(document).encode())
    assert rejected == []
    return parsed.alert


@pytest.mark.parametrize(
    ("base", "fields", "status"),
    [
        (ASFF, {}, "active"),
        (ASFF, {"RecordState": "ARCHIVED", "Workflow": {"Status": "NEW"}}, "resolved"),
        (ASFF, {"RecordState": "ACTIVE", "Workflow": {"Status": "RESOLVED"}}, "resolved"),
        (ASFF, {"Workflow": {"Status": "SUPPRESSED"}}, "resolved"),
        (ASFF, {"Workflow": {"Status": "NOTIFIED"}}, "active"),
        (ASFF, {"WorkflowState": "RESOLVED"}, "resolved"),
        (ASFF, {"Compliance": {"Status": "PASSED"}}, "resolved"),
        (ASFF, {"Compliance": {"Status": "WARNING"}}, "active"),
        (ASFF, {"Compliance": {"Status": "NOT_AVAILABLE"}}, "active"),
        (OF_INSPECTOR, {"ProductFields": {"aws/inspector/FindingStatus": "SUPPRESSED"}}, "resolved"),
        (ASFF, {"ProductFields": {"aws/inspector/FindingStatus": "SUPPRESSED"}}, "active"),
        (OF_GUARDDUTY, {"ProductFields": {"aws/guardduty/service/archived": "true"}}, "resolved"),
        (OF_GUARDDUTY, {"ProductFields": {"aws/guardduty/service/archived": "false"}}, "active"),
        (ASFF, {"ProductFields": {"aws/guardduty/service/archived": "true"}}, "active"),
        (ASFF, {"Title": "resolved", "Note": {"Text": "RESOLVED"}, "ProductFields": {"state": "CLOSED"}}, "active"),
        (GUARDDUTY, {"service": {"archived": True}}, "resolved"),
        (GUARDDUTY, {"service": {"archived": "true"}}, "resolved"),
        (GUARDDUTY, {"service": {"archived": False}}, "active"),
        (GUARDDUTY, {"service": {"archived": {"a": 1}}}, "active"),
        (OCSF, {"status_id": 1, "status": "New"}, "active"),
        (OCSF, {"status_id": 2}, "active"),
        *((OCSF, {"status_id": number}, "resolved") for number in (3, 4, 5, 6)),
        (OCSF, {"status_id": 99, "status": "Closed"}, "resolved"),
        (OCSF, {"status_id": True}, "active"),
        (OCSF, {"activity_id": 3}, "resolved"),
        (OCSF, {"compliance": {"status_id": 1}}, "resolved"),
        (OCSF, {"compliance": {"status_id": 3, "status": "Fail"}}, "active"),
        (OCSF, {"status_code": "PASS"}, "resolved"),
        (OCSF, {"status_code": "OK"}, "active"),
        (OF_HUB, {"unmapped": {"RecordState": "ARCHIVED"}}, "resolved"),
        (OF_HUB, {"unmapped": '{"RecordState": "ARCHIVED"}'}, "resolved"),
        (OCSF, {"unmapped": {"RecordState": "ARCHIVED"}}, "active"),
        (OCSF, {"class_uid": 2005, "status_id": 3}, "active"),
        (OCSF, {"class_uid": 2005, "status_id": 5}, "resolved"),
        (OCSF, {"class_uid": 2001, "state_id": 3, "status_id": 1}, "resolved"),
    ],
)
def test_only_the_state_fields_resolve_a_finding(base: dict[str, Any], fields: dict[str, Any], status: str) -> None:
    assert only({**base, **fields}).status == status


@pytest.mark.parametrize(
    ("connection", "source", "destination"),
    [
        ({"direction": "Inbound"}, "client remote", "local server"),
        ({"direction": "outbound"}, "client local", "remote server"),
        ({"direction_id": "1"}, "client remote", "local server"),
        ({"direction": "Unknown"}, "client", "server"),
    ],
)
def test_the_direction_may_be_a_word(connection: dict[str, str], source: str, destination: str) -> None:
    ends = {"src_endpoint": {"ip": "198.51.100.7"}, "dst_endpoint": {"ip": "198.51.100.8"}}

    assert lines(only({**OCSF, "evidences": [{**ends, "connection_info": connection}]})) == {
        f"ipaddr 198.51.100.7 ({source})",
        f"ipaddr 198.51.100.8 ({destination})",
    }


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"severity_id": "4"}, "High"),
        ({"severity": "Unknown", "severity_id": 0, "vendor_attributes": {"severity": "P1"}}, "P1"),
        ({"severity": "Unknown", "severity_id": 0}, "Unknown"),
        ({"severity_id": 0, "vendor_attributes": {"severity": "Low"}}, "Low"),
    ],
)
def test_the_severity_in_ocsf_is_the_best_that_is_known(fields: dict[str, Any], severity: str) -> None:
    assert only({**OCSF, **fields}).severity == severity


def test_a_control_about_an_access_key_is_one_incident_in_both_notations() -> None:
    key = "AKIAIOSFODNN7EXAMPLE"
    asff = {
        **ASFF,
        "ProductArn": f"{HUB}product/aws/securityhub",
        "AwsAccountId": "111122223333",
        "Compliance": {"SecurityControlId": "IAM.3", "Status": "FAILED"},
        "Resources": [{"Type": "AwsIamAccessKey", "Id": f"AWS::IAM::AccessKey:{key}"}],
    }
    ocsf = {
        **OCSF,
        "class_uid": 2003,
        "metadata": {"product": {"uid": f"{HUB}productv2/aws/securityhub"}},
        "cloud": {"account": {"uid": "111122223333"}, "region": "eu-west-1"},
        "compliance": {"control": "IAM.3", "status": "Fail"},
        "resources": [{"type": "AWS::IAM::AccessKey", "uid": key}],
    }

    assert only(asff).alert_id == only(ocsf).alert_id


def test_findings_of_two_accounts_with_one_id_are_two_incidents() -> None:
    accounts = ("111122223333", "444455556666")
    imported = {only({**ASFF, "AwsAccountId": account}).alert_key for account in accounts}
    clouds = {only({**OCSF, "cloud": {"account": {"uid": account}}}).alert_key for account in accounts}
    tenants = {only({**OCSF, "metadata": {"tenant_uid": tenant}}).alert_key for tenant in ("a", "b")}

    assert imported == {f"{account}/arn:p/1" for account in accounts}
    assert clouds == {f"{account}/1" for account in accounts}
    assert tenants == {"a/1", "b/1"}


def test_a_title_or_an_own_field_marks_no_sample() -> None:
    titled = {**OCSF, "finding_info": {"uid": "1", "title": "[SAMPLE] beacon", "analytic": {"uid": "r"}}}

    assert only({**titled, "unmapped": {"Sample": "true"}}).rule_id == "r"


def test_lists_in_product_fields_are_read() -> None:
    prefix = "aws/guardduty/service/action/portProbeAction/portProbeDetails"
    fields = {
        f"{prefix}.0_/remoteIpDetails/ipAddressV4": "198.51.100.7",
        f"{prefix}.0_/localIpDetails/ipAddressV4": "10.0.0.7",
        f"{prefix}.1_/remoteIpDetails/ipAddressV4": "198.51.100.8",
        "aws/guardduty/service/runtimeDetails/process/executableSha256": "6fc94d8aecc538b1" * 4,
        "aws/guardduty/service/resourceRole": "TARGET",
    }

    assert lines(only({**ASFF, "ProductFields": fields})) == {
        "ipaddr 198.51.100.7 (client remote subject)",
        "ipaddr 198.51.100.8 (client remote subject)",
        "ipaddr 10.0.0.7 (local object server)",
        f"filehashvalue {'6fc94d8aecc538b1' * 4} (file local)",
    }


@pytest.mark.parametrize("text", ["{", '{"a": 1', "[1, 2", "{}", "no JSON", '{"a": 1, "a": 2}'])
def test_text_that_is_not_json_is_ignored(text: str) -> None:
    resources = [{"uid": "arn:aws:s3:::b", "data": text}]

    assert lines(only({**OCSF, "resources": resources, "unmapped": text})) == {"arn arn:aws:s3:::b (local object)"}
    assert only({**ASFF, "Resources": [{"Id": "arn:aws:s3:::b", "Details": text}]}).status == "active"


@pytest.mark.parametrize(("compliance", "contexts"), [({"Status": "FAILED"}, "local object"), (None, "subject")])
def test_a_user_whose_settings_were_checked_is_not_suspected(compliance: Any, contexts: str) -> None:
    user = {"Type": "AwsIamUser", "Id": "arn:aws:iam::111122223333:user/jane"}
    key = {
        "Type": "AwsIamAccessKey",
        "Id": "AKIAIOSFODNN7EXAMPLE",
        "Details": {"AwsIamAccessKey": {"PrincipalName": "jane"}},
    }
    alert = only({**ASFF, "Resources": [user, key], **({"Compliance": compliance} if compliance else {})})
    found = {f"{each.type} {each.value}": " ".join(each.context) for each in alert.attributes}
    assert found["arn arn:aws:iam::111122223333:user/jane"] == contexts
    assert found["accesskey AKIAIOSFODNN7EXAMPLE"] == contexts


@pytest.mark.parametrize(
    ("fields", "contexts"), [({"compliance": {"status": "Fail"}}, "local object"), ({}, "subject")]
)
def test_the_same_in_ocsf(fields: dict[str, Any], contexts: str) -> None:
    user = {"type": "AWS::IAM::User", "uid": "arn:aws:iam::111122223333:user/jane"}
    info = {"uid": "1", "title": "t"}
    alert = only({"class_uid": 2003, "metadata": {}, "finding_info": info, "resources": [user], **fields})
    assert {" ".join(each.context) for each in alert.attributes if each.type == "arn"} == {contexts}
