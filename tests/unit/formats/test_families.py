"""Known families of duplicates are one incident, and nothing else is: docs/decisions/0046-families-of-duplicates.md."""

import json
from collections import defaultdict
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import MAX_SOURCE_LENGTH, MAX_STANDARDS, Alert
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder.formats.securityhub_copies import original_type

EVENTS = Path(__file__).parents[2] / "events"
ALL = FormatRegistry()

FAMILIES = {
    frozenset({"guardduty_ssh_brute_force", "guardduty_get_findings/0", "securityhub_findings_imported"}),
    frozenset({"guardduty_root_credentials", "securityhub_copies/0", "securityhub_guardduty_v2"}),
    frozenset({"vendors/inspector_package_vulnerability", "securityhub_copies/1"}),
    frozenset({"vendors/macie_policy_finding", "securityhub_copies/2"}),
    frozenset({"vendors/access_analyzer_external", "securityhub_copies/3"}),
    frozenset({"vendors/access_analyzer_unused", "securityhub_copies/4"}),
    frozenset(f"securityhub_control_of_standards/{position}" for position in range(3)),
    frozenset({"samples/securityhub_guardduty_trail", "samples/ocsf_guardduty_details_as_text"}),
    frozenset({"samples/securityhub_inspector_image", "samples/ocsf_vulnerability_of_image"}),
}
"""Sample events about the same thing from several products or standards."""

REPEATED = {
    frozenset({"samples/alertmanager_resolved", "samples/alertmanager_two_sentences"}),
    frozenset({"samples/grafana_dashboard_ok", "vendors/grafana_dashboard_alert"}),
    frozenset(f"samples/ocsf_prowler_checks/{position}" for position in range(3)),
    frozenset(f"samples/securityhub_v2_controls/{position}" for position in range(2)),
    frozenset({"guardduty_api_call_sample", "guardduty_get_findings/1"}),
    frozenset({"guardduty_dns_request", "sns_http_guardduty", "sns_lambda_event/0"}),
    frozenset({"native_alert", "sns_lambda_event/1"}),
    frozenset({"securityhub_custom_action/0", "securityhub_get_findings/0"}),
    frozenset({"cloudtrail_console_login", "cloudtrail_log_file/0"}),
    frozenset({"vendors/microsoft_defender_graph_mail", "vendors/microsoft_defender_graph_list"}),
    frozenset({"vendors/cloudtrail_insight/0", "vendors/cloudtrail_insight/1"}),
    frozenset({"vendors/cloudwatch_alarm_action", "vendors/cloudwatch_alarm_event"}),
    frozenset({"vendors/crowdstrike_alert_lead", "vendors/crowdstrike_automated_lead"}),
    frozenset({"vendors/crowdstrike_incident", "vendors/crowdstrike_incident_summary"}),
    frozenset(
        {
            "vendors/google_scc_container_threat",
            "vendors/google_scc_export",
            "vendors/google_scc_finding",
            "vendors/google_scc_list/0",
        }
    ),
    frozenset({"vendors/microsoft_defender_streamed/0", "vendors/microsoft_defender_streamed/1"}),
    frozenset({"vendors/microsoft_sentinel_incident", "vendors/microsoft_sentinel_playbook"}),
    frozenset({"samples/sentinelone_threat_activities/0", "samples/sentinelone_threat_activities/1"}),
    *(frozenset(f"samples/wazuh_states/{position}" for position in pair) for pair in ((0, 1), (2, 3))),
}
"""Sample events with the same finding in another envelope, in another notation of its vendor, or resolved."""


def document(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_bytes())


def alerts(value: Any) -> list[Alert]:
    parsed, rejected = parse_record(json.dumps(value).encode(), ALL)
    assert not rejected
    return [each.alert for each in parsed]


def only(value: Any) -> Alert:
    (alert,) = alerts(value)
    return alert


def of_hub(name: str, position: int = 0, **changes: Any) -> dict[str, Any]:
    """Return a changed finding of a sample event of Security Hub."""
    finding: dict[str, Any] = {**document(name)["detail"]["findings"][position], **changes}
    return {key: value for key, value in finding.items() if value is not None}


def in_region(value: Any, region: str) -> Any:
    """Replace the region everywhere in an event."""
    return json.loads(json.dumps(value).replace("eu-central-1", region))


def test_only_sample_events_of_a_family_are_one_incident() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(EVENTS.rglob("*.json")):
        parsed, _ = parse_record(path.read_bytes(), ALL)
        name = str(path.relative_to(EVENTS).with_suffix(""))
        for each in parsed:
            found[each.alert.alert_id].add(f"{name}/{each.position}" if len(parsed) > 1 else name)

    assert {frozenset(names) for names in found.values() if len(names) > 1} == FAMILIES | REPEATED


class TestGuardDuty:
    @pytest.mark.parametrize(
        ("written", "own"),
        [
            ("TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS", "Backdoor:EC2/C&CActivity.B!DNS"),
            ("TTPs/AttackSequence:IAM/CompromisedCredentials", "AttackSequence:IAM/CompromisedCredentials"),
            ("TTPs/PenTest:IAMUser/KaliLinux", "PenTest:IAMUser/KaliLinux"),
            ("TTPs/PenTest:S3-KaliLinux", "PenTest:S3/KaliLinux"),
            ("TTPs/Policy:IAMUser-RootCredentialUsage", "Policy:IAMUser/RootCredentialUsage"),
            ("TTPs/Credential Access/IAMUser-AnomalousBehavior", "CredentialAccess:IAMUser/AnomalousBehavior"),
            ("TTPs/Discovery/RDS-TorIPCaller", "Discovery:RDS/TorIPCaller"),
            (
                "TTPs/Credential Access/CredentialAccess:RDS-TorIPCaller.FailedLogin",
                "CredentialAccess:RDS/TorIPCaller.FailedLogin",
            ),
            (
                "TTPs/AnomalousBehavior/CredentialAccess:Kubernetes-SecretsAccessed",
                "CredentialAccess:Kubernetes/AnomalousBehavior.SecretsAccessed",
            ),
            (
                "TTPs/AnomalousBehavior/Persistence:Kubernetes-WorkloadDeployed!ContainerWithSensitiveMount",
                "Persistence:Kubernetes/AnomalousBehavior.WorkloadDeployed!ContainerWithSensitiveMount",
            ),
            ("TTPs/DefenseEvasion/EC2:Unusual-DNS-Resolver", "DefenseEvasion:EC2/UnusualDNSResolver"),
            ("TTPs/DefenseEvasion/EC2:Unusual-DoH-Activity", "DefenseEvasion:EC2/UnusualDoHActivity"),
            ("TTPs/DefenseEvasion/EC2:Unusual-DoT-Activity", "DefenseEvasion:EC2/UnusualDoTActivity"),
            (
                "TTPs/Impact/Impact:Runtime-SuspiciousDomainRequest.Reputatio",
                "Impact:Runtime/SuspiciousDomainRequest.Reputation",
            ),
            (
                "Software and Configuration Checks/AWS Security Best Practices/Policy:Kubernetes-ExposedDashboard",
                "Policy:Kubernetes/ExposedDashboard",
            ),
            ("Software and Configuration Checks/Backdoor:EC2.C&CActivity.B", "Backdoor:EC2/C&CActivity.B"),
            ("Unusual Behaviors/VM/Behavior:EC2-NetworkPortUnusual", "Behavior:EC2/NetworkPortUnusual"),
            ("Sensitive Data Identifications/PII/SensitiveData:S3Object-Personal", "SensitiveData:S3Object/Personal"),
            ("Backdoor:EC2/Spambot", "Backdoor:EC2/Spambot"),
            ("TTPs/Command and Control", None),
            ("TTPs/DefenseEvasion/EC2:Something-Else", None),
            ("Software and Configuration Checks", None),
            ("", None),
        ],
    )
    def test_types_of_security_hub_are_converted(self, written: str, own: str | None) -> None:
        assert original_type(written) == own

    def test_a_copy_without_its_type_stays_a_security_hub_finding(self) -> None:
        alert = only(of_hub("securityhub_findings_imported", Types=["TTPs/Command and Control"]))

        assert (alert.detector, alert.rule_id.partition(":detector/")[0]) == (
            "securityhub",
            "arn:aws:guardduty:eu-central-1:123456789012",
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"ProductArn": "arn:aws:securityhub:eu-central-1::product/111122223333/default"},
            {"ProductArn": "arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/aws/guardduty"},
            {"Id": "5ac0ffee5ac0ffee5ac0ffee5ac0ffee"},
            {"Id": "arn:aws:guardduty:eu-central-1:123456789012:detector/d/finding/1/2"},
        ],
    )
    def test_findings_that_only_resemble_a_copy_are_not_copies(self, changes: dict[str, Any]) -> None:
        assert only(of_hub("securityhub_findings_imported", **changes)).detector == "securityhub"

    def test_a_copy_is_identified_only_by_its_original_type(self) -> None:
        whole = only(of_hub("securityhub_findings_imported"))
        bare = only(of_hub("securityhub_findings_imported", GeneratorId=None, Title=None))

        assert bare.alert_id == whole.alert_id
        assert bare.rule_name == whole.rule_id

    def test_samples_are_never_aggregated_with_real_findings(self) -> None:
        real = only(document("guardduty_ssh_brute_force"))
        sample = only(of_hub("securityhub_findings_imported", Sample=True))

        assert (sample.detector, sample.alert_key) == (real.detector, real.alert_key)
        assert sample.rule_id == f"{real.rule_id} [SAMPLE]"

    def test_a_sample_in_ocsf_is_recognised_by_its_title(self) -> None:
        event = document("securityhub_guardduty_v2")
        event["detail"]["findings"][0]["finding_info"]["title"] = "[SAMPLE] The API was invoked."

        assert only(event).rule_id == "Policy:IAMUser/RootCredentialUsage [SAMPLE]"

    def test_a_call_to_a_global_service_is_one_incident_in_all_regions(self) -> None:
        here = document("guardduty_root_credentials")
        there = in_region(here, "us-east-1")
        there["detail"]["id"] = "3fad3fad3fad3fad3fad3fad3fad3fad"
        there["detail"]["arn"] = there["detail"]["arn"].replace(here["detail"]["id"], there["detail"]["id"])

        first, second = only(here), only(there)

        assert first.alert_id == second.alert_id
        assert first.source
        assert second.source
        assert (first.source.region, second.source.region) == ("eu-central-1", "us-east-1")

    def test_updates_of_a_finding_about_a_principal_are_one_incident(self) -> None:
        first = document("guardduty_root_credentials")
        later = deepcopy(first)
        later["detail"]["resource"]["accessKeyDetails"] |= {
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "principalId": "123456789012:another-session",
        }
        later["detail"]["service"] |= {"eventLastSeen": "2026-03-02T11:00:00Z", "count": 9, "action": {}}
        later["detail"]["service"]["eventFirstSeen"] = "2026-03-02T10:03:11Z"

        assert only(later).alert_id == only(first).alert_id

    @pytest.mark.parametrize(
        "change",
        [
            lambda finding: finding.update(accountId="210987654321"),
            lambda finding: finding.update(type="Recon:IAMUser/TorIPCaller"),
            lambda finding: finding["resource"]["accessKeyDetails"].update(userName="alice"),
            lambda finding: finding["service"].update(eventFirstSeen="2026-03-02T10:03:12.000Z"),
        ],
        ids=["account", "type", "principal", "first time"],
    )
    def test_a_difference_in_an_identifying_field_is_another_incident(self, change: Any) -> None:
        event = document("guardduty_root_credentials")
        other = deepcopy(event)
        change(other["detail"])

        assert only(other).alert_id != only(event).alert_id

    @pytest.mark.parametrize("missing", ["userName", "eventFirstSeen"])
    def test_without_an_identifying_field_the_finding_s_id_is_used(self, missing: str) -> None:
        event = document("guardduty_root_credentials")
        event["detail"]["resource"]["accessKeyDetails"].pop(missing, None)
        event["detail"]["service"].pop(missing, None)

        assert only(event).alert_key == event["detail"]["id"]

    def test_findings_without_a_principal_are_identified_by_their_id(self) -> None:
        here = document("guardduty_ssh_brute_force")
        other = deepcopy(here)
        other["detail"]["id"] = "other"

        assert only(here).alert_key == here["detail"]["id"]
        assert only(other).alert_id != only(here).alert_id

    def test_a_copy_may_have_principal_and_first_time_in_other_fields(self) -> None:
        copy = of_hub("securityhub_copies")
        details = copy["Resources"][0]["Details"]["AwsIamAccessKey"]
        copy["FirstObservedAt"] = copy["ProductFields"].pop("aws/guardduty/service/eventFirstSeen")
        details["UserName"] = details.pop("PrincipalName", None) or details["UserName"]

        assert only(copy).alert_id == only(document("guardduty_root_credentials")).alert_id

    def test_guardduty_s_first_time_is_preferred_to_security_hub_s(self) -> None:
        copy = of_hub("securityhub_copies", FirstObservedAt="2026-03-02T10:04:00Z")

        assert only(copy).alert_id == only(document("guardduty_root_credentials")).alert_id

    def test_a_copy_in_ocsf_may_have_principal_and_first_time_in_other_fields(self) -> None:
        event = document("securityhub_guardduty_v2")
        finding = event["detail"]["findings"][0]
        finding["resources"] = [{"user": {"name": "Root"}}]
        finding["finding_info"].pop("first_seen_time")
        finding["finding_info"]["first_seen_time_dt"] = "2026-03-02T10:03:11Z"

        assert only(event).alert_id == only(document("guardduty_root_credentials")).alert_id

    @pytest.mark.parametrize(
        ("changes", "rule", "key"),
        [
            ({"uid": "5ac0ffee"}, "Policy:IAMUser/RootCredentialUsage", "123456789012/5ac0ffee"),
            ({"types": ["Threats"]}, "Threats", None),
            ({"types": []}, "The API was invoked.", None),
        ],
    )
    def test_a_copy_in_ocsf_without_the_fields_keeps_its_identity(
        self, changes: dict[str, Any], rule: str, key: str | None
    ) -> None:
        event = document("securityhub_guardduty_v2")
        info = event["detail"]["findings"][0]["finding_info"]
        info |= {"title": "The API was invoked.", "analytic": {}, **changes}
        event["detail"]["findings"][0]["metadata"].pop("event_code", None)
        alert = only(event)

        assert (alert.detector, alert.rule_id, alert.alert_key) == ("guardduty", rule, key or info["uid"])

    def test_a_principal_of_any_length_has_a_key(self) -> None:
        event = document("guardduty_root_credentials")
        event["detail"]["resource"]["accessKeyDetails"]["userName"] = "a" * 5_000

        assert len(only(event).alert_key) == 64


class TestControls:
    def test_the_source_lists_each_standard(self) -> None:
        found = [
            alert.source.standards for alert in alerts(document("securityhub_control_of_standards")) if alert.source
        ]

        assert found == [
            ("cis-aws-foundations-benchmark/v/1.2.0",),
            ("nist-800-53/v/5.0.0",),
            ("cis-aws-foundations-benchmark/v/1.2.0", "nist-800-53/v/5.0.0"),
        ]

    @pytest.mark.parametrize(
        ("generator", "collapses"),
        [
            ("aws-foundational-security-best-practices/v/1.0.0/EC2.13", True),
            ("service-managed-aws-control-tower/v/1.0.0/EC2.13", True),
            ("nist-800-53/v/5.0.0/EC2.13", True),
            ("security-control/EC2.13", True),
            ("security-control/EC2.14", False),
            ("pci-dss/v/3.2.1/PCI.EC2.5", False),
            ("cis-aws-foundations-benchmark/v/1.4.0/5.1", False),
        ],
    )
    def test_without_a_control_id_the_generator_must_contain_it(self, generator: str, collapses: bool) -> None:
        consolidated = alerts(document("securityhub_control_of_standards"))[2]
        finding = of_hub("securityhub_control_of_standards", GeneratorId=generator, Compliance={"Status": "FAILED"})

        assert (only(finding).alert_id == consolidated.alert_id) is collapses

    @pytest.mark.parametrize(
        "changes",
        [
            {"AwsAccountId": "210987654321"},
            {"Region": "us-east-1"},
            {"Compliance": {"SecurityControlId": "EC2.14"}},
            {"Resources": [{"Id": "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-other"}]},
            {
                "Resources": [
                    {"Id": "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-0a1b2c3d4e5f60718"},
                    {"Id": "x"},
                ]
            },
            {"ProductArn": "arn:aws:securityhub:eu-central-1::product/prowler/prowler"},
        ],
        ids=["account", "region", "control", "resource", "one more resource", "product"],
    )
    def test_a_difference_in_an_identifying_field_is_another_incident(self, changes: dict[str, Any]) -> None:
        finding = of_hub("securityhub_control_of_standards")

        assert only({**finding, **changes}).alert_id != only(finding).alert_id

    @pytest.mark.parametrize(
        ("control", "resource", "collapses"),
        [
            ("IAM.5", "arn:aws:iam::123456789012:user/alice", True),
            ("CloudFront.1", "arn:aws:cloudfront::123456789012:distribution/E1", True),
            ("IAM.3", "AWS::IAM::AccessKey:AKIAIOSFODNN7EXAMPLE", True),
            ("IAM.3", "arn:aws:iam::123456789012:saml-provider/a:b:c", True),
            ("IAM.6", "AWS::::Account:123456789012", True),
            ("Account.1", "AWS::::Account:123456789012", True),
            ("IAM.28", "AWS::::Account:123456789012", False),
            ("GuardDuty.1", "AWS::::Account:123456789012", False),
            ("EC2.7", "AWS::::Account:123456789012", False),
            ("EC2.13", "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1", False),
            ("EC2.13", "sg-1", False),
        ],
    )
    def test_global_resources_are_one_incident_in_all_regions(
        self, control: str, resource: str, collapses: bool
    ) -> None:
        changes: dict[str, Any] = {"Compliance": {"SecurityControlId": control}, "Resources": [{"Id": resource}]}
        here = of_hub("securityhub_control_of_standards", **changes)
        there = {**here, "Region": "us-east-1", "Id": "another"}

        assert (only(here).alert_id == only(there).alert_id) is collapses

    def test_resources_without_an_id_are_ignored(self) -> None:
        finding = of_hub("securityhub_control_of_standards")
        blank = [{"Id": " "}, {"Id": ""}, {"Id": None}, {"Id": 5}, {}]

        assert only({**finding, "Resources": [*blank, *finding["Resources"]]}).alert_id == only(finding).alert_id

    @pytest.mark.parametrize("changes", [{"AwsAccountId": "my account"}, {"Resources": []}, {"Region": "Here/There"}])
    def test_a_check_without_the_fields_keeps_its_id(self, changes: dict[str, Any]) -> None:
        finding = of_hub("securityhub_control_of_standards", **changes)

        assert only(finding).alert_key == f"{finding['ProductArn']}/{finding['Id']}"

    def test_sources_of_any_finding_are_limited(self) -> None:
        named = [{"StandardsId": f"standards/{number}/{'x' * 500}"} for number in range(1000)]
        compliance = {"SecurityControlId": "EC2.13", "AssociatedStandards": named}
        source = only(of_hub("securityhub_control_of_standards", Region="r" * 1_000_000, Compliance=compliance)).source

        assert source
        assert source.region == "r" * MAX_SOURCE_LENGTH
        assert len(source.standards) == MAX_STANDARDS
        assert all(len(standard) == MAX_SOURCE_LENGTH for standard in source.standards)

    @pytest.mark.parametrize(
        ("fields", "standards"),
        [
            ({"StandardsArn": "arn:aws:securityhub:::standards/cis/v/1.4.0"}, ("cis/v/1.4.0",)),
            ({"StandardsGuideArn": "arn:aws:securityhub:::ruleset/cis/v/1.2.0"}, ("cis/v/1.2.0",)),
        ],
    )
    def test_older_findings_have_their_standard_in_other_fields(
        self, fields: dict[str, str], standards: tuple[str, ...]
    ) -> None:
        finding = of_hub("securityhub_control_of_standards")
        compliance = {**finding["Compliance"], "AssociatedStandards": []}

        source = only({**finding, "Compliance": compliance, "ProductFields": fields}).source

        assert source
        assert source.standards == standards

    def test_the_region_of_an_event_is_added_to_the_source(self) -> None:
        finding = of_hub("securityhub_control_of_standards", Region=None)
        finding["ProductArn"] = finding["ProductArn"].replace("eu-central-1", "")
        event = {"detail-type": "Security Hub Findings - Imported", "region": "eu-west-3", "detail": finding}

        source, alone = only(event).source, only(finding).source

        assert source
        assert alone
        assert (alone.region, source.region) == (None, "eu-west-3")
        assert source.product == alone.product
        assert source.standards == alone.standards != ()

    def test_the_default_region_is_the_product_s(self) -> None:
        finding = of_hub("securityhub_control_of_standards")

        assert only(of_hub("securityhub_control_of_standards", Region=None)).alert_id == only(finding).alert_id

    @pytest.mark.parametrize(
        ("product", "region"),
        [
            ("arn:aws:securityhub:eu-central-1", "eu-central-1"),
            ("arn:aws:securityhub:", None),
            ("arn:aws:securityhub", None),
            ("securityhub", None),
            (None, None),
        ],
    )
    def test_a_product_arn_may_lack_the_region(self, product: str | None, region: str | None) -> None:
        source = only(of_hub("securityhub_control_of_standards", Region=None, ProductArn=product)).source

        assert source
        assert source.region == region


class TestOtherServices:
    def test_findings_gathered_by_security_hub_are_one_incident_with_the_originals(self) -> None:
        here = {"detail-type": "Security Hub Findings - Imported", "source": "aws.securityhub", "id": "1"}
        finding = of_hub("securityhub_custom_action", 1)
        events = [
            {**here, "region": region, "id": region, "detail": {"findings": [finding]}}
            for region in ("eu-central-1", "us-east-1")
        ]

        assert len({only(event).alert_id for event in events}) == 1
        assert {only(event).detector for event in events} == {"securityhub"}

    @pytest.mark.parametrize(
        ("position", "changes"),
        [
            (1, {"Id": "arn:aws:inspector:eu-central-1:123456789012:target/0-a/template/0-b/run/0-c/finding/0-d"}),
            (1, {"Types": ["Software and Configuration Checks/Vulnerabilities/Network"]}),
            (1, {"Vulnerabilities": []}),
            (1, {"Vulnerabilities": [{"Id": "CVE-2026-00001"}, {"Id": "CVE-2026-00002"}]}),
            (1, {"Resources": []}),
            (2, {"Types": ["Sensitive Data Identifications"]}),
            (2, {"Resources": [{"Type": "AwsS3Object", "Id": "arn:aws:s3:::shop-exports/a"}]}),
            (
                2,
                {"Resources": [{"Type": "AwsS3Bucket", "Id": f"arn:aws:s3:::{name}"} for name in ("a", "b")]},
            ),
            (3, {"Types": ["Software and Configuration Checks/AWS Security Best Practices"]}),
            (3, {"Resources": []}),
        ],
    )
    def test_a_copy_without_the_fields_stays_a_security_hub_finding(
        self, position: int, changes: dict[str, Any]
    ) -> None:
        assert only(of_hub("securityhub_copies", position, **changes)).detector == "securityhub"

    @pytest.mark.parametrize(
        ("written", "kind"),
        [
            ("Effects/Data Exposure/External Access Granted", "ExternalAccess"),
            ("Software and Configuration Checks/AWS Security Best Practices/Unused IAM Role", "UnusedIAMRole"),
            (
                "Software and Configuration Checks/AWS Security Best Practices/Unused IAM User Access Key",
                "UnusedIAMUserAccessKey",
            ),
            ("Software and Configuration Checks/AWS Security Best Practices/Unused Permission", "UnusedPermission"),
        ],
    )
    def test_kinds_of_access_of_security_hub_are_converted(self, written: str, kind: str) -> None:
        assert only(of_hub("securityhub_copies", 3, Types=[written])).rule_id == kind

    def test_the_kind_of_access_may_be_in_the_product_fields(self) -> None:
        finding = of_hub("securityhub_copies", 3, Types=["Effects/Data Exposure"], ProductFields={"findingType": "Own"})

        assert (only(finding).detector, only(finding).rule_id) == ("access-analyzer", "Own")

    def test_types_may_be_only_in_the_provider_fields(self) -> None:
        finding = of_hub("securityhub_copies", 3)
        moved = {**finding, "Types": [], "FindingProviderFields": {"Types": finding["Types"]}, "ProductFields": {}}

        assert only(moved).alert_id == only({**finding, "ProductFields": {}}).alert_id

    def test_an_image_is_identified_by_its_arn(self) -> None:
        image = "arn:aws:ecr:eu-central-1:123456789012:repository/shop/sha256:" + "ab" * 32
        alert = only(of_hub("securityhub_copies", 1, Resources=[{"Type": "AwsEcrContainerImage", "Id": image}]))

        assert (alert.detector, alert.alert_key) == ("inspector", image)

    def test_detector_and_source_of_a_copy_differ(self) -> None:
        alert = alerts(document("securityhub_copies"))[2]

        assert alert.source
        assert (alert.detector, alert.source.product, alert.source.region) == ("macie", "securityhub", "eu-central-1")

    def test_the_default_region_of_an_event_is_its_envelope_s(self) -> None:
        native = only(document("vendors/inspector_package_vulnerability"))
        bare = only(document("vendors/inspector_package_vulnerability")["detail"])

        assert native.source
        assert (native.source.product, native.source.region) == ("inspector", "eu-central-1")
        assert bare.source is None
