"""Local and remote sides of actions, in GuardDuty findings and their copies in Security Hub."""

import json
from typing import Any

import pytest

from alert_responder.formats import parse_record
from alert_responder.formats.aws_activity import Sides, sides
from alert_responder.formats.extraction import folded
from alert_responder.formats.registry import CODED_FORMATS

INWARDS = Sides(("local", "server"), ("remote", "client"))
OUTWARDS = Sides(("local", "client"), ("remote", "server"))
UNKNOWN = Sides(("local",), ("remote",))


@pytest.mark.parametrize(
    ("action", "who"),
    [
        ({"networkConnectionAction": {"connectionDirection": "INBOUND"}}, INWARDS),
        ({"NetworkConnectionAction": {"ConnectionDirection": "in"}}, INWARDS),
        ({"portProbeAction": {"blocked": False}}, INWARDS),
        ({"rdsLoginAttemptAction": {"LoginAttributes": []}}, INWARDS),
        ({"networkConnectionAction": {"connectionDirection": "OUTBOUND"}}, OUTWARDS),
        ({"NetworkConnectionAction": {"ConnectionDirection": "out"}}, OUTWARDS),
        ({"dnsRequestAction": {"domain": "a.example"}}, OUTWARDS),
        ({"networkConnectionAction": {"connectionDirection": "UNKNOWN"}}, UNKNOWN),
        ({"networkConnectionAction": {"blocked": False}}, UNKNOWN),
        ({"awsApiCallAction": {"api": "GetObject"}}, UNKNOWN),
        ({}, UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_the_direction_decides_client_and_server(action: Any, who: Sides) -> None:
    assert sides(folded(action), "") == who


@pytest.mark.parametrize(
    ("role", "who"),
    [
        ("TARGET", Sides(("local", "object"), ("remote", "subject"))),
        ("ACTOR", Sides(("local", "subject"), ("remote", "object"))),
        ("", UNKNOWN),
        ("OTHER", UNKNOWN),
    ],
)
def test_the_role_decides_subject_and_object(role: str, who: Sides) -> None:
    assert sides({}, role) == who


def test_direction_and_role_are_combined() -> None:
    action = folded({"networkConnectionAction": {"connectionDirection": "OUTBOUND"}})

    assert sides(action, "ACTOR") == Sides(("local", "client", "subject"), ("remote", "server", "object"))


def guardduty(kind: str, name: Any, account: Any = "222222222222", **action: Any) -> dict[str, Any]:
    return {
        "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
        "id": "f1",
        "accountId": account,
        "partition": "aws-us-gov",
        "severity": 5,
        "resource": {"accessKeyDetails": {"userType": kind, "userName": name}},
        "service": {"action": {"awsApiCallAction": action}},
    }


def imported(product: str, **details: Any) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": "f1",
        "ProductArn": f"arn:aws:securityhub:eu-west-1::product/{product}",
        "GeneratorId": "g",
        "AwsAccountId": "222222222222",
        "Resources": [{"Type": "AwsIamAccessKey", "Partition": "aws", "Details": {"AwsIamAccessKey": details}}],
    }


def ocsf(provider: str, **user: Any) -> dict[str, Any]:
    return {
        "class_uid": 2004,
        "activity_id": 1,
        "metadata": {"version": "1.1.0", "product": {"name": "x"}},
        "cloud": {"provider": provider},
        "finding_info": {"uid": "f1", "title": "t"},
        "actor": {"user": user},
    }


def arns(document: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    (parsed,), rejects = parse_record(json.dumps(document).encode(), CODED_FORMATS)
    assert not rejects
    return [(each.value, each.context) for each in parsed.alert.attributes if each.type == "arn"]


@pytest.mark.parametrize(
    ("document", "arn"),
    [
        (guardduty("IAMUser", "carol"), "arn:aws-us-gov:iam::222222222222:user/carol"),
        (guardduty("AssumedRole", "ci+build"), "arn:aws-us-gov:iam::222222222222:role/ci+build"),
        (guardduty("Role", "ci"), "arn:aws-us-gov:iam::222222222222:role/ci"),
        # GuardDuty names the calling account if it is not the account of the finding.
        (
            guardduty("IAMUser", "carol", remoteAccountDetails={"accountId": "333333333333"}),
            "arn:aws-us-gov:iam::333333333333:user/carol",
        ),
        (
            imported("aws/guardduty", PrincipalName="carol", PrincipalType="IAMUser"),
            "arn:aws:iam::222222222222:user/carol",
        ),
        (
            imported("acme/edr", PrincipalName="ci", PrincipalType="AssumedRole", AccountId="333333333333"),
            "arn:aws:iam::333333333333:role/ci",
        ),
        (
            ocsf("AWS", name="carol", type="IAMUser", account={"uid": "222222222222"}),
            "arn:aws:iam::222222222222:user/carol",
        ),
    ],
)
def test_an_actor_with_account_and_kind_has_an_arn(document: dict[str, Any], arn: str) -> None:
    assert arns(document) == [(arn, ("subject",))]


@pytest.mark.parametrize(
    "document",
    [
        guardduty("Root", "carol"),
        guardduty("AWSService", "carol"),
        guardduty("", "carol"),
        guardduty("IAMUser", ""),
        guardduty("IAMUser", "a/b"),
        guardduty("IAMUser", "carol\u200b"),
        guardduty("IAMUser", "*"),
        guardduty("IAMUser", {"name": "carol"}),
        guardduty("IAMUser", "carol", account=None),
        guardduty("IAMUser", "carol", account="22222222222"),
        guardduty("IAMUser", "carol", account="\uff12" * 12),
        # A product may import a finding about one account into another.
        imported("acme/edr", PrincipalName="ci", PrincipalType="AssumedRole"),
        imported("aws/guardduty", PrincipalName="carol"),
        ocsf("Azure", name="carol", type="IAMUser", account={"uid": "222222222222"}),
        ocsf("AWS", name="carol", account={"uid": "222222222222"}),
        ocsf("AWS", name="carol", type="IAMUser"),
    ],
)
def test_a_name_alone_does_not_become_an_arn(document: dict[str, Any]) -> None:
    assert arns(document) == []
