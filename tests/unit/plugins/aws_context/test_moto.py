"""Lookups in EC2, Elastic Load Balancing, IAM and STS as moto emulates them, with boto3's own clients."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.inspection import AlertSummary, InspectionTask
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.store.directory import write_directory
from alert_responder_plugins.aws_context import handler
from alert_responder_plugins.common.errors import SettingsFaultError
from tests.fakes.aws import Sessions
from tests.unit.plugins.aws_context.builders import OTHER, OWN, ROLE, Clock, an_inspector, attribute, note

ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
READER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Loading its list of images takes moto several seconds.
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    with mock_aws():
        yield


@pytest.fixture
def instance() -> dict[str, Any]:
    """An instance with a role, tags and a rule that is open to all."""
    iam, ec2 = boto3.client("iam"), boto3.client("ec2")
    iam.create_role(RoleName="shop", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="shop", PolicyName="all", PolicyDocument=json.dumps(ADMIN))
    iam.create_instance_profile(InstanceProfileName="shop-profile")
    iam.add_role_to_instance_profile(InstanceProfileName="shop-profile", RoleName="shop")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    ssh: Any = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ssh])
    image = ec2.register_image(Name="shop-image")["ImageId"]
    made = ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        IamInstanceProfile={"Name": "shop-profile"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Team", "Value": "payments"}]}],
    )["Instances"][0]
    return {"id": made["InstanceId"], "address": made["PrivateIpAddress"], "vpc": vpc, "group": group, "image": image}


def test_instance_by_id_address_and_arn(instance: dict[str, Any]) -> None:
    lookups = an_inspector(Sessions())
    answered, *others = [
        lookups.look_up(attribute(kind, value))
        for kind, value in (
            ("instance", instance["id"]),
            ("ipaddr", instance["address"]),
            ("arn", f"arn:aws:ec2:us-east-1:{OWN}:instance/{instance['id']}"),
        )
    ]

    assert others == [answered, answered]
    assert answered is not None
    assert [content.type for content in answered.contents] == ["host", "note"]
    described = note(answered, f"EC2 instance {instance['id']}").data
    assert described["vpc"] == instance["vpc"]
    assert described["security_groups"] == [{"id": instance["group"], "name": "web"}]
    assert described["open_to_all"] == [f"tcp 22 ({instance['group']})"]
    assert (described["image"]["id"], described["image"]["name"]) == (instance["image"], "shop-image")
    assert described["owner_tags"] == {"Team": "payments"}
    assert described["role"]["rights"] == {"policies": ["all"], "admin_by": ["all"], "complete": True}
    assert described["role"]["trusted"] == ["ec2.amazonaws.com"]


def test_missing_instance_has_an_empty_answer(instance: dict[str, Any]) -> None:
    assert an_inspector(Sessions()).look_up(attribute("instance", "i-0123456789abcdef0")) is None


def test_load_balancer_by_arn(instance: dict[str, Any]) -> None:
    ec2, elbv2 = boto3.client("ec2"), boto3.client("elbv2")
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    subnets = [
        ec2.create_subnet(VpcId=instance["vpc"], CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zones[number - 2])
        for number in (2, 3)
    ]
    made = elbv2.create_load_balancer(
        Name="shop",
        Subnets=[subnet["Subnet"]["SubnetId"] for subnet in subnets],
        SecurityGroups=[instance["group"]],
        Scheme="internet-facing",
        Tags=[{"Key": "owner", "Value": "alice"}],
    )["LoadBalancers"][0]
    answered = an_inspector(Sessions()).look_up(attribute("arn", made["LoadBalancerArn"]))

    described = note(answered, "Load balancer shop").data
    assert described["exposure"] == f"public address, open to all: tcp 22 ({instance['group']})"
    assert described["owner_tags"] == {"owner": "alice"}
    assert described["vpc"] == instance["vpc"]


def make_user(iam: Any, name: str = "alice") -> str:
    """A user with a key, a password and a group with administrator permissions."""
    iam.create_user(UserName=name, Path="/ops/", Tags=[{"Key": "Owner", "Value": "bob"}])
    iam.create_login_profile(UserName=name, Password="not-the-real-one-1A!")
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName=name)
    admin = iam.create_policy(PolicyName="everything", PolicyDocument=json.dumps(ADMIN))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="ops", PolicyArn=admin)
    reader = iam.create_policy(PolicyName="reading", PolicyDocument=json.dumps(READER))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=reader)
    return str(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])


def test_user_by_name_arn_and_key() -> None:
    key, lookups = make_user(boto3.client("iam")), an_inspector(Sessions())
    by_name = lookups.look_up(attribute("username", "alice"))
    by_arn = lookups.look_up(attribute("arn", f"arn:aws:iam::{OWN}:user/ops/alice"))
    answered = lookups.look_up(attribute("accesskey", key))

    assert note(by_name, "IAM user alice").data["groups"] == ["ops"]
    assert note(by_arn, "IAM user alice").data["groups"] == ["ops"]
    described = note(answered, "IAM user alice")
    assert described.data["mfa_devices"] == 0
    assert described.data["console_password"] is True
    assert described.data["groups"] == ["ops"]
    assert described.data["owner_tags"] == {"Owner": "bob"}
    assert described.data["rights"] == {
        "policies": ["reading", "everything (group ops)"],
        "admin_by": ["everything (group ops)"],
        "complete": True,
    }
    [shown] = described.data["access_keys"]
    assert (shown["id"], shown["active"]) == (key, True)
    assert described.text.startswith("no MFA devices, console password. Administrator through everything (group ops).")


def test_user_with_mfa_and_without_rights() -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="carol")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="carol", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="234567"
    )
    answered = an_inspector(Sessions()).look_up(attribute("username", "carol"))

    assert note(answered, "IAM user carol").text == (
        "1 MFA device, no console password. Not an administrator. Groups: none. Access keys: none."
    )


def test_role_and_session_of_it() -> None:
    iam = boto3.client("iam")
    iam.create_role(RoleName="shop", AssumeRolePolicyDocument=json.dumps(TRUST))
    for arn in (f"arn:aws:iam::{OWN}:role/shop", f"arn:aws:sts::{OWN}:assumed-role/shop/session-1"):
        answered = an_inspector(Sessions()).look_up(attribute("arn", arn))
        assert note(answered, "IAM role shop").text.endswith("Not an administrator. Trusts: ec2.amazonaws.com.")


def other_account() -> Any:
    credentials = boto3.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="making")["Credentials"]
    return boto3.client(
        "iam",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def test_user_in_another_account_is_found_through_the_role() -> None:
    make_user(other_account(), "dave")
    answered = an_inspector(Sessions(), role_arns=(ROLE,)).look_up(attribute("username", "dave"))

    assert note(answered, "IAM user dave").source == f"AWS {OTHER}"
    assert an_inspector(Sessions()).look_up(attribute("username", "dave")) is None


def test_users_with_the_same_name_in_all_accounts_are_described() -> None:
    boto3.client("iam").create_user(UserName="dave")
    other_account().create_user(UserName="dave")
    answered = an_inspector(Sessions(), role_arns=(ROLE,)).look_up(attribute("username", "dave"))

    assert answered is not None
    assert [each.source for each in answered.contents if each.type == "user"] == [f"AWS {OWN}", f"AWS {OTHER}"]


def test_role_session_is_cached_and_renewed_before_it_expires() -> None:
    clock, sessions = Clock(), Sessions()
    lookups = an_inspector(sessions, role_arns=(ROLE,), clock=clock)
    account = lookups.accounts.all[1]
    first = lookups.accounts.client(account, "iam", "us-east-1")

    assert lookups.accounts.client(account, "iam", "us-east-1") is first
    assert account.expires is not None
    clock.seconds += (account.expires - clock.now()).total_seconds() - 299
    assert lookups.accounts.client(account, "iam", "us-east-1") is not first
    assert len(sessions.made) == 1, "each session takes 30 MB"


ENVIRONMENT = {
    "ACCOUNT_ID": OWN,
    "ACTIVITY_HOURS": "0",
    "OWNER_TAGS": '["owner"]',
    "PARTITION": "aws",
    "PURPOSE_TAGS": "[]",
    "REGIONS": '["us-east-1"]',
    "ROLE_ARNS": "[]",
    "SESSION_NAME": "alert-responder",
    "TABLE_NAME": "secops",
    "TIME_BUDGET_SECONDS": "30",
}
TASK = InspectionTask(
    report_id="01KG9Z9Q7R2D4B6C8E0FGHJKMN",
    task_id="aws-context/0",
    inspector="aws-context",
    attribute=attribute("username", "alice"),
    alert=AlertSummary(
        detector="vpn",
        rule_id="r",
        rule_name="r",
        alert_key="k",
        description="",
        timestamp=None,
        severity=None,
        attributes=(),
    ),
    depth=0,
)


def test_handler_returns_json(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(boto3.client("iam"))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    handler._inspector.cache_clear()
    answered = handler.handler(TASK.model_dump(mode="json"), None)

    assert answered is not None
    assert [content["type"] for content in answered["contents"]] == ["user", "note"]
    assert len(json.dumps(answered)) < 10_000


def test_handler_asks_the_account_of_the_alert_if_the_directory_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each account has a user of this name; only the directory in the table says which one is a member."""
    make_user(boto3.client("iam"))
    make_user(other_account())
    boto3.client("dynamodb").create_table(
        TableName="secops",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    member = AccountFacts(id=OTHER, name="shop", status="active", kind="member")
    table = DynamoDBTable(boto3.client("dynamodb"), "secops")
    write_directory(table, Directory(accounts=(member,), read_at=0))
    for name, value in {**ENVIRONMENT, "MEMBER_ROLE_NAME": "reader", "EXTERNAL_ID": "x-1"}.items():
        monkeypatch.setenv(name, value)
    handler._inspector.cache_clear()

    for account, expected in ((OTHER, OTHER), (OWN, OWN), ("999988887777", OWN)):
        alert = TASK.alert.model_copy(update={"account": account})
        answered = handler.handler(TASK.model_copy(update={"alert": alert}).model_dump(mode="json"), None)
        assert answered is not None
        assert {content["source"] for content in answered["contents"] if content["type"] == "user"} == {
            f"AWS {expected}"
        }
        assert any(content.get("title") == "Account not asked" for content in answered["contents"]) == (
            account not in (OTHER, OWN)
        )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("REGIONS", "[]", "REGIONS"),
        ("ROLE_ARNS", '["reader"]', "ROLE_ARNS"),
        ("ROLE_ARNS", f'["arn:aws:iam::{OWN}:role/reader"]', "at most one role per account"),
        ("MEMBER_ROLE_NAME", "path/reader", "MEMBER_ROLE_NAME"),
        ("TIME_BUDGET_SECONDS", "4", "TIME_BUDGET_SECONDS"),
        ("OWNER_TAGS", "owner", "OWNER_TAGS"),
    ],
)
def test_invalid_settings_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str) -> None:
    for each, right in ENVIRONMENT.items():
        monkeypatch.setenv(each, right)
    monkeypatch.setenv(name, value)
    handler._inspector.cache_clear()
    with pytest.raises(SettingsFaultError, match=expected):
        handler.handler(TASK.model_dump(mode="json"), None)
