"""Calls recorded by CloudTrail: who called, what was acted on, who was given something, and which are one incident."""

import json
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder.formats.session_names import without_generated

ALL = FormatRegistry()
OWN, OTHER = "111122223333", "999988887777"
MANY = [f"{number:012}" for number in range(101)]
BOB = {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": f"arn:aws:iam::{OWN}:user/bob", "accountId": OWN}


def parsed(event: Any) -> Alert:
    (found,), rejected = parse_record(json.dumps(event).encode(), ALL)
    assert not rejected
    return found.alert


def call(name: str, parameters: Any = None, answer: Any = None, **fields: Any) -> Alert:
    """Parse a record; `name` is `service:Call`."""
    service, _, operation = name.partition(":")
    return parsed(
        {
            "eventVersion": "1.09",
            "userIdentity": BOB,
            "eventTime": "2026-03-02T10:00:00Z",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": operation,
            "awsRegion": "eu-west-1",
            "sourceIPAddress": "198.51.100.7",
            "requestParameters": parameters,
            "responseElements": answer,
            "eventID": "c-1",
            "recipientAccountId": OWN,
            **fields,
        }
    )


def key_of(identity: dict[str, Any], parameters: Any = None, **fields: Any) -> str:
    return call("sts:AssumeRole", parameters, userIdentity=identity, **fields).alert_key


def session(name: str, **more: Any) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{OWN}:role/eu/ci", "userName": "ci"}
    arn = f"arn:aws:sts::{OWN}:assumed-role/ci/{name}"
    return {"type": "AssumedRole", "arn": arn, "accountId": OWN, "sessionContext": {"sessionIssuer": issuer, **more}}


def objects(alert: Alert) -> list[str]:
    """Return type, value and key of what was acted on."""
    return [f"{each.type} {each.value} [{each.key}]" for each in alert.attributes if "object" in each.context]


class TestKey:
    def test_a_service_in_two_accounts_is_two_incidents(self) -> None:
        keys = set()
        for account, role in ((OWN, "reader"), (OTHER, "reader"), (OWN, "breakglass")):
            parameters = {"roleArn": f"arn:aws:iam::{account}:role/{role}", "roleSessionName": "f"}
            identity = {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
            keys.add(key_of(identity, parameters, recipientAccountId=account))
        assert keys == {
            f"{OWN}/lambda.amazonaws.com/arn:aws:iam::{OWN}:role/reader",
            f"{OTHER}/lambda.amazonaws.com/arn:aws:iam::{OTHER}:role/reader",
            f"{OWN}/lambda.amazonaws.com/arn:aws:iam::{OWN}:role/breakglass",
        }

    @pytest.mark.parametrize(
        "name",
        [
            "botocore-session-1772446001",
            "aws-go-sdk-1772446001000000000",
            "aws-sdk-java-1772446001000",
            "aws-sdk-js-session-1772446001000",
            "aws-sdk-php-1772446001000",
            "aws-dotnet-sdk-session-636238288466144357",
            "1772446001000000000",
            "AssumeRole-1772446001",
            "terraform-run-run-LMCK4SSiBfR6Y6rb",
            "GitHubActions-12345678901",
            "11111111-2222-4333-8444-555555555553",
            "3f786850e387550fdab836ed7e6dc881",
            "20260302T101530Z",
        ],
    )
    def test_a_generated_session_is_the_role(self, name: str) -> None:
        assert key_of(session(name)) == f"arn:aws:iam::{OWN}:role/eu/ci"
        assert key_of({**session(name), "sessionContext": None}) == f"arn:aws:sts::{OWN}:assumed-role/ci"

    @pytest.mark.parametrize(
        "name",
        [
            "jane@example.com",
            "jane1234567890@example.com",
            "jane.doe",
            "4711",
            "AWSCloudFormation",
            "session",
            "i-0123456789abcdef0",
            "mi-0123456789abcdef0",
        ],
    )
    def test_a_session_with_a_name_is_the_session(self, name: str) -> None:
        assert key_of(session(name)) == f"arn:aws:sts::{OWN}:assumed-role/ci/{name}"

    @pytest.mark.parametrize(
        ("name", "stable"),
        [
            ("jane-1772446001", "jane"),
            ("eks-prod-api-11111111-2222-4333-8444-555555555553", "eks-prod-api"),
            ("build-1772446001-x", "build-x"),
        ],
    )
    def test_generated_parts_are_left_out(self, name: str, stable: str) -> None:
        assert key_of(session(name)) == f"arn:aws:iam::{OWN}:role/eu/ci/{stable}"

    def test_the_source_identity_names_who_is_behind_a_generated_session(self) -> None:
        identity = session("botocore-session-1772446001", sourceIdentity="jane@example.com")
        alert = call("iam:CreateUser", userIdentity=identity)
        assert alert.alert_key == f"arn:aws:iam::{OWN}:role/eu/ci/jane@example.com"
        assert "email jane@example.com" in [f"{each.type} {each.value}" for each in alert.attributes]

    @pytest.mark.parametrize(
        ("identity", "key"),
        [
            ({"type": "Root", "principalId": OWN, "arn": f"arn:aws:iam::{OWN}:root"}, f"arn:aws:iam::{OWN}:root"),
            ({"type": "IAMUser", "userName": "bob", "accountId": OWN}, f"arn:aws:iam::{OWN}:user/bob"),
            (
                {"type": "FederatedUser", "arn": f"arn:aws:sts::{OWN}:federated-user/jane"},
                f"arn:aws:sts::{OWN}:federated-user/jane",
            ),
            (
                {"type": "WebIdentityUser", "principalId": "accounts.google.com:app:1", "userName": "1"},
                f"{OWN}/accounts.google.com:app:1",
            ),
            ({"type": "SAMLUser", "principalId": "aGFzaA==:jane"}, f"{OWN}/aGFzaA==:jane"),
            ({"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": OTHER}, f"{OWN}/AIDAEXAMPLE"),
            (
                {"type": "AWSAccount", "principalId": "AROAEXAMPLE:botocore-session-1772446001"},
                f"{OWN}/AROAEXAMPLE",
            ),
            ({"type": "AWSAccount", "principalId": "AROAEXAMPLE:jane"}, f"{OWN}/AROAEXAMPLE/jane"),
            ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}, f"{OWN}/u-1"),
            ({"type": "AssumedRole", "arn": f"arn:aws:sts::{OTHER}:assumed-role/r/jane"},) * 2,
            ({"type": "IAMUser", "accountId": OWN, "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}, None),
            ({"accountId": OWN}, None),
        ],
    )
    def test_every_kind_of_identity(self, identity: dict[str, Any], key: Any) -> None:
        if isinstance(key, dict):
            key = f"{OWN}/{key['arn']}"
        assert key_of(identity) == (key or f"{OWN}/198.51.100.7")

    def test_anonymous_access_is_keyed_by_the_bucket(self) -> None:
        anonymous = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
        for identity in (anonymous, {"type": "Unknown", "principalId": "ANONYMOUS_PRINCIPAL"}):
            alerts = [
                call("s3:GetObject", {"bucketName": "data", "key": key}, userIdentity=identity) for key in ("a", "b/c")
            ]
            assert {alert.alert_key for alert in alerts} == {f"{OWN}/arn:aws:s3:::data"}

    def test_events_of_services_are_keyed_by_the_resource(self) -> None:
        arn = f"arn:aws:kms:eu-west-1:{OWN}:key/1"
        identity = {"accountId": OWN, "invokedBy": "AWS Internal"}
        assert key_of(identity, resources=[{"ARN": arn}], sourceIPAddress="AWS Internal") == f"{OWN}/AWS Internal/{arn}"

    def test_the_user_of_a_failed_sign_in_has_the_partition_of_the_region(self) -> None:
        identity = {"type": "IAMUser", "userName": "bob", "accountId": OWN}
        assert key_of(identity, awsRegion="cn-north-1") == f"arn:aws-cn:iam::{OWN}:user/bob"

    def test_without_any_identity_the_key_is_the_account(self) -> None:
        assert key_of({}, sourceIPAddress=None) == OWN
        assert key_of({}, sourceIPAddress=None, recipientAccountId=None) == ""

    def test_generated_sessions_split_no_incident_of_another_detector(self) -> None:
        keys = set()
        for number in (1772446001, 1772446002):
            arn = f"arn:aws:sts::{OWN}:assumed-role/ci/botocore-session-{number}"
            fields = {"ct.user.arn": arn, "ct.user.accountid": OWN}
            keys.add(
                parsed(
                    {"rule": "r", "output": "o", "priority": "Notice", "time": "t", "output_fields": fields}
                ).alert_key
            )
        assert keys == {f"{OWN}/arn:aws:sts::{OWN}:assumed-role/ci"}

    @pytest.mark.parametrize(
        ("key", "stable"),
        [
            (f"{OWN}/arn:aws:sts::{OWN}:assumed-role/ci/aws-go-sdk-1/x", f"{OWN}/arn:aws:sts::{OWN}:assumed-role/ci/x"),
            ("arn:aws-cn:sts::111122223333:assumed-role/ci/jane", "arn:aws-cn:sts::111122223333:assumed-role/ci/jane"),
            (
                "arn:aws:iam::111122223333:role/ci/botocore-session-1",
                "arn:aws:iam::111122223333:role/ci/botocore-session-1",
            ),
            ("AROAEXAMPLEEXAMPLE01:botocore-session-1", "AROAEXAMPLEEXAMPLE01"),
            ("AROAEXAMPLEEXAMPLE01:jane-1772446001", "AROAEXAMPLEEXAMPLE01:jane"),
            ("botocore-session-1", "botocore-session-1"),
        ],
    )
    def test_only_sessions_of_roles_have_generated_names(self, key: str, stable: str) -> None:
        assert without_generated(key) == stable


class TestCaller:
    def test_the_side_of_the_address_is_not_claimed(self) -> None:
        alert = call("s3:GetObject", sourceIPAddress="10.20.1.7", vpcEndpointId="vpce-0a1b2c3d4e5f60718")
        found = {each.value: each.context for each in alert.attributes}
        assert found["10.20.1.7"] == ("client", "subject")
        assert found["vpce-0a1b2c3d4e5f60718"] == ("client",)

    def test_the_endpoint_of_another_account(self) -> None:
        found = {each.value: each.key for each in call("s3:GetObject", vpcEndpointAccountId=OTHER).attributes}
        assert found[OTHER] == "account of the VPC endpoint"

    @pytest.mark.parametrize("source", ["cloudformation.amazonaws.com", "AWS Internal", "", None, 7])
    def test_a_service_is_not_an_address(self, source: Any) -> None:
        alert = call("ec2:RunInstances", sourceIPAddress=source)
        assert not [each for each in alert.attributes if each.type in {"ipaddr", "domain"}]

    def test_the_alias_of_an_account_is_not_a_user(self) -> None:
        identity = {"type": "Root", "arn": f"arn:aws:iam::{OWN}:root", "accountId": OWN, "userName": "our-company"}
        assert not [
            each for each in call("signin:ConsoleLogin", userIdentity=identity).attributes if each.type == "username"
        ]

    def test_people_are_named(self) -> None:
        arn = f"arn:aws:sts::{OWN}:assumed-role/AWSReservedSSO_Admin_1/jane"
        alert = call(
            "sso:Authenticate", userIdentity={"arn": arn, "userName": "x"}, additionalEventData={"UserName": "j.doe"}
        )
        people = [each.value for each in alert.attributes if each.type == "username" and "subject" in each.context]
        assert people == ["x", "j.doe", "jane"]

    def test_who_switched_to_a_role(self) -> None:
        alert = call("signin:SwitchRole", userIdentity=session("bob"), additionalEventData={"SwitchFrom": BOB["arn"]})
        assert BOB["arn"] in [each.value for each in alert.attributes if "subject" in each.context]

    def test_a_resource_of_another_account(self) -> None:
        arn = "arn:aws:s3:::theirs"
        alert = call("s3:PutObject", resources=[{"ARN": arn, "accountId": OTHER}])
        assert objects(alert) == [f"arn {arn} [bucket]", f"account {OTHER} [account of the resource]"]


CALLS: dict[str, tuple[str, Any, Any, list[str], str]] = {
    "a command on instances": (
        "ssm:SendCommand",
        {"documentName": "AWS-RunShellScript", "instanceIds": ["i-0123456789abcdef0", "i-0fedcba9876543210"]},
        {"command": {"commandId": "11111111-2222-4333-8444-555555555553"}},
        [
            "resource AWS-RunShellScript [document]",
            "instance i-0123456789abcdef0 [instance]",
            "instance i-0fedcba9876543210 [instance]",
            "resource 11111111-2222-4333-8444-555555555553 [command]",
        ],
        "on document AWS-RunShellScript, instance i-0123456789abcdef0, instance i-0fedcba9876543210",
    ),
    "a policy on a role": (
        "iam:AttachRolePolicy",
        {"roleName": "deploy", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        None,
        [
            "arn arn:aws:iam::aws:policy/AdministratorAccess [policy]",
            f"arn arn:aws:iam::{OWN}:role/deploy [affected role]",
        ],
        "on role deploy, policy arn:aws:iam::aws:policy/AdministratorAccess",
    ),
    "a role with a path": (
        "iam:CreateRole",
        {"roleName": "deploy", "path": "/ci/"},
        {"role": {"arn": f"arn:aws:iam::{OWN}:role/ci/deploy", "roleName": "deploy"}},
        [f"arn arn:aws:iam::{OWN}:role/ci/deploy [role]"],
        "on role deploy",
    ),
    "a role whose path is unknown": (
        "iam:AttachRolePolicy",
        {"roleName": "AWSReservedSSO_Admin_1"},
        None,
        ["resource AWSReservedSSO_Admin_1 [affected role]"],
        "on role AWSReservedSSO_Admin_1",
    ),
    "a user": (
        "iam:CreateLoginProfile",
        {"userName": "backup"},
        None,
        ["username backup [affected user]", f"arn arn:aws:iam::{OWN}:user/backup [affected user]"],
        "on user backup",
    ),
    "a user of something else": (
        "identitystore:CreateUser",
        {"userName": "backup", "identityStoreId": "d-1"},
        None,
        ["username backup [affected user]", "resource d-1 [identity store]"],
        "on identity store d-1",
    ),
    "a trust policy": (
        "iam:UpdateAssumeRolePolicy",
        {
            "roleName": "ops",
            "policyDocument": json.dumps(
                {
                    "Statement": [
                        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}},
                        {"Effect": "Allow", "Principal": {"AWS": ["444455556666", f"arn:aws:iam::{OWN}:role/x"]}},
                        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}},
                        {"Effect": "Deny", "Principal": {"AWS": "888877776666"}},
                    ]
                }
            ),
        },
        None,
        [
            f"arn arn:aws:iam::{OTHER}:root [principal that was given access]",
            f"account {OTHER} [account that was given access]",
            "account 444455556666 [account that was given access]",
            f"arn arn:aws:iam::{OWN}:role/x [principal that was given access]",
            f"arn arn:aws:iam::{OWN}:role/ops [affected role]",
        ],
        f"on role ops, for arn:aws:iam::{OTHER}:root, 444455556666, arn:aws:iam::{OWN}:role/x",
    ),
    "a public bucket": (
        "s3:PutBucketPolicy",
        {"bucketName": "data", "bucketPolicy": {"Statement": [{"Effect": "Allow", "Principal": "*"}]}},
        None,
        ["arn arn:aws:s3:::data [bucket]"],
        "on bucket arn:aws:s3:::data, for everyone",
    ),
    "an acl": (
        "s3:PutBucketAcl",
        {"bucketName": "data", "x-amz-acl": ["public-read"]},
        None,
        ["arn arn:aws:s3:::data [bucket]"],
        "on bucket arn:aws:s3:::data, for everyone",
    ),
    "an object": (
        "s3:DeleteObject",
        {"bucketName": "data", "key": "a/b.txt", "Host": "data.s3.amazonaws.com"},
        None,
        ["arn arn:aws:s3:::data [bucket]", "arn arn:aws:s3:::data/a/b.txt [object in the bucket]"],
        "on bucket arn:aws:s3:::data",
    ),
    "a shared snapshot": (
        "ec2:ModifySnapshotAttribute",
        {
            "snapshotId": "snap-0123456789abcdef0",
            "createVolumePermission": {"add": {"items": [{"userId": OTHER}, {"group": "all"}]}},
        },
        None,
        ["resource snap-0123456789abcdef0 [snapshot]", f"account {OTHER} [account that was given access]"],
        f"on snapshot snap-0123456789abcdef0, for {OTHER}, everyone",
    ),
    "a snapshot that is no longer shared": (
        "ec2:ModifySnapshotAttribute",
        {"snapshotId": "snap-01234567", "createVolumePermission": {"remove": {"items": [{"userId": OTHER}]}}},
        None,
        ["resource snap-01234567 [snapshot]", f"account {OTHER} [account that lost access]"],
        "on snapshot snap-01234567",
    ),
    "a shared database": (
        "rds:ModifyDBSnapshotAttribute",
        {"dBSnapshotIdentifier": "prod-2026", "attributeName": "restore", "valuesToAdd": [OTHER]},
        None,
        ["resource prod-2026 [DB snapshot]", f"account {OTHER} [account that was given access]"],
        f"on DB snapshot prod-2026, for {OTHER}",
    ),
    "a function that may be called": (
        "lambda:AddPermission20150331v2",
        {"functionName": "pay", "principal": OTHER, "action": "lambda:InvokeFunction", "statementId": "s"},
        None,
        ["resource pay [function]", f"account {OTHER} [account that was given access]"],
        f"on function pay, for {OTHER}",
    ),
    "a grant": (
        "kms:CreateGrant",
        {
            "keyId": f"arn:aws:kms:eu-west-1:{OWN}:key/1",
            "granteePrincipal": f"arn:aws:iam::{OTHER}:user/eve",
            "operations": ["Decrypt"],
        },
        None,
        [
            f"arn arn:aws:kms:eu-west-1:{OWN}:key/1 [KMS key]",
            f"arn arn:aws:iam::{OTHER}:user/eve [principal that was given access]",
            f"account {OTHER} [account that was given access]",
        ],
        f"on KMS key arn:aws:kms:eu-west-1:{OWN}:key/1, for arn:aws:iam::{OTHER}:user/eve",
    ),
    "a share": (
        "ram:CreateResourceShare",
        {"name": "s", "principals": [OTHER], "resourceArns": [f"arn:aws:ec2:eu-west-1:{OWN}:subnet/subnet-01234567"]},
        None,
        [
            "resource s [name]",
            f"account {OTHER} [account that was given access]",
            f"arn arn:aws:ec2:eu-west-1:{OWN}:subnet/subnet-01234567 [subnet]",
        ],
        f"on s, subnet arn:aws:ec2:eu-west-1:{OWN}:subnet/subnet-01234567, for {OTHER}",
    ),
    "a secret": (
        "secretsmanager:GetSecretValue",
        {"secretId": "github", "versionId": "v"},
        None,
        ["resource github [secret]"],
        "on secret github",
    ),
    "a security group": (
        "ec2:AuthorizeSecurityGroupIngress",
        {
            "groupId": "sg-0123456789abcdef0",
            "ipPermissions": {
                "items": [
                    {
                        "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}, {"cidrIp": "203.0.113.9/32"}]},
                        "ipv6Ranges": {"items": [{"cidrIpv6": "2001:db8::/48"}]},
                    }
                ]
            },
        },
        None,
        [
            "resource sg-0123456789abcdef0 [security group]",
            "network 0.0.0.0/0 [network in a rule]",
            "ipaddr 203.0.113.9 [IP address]",
            "network 2001:db8::/48 [network in a rule]",
        ],
        "on security group sg-0123456789abcdef0",
    ),
    "a new instance": (
        "ec2:RunInstances",
        {"instancesSet": {"items": [{"imageId": "ami-0123456789abcdef0"}]}, "instanceType": "p3.16xlarge"},
        {
            "ownerId": OWN,
            "instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0", "privateIpAddress": "10.0.0.9"}]},
        },
        [
            "resource ami-0123456789abcdef0 [machine image]",
            "instance i-0123456789abcdef0 [instance]",
            "ipaddr 10.0.0.9 [IP address]",
        ],
        "on machine image ami-0123456789abcdef0",
    ),
    "parameters in a request": (
        "ec2:CreateVpcEndpoint",
        {"CreateVpcEndpointRequest": {"VpcId": "vpc-01234567", "ServiceName": "com.amazonaws.eu-west-1.s3"}},
        None,
        ["resource vpc-01234567 [VPC]", "resource com.amazonaws.eu-west-1.s3 [service]"],
        "on VPC vpc-01234567, service com.amazonaws.eu-west-1.s3",
    ),
    "where messages go": (
        "sns:Subscribe",
        {"topicArn": f"arn:aws:sns:eu-west-1:{OWN}:alerts", "protocol": "email", "endpoint": "eve@example.net"},
        None,
        [f"arn arn:aws:sns:eu-west-1:{OWN}:alerts [topic]", "email eve@example.net [e-mail address]"],
        f"on topic arn:aws:sns:eu-west-1:{OWN}:alerts, e-mail address eve@example.net",
    ),
    "a URL": (
        "sns:Subscribe",
        {"endpoint": "https://drop.example.net/x", "queueUrl": f"https://sqs.eu-west-1.amazonaws.com/{OWN}/q"},
        None,
        [
            "url https://drop.example.net/x [endpoint URL]",
            f"resource https://sqs.eu-west-1.amazonaws.com/{OWN}/q [queue]",
        ],
        f"on endpoint URL https://drop.example.net/x, queue https://sqs.eu-west-1.amazonaws.com/{OWN}/q",
    ),
    "an access key": (
        "iam:CreateAccessKey",
        {"userName": "backup"},
        {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "backup"}},
        [
            "username backup [affected user]",
            "accesskey AKIAIOSFODNN7EXAMPLE [affected access key]",
            f"arn arn:aws:iam::{OWN}:user/backup [affected user]",
        ],
        "on user backup",
    ),
    "values that were removed": (
        "rds:ModifyDBInstance",
        {"dBInstanceIdentifier": "prod", "masterUserPassword": "****", "userName": "<removed>", "nextToken": "x"},
        None,
        ["resource prod [DB instance]"],
        "on DB instance prod",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_a_call_was_about(name: str) -> None:
    operation, parameters, answer, found, said = CALLS[name]
    alert = call(operation, parameters, answer)
    assert objects(alert) == found
    assert alert.description == f"{operation.partition(':')[2]} by arn:aws:iam::{OWN}:user/bob {said}"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"errorCode": "AccessDenied", "errorMessage": "Not you"}, " failed: Not you"),
        ({"errorCode": "AccessDenied"}, " failed: AccessDenied"),
        ({"additionalEventData": {"MFAUsed": "No"}}, ", without MFA"),
        ({"additionalEventData": {"MFAUsed": "No"}, "answer": {"ConsoleLogin": "Failure"}}, " failed"),
        ({"serviceEventDetails": {"CredentialVerification": "Failure"}}, " failed"),
        ({"answer": {"ConsoleLogin": "Success"}}, ""),
        ({"parameters": {"publiclyAccessible": True}}, ", for everyone"),
        ({"parameters": {"publiclyAccessible": False}}, ""),
        ({"answer": {"publiclyAccessible": True}}, ""),
        ({"additionalEventData": {"MFAUsed": "Yes"}}, ""),
        ({"userIdentity": {**BOB, "invokedBy": "athena.amazonaws.com"}}, " through athena.amazonaws.com"),
    ],
)
def test_how_a_call_ended(fields: dict[str, Any], said: str) -> None:
    assert call("iam:ListUsers", **fields).description == f"ListUsers by arn:aws:iam::{OWN}:user/bob{said}"


@pytest.mark.parametrize(
    ("identity", "who"),
    [
        ({"userName": "bob", "principalId": "AIDAEXAMPLE"}, "bob"),
        ({"principalId": "AIDAEXAMPLE"}, "AIDAEXAMPLE"),
        ({"principalId": "ANONYMOUS_PRINCIPAL"}, "198.51.100.7"),
        ({"userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}, "198.51.100.7"),
        ({"invokedBy": "athena.amazonaws.com", "principalId": "AIDAEXAMPLE"}, "athena.amazonaws.com"),
    ],
)
def test_who_called(identity: dict[str, Any], who: str) -> None:
    assert call("s3:GetObject", userIdentity=identity).description == f"GetObject by {who}"


def test_what_a_service_reports() -> None:
    arn = f"arn:aws:kms:eu-west-1:{OWN}:key/1"
    assert objects(call("kms:RotateKey", serviceEventDetails={"keyArn": arn})) == [f"arn {arn} [KMS key]"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            f"not authorized to perform: iam:GetRole on resource: arn:aws:iam::{OWN}:role/x",
            [f"arn arn:aws:iam::{OWN}:role/x [role]"],
        ),
        ("... on resource: arn:aws:s3:::theirs/k because ...", ["arn arn:aws:s3:::theirs/k [object in the bucket]"]),
        ("... on resource: arn:aws:s3:::* because ...", []),
        ("... on resource: * because ...", []),
        (f"User: arn:aws:iam::{OWN}:user/bob is not authorized", []),
    ],
)
def test_what_was_denied(said: str, found: list[str]) -> None:
    assert objects(call("iam:GetRole", errorMessage=said)) == found


def test_forwarders_may_leave_out_fields() -> None:
    event = {"eventName": "GetObject", "eventSource": "s3.amazonaws.com", "userIdentity": {"arn": BOB["arn"]}}
    assert parsed(event).alert_key == BOB["arn"]


def test_the_partition_is_that_of_the_region() -> None:
    for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")):
        alert = call("iam:DeleteRole", {"roleName": "r"}, awsRegion=region)
        assert objects(alert) == [f"arn arn:{partition}:iam::{OWN}:role/r [affected role]"]


def test_many_objects_are_counted() -> None:
    alert = call("ec2:StopInstances", {"instanceId": [f"i-{number:08x}" for number in range(5)]})
    assert alert.description.endswith("instance i-00000002 and 2 more")
    alert = call("ec2:StopInstances", {"instanceId": [f"i-{number:08x}" for number in range(200)]})
    assert alert.description.endswith("instance i-00000002 and others")
    assert len(objects(alert)) == 200


@pytest.mark.parametrize(
    ("value", "noun"),
    [
        ("acl-01234567", "network ACL"),
        ("eipalloc-01234567", "Elastic IP address"),
        ("eni-0123456789abcdef0", "network interface"),
        ("fl-01234567", "flow log"),
        ("fs-01234567", "file system"),
        ("igw-01234567", "internet gateway"),
        ("key-01234567", "key pair"),
        ("lt-01234567", "launch template"),
        ("mi-01234567", "managed node"),
        ("nat-01234567", "NAT gateway"),
        ("pcx-01234567", "peering connection"),
        ("pl-01234567", "prefix list"),
        ("rtb-01234567", "route table"),
        ("sgr-01234567", "security group rule"),
        ("tgw-01234567", "transit gateway"),
        ("vol-01234567", "volume"),
        ("vpce-01234567", "VPC endpoint"),
        ("vpce-svc-01234567", "endpoint service"),
        ("vol-0123456", None),
        ("vol-012345678", None),
        ("xvol-01234567", None),
    ],
)
def test_ids_are_read_wherever_they_are(value: str, noun: str | None) -> None:
    assert objects(call("ec2:X", {"a": {"b": [value]}})) == ([f"resource {value} [{noun}]"] if noun else [])
    assert objects(call("ec2:X", None, [{"b": value}])) == ([f"resource {value} [{noun}]"] if noun else [])


@pytest.mark.parametrize(
    ("end", "noun"),
    [
        ("rds:eu-west-1:{}:db:prod", "database"),
        ("elasticloadbalancing:eu-west-1:{}:loadbalancer/app/web/1", "load balancer"),
        ("iam::{}:oidc-provider/token.actions.githubusercontent.com", "identity provider"),
        ("iam::{}:saml-provider/okta", "identity provider"),
        ("sqs:eu-west-1:{}:q", "queue"),
        ("sns:eu-west-1:{}:t", "topic"),
        ("kms:eu-west-1:{}:key/1", "KMS key"),
        ("logs:eu-west-1:{}:log-group:/aws/lambda/f", "log group"),
        ("iam::{}:mfa/bob", "mfa"),
    ],
)
def test_arns_name_their_kind(end: str, noun: str) -> None:
    own, foreign = (f"arn:aws:{end.format(account)}" for account in (OWN, OTHER))
    assert objects(call("x:X", {"a": [own]})) == [f"arn {own} [{noun}]"]
    assert objects(call("x:X", {"a": [foreign]})) == [
        f"arn {foreign} [{noun}]",
        f"account {OTHER} [account of the {noun}]",
    ]


def test_the_side_of_an_arn_is_that_of_its_account() -> None:
    found = call("x:X", {"a": [f"arn:aws:sqs:eu-west-1:{OWN}:q", f"arn:aws:sqs:eu-west-1:{OTHER}:q"]}).attributes
    assert [each.context for each in found if each.key == "queue"] == [("local", "object"), ("object",)]


@pytest.mark.parametrize("arn", ["arn:aws:s3:::data/*", "arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:x"])
def test_patterns_are_not_arns(arn: str) -> None:
    assert objects(call("x:X", {"resourceArn": arn})) == []


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"groupName": "admins"}, [f"arn arn:aws:iam::{OWN}:group/admins [group]"]),
        ({"instanceProfileName": "web"}, [f"arn arn:aws:iam::{OWN}:instance-profile/web [instance profile]"]),
        ({"roleName": "AWSServiceRoleForX"}, ["resource AWSServiceRoleForX [affected role]"]),
        ({"roleName": "a b"}, ["resource a b [affected role]"]),
        ({"userName": "a b"}, ["username a b [affected user]"]),
        ({"masterUsername": "root"}, ["username root [master username]"]),
    ],
)
def test_names_in_iam(parameters: dict[str, Any], found: list[str]) -> None:
    assert objects(call("iam:X", parameters)) == found


def test_names_without_an_account_are_not_arns() -> None:
    alert = call("iam:X", {"roleName": "r"}, recipientAccountId="1", userIdentity={})
    assert objects(alert) == ["resource r [affected role]"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"x-amz-acl": "public-read-write"}, ", for everyone"),
        ({"acl": "authenticated-read"}, ", for everyone"),
        ({"cannedACL": "public-read"}, ", for everyone"),
        ({"x-amz-acl": "private"}, ""),
        ({"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}, ", for everyone"),
        ({"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}}, ", for everyone"),
        ({"Grantee": {"URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}}, ""),
        ({"principal": "s3.amazonaws.com"}, ""),
        ({"principals": [OTHER] * 5}, f", for {OTHER}"),
        ({"valuesToRemove": [OTHER, "all"]}, ""),
        ({"principals": MANY[:5]}, f", for {', '.join(MANY[:3])} and 2 more"),
        ({"principals": MANY[:99]}, f", for {', '.join(MANY[:3])} and 96 more"),
        ({"principals": MANY}, f", for {', '.join(MANY[:3])} and others"),
        ({"policy": json.dumps({"Statement": {"Effect": "Deny", "Principal": "*"}})}, ""),
        ({"policy": "{"}, ""),
        ({"policy": json.dumps({"policy": json.dumps({"Principal": "*"})})}, ""),
    ],
)
def test_who_was_given_something(parameters: dict[str, Any], said: str) -> None:
    bob = f"arn:aws:iam::{OWN}:user/bob"
    assert call("x:X", parameters).description.replace(" on URL ", "") == f"X by {bob}{said}"


@pytest.mark.parametrize(
    "parameters",
    [
        {"clientToken": "x"},
        {"roleSessionName": "x"},
        {"versionId": "x"},
        {"instanceType": "x"},
        {"nested": {"functionName": "x"}},
        {"functionName": "x" * 257},
        {"functionName": "***"},
        {"functionName": "<removed>"},
        {"functionName": ""},
        {"functionName": 7},
        {"secretId": ["x" * 2049]},
        {"accountId": OWN},
        {"registryId": OWN},
        {"queueArn": "arn:aws:sqs:eu-west-1:" + "1" * 12 + ":" + "q" * 2048},
        {"endpoint": "x"},
        {"publicIp": "x"},
    ],
)
def test_what_names_nothing(parameters: dict[str, Any]) -> None:
    assert objects(call("x:X", parameters)) == []


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"functionName": "x" * 256}, f"resource {'x' * 256} [function]"),
        ({"environmentId": "e"}, "resource e [environment]"),
        ({"a": {"instanceId": "i-EXAMPLE"}}, "resource i-EXAMPLE [instance]"),
        ({"names": ["n"]}, "resource n [name]"),
        ({"target": "t"}, "resource t [target]"),
        ({"tableNames": ["t"]}, "resource t [table]"),
        ({"templateURL": "https://s3.amazonaws.com/b/k"}, "resource https://s3.amazonaws.com/b/k [template]"),
        ({"registryId": OTHER}, f"account {OTHER} [account in the call]"),
        ({"a": [{"ownerId": OTHER}]}, f"account {OTHER} [account in the call]"),
        ({"publicIp": "198.51.100.9"}, "ipaddr 198.51.100.9 [IP address]"),
        ({"cidrIpv6": "2001:db8::9/128"}, "ipaddr 2001:db8::9 [IP address]"),
        ({"cidrIp": "198.51.100.128/31"}, "network 198.51.100.128/31 [network in a rule]"),
        ({"emailAddress": "eve@example.net"}, "email eve@example.net [e-mail address]"),
        ({"a": {"webhook": "http://drop.example.net/"}}, "url http://drop.example.net/ [webhook URL]"),
        ({"s3BucketName": "logs"}, "arn arn:aws:s3:::logs [bucket]"),
    ],
)
def test_what_a_field_names(parameters: dict[str, Any], found: str) -> None:
    assert objects(call("x:X", parameters)) == [found]


def test_a_bucket_of_s3_is_also_called_bucket() -> None:
    assert objects(call("s3:X", {"bucket": "data"})) == ["arn arn:aws:s3:::data [bucket]"]
    assert objects(call("x:X", {"bucket": "data", "key": "k"})) == []
    assert objects(call("s3:X", {"bucketName": "Not A Bucket"})) == ["resource Not A Bucket [bucket]"]


def test_names_in_an_answer_are_not_what_was_acted_on() -> None:
    assert objects(call("x:X", None, {"functionName": "f", "name": "n"})) == []
    assert objects(call("x:X", None, {"commandId": "c"})) == ["resource c [command]"]


def test_two_instances_of_one_role_are_two_incidents() -> None:
    names = ("i-0123456789abcdef0", "i-0fedcba9876543210")
    assert len({key_of(session(name)) for name in names}) == 2


def in_lower_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.lower(): in_lower_case(each) for name, each in value.items()}
    return value


def test_a_record_of_a_table_is_read_like_the_record() -> None:
    parameters, answer = {"userName": "deploy"}, {"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}}
    alert = call("iam:CreateAccessKey", parameters, answer)
    table = in_lower_case(alert.body)
    assert parsed(table).attributes == alert.attributes
    assert parsed({**table, "requestparameters": json.dumps(parameters)}).alert_key == alert.alert_key


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        (
            "route53:ChangeResourceRecordSets",
            {
                "hostedZoneId": "Z0123456789ABC",
                "changeBatch": {
                    "changes": [
                        {
                            "action": "UPSERT",
                            "resourceRecordSet": {
                                "name": "login.example.net.",
                                "type": "A",
                                "resourceRecords": [{"value": "203.0.113.9"}],
                            },
                        }
                    ]
                },
            },
            ["resource Z0123456789ABC", "domain login.example.net", "ipaddr 203.0.113.9"],
        ),
        (
            "cloudfront:UpdateDistribution",
            {"id": "E123", "distributionConfig": {"origins": {"items": [{"domainName": "c2.example.net"}]}}},
            ["resource E123", "domain c2.example.net"],
        ),
        ("es:DeleteElasticsearchDomain", {"domainName": "search-logs"}, ["resource search-logs"]),
        (
            "ses:SendEmail",
            {"source": "billing@example.com", "destination": {"toAddresses": ["jane@example.net"]}},
            ["email billing@example.com", "email jane@example.net"],
        ),
        ("ec2:AuthorizeSecurityGroupIngress", {"groupName": "default"}, ["resource default"]),
        (
            "ec2:CreateVpcPeeringConnection",
            {"vpcId": "vpc-0123456789abcdef0", "peerOwnerId": OTHER},
            ["resource vpc-0123456789abcdef0", f"account {OTHER}"],
        ),
        (
            "dynamodb:ExportTableToPointInTime",
            {"s3Bucket": "exports", "s3BucketOwner": OTHER},
            ["arn arn:aws:s3:::exports", f"account {OTHER}"],
        ),
        (
            "organizations:InviteAccountToOrganization",
            {"target": {"type": "EMAIL", "id": "jane@example.net"}},
            ["email jane@example.net"],
        ),
        (
            "ecs:RunTask",
            {"cluster": "prod", "taskDefinition": "miner:1"},
            ["resource prod", "resource miner:1"],
        ),
        (
            "ec2:CreateNetworkAclEntry",
            {"networkAclId": "acl-0123456789abcdef0", "cidrBlock": "0.0.0.0/0"},
            ["resource acl-0123456789abcdef0", "network 0.0.0.0/0"],
        ),
        (
            "ec2:AssociateIamInstanceProfile",
            {
                "AssociateIamInstanceProfileRequest": {
                    "InstanceId": "i-0123456789abcdef0",
                    "IamInstanceProfile": {"Name": "admin"},
                }
            },
            ["instance i-0123456789abcdef0", f"arn arn:aws:iam::{OWN}:instance-profile/admin"],
        ),
    ],
)
def test_what_else_was_acted_on(name: str, parameters: Any, expected: list[str]) -> None:
    found = call(name, parameters).attributes
    assert [f"{each.type} {each.value}" for each in found if "object" in each.context] == expected


def test_a_function_url_without_authentication_is_for_everyone() -> None:
    alert = call("lambda:CreateFunctionUrlConfig", {"functionName": "hook", "authType": "NONE"}, {"authType": "NONE"})
    assert alert.description.endswith("on function hook, for everyone")
    alert = call("lambda:GetFunctionUrlConfig", {"functionName": "hook"}, {"authType": "NONE"})
    assert "everyone" not in alert.description
