"""Shapes of endpoint, identity, network and cloud products: who acted, from where, and on what."""

import json
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.domain.sides import with_side
from alert_responder.formats import parse_record

SAMPLES = Path(__file__).parents[3] / "events" / "samples"


def heads(name: str) -> list[tuple[Any, ...]]:
    """Return rule, key, severity, status and id of the finding of each alert of a sample."""
    parsed, rejected = parse_record((SAMPLES / f"{name}.json").read_bytes())
    assert not rejected
    found = [each.alert for each in parsed]
    return [(each.rule_id, each.alert_key, each.severity, each.status, each.finding_id) for each in found]


def only(document: Any) -> Alert:
    parsed, rejected = parse_record(json.dumps(document).encode())
    assert not rejected
    (each,) = parsed
    return each.alert


def found(alert: Alert) -> set[tuple[str, str, str]]:
    return {(each.type, each.value, " ".join(with_side(each).context)) for each in alert.attributes}


def falco(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "rule": "A rule",
        "priority": "Warning",
        "output": "A sentence",
        "time": "2026-03-02T10:15:30Z",
        "hostname": "audit-0",
        "output_fields": fields,
        **more,
    }


class TestFalco:
    @pytest.mark.parametrize(
        ("other", "merges"),
        [({"ka.target.name": "web-2"}, False), ({"ka.target.namespace": "test"}, False), ({"ka.verb": "get"}, True)],
    )
    def test_calls_on_two_pods_are_two_incidents(self, other: dict[str, str], merges: bool) -> None:
        fields = {
            "ka.user.name": "jane",
            "ka.target.name": "web-1",
            "ka.target.namespace": "prod",
            "ka.target.resource": "pods",
        }
        first, second = only(falco(fields)), only(falco({**fields, **other}))
        assert first.alert_key == "audit-0/prod/web-1/jane"
        assert ("pod", "web-1", "local") in found(first)
        assert (first.alert_id == second.alert_id) is merges

    def test_calls_of_two_users_on_a_pod_of_a_cluster_are_two_incidents(self) -> None:
        fields = {"k8s.cluster.name": "eu", "ka.target.name": "web-1", "ka.target.namespace": "prod"}
        keys = [only(falco({**fields, "ka.user.name": user})).alert_key for user in ("jane", "bob")]
        assert keys == ["eu/prod/web-1/jane", "eu/prod/web-1/bob"]

    @pytest.mark.parametrize(
        "more",
        [
            {"ka.target.resource": "pods"},
            {"ka.target.resource": "pods", "ka.target.subresource": "exec"},
            {"ka.target.subresource": "attach"},
            {"ka.target.pod.name": "web-1"},
        ],
    )
    def test_an_object_is_a_pod_by_its_kind_or_the_call(self, more: dict[str, str]) -> None:
        alert = only(falco({"ka.target.name": "web-1", **more}))
        assert {each for each in found(alert) if each[1] == "web-1"} == {("pod", "web-1", "local")}

    @pytest.mark.parametrize(("kind", "subresource"), [("secrets", None), ("deployments", "scale"), (None, None)])
    def test_another_object_than_a_pod_is_a_resource(self, kind: str | None, subresource: str | None) -> None:
        fields = {"ka.target.name": "prod-web", "ka.target.resource": kind, "ka.target.subresource": subresource}
        alert = only(falco(fields))
        assert ("resource", "prod-web", "local object") in found(alert)
        assert "prod-web" in alert.alert_key
        assert not any(each.type == "pod" for each in alert.attributes)

    @pytest.mark.parametrize("actor", ["okta.actor.alternateid", "okta.actor.name"])
    def test_fields_of_the_okta_plugin(self, actor: str) -> None:
        alert = only(falco({actor: "admin@example.com", "okta.target.user.name": "bob"}, source="okta"))
        assert alert.alert_key == "audit-0/admin@example.com"
        assert found(alert) >= {("username", "admin@example.com", "subject"), ("username", "bob", "object")}

    def test_the_name_of_the_remote_host(self) -> None:
        assert ("domain", "c2.example.net", "remote") in found(only(falco({"fd.rip.name": "c2.example.net"})))

    @pytest.mark.parametrize(
        ("name", "client", "server"),
        [
            ("10.0.0.7:51234->198.51.100.7:443", "10.0.0.7", "198.51.100.7"),
            ("2001:db8::7:51234->2001:db8:1::9:443", "2001:db8::7", "2001:db8:1::9"),
            ("fd00::7:1->2001:db8:0:1:2:3:4:9:80", "fd00::7", "2001:db8:0:1:2:3:4:9"),
        ],
    )
    def test_a_connection_has_a_port_after_each_address(self, name: str, client: str, server: str) -> None:
        addresses = [
            (each.value, each.key) for each in only(falco({"fd.name": name})).attributes if each.type == "ipaddr"
        ]
        assert addresses == [(client, "client"), (server, "server")]

    @pytest.mark.parametrize("name", ["/etc/shadow", "198.51.100.7:443", "/a->/b->/c", "x", "", None, 7])
    def test_other_files_have_no_addresses(self, name: Any) -> None:
        assert not any(each.type == "ipaddr" for each in only(falco({"fd.name": name})).attributes)


def suricata(**more: Any) -> dict[str, Any]:
    return {
        "event_type": "alert",
        "src_ip": "10.1.2.3",
        "dest_ip": "10.0.0.53",
        "alert": {"signature_id": 1, "signature": "A signature"},
        **more,
    }


class TestSuricata:
    @pytest.mark.parametrize(
        "dns",
        [
            {"queries": [{"rrname": "c2.example.net"}], "answers": [{"rrtype": "A", "rdata": "198.51.100.77"}]},
            {"answer": {"rrname": "c2.example.net", "answers": [{"rrtype": "A", "rdata": "198.51.100.77"}]}},
            {"type": "answer", "rrname": "c2.example.net", "rrtype": "A", "rdata": "198.51.100.77"},
        ],
    )
    def test_answers_of_name_servers(self, dns: dict[str, Any]) -> None:
        assert found(only(suricata(dns=dns))) >= {
            ("domain", "c2.example.net", "remote server"),
            ("ipaddr", "198.51.100.77", "additional remote"),
        }

    def test_an_answer_that_is_another_name(self) -> None:
        answers = [{"rrtype": "CNAME", "rdata": "edge.example.net"}, {"rrtype": "TXT", "rdata": "some.text"}]
        domains = {each for each in found(only(suricata(dns={"answers": answers}))) if each[0] == "domain"}
        assert domains == {("domain", "edge.example.net", "additional remote")}

    def test_a_client_of_a_proxy_requests_whole_urls(self) -> None:
        http = {"hostname": "c2.example.net", "url": "http://c2.example.net/a"}
        urls = {each for each in found(only(suricata(http=http))) if each[0] == "url"}
        assert urls == {("url", "http://c2.example.net/a", "remote server")}

    def test_urls_in_mails(self) -> None:
        alert = only(suricata(email={"url": ["c2.example.net/a", "https://b.example.net/"]}))
        assert found(alert) >= {
            ("domain", "c2.example.net", "additional remote"),
            ("url", "https://b.example.net/", "additional remote"),
        }


def okta(**more: Any) -> dict[str, Any]:
    return {
        "uuid": "u-1",
        "eventType": "user.account.privilege.grant",
        "published": "2026-03-02T10:15:30Z",
        "displayMessage": "Grant user privilege",
        "outcome": {"result": "SUCCESS"},
        "actor": {"id": "00u1", "type": "User", "alternateId": "admin@example.com"},
        **more,
    }


class TestOkta:
    def test_what_was_granted_is_in_the_description(self) -> None:
        alert = only(okta(debugContext={"debugData": {"privilegeGranted": "Super administrator"}}))
        assert alert.description == "Grant user privilege: Super administrator: SUCCESS"

    def test_targets_of_all_types(self) -> None:
        target = [
            {"type": "AppInstance", "alternateId": "AWS", "displayName": "AWS accounts"},
            {"type": "AppUser", "alternateId": "bob@example.com"},
            {"type": "UserGroup", "displayName": "Admins", "alternateId": "unknown"},
            {"type": "Token", "displayName": "deploy", "alternateId": "unknown"},
        ]
        assert {each for each in found(only(okta(target=target))) if "object" in each[2]} == {
            ("resource", "AWS accounts", "object"),
            ("username", "bob@example.com", "object"),
            ("email", "bob@example.com", "object remote"),
            ("resource", "Admins", "object"),
            ("resource", "deploy", "object"),
        }

    def test_an_application_is_not_a_user(self) -> None:
        actor = {"id": "0oa1", "type": "PublicClientApp", "alternateId": "0oa1", "displayName": "Reports"}
        assert found(only(okta(actor=actor))) == {
            ("application", "0oa1", "subject"),
            ("application", "Reports", "subject"),
        }


def scc(**more: Any) -> dict[str, Any]:
    finding = {
        "name": "organizations/1/sources/2/findings/f1",
        "parent": "organizations/1/sources/2",
        "category": "OS_VULNERABILITY",
        "resourceName": "//compute.googleapis.com/projects/prod/zones/z/instances/1",
        **more,
    }
    return {"notificationConfigName": "n", "finding": finding}


class TestGoogleScc:
    def test_two_vulnerabilities_of_a_host_are_two_incidents(self) -> None:
        first, second = (
            only(scc(vulnerability={"cve": {"id": cve}, "offendingPackage": {"packageName": "openssl"}}))
            for cve in ("CVE-2026-1", "CVE-2026-2")
        )
        assert first.alert_id != second.alert_id
        assert ("package", "openssl", "local object") in found(first)

    def test_where_data_went_and_whose_key_was_used(self) -> None:
        alert = only(
            scc(
                access={
                    "serviceAccountKeyName": "//iam.googleapis.com/keys/k-1",
                    "serviceAccountDelegationInfo": [{"principalEmail": "bob@example.com"}],
                },
                exfiltration={"sources": [{"name": "//bigquery/t"}], "targets": [{"name": "//storage/other"}]},
            )
        )
        assert found(alert) >= {
            ("resource", "//bigquery/t", "local object"),
            ("resource", "//storage/other", "object"),
            ("resource", "//iam.googleapis.com/keys/k-1", "subject"),
            ("email", "bob@example.com", "remote subject"),
        }


class TestGitHub:
    @pytest.mark.parametrize(
        ("state", "withdrawn", "status"),
        [
            ("triage", None, "active"),
            ("published", None, "active"),
            ("closed", None, "resolved"),
            ("published", "2026-03-03T10:15:30Z", "resolved"),
        ],
    )
    def test_an_advisory_of_a_repository(self, state: str, withdrawn: str | None, status: str) -> None:
        advisory = {
            "ghsa_id": "GHSA-1",
            "summary": "A flaw",
            "severity": "high",
            "state": state,
            "cve_id": "CVE-2026-1",
        }
        alert = only(
            {
                "action": "reported",
                "repository_advisory": {**advisory, "withdrawn_at": withdrawn},
                "repository": {"full_name": "acme/app"},
                "sender": {"login": "alice"},
            }
        )
        head = (alert.rule_id, alert.rule_name, alert.alert_key, alert.severity, alert.status, alert.finding_id)
        assert head == ("GHSA-1", "A flaw", "acme/app", "high", status, "GHSA-1")
        assert found(alert) == {
            ("repository", "acme/app", "local object"),
            ("cve", "CVE-2026-1", "local"),
            ("username", "alice", "additional"),
        }


class TestWiz:
    def test_vulnerabilities_of_resources(self) -> None:
        vm = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718"
        assert heads("wiz_vulnerability_finding") == [
            ("CVE-2026-1234", f"111122223333/{vm}", "HIGH", "active", "v-1"),
            ("CVE-2026-1234", "sub-1//subscriptions/sub-1/vm-2", "HIGH", "resolved", "v-2"),
        ]

    def test_a_resource_without_an_id_and_a_finding_without_a_cve(self) -> None:
        finding = {"id": "v", "name": "GHSA-1", "status": "OPEN", "vulnerableAsset": {"name": "vm"}}
        for document in (finding, {"vulnerability": finding}):
            alert = only(document)
            assert (alert.rule_id, alert.alert_key, alert.description) == ("GHSA-1", "vm", "GHSA-1 on vm")
            assert found(alert) == {("resource", "vm", "local object")}


class TestEntra:
    def test_risks_of_users_and_service_principals(self) -> None:
        assert heads("microsoft_entra_streamed") == [
            ("unfamiliarFeatures", "tenant-1/alice@example.com", "low", "resolved", "r-1"),
            ("identity-at-risk", "tenant-1/bob@example.com", "high", "active", "u-2"),
            ("suspiciousAPITraffic", "tenant-2/sp-1", "high", "active", "r-3"),
        ]

    @pytest.mark.parametrize(
        ("state", "status"),
        [
            ("atRisk", "active"),
            ("confirmedCompromised", "active"),
            ("confirmedSafe", "resolved"),
            ("remediated", "resolved"),
            ("dismissed", "resolved"),
        ],
    )
    def test_a_detection_of_graph(self, state: str, status: str) -> None:
        risk = {"id": "r", "riskEventType": "leakedCredentials", "riskLevel": "none", "riskState": state}
        alert = only({**risk, "userPrincipalName": "alice@example.com", "ipAddress": "198.51.100.27"})
        assert (alert.detector, alert.alert_key, alert.severity) == ("microsoft-entra", "alice@example.com", None)
        assert alert.status == status
        assert found(alert) == {
            ("email", "alice@example.com", "remote subject"),
            ("ipaddr", "198.51.100.27", "client remote subject"),
        }

    def test_a_service_principal_at_risk(self) -> None:
        risk = {
            "id": "sp",
            "riskState": "atRisk",
            "riskLevel": "high",
            "riskLastUpdatedDateTime": "2026-03-02T10:15:30Z",
        }
        alert = only({**risk, "appId": "app-1", "displayName": "Reports"})
        assert alert.alert_key == "app-1"
        assert found(alert) == {("application", "Reports", "subject"), ("application", "app-1", "subject")}


class TestSentinelOne:
    def test_observables(self) -> None:
        observables = [
            {"type": "IP_ADDRESS", "value": "198.51.100.27"},
            {"type": "Hostname", "value": "c2.example.net"},
            {"type": "URL_STRING", "value": "https://b.example.net/a"},
            {"type": "HASH", "value": "900150983cd24fb0d6963f7d28e17f72"},
            {"type": "EMAIL_ADDRESS", "value": "eve@evil.example"},
            {"type": "USER_NAME", "value": "eve"},
            {"type": "PROCESS_NAME", "value": "a.exe"},
            {"type": 2, "value": "7"},
            "text",
        ]
        unified = {"id": "u", "name": "A name", "severity": "HIGH", "detectedAt": "2026-03-02T10:15:30Z"}
        alert = only({**unified, "analytics": {"name": "a"}, "detectionSource": {}, "observables": observables})
        assert found(alert) == {
            ("ipaddr", "198.51.100.27", "additional remote"),
            ("domain", "c2.example.net", "additional remote"),
            ("url", "https://b.example.net/a", "additional remote"),
            ("filehashvalue", "900150983cd24fb0d6963f7d28e17f72", "additional file"),
            ("email", "eve@evil.example", "additional remote"),
            ("username", "eve", "additional"),
        }


class TestCrowdStrike:
    @pytest.mark.parametrize(("address", "side"), [("198.51.100.27", "remote"), ("10.0.0.7", "local")])
    def test_a_sign_in_may_come_from_a_host_of_somebody_else(self, address: str, side: str) -> None:
        event = {"Name": "A sign-in", "PatternId": 1, "SourceAccountName": "alice", "SourceEndpointIpAddress": address}
        streamed = {"metadata": {"eventType": "IdpDetectionSummaryEvent", "customerIDString": "c"}, "event": event}
        alert = {"composite_id": "c:ind:1", "product": "idp", "pattern_id": 1, "source_endpoint_ip_address": address}
        for document in (streamed, alert):
            assert ("ipaddr", address, f"client {side}") in found(only(document))

    def test_lists_in_texts_of_detections_of_several_products(self) -> None:
        event = {"XdrType": "xdr", "Name": "A rule", "DomainNames": "c2.example.net,b.example.net", "Users": "alice"}
        alert = only({"metadata": {"eventType": "XdrDetectionSummaryEvent", "customerIDString": "c"}, "event": event})
        assert found(alert) == {
            ("domain", "c2.example.net", "additional remote"),
            ("domain", "b.example.net", "additional remote"),
            ("username", "alice", "additional"),
        }


class TestDefender:
    @pytest.mark.parametrize(
        ("roles", "context"),
        [
            (["attacked"], "object"),
            (["compromised"], "subject"),
            (["attacked", "compromised"], "subject"),
            ([], "subject"),
            (None, "subject"),
        ],
    )
    def test_who_was_attacked_is_not_suspected(self, roles: list[str] | None, context: str) -> None:
        user = {"userAccount": {"accountName": "alice"}, "roles": roles}
        address = {"ipAddress": "198.51.100.27", "roles": ["attacker"]}
        alert = only(
            {
                "title": "A title",
                "severity": "low",
                "detectorId": "d",
                "serviceSource": "s",
                "evidence": [user, address],
            }
        )
        assert found(alert) == {
            ("username", "alice", context),
            ("ipaddr", "198.51.100.27", "additional client remote"),
        }


def wazuh(location: str = "x", **data: Any) -> dict[str, Any]:
    return {
        "rule": {"id": "1", "level": 7},
        "agent": {"id": "000"},
        "manager": {"name": "m"},
        "location": location,
        "data": data,
    }


class TestWazuh:
    def test_a_firewall_of_aws(self) -> None:
        arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/main/1"
        headers = {"Host": "shop.example.com", "X-Forwarded-For": "192.0.2.9, 198.51.100.9"}
        alert = only(wazuh(aws={"webaclId": arn, "httpRequest": {"clientIp": "198.51.100.27", "headers": headers}}))
        assert alert.alert_key == f"m/x/{arn}/198.51.100.27"
        assert found(alert) == {
            ("arn", arn, "local object"),
            ("ipaddr", "198.51.100.27", "client remote"),
            ("ipaddr", "192.0.2.9", "client remote"),
            ("ipaddr", "198.51.100.9", "client remote"),
            ("domain", "shop.example.com", "remote server"),
        }

    def test_flows_of_two_sources_are_two_incidents(self) -> None:
        keys = [
            only(wazuh(aws={"accountId": "111122223333", "srcaddr": address})).alert_key
            for address in ("198.51.100.1", "198.51.100.2")
        ]
        assert keys == ["m/x/111122223333/198.51.100.1", "m/x/111122223333/198.51.100.2"]

    def test_anomalies_and_containers_of_a_host(self) -> None:
        anomaly = only(wazuh("rootcheck", title="A file differs", file="/usr/bin/diff"))
        assert anomaly.alert_key == "m/rootcheck/A file differs//usr/bin/diff"
        assert found(anomaly) == {("filepath", "/usr/bin/diff", "file local")}
        assert only(wazuh(title="A", file="/b")).alert_key == "m/x"
        assert only(wazuh(docker={"Actor": {"Attributes": {"name": "web"}}})).alert_key == "m/x/web"

    def test_solved_and_passed_are_states_of_one_incident(self) -> None:
        vulnerability = ("vulnerability-detector", "mgr/003/web-1/CVE-2026-1234")
        check = ("sca", "mgr/003/web-1/Ensure that root cannot sign in.")
        assert [(rule, key, *rest) for rule, key, _, *rest in heads("wazuh_states")] == [
            (*vulnerability, "active", "CVE-2026-1234/openssl"),
            (*vulnerability, "resolved", "CVE-2026-1234/openssl"),
            (*check, "active", "CIS/2139"),
            (*check, "resolved", "CIS/2139"),
        ]

    @pytest.mark.parametrize(
        ("location", "data", "status"),
        [
            ("ms-graph", {"ms-graph": {"status": "resolved"}}, "resolved"),
            ("ms-graph", {"ms-graph": {"status": "new"}}, "active"),
            ("x", {"ms-graph": {"status": "resolved"}}, "active"),
            ("Wazuh-AWS", {"aws": {"service": {"archived": True}}}, "resolved"),
            ("Wazuh-AWS", {"aws": {"service": {"archived": "true"}}}, "resolved"),
            ("Wazuh-AWS", {"aws": {"service": {"archived": "false"}}}, "active"),
            ("Wazuh-AWS", {"aws": {"finding": {"RecordState": "ARCHIVED"}}}, "resolved"),
            (
                "Wazuh-AWS",
                {"aws": {"finding": {"RecordState": "ACTIVE", "Workflow": {"Status": "RESOLVED"}}}},
                "resolved",
            ),
            ("Wazuh-AWS", {"aws": {"finding": {"Compliance": {"Status": "PASSED"}}}}, "resolved"),
            ("Wazuh-AWS", {"aws": {"finding": {"Workflow": {"Status": "NOTIFIED"}}}}, "active"),
            ("/var/log/a", {"aws": {"service": {"archived": True}, "finding": {"RecordState": "ARCHIVED"}}}, "active"),
            ("Wazuh-AWS", {"aws": "text"}, "active"),
        ],
    )
    def test_the_state_is_that_of_the_product_inside(self, location: str, data: dict[str, Any], status: str) -> None:
        assert only(wazuh(location, **data)).status == status

    @pytest.mark.parametrize("location", ["/var/log/app.json", "vulnerability-detector"])
    @pytest.mark.parametrize(
        "data", [{"vulnerability": {"status": "Solved"}, "sca": {"check": {"result": "passed"}}}, {"status": "passed"}]
    )
    def test_a_log_cannot_resolve_itself(self, location: str, data: dict[str, Any]) -> None:
        alert = only(wazuh(location, **data))
        scanned = location == "vulnerability-detector" and "vulnerability" in data
        assert (alert.status == "resolved") is scanned
        assert (alert.rule_id == "1") is not scanned

    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (wazuh("(ssh_generic_diff) root@10.2.0.8->agentless"), ("ipaddr", "10.2.0.8", "local")),
            (
                wazuh(parameters={"alert": {"data": {"srcip": "198.51.100.2"}}}),
                ("ipaddr", "198.51.100.2", "client remote"),
            ),
            (wazuh(http={"xff": "198.51.100.3"}), ("ipaddr", "198.51.100.3", "client remote")),
            (wazuh(vulnerability={"package": {"name": "openssl"}}), ("package", "openssl", "local object")),
            (
                wazuh(office365={"Parameters": [{"Name": "ForwardTo", "Value": "smtp:drop@evil.example"}]}),
                ("email", "drop@evil.example", "object remote"),
            ),
        ],
    )
    def test_what_other_products_report(self, document: dict[str, Any], expected: tuple[str, str, str]) -> None:
        assert found(only(document)) == {expected}

    @pytest.mark.parametrize(
        "parameters", ["text", {"Name": "ForwardTo"}, [{"Name": "Enabled", "Value": "True"}], None]
    )
    def test_other_parameters_are_not_recipients(self, parameters: Any) -> None:
        assert found(only(wazuh(office365={"Parameters": parameters}))) == set()


def test_labels_of_rules_about_logs() -> None:
    labels = {"alertname": "A", "src_ip": "198.51.100.27", "dest_ip": "10.0.0.9", "domain": "c2.example.net"}
    alert = only({"labels": labels, "startsAt": "2026-03-02T10:15:30Z", "fingerprint": "f"})
    assert found(alert) == {
        ("ipaddr", "198.51.100.27", "client remote"),
        ("ipaddr", "10.0.0.9", "local server"),
        ("domain", "c2.example.net", "additional remote"),
    }


@pytest.mark.parametrize("wrapped", [True, False])
def test_ids_of_azure_are_equal_in_any_case(wrapped: bool) -> None:
    keys = set()
    for resource in ("/subscriptions/S-1/resourceGroups/a/vm", "/SUBSCRIPTIONS/s-1/resourcegroups/A/VM"):
        alert = {"AlertType": "ARM_Odd", "SystemAlertId": "1", "AlertName": "Odd", "AzureResourceId": resource}
        alert |= {"CompromisedEntity": "vm"}
        lower = {name[:1].lower() + name[1:]: value for name, value in alert.items()}
        keys.add(only({"id": "i", "properties": lower} if wrapped else alert).alert_key)
    assert keys == {"/subscriptions/s-1/resourcegroups/a/vm/vm"}
