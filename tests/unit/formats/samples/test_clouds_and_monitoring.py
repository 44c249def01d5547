"""Real shapes of monitoring, Kubernetes, clouds and code hosting: what an analyst needs of each alert."""

import base64
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.domain.severities import in_words
from alert_responder.formats import parse_record

SAMPLES = Path(__file__).parents[3] / "events" / "samples"

Found = tuple[str, str, tuple[str, ...]]


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def alerts(document: Any) -> list[Alert]:
    parsed, rejected = parse_record(json.dumps(document).encode())
    assert not rejected
    return [each.alert for each in parsed]


def only(document: Any) -> Alert:
    (alert,) = alerts(document)
    return alert


def found(alert: Alert, *types: str) -> set[Found]:
    return {(each.type, each.value, each.context) for each in alert.attributes if not types or each.type in types}


def changed(document: Any, **values: Any) -> Any:
    """Copy a document with other values at paths such as `alerts__0__status`; None removes a field."""
    result = deepcopy(document)
    for path, value in values.items():
        *way, last = [int(part) if part.isdigit() else part for part in path.split("__")]
        node = result
        for part in way:
            node = node[part]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return result


class TestAlertmanager:
    def test_an_instance_is_an_address_or_a_url(self) -> None:
        first, second, third = alerts(sample("alertmanager_instances"))
        assert found(first) == {("ipaddr", "198.51.100.7", ("object",))}
        assert found(second) == {("ipaddr", "2001:db8::7", ("object",))}
        assert ("url", "https://shop.example.com/health", ("object",)) in found(third)

    @pytest.mark.parametrize(
        ("instance", "expected"),
        [
            ("198.51.100.8", ("ipaddr", "198.51.100.8")),
            ("db.example.com:5432", ("domain", "db.example.com")),
            ("shop.example.com/login", ("domain", "shop.example.com")),
            ("web-1:9100", ("hostname", "web-1")),
            ("i-0a1b2c3d4e5f60718", ("instance", "i-0a1b2c3d4e5f60718")),
            ("tcp://[2001:db8::8]:6379", ("ipaddr", "2001:db8::8")),
        ],
    )
    @pytest.mark.parametrize("label", ["instance", "target", "host", "node"])
    def test_an_instance_has_the_type_of_what_it_is(self, instance: str, expected: tuple[str, str], label: str) -> None:
        document = changed(sample("alertmanager_two_sentences"), alerts__0__labels={"alertname": "A", label: instance})
        assert (*expected, ("object",)) in found(only(document))

    def test_both_sentences_are_kept_and_the_concrete_one_is_first(self) -> None:
        alert = only(sample("alertmanager_two_sentences"))
        assert alert.description == "312 failed logins from 192.0.2.44 in five minutes - SSH brute force"
        assert only(sample("alertmanager_without_url")).description == (
            "A core has 94 degrees - High temperature of a core"
        )

    def test_a_summary_that_is_only_the_name_of_the_rule_is_left_out(self) -> None:
        document = changed(sample("alertmanager_two_sentences"), alerts__0__annotations__summary="SshBruteForce")
        assert only(document).description == "312 failed logins from 192.0.2.44 in five minutes"
        document = changed(document, alerts__0__annotations__description=None)
        assert only(document).description == "SshBruteForce"

    def test_a_resolved_alert_has_this_status_and_is_the_same_finding(self) -> None:
        resolved = only(sample("alertmanager_resolved"))
        active = only(sample("alertmanager_two_sentences"))
        assert (resolved.status, active.status) == ("resolved", "active")
        assert (resolved.alert_key, resolved.finding_id) == (active.alert_key, active.finding_id)

    def test_each_alert_of_a_group_has_its_own_status(self) -> None:
        document = sample("alertmanager_instances")
        document["status"] = "firing"
        document["alerts"][1]["status"] = "resolved"
        assert [each.status for each in alerts(document)] == ["active", "resolved", "active"]

    def test_an_alert_that_fires_again_is_another_finding(self) -> None:
        document = sample("alertmanager_two_sentences")
        again = changed(document, alerts__0__startsAt="2026-03-02T12:00:00Z")
        assert only(document).finding_id == "f1@2026-03-02T10:00:00Z"
        assert only(again).finding_id == "f1@2026-03-02T12:00:00Z"
        assert only(again).alert_id == only(document).alert_id

    def test_the_same_labels_in_two_clusters_are_two_incidents(self) -> None:
        document = sample("alertmanager_two_sentences")
        other = changed(document, externalURL="https://am.example.net")
        assert only(document).alert_id != only(other).alert_id
        document["alerts"][0]["labels"]["cluster"] = "eu"
        other["alerts"][0]["labels"]["cluster"] = "us"
        keys = {only(document).alert_key, only(other).alert_key}
        assert keys == {"eu/f1", "us/f1"}

    def test_two_replicas_of_an_alertmanager_are_one_incident_if_a_label_names_the_cluster(self) -> None:
        document = sample("alertmanager_two_sentences")
        document["alerts"][0]["labels"]["cluster"] = "eu"
        assert only(document).alert_id == only(changed(document, externalURL="http://am-2:9093")).alert_id

    def test_a_silenced_alert_of_the_api_is_still_active(self) -> None:
        document = sample("alertmanager_two_sentences")["alerts"][0]
        document["status"] = {"state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": []}
        assert only(document).status == "active"

    @pytest.mark.parametrize("removed", ["groupKey", "version", "externalURL", "commonLabels", "groupLabels"])
    def test_groups_of_older_versions_are_read(self, removed: str) -> None:
        assert only(changed(sample("alertmanager_two_sentences"), **{removed: None})).rule_id == "SshBruteForce"

    def test_alerts_of_version_3_without_a_fingerprint_are_read(self) -> None:
        document = changed(
            sample("alertmanager_two_sentences"),
            alerts__0__fingerprint=None,
            alerts__0__generatorURL=None,
            version="3",
            groupKey=7,
        )
        assert (only(document).rule_id, only(document).alert_key) == (
            "SshBruteForce",
            "https://am.example.com/web-1:9100",
        )


class TestGrafana:
    def test_an_alert_is_named_by_its_group(self) -> None:
        assert only(sample("grafana_named_by_group")).rule_id == "FailedLogins"
        alert = only(sample("grafana_alert_without_name"))
        assert (alert.rule_id, alert.description) == ("Disk filling", "The disk is nearly full")
        assert alert.alert_key == "https://grafana.example.com//3/e6349a25f5ef0e9e"

    def test_an_alert_is_named_by_the_common_labels(self) -> None:
        document = changed(sample("grafana_alert_without_name"), groupLabels={})
        assert only(document).rule_id == "Disk filling"

    def test_two_organisations_are_two_incidents(self) -> None:
        document = sample("grafana_alert_without_name")
        assert only(document).alert_id != only(changed(document, orgId=4)).alert_id

    def test_an_alert_without_any_name_is_read(self) -> None:
        alert = only(sample("grafana_resolved_without_labels"))
        assert (alert.rule_id, alert.status) == ("alert without a name", "resolved")
        assert alert.description == "[RESOLVED:1]  (Disk filling)"

    def test_a_failure_of_grafana_names_the_rule(self) -> None:
        labels = {"alertname": "DatasourceError", "rulename": "Disk filling", "datasource_uid": "u"}
        document = changed(sample("grafana_alert_without_name"), alerts__0__labels=labels)
        assert only(document).rule_id == "DatasourceError: Disk filling"

    def test_a_group_of_version_8_is_read(self) -> None:
        alert = only(sample("grafana_group_of_version_8"))
        assert alert.timestamp is not None
        assert alert.timestamp.isoformat() == "2026-03-02T10:15:00.112013+00:00"
        assert ("domain", "web-1.example.com", ("object",)) in found(alert)

    @pytest.mark.parametrize(
        ("state", "status"),
        [
            ("ok", "resolved"),
            ("alerting", "active"),
            ("no_data", "active"),
            ("paused", "active"),
            ("pending", "active"),
        ],
    )
    def test_an_alert_of_a_dashboard_has_a_status(self, state: str, status: str) -> None:
        alert = only(changed(sample("grafana_dashboard_ok"), state=state))
        assert (alert.detector, alert.rule_id, alert.status) == ("grafana", "Failed logins", status)
        assert alert.alert_key == "https://grafana.example.com/d/ab12/hosts/2/7/3/41"
        assert alert.description == "Failed logins are back to normal - [OK] Failed logins"


class TestFalco:
    def test_two_pods_on_one_node_are_two_incidents(self) -> None:
        first, second = alerts(sample("falco_two_pods"))
        assert (first.alert_key, second.alert_key) == ("node-1/shop/cart-0", "node-1/payments/ledger-0")

    def test_one_pod_in_two_clusters_is_two_incidents(self) -> None:
        document = sample("falco_of_sidekick")
        other = changed(document, output_fields__cluster="prod-us")
        assert (only(document).alert_key, only(other).alert_key) == ("prod-eu/shop/cart-0", "prod-us/shop/cart-0")

    def test_an_alert_without_a_time_or_host_is_read(self) -> None:
        alert = only(sample("falco_of_sidekick"))
        assert (alert.rule_id, alert.severity) == ("Terminal shell in container", "Alert")
        assert in_words("falco", "Alert") == "Alert"
        assert ("hostname", "node-1", ("local",)) in found(alert)

    @pytest.mark.parametrize(
        ("fields", "key"),
        [
            ({"container.id": "3f2a9c1d7e54"}, "3f2a9c1d7e54"),
            ({"container.id": "host", "container.name": "host"}, "node-1"),
            ({"container.id": "", "container.name": "app"}, "node-1/app"),
            ({"container.id": "<NA>", "k8s.pod.name": "<NA>", "k8s.ns.name": None}, "node-1"),
            ({"k8smeta.ns.name": "shop", "k8smeta.pod.name": "cart-0"}, "node-1/shop/cart-0"),
            ({"ka.user.name": "mallory"}, "node-1/mallory"),
            ({"ct.user": "ops", "ct.user.accountid": "444455556666"}, "444455556666/ops"),
            ({"ct.user": "ops", "ct.user.arn": "arn:aws:iam::444455556666:user/ops"}, "444455556666/ops"),
            ({"gcp.user": "jane@example.com", "gcp.projectId": "shop-prod"}, "shop-prod/jane@example.com"),
            ({"github.user": "jane", "github.org": "example", "github.repo": "shop"}, "example/jane"),
        ],
    )
    def test_the_key_is_what_a_person_would_name(self, fields: dict[str, Any], key: str) -> None:
        document = changed(sample("falco_two_pods")[0], output_fields=fields)
        assert only(document).alert_key == key

    @pytest.mark.parametrize("field", ["ct.srcip", "ka.sourceips", "gcp.callerIP", "okta.client.ip"])
    def test_a_caller_has_no_side_that_the_event_does_not_state(self, field: str) -> None:
        document = changed(sample("falco_two_pods")[0], output_fields={field: "198.51.100.7"})
        assert ("ipaddr", "198.51.100.7", ("client", "subject")) in found(only(document))


class TestSuricata:
    def test_the_client_opened_the_flow(self) -> None:
        assert found(only(sample("suricata_c2")), "ipaddr", "domain") == {
            ("ipaddr", "10.1.2.3", ("client",)),
            ("ipaddr", "198.51.100.27", ("server",)),
            ("domain", "c2.example.net", ("server",)),
        }

    def test_the_packet_that_matched_may_be_an_answer(self) -> None:
        alert = only(sample("suricata_answer_of_server"))
        assert found(alert, "ipaddr") == {
            ("ipaddr", "10.31.64.240", ("client",)),
            ("ipaddr", "198.51.100.99", ("server",)),
        }
        assert alert.alert_key == "10.31.64.240"
        assert ("url", "http://test.example.org/uid/index.html", ("server",)) in found(alert)

    @pytest.mark.parametrize(
        ("values", "client"),
        [
            ({"direction": "to_client"}, "198.51.100.27"),
            ({"flow": {"src_ip": "198.51.100.27", "dest_ip": "10.1.2.3"}}, "198.51.100.27"),
            ({"flow": {"src_ip": "10.1.2.3", "dest_ip": "198.51.100.27"}, "direction": "to_client"}, "10.1.2.3"),
            ({"direction": None, "src_port": 443, "dest_port": 50000}, "198.51.100.27"),
            ({"direction": None}, "10.1.2.3"),
        ],
    )
    def test_the_flow_or_its_direction_decides_the_roles(self, values: dict[str, Any], client: str) -> None:
        alert = only(changed(sample("suricata_c2"), **values))
        assert [each.value for each in alert.attributes if "client" in each.context] == [client]
        assert alert.alert_key == client

    def test_without_a_direction_no_role_is_claimed(self) -> None:
        alert = only(changed(sample("suricata_c2"), direction=None, src_port=40000, dest_port=50000))
        assert found(alert, "ipaddr") == {
            ("ipaddr", "10.1.2.3", ("source",)),
            ("ipaddr", "198.51.100.27", ("destination",)),
        }

    def test_two_sensors_are_two_incidents(self) -> None:
        document = sample("suricata_c2")
        keys = [only({**document, "host": host}).alert_key for host in ("sensor-1", "sensor-2")]
        assert keys == ["sensor-1/10.1.2.3", "sensor-2/10.1.2.3"]
        firewalls = [only({"firewall_name": name, "event": document}).alert_key for name in ("egress", "ingress")]
        assert firewalls == ["egress/10.1.2.3", "ingress/10.1.2.3"]

    def test_the_client_behind_a_proxy_is_an_attribute(self) -> None:
        alert = only({**sample("suricata_c2"), "http": {"xff": "203.0.113.5, 10.0.0.1"}})
        assert ("ipaddr", "203.0.113.5", ("client",)) in found(alert)

    def test_a_severity_of_1_is_the_worst(self) -> None:
        assert in_words("suricata", only(sample("suricata_c2")).severity or "") == "High (1)"

    def test_an_alert_without_the_number_of_its_signature_is_read(self) -> None:
        assert only(changed(sample("suricata_c2"), alert__signature_id=None)).rule_id == "C2 check-in"


class TestGoogleScc:
    def test_members_are_email_addresses(self) -> None:
        alert = only(sample("google_scc_anomalous_grant"))
        assert found(alert, "email", "username", "project") == {
            ("email", "ci@shop-prod.iam.gserviceaccount.com", ("subject",)),
            ("email", "mallory@example.net", ("object",)),
            ("project", "shop-prod", ("local",)),
        }

    @pytest.mark.parametrize(
        ("state", "mute", "status"),
        [
            ("ACTIVE", "UNDEFINED", "active"),
            ("ACTIVE", "UNMUTED", "active"),
            ("ACTIVE", "MUTED", "resolved"),
            ("INACTIVE", "UNMUTED", "resolved"),
        ],
    )
    def test_an_inactive_or_muted_finding_is_resolved(self, state: str, mute: str, status: str) -> None:
        document = changed(sample("google_scc_anomalous_grant"), finding__state=state, finding__mute=mute)
        assert only(document).status == status
        assert only(document).finding_id == "organizations/100000000001/sources/2002/findings/12345"

    def test_two_instances_of_a_project_are_two_incidents(self) -> None:
        document = sample("google_scc_ssh_brute_force")
        other = changed(document, finding__sourceProperties__properties__instanceId="5678")
        assert only(document).alert_id != only(other).alert_id
        assert ("ipaddr", "192.0.2.100", ("client",)) in found(only(document))
        assert only(document).status == "resolved"

    def test_a_message_that_was_pulled_is_read(self) -> None:
        data = base64.b64encode(json.dumps(sample("google_scc_member")).encode()).decode()
        alert = only({"receivedMessages": [{"ackId": "a", "message": {"data": data, "messageId": "77"}}]})
        assert (alert.rule_id, alert.severity) == ("NON_ORG_IAM_MEMBER", "High")
        assert alert.description == "Somebody outside of the organisation has rights in a project."
        assert ("project", "shop-prod", ("local",)) in found(alert)


class TestOkta:
    @pytest.mark.parametrize(
        ("around", "key"),
        [
            ({"eventType": "com.okta.event_hook", "source": "https://a.okta.com/api/v1/eventHooks/who1"}, "a.okta.com"),
            ({"eventType": "com.okta.event_hook", "source": "https://b.okta.com/api/v1/eventHooks/who1"}, "b.okta.com"),
            ({"detail-type": "SystemLog", "source": "aws.partner/okta.com/example/logs"}, "example/logs"),
            ({"detail-type": "SystemLog", "source": "my.forwarder"}, None),
        ],
    )
    def test_two_organisations_are_two_incidents(self, around: dict[str, Any], key: str | None) -> None:
        event = sample("okta_without_target")
        document = {**around, "data": {"events": [event]}} if "eventType" in around else {**around, "detail": event}
        alert = only(document)
        assert alert.alert_key == "/".join(part for part in (key, "carol@example.com") if part)
        assert alert.finding_id == ""

    def test_the_user_who_reports_is_not_the_suspect(self) -> None:
        document = changed(
            sample("okta_without_target"),
            eventType="user.account.report_suspicious_activity_by_enduser",
            debugContext={"debugData": {"suspiciousActivityEventIp": "203.0.113.98"}},
        )
        alert = only(document)
        assert not [each for each in alert.attributes if "subject" in each.context]
        assert ("ipaddr", "203.0.113.98", ("additional",)) in found(alert)


class TestGithub:
    @pytest.mark.parametrize("name", ["vulnerability_dismissed", "code_scanning_fixed", "secret_reopened"])
    def test_the_sender_is_not_the_suspect(self, name: str) -> None:
        alert = only(sample(f"github_{name}"))
        assert ("repository", "example/shop", ("local", "object")) in found(alert)
        assert not [each for each in alert.attributes if "subject" in each.context]

    @pytest.mark.parametrize(
        ("name", "values", "status"),
        [
            ("vulnerability_dismissed", {}, "resolved"),
            ("vulnerability_dismissed", {"action": "create", "alert__dismissed_at": None}, "active"),
            ("vulnerability_dismissed", {"action": "resolve", "alert__dismissed_at": None}, "resolved"),
            ("code_scanning_fixed", {}, "resolved"),
            ("code_scanning_fixed", {"alert__state": "open", "action": "reopened"}, "active"),
            ("code_scanning_fixed", {"alert__state": "dismissed", "action": "closed_by_user"}, "resolved"),
            ("code_scanning_fixed", {"alert__state": "auto_dismissed", "action": "auto_dismissed"}, "resolved"),
            ("secret_reopened", {}, "active"),
            ("secret_reopened", {"alert__resolution": "revoked", "action": "resolved"}, "resolved"),
            ("secret_reopened", {"alert__state": "resolved", "action": "resolved"}, "resolved"),
        ],
    )
    def test_alerts_have_a_status(self, name: str, values: dict[str, Any], status: str) -> None:
        assert only(changed(sample(f"github_{name}"), **values)).status == status

    def test_the_concrete_sentence_is_first(self) -> None:
        alert = only(sample("github_code_scanning_fixed"))
        assert alert.description.startswith("This query depends on a value of the user. Query built")
        assert alert.finding_id == "https://github.com/example/shop/security/code-scanning/10"

    def test_the_older_event_of_vulnerabilities_is_read(self) -> None:
        alert = only(sample("github_vulnerability_dismissed"))
        assert (alert.rule_id, alert.alert_key) == ("CVE-2026-3728", "example/shop#7649605")
        assert ("package", "many_gem", ("local", "object")) in found(alert)


class TestAws:
    def test_exposed_credentials(self) -> None:
        alert = only(sample("aws_health_exposed_key"))
        assert (alert.detector, alert.rule_id) == ("aws-health", "AWS_RISK_CREDENTIALS_EXPOSED")
        assert (alert.status, alert.description) == ("resolved", "A key was exposed.")
        assert ("accesskey", "AKIAIOSFODNN7EXAMPLE", ("local", "object")) in found(alert)
        assert alert.finding_id in alert.alert_key
        assert alert.alert_key.startswith("111122223333/")

    def test_abuse_names_the_instances(self) -> None:
        alert = only(sample("aws_health_abuse"))
        assert {value for _, value, _ in found(alert, "instance")} == {"i-0a1b2c3d4e5f60718", "i-0b1b2c3d4e5f60718"}
        assert alert.timestamp is not None
        assert alert.timestamp.isoformat() == "2026-03-02T10:15:00+00:00"
        assert alert.status == "active"

    def test_one_public_event_in_two_accounts_is_two_incidents(self) -> None:
        document = sample("aws_health_abuse")
        assert only(document).alert_id != only(changed(document, account="444455556666")).alert_id

    @pytest.mark.parametrize(
        ("kind", "status"),
        [("COMPLIANT", "resolved"), ("NON_COMPLIANT", "active"), ("NOT_APPLICABLE", "resolved"), (None, "resolved")],
    )
    def test_compliance_with_a_rule_of_config(self, kind: str | None, status: str) -> None:
        document = sample("aws_config_compliant")
        message = json.loads(document["Message"])
        if kind is None:
            message["newEvaluationResult"] = None
        else:
            message["newEvaluationResult"]["complianceType"] = kind
        alert = only({**document, "Message": json.dumps(message)})
        assert (alert.rule_id, alert.status) == ("cloudtrail-enabled", status)
        assert alert.alert_key == "444455556666/us-east-2/AWS::::Account/444455556666"
        assert ("account", "444455556666", ("local", "object")) in found(alert)

    def test_an_item_of_trusted_advisor(self) -> None:
        document = sample("trusted_advisor_limit")
        alert = only(document)
        assert (alert.rule_id, alert.status) == ("Auto Scaling Launch Configurations", "resolved")
        assert alert.alert_key == "111122223333/us-west-1/AutoScaling/Launch configurations"
        used = {**document["detail"]["check-item-detail"], "Current Usage": "190"}
        again = only(changed(document, **{"detail__check-item-detail": used, "detail__status": "WARN"}))
        assert (again.alert_id, again.status, again.severity) == (alert.alert_id, "active", "WARN")

    def test_a_good_item_without_a_name_resolves_nothing(self) -> None:
        document = sample("trusted_advisor_limit")
        unnamed = {"detail__check-item-detail": {"Volume": "shop", "Status": "Green"}, "detail__status": "OK"}
        assert only(changed(document, **unnamed)).status == "active"
        untagged: dict[str, Any] = {
            "detail__image-digest": None,
            "detail__image-tags": ["latest"],
            "detail__finding-severity-counts": {},
        }
        assert only(changed(sample("ecr_two_scans")[0], **untagged)).status == "active"

    def test_the_severity_of_a_scan_is_the_worst_that_occurs(self) -> None:
        first, second = alerts(sample("ecr_two_scans"))
        assert (first.severity, second.severity) == ("HIGH", "LOW")
        assert only(sample("ecr_enhanced_scan")).severity == "CRITICAL"
        assert first.alert_key == (
            "111122223333/eu-west-1/shop@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        assert first.timestamp is not None
        assert ("account", "111122223333", ("local",)) in found(first)

    @pytest.mark.parametrize(
        ("counts", "scan", "severity", "status"),
        [
            ({}, "COMPLETE", None, "resolved"),
            ({"CRITICAL": 0, "LOW": 0}, "INITIAL_SCAN_COMPLETE", None, "resolved"),
            ({"TOTAL": 3, "UNDEFINED": 3}, "COMPLETE", "UNDEFINED", "active"),
            ({}, "FAILED", None, "active"),
            ({"LOW": 2, "MEDIUM": 1, "INFORMATIONAL": 9}, "COMPLETE", "MEDIUM", "active"),
        ],
    )
    def test_a_scan_that_found_nothing_passed(
        self, counts: dict[str, int], scan: str, severity: str | None, status: str
    ) -> None:
        values = {"detail__finding-severity-counts": counts, "detail__scan-status": scan}
        alert = only(changed(sample("ecr_two_scans")[0], **values))
        assert (alert.severity, alert.status) == (severity, status)

    @pytest.mark.parametrize(
        ("word", "status"), [("ACTIVE", "active"), ("CLOSED", "resolved"), ("SUPPRESSED", "resolved")]
    )
    def test_findings_of_inspector_have_a_status(self, word: str, status: str) -> None:
        document = json.loads((SAMPLES.parent / "vendors" / "inspector_network_reachability.json").read_bytes())
        alert = only(changed(document, status=word))
        assert (alert.status, alert.rule_id) == (status, "NETWORK_REACHABILITY TCP 22-22")
        assert alert.finding_id == document["findingArn"]

    def test_two_open_ports_of_an_instance_are_two_incidents(self) -> None:
        document = json.loads((SAMPLES.parent / "vendors" / "inspector_network_reachability.json").read_bytes())
        other = changed(document, networkReachabilityDetails__openPortRange={"begin": 3389, "end": 3389})
        assert only(document).alert_id != only(other).alert_id

    @pytest.mark.parametrize(("archived", "status"), [(True, "resolved"), (False, "active")])
    def test_an_archived_finding_of_macie_is_resolved(self, archived: bool, status: str) -> None:
        document = json.loads((SAMPLES.parent / "vendors" / "macie_policy_finding.json").read_bytes())
        alert = only(changed(document, detail__archived=archived))
        assert (alert.status, alert.finding_id) == (status, document["detail"]["id"])
