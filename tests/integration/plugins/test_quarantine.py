"""The quarantine against MiniStack's IAM, WAF, STS, EC2 and DynamoDB, in a separate account."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.credentials import Credentials

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.quarantine.actions import ActionFailedError, PartLocation
from alert_responder_plugins.quarantine.actions.instance import Instance
from alert_responder_plugins.quarantine.approval import Callers, sign, statement
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from alert_responder_plugins.quarantine.sites import actions_of
from alert_responder_plugins.quarantine.wiring import Quarantine
from tests.fakes.quarantine import ADDRESS, ENVIRONMENT, Clock, attribute, report
from tools.account import REGION
from tools.emulator import ACCOUNT_ID, Emulator

OWN_ARN = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/test-emitter-quarantine/quarantine"


class Account:
    """An account with a target of each kind."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.client = cache(lambda service, region=None, slow=False: emulator.client(service))
        self.iam, self.waf, self.ec2 = (self.client(service) for service in ("iam", "wafv2", "ec2"))
        self.clock = Clock()
        self.client("dynamodb").create_table(
            TableName="test",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        self.iam.create_user(UserName="mallory")
        self.key: str = self.iam.create_access_key(UserName="mallory")["AccessKey"]["AccessKeyId"]
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
        }
        self.iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(trust))
        deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
        self.policy = self.iam.create_policy(PolicyName="deny", PolicyDocument=json.dumps(deny))["Policy"]["Arn"]
        self.ip_set = self.waf.create_ip_set(
            Name="blocked", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["52.0.0.0/24"]
        )["Summary"]
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.web, self.isolation = (
            self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
            for name in ("web", "isolation")
        )
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=self.isolation, IpPermissions=everything)
        self.instance: str = self.ec2.run_instances(
            ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[self.web]
        )["Instances"][0]["InstanceId"]

    def quarantine(self, **changed: str) -> Quarantine:
        environment = {
            **ENVIRONMENT,
            "ACCOUNT_ID": ACCOUNT_ID,
            "REGION": REGION,
            "TABLE_NAME": "test",
            "MAX_ACTIONS_PER_HOUR": "100",
            "DENY_POLICY_ARN": self.policy,
            "IP_SETS": json.dumps([self.ip_set["ARN"]]),
            "ISOLATION_GROUPS": json.dumps({self.vpc: self.isolation}),
            **changed,
        }
        read = read_settings(QuarantineSettings, environment)
        table = DynamoDBTable(self.client("dynamodb"), "test")
        return Quarantine(read, table, actions_of(read, self.client), lambda: OWN_ARN, self.clock)

    def described(self) -> str:
        request = {"Name": self.ip_set["Name"], "Scope": "REGIONAL", "Id": self.ip_set["Id"]}
        return json.dumps(
            [
                self.iam.get_user(UserName="mallory")["User"],
                self.iam.list_access_keys(UserName="mallory")["AccessKeyMetadata"],
                self.iam.list_attached_user_policies(UserName="mallory")["AttachedPolicies"],
                self.iam.get_role(RoleName="deploy")["Role"],
                self.iam.list_attached_role_policies(RoleName="deploy")["AttachedPolicies"],
                self.waf.get_ip_set(**request)["IPSet"],
                self.ec2.describe_instances(InstanceIds=[self.instance])["Reservations"],
            ],
            default=str,
            sort_keys=True,
        )

    def states(self) -> dict[str, str]:
        return {stored.entry.id: stored.entry.state for stored in self.quarantine().journal.all()}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with Emulator() as emulator:
        yield Account(emulator)


def named(account: Account) -> Any:
    return report(
        attribute("accesskey", account.key, "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT_ID}:user/mallory", "subject"),
        attribute("arn", f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/deploy/session", "subject"),
        attribute("ipaddr", ADDRESS, "remote"),
    )


def test_dry_run_changes_nothing(account: Account) -> None:
    before = account.described()
    account.quarantine(DRY_RUN="true").containment.propose(named(account))

    assert set(account.states().values()) == {"planned"}
    assert account.described() == before


def test_containment_and_release_can_be_repeated(account: Account) -> None:
    before = account.described()
    for _ in range(2):
        entries = account.quarantine().containment.propose(named(account)).entries
        assert {entry.id: entry.state for entry in entries} == {
            f"access_key/{account.key}": "contained",
            "principal/role/deploy": "contained",
            "principal/user/mallory": "contained",
            f"address/{ADDRESS}": "contained",
        }
        if _ == 0:
            contained = account.described()
    assert account.described() == contained
    assert '"Inactive"' in contained
    assert contained.count(account.policy) == 2
    assert f'"{ADDRESS}/32"' in contained

    for _ in range(2):
        quarantine = account.quarantine()
        for stored in quarantine.journal.all():
            assert quarantine.releaser.release(stored, None).state == "released"
        assert account.described() == before


def test_release_accepts_restored_and_deleted_resources(account: Account) -> None:
    told = named(account).model_copy(update={"id": "01KG9Z9Q7R2D4B6C8E0FGHJKMP"})
    before = account.described()
    account.quarantine().containment.propose(told)
    account.iam.detach_user_policy(UserName="mallory", PolicyArn=account.policy)
    quarantine = account.quarantine()
    for stored in quarantine.journal.all():
        assert quarantine.releaser.release(stored, None).state == "released"
    assert account.described() == before


def test_sts_returns_the_signer(account: Account) -> None:
    session = account.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/deploy", RoleSessionName="alice"
    )["Credentials"]
    credentials = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    client = account.emulator.client("sts", signature_version=UNSIGNED)
    what = statement("label", "instance/i-1", "token")
    proof = sign(credentials, REGION, what, account.emulator.endpoint)

    caller = Callers(client, REGION).identify(proof, what)
    assert (caller.account, caller.arn) == (ACCOUNT_ID, f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/deploy/alice")


def test_unsupported_calls_of_ministack_are_reported(account: Account) -> None:
    """MiniStack returns no interfaces of instances, and lacks CreateSnapshots and ModifyNetworkInterfaceAttribute."""
    (entry,) = (
        account.quarantine().containment.propose(report(attribute("instance", account.instance, "subject"))).entries
    )
    assert (entry.state, entry.refusal) == ("refused", "There is nothing to change.")

    action = Instance(
        account.ec2, {account.vpc: account.isolation}, "label", f"arn:aws:ec2:{REGION}:{ACCOUNT_ID}:", account.ec2
    )
    assert action.look(account.instance).refusal is None
    assert action.look("i-00000000").refusal == "The instance does not exist in this account and region."
    with pytest.raises(ActionFailedError, match="create_snapshots: InvalidAction"):
        action.secure(account.instance, "token")
    subnet = account.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [account.vpc]}])["Subnets"][0]
    interface = account.ec2.create_network_interface(SubnetId=subnet["SubnetId"], Groups=[account.web])
    name = interface["NetworkInterface"]["NetworkInterfaceId"]
    with pytest.raises(ActionFailedError, match="modify_network_interface_attribute: InvalidAction"):
        action.write(PartLocation(account.instance, "", name), [account.isolation])
    assert action.read(PartLocation(account.instance, "", name)) == [account.web]
    # AWS returns InvalidNetworkInterfaceID.NotFound; an empty answer does not prove that the interface is gone.
    with pytest.raises(ActionFailedError, match="no interface and no error"):
        action.read(PartLocation(account.instance, "", "eni-00000000"))
