"""Records of CloudTrail from public repositories, with invented values: see tests/events/samples/README.md."""

from pathlib import Path

import pytest

from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry

SAMPLES = Path(__file__).parents[3] / "events" / "samples"
BOB = "arn:aws:iam::111122223333:user/bob"

EXPECTED: dict[str, tuple[str, str, list[str]]] = {
    "copy_with_foreign_key": (
        "arn:aws:sts::111122223333:assumed-role/etl/dave",
        "CopyObject by arn:aws:sts::111122223333:assumed-role/etl/dave on bucket arn:aws:s3:::orders, KMS key ",
        [
            "arn arn:aws:s3:::orders/important-file.txt",
            "arn arn:aws:kms:us-east-1:999988887777:key/attacker-key-id",
            "account 999988887777",
            "arn arn:aws:s3:::orders",
        ],
    ),
    "endpoint_denied": (
        "111122223333/AROAEXAMPLEEXAMPLE01/session-name",
        "GetObject by AROAEXAMPLEEXAMPLE01:session-name on bucket arn:aws:s3:::orders failed: The request was denied",
        ["arn arn:aws:s3:::orders", "arn arn:aws:s3:::orders/sensitive-file.txt"],
    ),
    "federation_token": (
        "arn:aws:iam::111122223333:user/backup",
        "GetFederationToken by arn:aws:iam::111122223333:user/backup on support",
        ["resource support", "accesskey ASIAIOSFODNN7EXAMPLE", "arn arn:aws:sts::111122223333:federated-user/support"],
    ),
    "function_for_everyone": (
        BOB,
        f"AddPermission20150331v2 by {BOB} on function pay, for everyone",
        ["resource pay", "arn arn:aws:lambda:eu-west-1:111122223333:function:pay"],
    ),
    "get_password_data": (
        "arn:aws:iam::111122223333:role/reader",
        "on instance i-0a1b2c3d4e5f60718 failed: You are not authorized",
        ["instance i-0a1b2c3d4e5f60718"],
    ),
    "get_secret_value": (
        BOB,
        "on secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod-database-AbCdEf",
        ["arn arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod-database-AbCdEf"],
    ),
    "login_profile": (
        BOB,
        f"CreateLoginProfile by {BOB} on user backup",
        ["username backup", "arn arn:aws:iam::111122223333:user/backup"],
    ),
    "overwrite_function": (
        BOB,
        f"UpdateFunctionCode20150331v2 by {BOB} on function arn:aws:lambda:eu-west-1:111122223333:function:pay",
        [
            "arn arn:aws:lambda:eu-west-1:111122223333:function:pay",
            "arn arn:aws:lambda:eu-west-1:111122223333:function:pay:1",
            "arn arn:aws:iam::111122223333:role/pay-role",
            "arn arn:aws:lambda:eu-west-1::runtime:be9e7121d3264b1e86158b38dbbb656c23dff979eb481793ee37b9e2b79fda22",
        ],
    ),
    "public_repository": (
        "arn:aws:sts::111122223333:assumed-role/ServiceRole/AWSCloudFormation",
        "through cloudformation.amazonaws.com on repository base, for everyone",
        ["arn arn:aws:ecr:eu-west-1:111122223333:repository/base", "resource base"],
    ),
    "run_instances": (
        "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling",
        "through autoscaling.amazonaws.com on subnet subnet-0a1b2c3d4e5f60718",
        [
            "resource subnet-0a1b2c3d4e5f60718",
            "resource sg-0a1b2c3d4e5f60718",
            "arn arn:aws:iam::111122223333:instance-profile/profile-id",
            "resource ami-0a1b2c3d4e5f60718",
            "instance i-0a1b2c3d4e5f60718",
            "resource eni-0a1b2c3d4e5f60718",
            "ipaddr 10.0.0.9",
            "resource vpc-0a1b2c3d4e5f60718",
        ],
    ),
    "send_ssh_public_key": (
        BOB,
        f"SendSSHPublicKey by {BOB} on instance i-0a1b2c3d4e5f60718",
        ["instance i-0a1b2c3d4e5f60718"],
    ),
    "share_database_snapshot": (
        BOB,
        f"ModifyDBSnapshotAttribute by {BOB} on DB snapshot orders-2026, for 999988887777",
        ["resource orders-2026", "account 999988887777"],
    ),
    "share_image": (
        BOB,
        f"ModifyImageAttribute by {BOB} on machine image ami-0a1b2c3d4e5f60718, for 999988887777",
        ["resource ami-0a1b2c3d4e5f60718", "account 999988887777"],
    ),
    "share_snapshot": (
        BOB,
        f"ModifySnapshotAttribute by {BOB} on snapshot snap-0a1b2c3d4e5f60718, for 999988887777",
        ["account 999988887777", "resource snap-0a1b2c3d4e5f60718"],
    ),
    "sign_in_without_mfa": (
        "arn:aws:iam::111122223333:user/carol",
        "ConsoleLogin by arn:aws:iam::111122223333:user/carol, without MFA",
        [],
    ),
    "start_session": (
        BOB,
        f"StartSession by {BOB} on instance i-0a1b2c3d4e5f60718",
        ["instance i-0a1b2c3d4e5f60718", "resource bob-0a1b2c3d4e5f60718"],
    ),
    "stolen_instance_credentials": (
        "arn:aws:sts::111122223333:assumed-role/web/i-0a1b2c3d4e5f60718",
        "DescribeInstances by arn:aws:sts::111122223333:assumed-role/web/i-0a1b2c3d4e5f60718",
        [],
    ),
    "stop_logging": (
        "arn:aws:sts::111122223333:assumed-role/tester",
        "on trail arn:aws:cloudtrail:eu-west-1:111122223333:trail/example-trail",
        ["arn arn:aws:cloudtrail:eu-west-1:111122223333:trail/example-trail"],
    ),
    "trust_policy": (
        BOB,
        f"UpdateAssumeRolePolicy by {BOB} on role deploy, for arn:aws:iam::999988887777:root",
        ["arn arn:aws:iam::999988887777:root", "account 999988887777", "arn arn:aws:iam::111122223333:role/deploy"],
    ),
}
"""Of each sample: alert key, part of the description, and what was acted on."""


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_call_reads_as_an_analyst_would_read_it(name: str) -> None:
    (parsed,), rejected = parse_record((SAMPLES / f"cloudtrail_{name}.json").read_bytes(), FormatRegistry())
    alert = parsed.alert
    key, description, found = EXPECTED[name]
    assert not rejected
    assert alert.alert_key == key
    assert description in alert.description
    assert [f"{each.type} {each.value}" for each in alert.attributes if "object" in each.context] == found
    assert (alert.status, alert.finding_id, alert.severity) == ("active", "", None)
    caller = {each.type: each.context for each in alert.attributes if "client" in each.context}
    assert caller.get("ipaddr", ("client", "subject")) == ("client", "subject")
    assert not [each for each in alert.attributes if "remote" in each.context or each.type == "domain"]


def test_every_sample_is_expected() -> None:
    assert {path.stem.removeprefix("cloudtrail_") for path in SAMPLES.glob("cloudtrail_*.json")} == EXPECTED.keys()
