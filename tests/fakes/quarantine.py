"""A quarantine with an in-memory table on moto's AWS, and the state of the account."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import boto3

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.primitives import Severity
from alert_responder.contracts.report import Origin, Report, ReportedAlert, ReportedAttribute, Result
from alert_responder.domain.attributes import canonical, identity
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.quarantine.actions import Actions
from alert_responder_plugins.quarantine.approval import Callers
from alert_responder_plugins.quarantine.model import Entry, State
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from alert_responder_plugins.quarantine.sites import actions_of
from alert_responder_plugins.quarantine.wiring import Quarantine
from tests.fakes.memory import MemoryTable

ACCOUNT, REGION = "123456789012", "eu-west-1"
OWN_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/secops-emitter-quarantine-eu-west-1/secops-emitter-quarantine"
REPORT_ID = "01KG9Z9Q7R2D4B6C8E0FGHJKMN"
ADDRESS, ADDRESS_V6 = "45.67.89.10", "2a00:1450:4001::1"

ENVIRONMENT: Mapping[str, str] = {
    "ACCOUNT_ID": ACCOUNT,
    "PARTITION": "aws",
    "REGION": REGION,
    "INSTALLATION": "secops",
    "PLUGIN_NAME": "quarantine",
    "TABLE_NAME": "secops",
    "DRY_RUN": "false",
    "KINDS": '["access_key", "address", "bucket", "function", "instance", "principal"]',
    "ISOLATION_GROUPS": '{"vpc-1": "sg-1"}',
    "IP_SETS": json.dumps([f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/ipset/blocked/1"]),
    "OWN_ROLE_NAMES": '["secops-emitter-quarantine-eu-west-1", "secops-commands-quarantine-eu-west-1"]',
    "DENY_POLICY_ARN": f"arn:aws:iam::{ACCOUNT}:policy/secops-quarantine-deny",
}


def settings(**changed: str) -> QuarantineSettings:
    """Read settings from `ENVIRONMENT` with changes."""
    return read_settings(QuarantineSettings, {**ENVIRONMENT, **changed})


def attribute(kind: str, value: str, *contexts: str, depth: int = 0, valid: bool | None = None) -> ReportedAttribute:
    """Make an attribute of a report."""
    made = Attribute(type=kind, value=value, context=contexts)
    return ReportedAttribute(
        id=identity(made),
        type=made.type,
        key="key",
        value=made.value,
        context=made.context,
        timestamp=None,
        valid=canonical(made) is not None if valid is None else valid,
        depth=depth,
        origin=Origin(),
    )


def alert(*attributes: ReportedAttribute, rule: str = "rule") -> ReportedAlert:
    """Make an alert of a report."""
    return ReportedAlert(
        event_id="shard:1:0",
        arrived_at="2026-02-01T00:00:01.250Z",
        detector="guardduty",
        rule_id=rule,
        rule_name=rule,
        alert_key="key",
        description="",
        timestamp=None,
        severity=None,
        attributes=tuple(
            Attribute(type=each.type, key=each.key, value=each.value, context=each.context) for each in attributes
        ),
        body=None,
    )


def report(
    *attributes: ReportedAttribute,
    severity: Severity = "urgent",
    id_: str = REPORT_ID,
    rule: str = "rule",
    alerts: Sequence[ReportedAlert] = (),
) -> Report:
    """Make a report; by default with one alert that has all attributes."""
    alerts = alerts or [alert(*(each for each in attributes if each.depth == 0), rule=rule)]
    return Report(
        id=id_,
        alert_id="0" * 64,
        previous_report_id=None,
        round=1,
        title=rule,
        alerts=tuple(alerts),
        alert_count=len(alerts),
        attributes=attributes,
        findings=(),
        result=Result(severity=severity, reason="", reviewer="arn"),
        emissions=(),
        timeline=(),
        notes=(),
        created_at="2026-02-01T00:00:01.250Z",
        updated_at="2026-02-01T00:00:01.250Z",
        truncated=False,
    )


class Clock:
    """A clock that tests advance [ms since the epoch]."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        """Return the time."""
        return self.now

    def hours(self, hours: float) -> None:
        """Advance the clock."""
        self.now += int(hours * 3_600_000)


class World:
    """An account with a target of each kind; use it within `mock_aws`.

    Parameters
    ----------
    changed
        Settings that differ.
    """

    def __init__(self, **changed: str) -> None:
        self.clock = Clock()
        self.table = MemoryTable()
        client = cache(lambda service, region: boto3.client(service, region_name=region))
        self.client: Callable[..., Any] = lambda service, region=None, **_: client(service, region or REGION)
        self.ec2, self.iam = (self.client(service) for service in ("ec2", "iam"))
        self.waf = self.client("wafv2", REGION)
        self._make_instance()
        self._make_principals()
        sets = [
            self.waf.create_ip_set(
                Name=f"blocked-{version}",
                Scope="REGIONAL",
                Description="Ours",
                IPAddressVersion=version,
                Addresses=addresses,
            )["Summary"]
            for version, addresses in (("IPV4", ["52.0.0.0/24"]), ("IPV6", []))
        ]
        self.ip_sets = [each["ARN"] for each in sets]
        self._sets = sets
        self.environment = {
            "ISOLATION_GROUPS": json.dumps({self.vpc: self.isolation}),
            "IP_SETS": json.dumps(self.ip_sets),
            "DENY_POLICY_ARN": self.policy,
            **changed,
        }

    def quarantine(
        self,
        wrap: Callable[[Actions], Actions] = lambda actions: actions,
        own_arn: Callable[[], str] = lambda: OWN_ARN,
        time_left: Callable[[], bool] = lambda: True,
        callers: Callers | None = None,
        **changed: str,
    ) -> Quarantine:
        """Put a quarantine together for one call."""
        read = settings(**{**self.environment, **changed})
        actions = wrap(actions_of(read, self.client))
        return Quarantine(read, self.table, actions, own_arn, self.clock, time_left, callers)

    def everything(self) -> Report:
        """Return a report that names a target of each kind."""
        return report(
            attribute("instance", self.instance, "local", "subject"),
            attribute("accesskey", self.key, "subject"),
            attribute("arn", f"arn:aws:iam::{ACCOUNT}:user/mallory", "subject"),
            attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/session", "subject"),
            attribute("ipaddr", ADDRESS, "remote"),
            attribute("ipaddr", ADDRESS_V6, "remote"),
        )

    def described(self) -> str:
        """Return the state of all resources that the quarantine could change, as text."""
        reservations = self.ec2.describe_instances(InstanceIds=[self.instance])["Reservations"]
        interfaces = self.ec2.describe_network_interfaces()["NetworkInterfaces"]
        groups = self.ec2.describe_security_groups()["SecurityGroups"]
        principals = [
            self.iam.get_user(UserName="mallory")["User"],
            self.iam.list_access_keys(UserName="mallory")["AccessKeyMetadata"],
            self.iam.list_attached_user_policies(UserName="mallory")["AttachedPolicies"],
            self.iam.list_user_policies(UserName="mallory")["PolicyNames"],
            self.iam.get_role(RoleName="deploy")["Role"],
            self.iam.list_attached_role_policies(RoleName="deploy")["AttachedPolicies"],
        ]
        sets = [self.waf.get_ip_set(Name=each["Name"], Scope="REGIONAL", Id=each["Id"])["IPSet"] for each in self._sets]
        return json.dumps([reservations, interfaces, groups, principals, sets], default=str, sort_keys=True)

    def make_bucket(self, block: Mapping[str, bool] | None, name: str = "website") -> ReportedAttribute:
        """Make a bucket with this public access block, and return the attribute of a report that names it."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if block is None:
            s3.delete_public_access_block(Bucket=name)
        else:
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        return attribute("arn", f"arn:aws:s3:::{name}", "local", "object")

    def make_function(self, reserved: int | None, name: str = "batch") -> ReportedAttribute:
        """Make a function with this reserved concurrency, and return the attribute of a report that names it."""
        functions = self.client("lambda")
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", "")
        functions.create_function(
            FunctionName=name,
            Role=self.iam.get_role(RoleName="deploy")["Role"]["Arn"],
            Runtime="python3.12",
            Handler="index.handler",
            Code={"ZipFile": code.getvalue()},
        )
        if reserved is not None:
            functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
        return attribute("arn", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:live", "subject")

    def states(self) -> dict[str, State]:
        """Return the state of each entry, by id."""
        return {stored.entry.id: stored.entry.state for stored in self.quarantine().journal.all()}

    def entry(self, id_: str) -> Entry:
        """Return an entry that must exist."""
        stored = self.quarantine().journal.get(id_)
        assert stored, id_
        return stored.entry

    def release_all(self, **options: Any) -> dict[str, State]:
        """Release everything, and return the states."""
        quarantine = self.quarantine()
        return {
            stored.entry.id: quarantine.releaser.release(stored, None, **options).state
            for stored in quarantine.journal.all()
        }

    def groups_of(self, interface: str) -> list[str]:
        """Return the ids of an interface's groups."""
        found = self.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]
        return [group["GroupId"] for group in found["Groups"]]

    def _make_instance(self) -> None:
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.web, self.admin, self.isolation = (
            self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
            for name in ("web", "admin", "isolation")
        )
        other = self.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        self.foreign = self.ec2.create_security_group(GroupName="foreign", Description="other", VpcId=other)["GroupId"]
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=self.isolation, IpPermissions=everything)
        # moto never removes the groups that an instance was started with from its interfaces: so create those first.
        first = self.ec2.create_network_interface(SubnetId=subnet, Groups=[self.web, self.admin])["NetworkInterface"]
        made = self.ec2.run_instances(
            ImageId=self.ec2.register_image(Name="image")["ImageId"],
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": first["NetworkInterfaceId"]}],
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "shop-1"}]}],
        )["Instances"][0]
        self.instance: str = made["InstanceId"]
        second = self.ec2.create_network_interface(SubnetId=subnet, Groups=[self.admin])["NetworkInterface"]
        self.ec2.attach_network_interface(
            NetworkInterfaceId=second["NetworkInterfaceId"], InstanceId=self.instance, DeviceIndex=1
        )
        self.interfaces = sorted([first["NetworkInterfaceId"], second["NetworkInterfaceId"]])

    def _make_principals(self) -> None:
        self.iam.create_user(UserName="mallory")
        self.key: str = self.iam.create_access_key(UserName="mallory")["AccessKey"]["AccessKeyId"]
        trust = {"Version": "2012-10-17", "Statement": []}
        self.iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(trust))
        deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
        self.policy: str = self.iam.create_policy(PolicyName="deny", PolicyDocument=json.dumps(deny))["Policy"]["Arn"]
