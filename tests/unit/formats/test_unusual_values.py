"""Values that the sample events lack: rare names, envelopes and nested parts, and what is said about faults."""

import base64
import json
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.formats import parse_record
from alert_responder.formats.aws_calls import account_of, arn_noun
from alert_responder.formats.registry import FormatRegistry

ALL = FormatRegistry()
OWN, OTHER = "111122223333", "999988887777"
NATIVE = {"detector": "d", "rule_id": "r"}


def read(document: Any) -> tuple[list[Alert], list[str]]:
    text = document if isinstance(document, str) else json.dumps(document)
    parsed, rejected = parse_record(text.encode(), ALL)
    return [each.alert for each in parsed], [each.reason for each in rejected]


def only(document: Any) -> Alert:
    (alert,), reasons = read(document)
    assert reasons == []
    return alert


def call(parameters: Any = None, **fields: Any) -> Alert:
    record = {
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{OWN}:user/bob", "accountId": OWN},
        "eventSource": "ec2.amazonaws.com",
        "eventName": "Call",
        "recipientAccountId": OWN,
        "requestParameters": parameters,
        "eventID": "c-1",
        "eventTime": "2026-03-02T10:15:30Z",
    }
    return only({**record, **fields})


def objects(alert: Alert) -> list[str]:
    return [
        f"{each.type} {each.value} ({' '.join(each.context)}) {each.key}"
        for each in alert.attributes
        if "object" in each.context
    ]


class TestCallsOfAws:
    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            (
                {"target": f"arn:aws:ec2:eu-west-1:{OWN}:instance/i-0a1b2c3d4e5f60718"},
                [
                    f"arn arn:aws:ec2:eu-west-1:{OWN}:instance/i-0a1b2c3d4e5f60718 (local object) instance",
                    "instance i-0a1b2c3d4e5f60718 (local object) instance",
                ],
            ),
            ({"volumeId": "vol-0a1b2c3d4e5f60718"}, ["resource vol-0a1b2c3d4e5f60718 (object) volume"]),
            ({"a": "i-0a1b2c3d4e5f60718"}, ["instance i-0a1b2c3d4e5f60718 (local object) instance"]),
            ({"callbackUrl": "https://hook.example.net/a"}, ["url https://hook.example.net/a (object) callback URL"]),
            ({"domainName": "shop.example.net."}, ["domain shop.example.net (object) domain"]),
            ({"comment": "198.51.100.7"}, []),
            ({"a": {"values": ["198.51.100.7", "text"]}}, ["ipaddr 198.51.100.7 (object) IP address"]),
            ({"policy": '{"clusterName": "a"}'}, []),
            ({"grantee": "i-0a1b2c3d4e5f60718"}, ["instance i-0a1b2c3d4e5f60718 (local object) instance"]),
            ({"planAName": "v"}, ["resource v (object) plan a"]),
            ({"adBlockName": "v"}, ["resource v (object) ad block"]),
            ({"dBAdBlockName": "v"}, ["resource v (object) DB ad block"]),
            (
                {"aaBbCcDdEeFfGgHhIiName": "v"},
                ["resource v (object) aa bb cc dd ee ff gg hh"],
            ),
        ],
    )
    def test_values_are_read_by_their_form_or_field(self, parameters: Any, expected: list[str]) -> None:
        assert objects(call(parameters)) == expected

    @pytest.mark.parametrize(
        ("effect", "everyone"),
        [
            ({"Effect": "Allow"}, True),
            ({"effect": "Allow"}, True),
            ({"Effect": "Deny"}, False),
            ({"effect": "Deny"}, False),
        ],
    )
    def test_a_denial_gives_no_access(self, effect: dict[str, str], everyone: bool) -> None:
        policy = {"Statement": [{**effect, "Principal": "*", "Action": "s3:GetObject"}]}
        assert ("everyone" in call({"policy": json.dumps(policy)}).description) is everyone

    @pytest.mark.parametrize(("owner", "contexts"), [(OWN, "local object"), (OTHER, "object"), (None, "local object")])
    def test_resources_of_other_accounts(self, owner: str | None, contexts: str) -> None:
        found = objects(call(resources=[{"ARN": "arn:aws:s3:::data", "accountId": owner}]))
        foreign = [f"account {OTHER} (object) account of the resource"] if owner == OTHER else []
        assert found == [f"arn arn:aws:s3:::data ({contexts}) bucket", *foreign]

    @pytest.mark.parametrize(("account", "contexts"), [(OWN, "local object"), (OTHER, "object")])
    def test_a_refused_resource(self, account: str, contexts: str) -> None:
        arn = f"arn:aws:sqs:eu-west-1:{account}:a"
        refused = f"bob is not authorized to perform: sqs:SendMessage on resource: {arn} because"
        assert objects(call(errorMessage=refused)) == [f"arn {arn} ({contexts}) queue"]

    def test_the_account_of_a_vpc_endpoint_is_named_if_it_is_foreign(self) -> None:
        for owner, named in ((OWN, False), (OTHER, True)):
            alert = call(vpcEndpointId="vpce-1", vpcEndpointAccountId=owner)
            found = {(each.type, each.value, each.key) for each in alert.attributes}
            assert ("resource", "vpce-1", "VPC endpoint") in found
            assert (("account", OTHER, "account of the VPC endpoint") in found) is named

    def test_the_account_of_the_caller_counts_if_no_other_is_named(self) -> None:
        (account,) = [each for each in call(recipientAccountId=None).attributes if each.type == "account"]
        assert (account.value, *sorted(account.context)) == (OWN, "local", "subject")

    @pytest.mark.parametrize(
        ("identity", "key"),
        [
            (
                {"type": "FederatedUser", "arn": f"arn:aws:sts::{OWN}:federated-user/jane"},
                f"arn:aws:sts::{OWN}:federated-user/jane",
            ),
            (
                {"type": "FederatedUser", "arn": f"arn:aws:sts::{OWN}:federated-user/1772446001"},
                f"arn:aws:sts::{OWN}:federated-user",
            ),
            ({"type": "AssumedRole", "principalId": "AROA1:jane:a"}, f"{OWN}/AROA1/jane:a"),
        ],
    )
    def test_callers_without_a_role_or_an_arn(self, identity: dict[str, str], key: str) -> None:
        assert call(userIdentity=identity).alert_key == key

    def test_a_call_without_a_caller(self) -> None:
        assert call(userIdentity={}).description == "Call"
        assert call({"instanceId": "i-1"}, userIdentity={}).description == "Call on instance i-1"

    def test_a_name_that_is_too_long_is_noted(self) -> None:
        record = {"userIdentity": {}, "eventSource": "ec2.amazonaws.com", "eventName": "a" * 2_000, "eventID": "1"}
        (alert,), (reason,) = read(record)
        assert alert.rule_id.startswith("ec2.amazonaws.com:aaa")
        assert "rule_id must have at most 1,024 characters and was shortened" in reason

    def test_the_description_counts_what_it_does_not_name(self) -> None:
        ids = [f"i-0a1b2c3d4e5f6071{number}" for number in range(4)]
        assert call({"instanceIds": ids[:3]}).description.endswith(f"instance {ids[2]}")
        assert call({"instanceIds": ids}).description.endswith(f"instance {ids[2]} and 1 more")

    @pytest.mark.parametrize(
        ("arn", "noun"),
        [
            ("arn:aws", "resource"),
            ("arn:aws:ec2", "ec2"),
            ("arn:aws:x:::a-b-c/d:e", "a b c"),
            (f"arn:aws:x:::{'a' * 40}/d", "a" * 32),
        ],
    )
    def test_what_an_arn_stands_for(self, arn: str, noun: str) -> None:
        assert arn_noun(arn) == noun

    def test_short_arns_have_no_account(self) -> None:
        assert [account_of(arn) for arn in ("arn:aws:sns:a", f"arn:aws:sns:a:{OWN}:t:u")] == [None, OWN]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


TWICE = json.dumps(NATIVE)[:-1] + ', "alert_key": "a", "alert_key": "b"}'


class TestEnvelopes:
    @pytest.mark.parametrize(
        "around",
        [
            lambda text: {"Records": [{"kinesis": {"data": encoded(text)}}]},
            lambda text: {"message": {"data": encoded(text), "messageId": "1"}, "subscription": "s"},
            lambda text: {"specversion": "1.0", "id": "1", "type": "t", "source": "s", "data_base64": encoded(text)},
            lambda text: {"Records": [{"body": text, "eventSource": "aws:sqs", "messageId": "1"}]},
        ],
    )
    def test_a_field_that_occurs_twice_inside_is_left_out(self, around: Any) -> None:
        (alert,), (reason,) = read(around(TWICE))
        assert alert.alert_key == ""
        assert "alert_key is given twice in one object" in reason

    @pytest.mark.parametrize(
        ("document", "reason"),
        [
            ({"data": {"alerts": {"nodes": ["text"]}}}, "data.nodes[0]"),
            ({"data": {"alerts": {"edges": [{"node": "text"}]}}}, "data.edges[0]"),
            ({"data": {"alerts": {"edges": ["text"]}}}, "data.edges[0]"),
            ({"specversion": "1.0", "id": "1", "type": "t", "source": "s", "data_base64": "%"}, "data_base64"),
        ],
    )
    def test_a_fault_is_located(self, document: Any, reason: str) -> None:
        alerts, reasons = read(document)
        assert alerts == []
        assert len(reasons) == 1
        assert reason in reasons[0]


class TestNative:
    @pytest.mark.parametrize(
        ("value", "kept"), [({"a": 1}, []), ([1], []), (True, []), (0.5, []), (7, ["7"]), ("a", ["a"])]
    )
    def test_only_texts_and_numbers_of_an_invalid_type_are_kept(self, value: Any, kept: list[str]) -> None:
        attribute = {"type": 5, "value": value, "context": ["local", 5], "timestamp": 5, "key": 5}
        (alert,), (reason,) = read({**NATIVE, "attributes": [attribute]})
        assert [each.value for each in alert.attributes if each.type == "other"] == kept
        assert "attributes[0].type must be a word" in reason

    @pytest.mark.parametrize(
        ("source", "kept"),
        [
            ({"product": "p", "region": 5}, "p"),
            ({"product": "p", "region": 5, "standards": 5}, None),
            ({"product": 5, "region": "eu-west-1"}, None),
        ],
    )
    def test_an_invalid_part_of_the_source_is_left_out(self, source: dict[str, Any], kept: str | None) -> None:
        (alert,), (reason,) = read({**NATIVE, "source": source})
        assert (alert.source and alert.source.product) == kept
        assert "source" in reason

    def test_a_long_name_of_a_field_is_quoted(self) -> None:
        for length, is_whole in ((95, True), (96, False)):
            (_,), (reason,) = read({**NATIVE, "body": {"a" * length: float("inf")}})
            assert (f" body.{'a' * length} is" in reason) is is_whole


SEQUENCE: dict[str, Any] = {"type": "AttackSequence:IAM/A", "severity": 9, "service": {}, "resource": {}}


class TestGuardDuty:
    def test_a_type_that_is_too_long_is_noted(self) -> None:
        (alert,), (reason,) = read({**SEQUENCE, "id": "f", "type": "a" * 2_000})
        assert alert.rule_id.startswith("a" * 900)
        assert "rule_id must have at most 1,024 characters and was shortened" in reason

    def test_the_id_is_that_of_the_arn_if_there_is_none(self) -> None:
        arn = f"arn:aws:guardduty:eu-west-1:{OWN}:detector/d/finding/f-1"
        assert only({**SEQUENCE, "id": "f-0", "arn": arn}).finding_id == "f-0"
        assert only({**SEQUENCE, "arn": arn}).finding_id == "f-1"

    def test_the_owner_of_an_access_key_in_a_sequence(self) -> None:
        resource = {
            "uid": "AKIAIOSFODNN7EXAMPLE",
            "accountId": OTHER,
            "data": {"accessKey": {"userType": "IAMUser", "userName": "bob"}},
        }
        finding = {
            **SEQUENCE,
            "id": "f",
            "partition": "aws-cn",
            "service": {"detection": {"sequence": {"resources": [resource]}}},
        }
        owners = [each for each in only(finding).attributes if each.key == "owner of an involved access key"]
        assert {(each.type, each.value, *each.context) for each in owners} >= {
            ("arn", f"arn:aws-cn:iam::{OTHER}:user/bob", "subject")
        }


DETECTION: dict[str, Any] = {"class_uid": 2004, "metadata": {}, "finding_info": {"uid": "1", "title": "t"}}


class TestOcsf:
    def evidence(self, **fields: Any) -> list[str]:
        alert = only({**DETECTION, "cloud": {"account": {"uid": OWN}}, "evidences": [fields]})
        return [f"{each.type} {each.value} ({' '.join(each.context)}) {each.key}" for each in alert.attributes]

    def test_the_id_of_an_endpoint_may_be_its_name(self) -> None:
        found = self.evidence(dst_endpoint={"uid": "c2.example.net"}, src_endpoint={"uid": "eni-1"})
        assert "domain c2.example.net (server) destination host" in found
        assert not any("eni-1" in each and each.startswith("domain") for each in found)

    @pytest.mark.parametrize(
        ("info", "contexts"),
        [
            ({"direction_id": 2}, "client local"),
            ({"direction": "Outbound"}, "client local"),
            ({"direction_id": 99, "direction": "Outbound"}, "client local"),
            ({"direction_id": 99, "direction": "Sideways"}, "client"),
            ({}, "client"),
        ],
    )
    def test_the_direction_of_a_connection(self, info: dict[str, Any], contexts: str) -> None:
        found = self.evidence(connection_info=info, src_endpoint={"ip": "192.0.2.1"})
        assert f"ipaddr 192.0.2.1 ({contexts}) source IP address" in found

    @pytest.mark.parametrize("field", ["affected_resource", "affected_resources", "affectedResources"])
    def test_resources_that_a_call_affected(self, field: str) -> None:
        found = self.evidence(data={field: {"AWS::IAM::User": "bob", "AWS::S3::Bucket": "data"}})
        arns = [each.split()[1] for each in found if each.startswith("arn")]
        assert arns == [f"arn:aws:iam::{OWN}:user/bob", "arn:aws:s3:::data"]

    @pytest.mark.parametrize(("provider", "kind"), [("AWS", "account"), ("Amazon", "account"), ("GCP", "project")])
    def test_the_account_of_a_provider(self, provider: str, kind: str) -> None:
        alert = only({**DETECTION, "cloud": {"provider": provider, "account": {"uid": OWN}}})
        assert [each.type for each in alert.attributes if each.value == OWN] == [kind]

    @pytest.mark.parametrize("partition", ["aws", "aws-cn"])
    def test_users_of_resources(self, partition: str) -> None:
        details = {"AwsIamAccessKey": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}}
        resource = {"type": "AwsIamAccessKey", "user": {"name": "bob"}, "cloud_partition": partition, "data": details}
        alert = only({**DETECTION, "resources": [resource]})
        found = {(each.type, each.value, *each.context) for each in alert.attributes}
        assert {("username", "bob", "subject"), ("accesskey", "AKIAIOSFODNN7EXAMPLE", "subject")} <= found

    def test_an_id_that_is_too_long_is_noted(self) -> None:
        (alert,), (reason,) = read({**DETECTION, "finding_info": {"uid": "a" * 2_000, "title": "t"}})
        assert alert.finding_id.startswith("a" * 900)
        assert "finding_id must have at most 1,024 characters and was shortened" in reason

    def test_indicators_among_the_traits(self) -> None:
        traits = [{"name": "MALICIOUS_IP", "values": ["192.0.2.9"]}, {"name": "OTHER", "values": ["192.0.2.8"]}]
        alert = only({**DETECTION, "finding_info": {"uid": "1", "title": "t", "traits": traits}})
        (found,) = alert.attributes
        assert (found.type, found.value, found.key) == ("ipaddr", "192.0.2.9", "malicious ip")

    def test_standards_are_part_of_the_source(self) -> None:
        compliance = {"control": "S3.1", "standards": ["standards/cis/v/1"], "status": "Fail"}
        cloud = {"provider": "AWS", "region": "eu-west-1", "account": {"uid": OWN}}
        product = {"uid": "arn:aws:securityhub:eu-west-1::product/aws/securityhub", "name": "Security Hub"}
        base = {"class_uid": 2003, "finding_info": {"uid": "1", "title": "t"}, "metadata": {"product": product}}
        source = only({**base, "compliance": compliance, "cloud": cloud}).source
        assert source is not None
        assert (source.product, source.region, source.standards) == ("securityhub", "eu-west-1", ("cis/v/1",))

    @pytest.mark.parametrize("uid", ["1", "rule-1", "event-1"])
    def test_the_id_of_a_finding_is_not_that_of_the_event_or_the_rule(self, uid: str) -> None:
        info = {"uid": uid, "title": "t", "analytic": {"uid": "rule-1"}}
        alert = only({**DETECTION, "metadata": {"uid": "event-1"}, "finding_info": info})
        assert alert.finding_id == (uid if uid == "1" else "")

    def test_what_was_affected_is_of_the_kind_in_its_type(self) -> None:
        found = self.evidence(data={"affected_resources": {"AWS::IAM::Role": "ci", "AWS::IAM::User": "bob"}})
        assert {each.split()[1] for each in found if each.startswith("arn")} == {
            f"arn:aws:iam::{OWN}:role/ci",
            f"arn:aws:iam::{OWN}:user/bob",
        }


class TestSecurityHub:
    def test_details_that_are_not_an_object_do_not_hide_others(self) -> None:
        details = {"AwsEc2Instance": "text", "AwsIamAccessKey": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}}
        resource = {"Type": "Other", "Id": "r", "Details": details}
        finding = {"SchemaVersion": "2018-10-08", "Id": "1", "ProductArn": "arn:p", "GeneratorId": "g"}
        types = [each.type for each in only({**finding, "Resources": [resource]}).attributes]
        assert "accesskey" in types


class TestTextInText:
    def test_json_in_a_text_may_have_unusable_values(self) -> None:
        text = '{"Type": "ip", "Address": "198.51.100.27", "Port": NaN, "Port": 1}'
        alert = only({"AlertType": "a", "SystemAlertId": "s", "AlertName": "n", "Entities": f"[{text}]"})
        assert [each.value for each in alert.attributes] == ["198.51.100.27"]

    def test_a_key_of_the_first_version_that_is_null(self) -> None:
        first: dict[str, Any] = {
            "name": "n",
            "rule": "r",
            "key": None,
            "attrs": [],
            "timestamp": {"init": 1, "last": 2},
        }
        assert only(first).alert_key == ""
