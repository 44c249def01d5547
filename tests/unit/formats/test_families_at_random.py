"""Copies of a finding have the same identity in every notation, and other findings have another one."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert
from tests.unit.formats.test_families import only

ACCOUNTS = st.sampled_from(["123456789012", "210987654321"])
REGIONS = st.sampled_from(["eu-central-1", "us-east-1"])
TYPES = st.sampled_from(
    [
        "Policy:IAMUser/RootCredentialUsage",
        "Recon:IAMUser/TorIPCaller",
        "UnauthorizedAccess:EC2/SSHBruteForce",
        "Backdoor:EC2/C&CActivity.B!DNS",
        "AttackSequence:IAM/CompromisedCredentials",
    ]
)


@dataclass(frozen=True)
class Finding:
    """The identifying fields of a GuardDuty finding."""

    type: str
    id: str
    account: str
    region: str
    principal: str
    second: int

    @property
    def incident(self) -> tuple[object, ...]:
        """The fields that equal findings have in common."""
        if ":IAMUser/" in self.type:
            return self.type, self.account, self.principal, self.second
        return self.type, self.id

    @property
    def arn(self) -> str:
        return f"arn:aws:guardduty:{self.region}:{self.account}:detector/d/finding/{self.id}"

    @property
    def first_seen(self) -> str:
        return f"2026-03-02T10:03:{self.second:02}.000Z"

    def native(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "arn": self.arn,
            "type": self.type,
            "accountId": self.account,
            "region": self.region,
            "severity": 2,
            "resource": {"accessKeyDetails": {"userName": self.principal, "accessKeyId": f"ASIA{self.id}"}},
            "service": {"eventFirstSeen": self.first_seen},
        }

    def asff(self) -> dict[str, Any]:
        details = {"AwsIamAccessKey": {"PrincipalName": self.principal}}
        return {
            "SchemaVersion": "2018-10-08",
            "Id": self.arn,
            "ProductArn": f"arn:aws:securityhub:{self.region}::product/aws/guardduty",
            "GeneratorId": self.arn.rpartition("/finding/")[0],
            "AwsAccountId": self.account,
            "Region": self.region,
            "Types": [f"TTPs/Discovery/{self.type.replace('/', '-')}"],
            "ProductFields": {"aws/guardduty/service/eventFirstSeen": self.first_seen.replace(".000", "")},
            "Resources": [{"Type": "AwsIamAccessKey", "Id": "AWS::IAM::AccessKey:A", "Details": details}],
        }

    def ocsf(self) -> dict[str, Any]:
        uid = f"arn:aws:securityhub:{self.region}::productv2/aws/guardduty"
        return {
            "class_uid": 2004,
            "metadata": {"product": {"name": "GuardDuty", "uid": uid}},
            "cloud": {"account": {"uid": self.account}, "region": self.region},
            "finding_info": {
                "uid": self.arn,
                "types": ["Threats", self.type],
                "title": "t",
                "analytic": {"uid": "d"},
                "first_seen_time": 1_772_445_780_000 + self.second * 1000,
            },
            "resources": [{"uid": f"ASIA{self.id}", "data": {"user_name": self.principal}}],
        }


FINDINGS = st.builds(
    Finding,
    TYPES,
    st.sampled_from(["aa", "bb"]),
    ACCOUNTS,
    REGIONS,
    st.sampled_from(["alice", "Root", "a/b"]),
    st.sampled_from([11, 12]),
)
WAYS = st.sampled_from([Finding.native, Finding.asff, Finding.ocsf])


@given(FINDINGS, FINDINGS, WAYS, WAYS)
def test_guardduty_findings_are_one_incident_if_and_only_if_they_are_the_same(
    one: Finding, other: Finding, way: Any, other_way: Any
) -> None:
    first, second = only(way(one)), only(other_way(other))

    assert (first.alert_id == second.alert_id) is (one.incident == other.incident)
    assert first.detector == second.detector == "guardduty"


GLOBAL = "arn:aws:iam::123456789012:user/alice"
RESOURCES = st.sampled_from([GLOBAL, "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-1", "AWS::::Account:123456789012"])
STANDARDS = st.sampled_from(
    ["security-control/{}", "nist-800-53/v/5.0.0/{}", "cis-aws-foundations-benchmark/v/1.4.0/1.1"]
)


@dataclass(frozen=True)
class Check:
    """The identifying fields of a failed control, and its standard."""

    control: str
    account: str
    region: str
    resources: tuple[str, ...]
    standard: str
    number: int

    @property
    def incident(self) -> tuple[object, ...]:
        """The fields that equal findings have in common."""
        account_wide = self.control == "IAM.6"
        anywhere = all(each == GLOBAL or (account_wide and "Account" in each) for each in self.resources)
        return self.control, self.account, frozenset(self.resources), None if anywhere else self.region

    def alert(self) -> Alert:
        return only(
            {
                "SchemaVersion": "2018-10-08",
                "Id": f"finding {self.number}",
                "ProductArn": f"arn:aws:securityhub:{self.region}::product/aws/securityhub",
                "GeneratorId": self.standard.format(self.control),
                "AwsAccountId": self.account,
                "Region": self.region,
                "Compliance": {"Status": "FAILED", "SecurityControlId": self.control},
                "Resources": [{"Id": each} for each in self.resources],
            }
        )


CHECKS = st.builds(
    Check,
    st.sampled_from(["IAM.6", "EC2.13"]),
    ACCOUNTS,
    REGIONS,
    st.lists(RESOURCES, min_size=1, max_size=2).map(tuple),
    STANDARDS,
    st.integers(0, 9),
)


@given(CHECKS, CHECKS)
def test_controls_are_one_incident_if_and_only_if_they_are_about_the_same(one: Check, other: Check) -> None:
    assert (one.alert().alert_id == other.alert().alert_id) is (one.incident == other.incident)
