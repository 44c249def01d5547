"""Tags, exposure, permissions and events from documents of AWS."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from alert_responder_plugins.aws_context.events import MAX_SHOWN, activities, grouped, rows
from alert_responder_plugins.aws_context.exposure import exposure, open_to_all
from alert_responder_plugins.aws_context.gaps import Gap, gap_note
from alert_responder_plugins.aws_context.host_facts import load_balancer_of
from alert_responder_plugins.aws_context.rights import makes_admin, trusted
from tests.unit.plugins.aws_context.builders import TAG_FILTER, event


def test_only_configured_tags_are_shown_in_their_order() -> None:
    tags = [
        {"Key": "Team", "Value": "payments"},
        {"Key": "password", "Value": "secret"},
        {"Key": "OWNER", "Value": "alice"},
        {"Key": "Name", "Value": "x" * 1000},
    ]

    assert list(TAG_FILTER.owners(tags).items()) == [("OWNER", "alice"), ("Team", "payments")]
    assert TAG_FILTER.purposes(tags) == {"Name": "x" * 256}


def rule(protocol: str, first: int | None = None, last: int | None = None, **ranges: Any) -> dict[str, Any]:
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, "IpRanges": [], "Ipv6Ranges": [], **ports, **ranges}


WORLD: dict[str, Any] = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
WORLD6: dict[str, Any] = {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
HALF: dict[str, Any] = {"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]}


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        (rule("tcp", 22, 22, **WORLD), ["tcp 22 (sg-1)"]),
        (rule("tcp", 22, 22, **HALF), ["tcp 22 (sg-1)"]),
        (rule("udp", 1000, 2000, **WORLD6), ["udp 1000-2000 (sg-1)"]),
        (rule("-1", **WORLD), ["all traffic (sg-1)"]),
        (rule("icmp", -1, -1, **WORLD), ["icmp (sg-1)"]),
        (rule("tcp", 22, 22, IpRanges=[{"CidrIp": "10.0.0.0/8"}]), []),
        (rule("tcp", 22, 22, UserIdGroupPairs=[{"GroupId": "sg-2"}]), []),
    ],
)
def test_rules_that_are_open_to_all(permission: dict[str, Any], expected: list[str]) -> None:
    assert open_to_all([{"GroupId": "sg-1", "IpPermissions": [permission]}]) == expected


def test_exposure_as_text() -> None:
    assert exposure([], ["tcp 22 (sg-1)"]) == "no public address"
    assert exposure(["198.51.100.7"], ["tcp 22 (sg-1)"]) == "public address, open to all: tcp 22 (sg-1)"
    assert exposure(["198.51.100.7"], []) == "public address, no rule open to all"
    assert exposure(["198.51.100.7"], None) == "public address; its security groups could not be read"


def policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", **statement}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (policy(Action="*"), True),
        (policy(Action=["s3:GetObject", "*:*"]), True),
        (policy(Action="IAM:*"), True),
        (policy(NotAction="s3:*"), True),
        (policy(NotAction=["iam:*", "organizations:*"]), False),
        (policy(Action="*", Effect="Deny"), False),
        (policy(Action="*", Resource="arn:aws:s3:::bucket"), False),
        (policy(Action="s3:*"), False),
        (json.dumps(policy(Action="*")), True),
        (quote(json.dumps(policy(Action="*"))), True),
        ("no policy", False),
        ({"Statement": ["*"]}, False),
        (None, False),
    ],
)
def test_policies_with_administrator_permissions(document: Any, expected: bool) -> None:
    assert makes_admin(document) is expected


def test_principals_that_may_assume_a_role() -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com", "AWS": ["arn:b", "arn:a"]}},
            {"Effect": "Allow", "Principal": "*"},
            {"Effect": "Deny", "Principal": {"AWS": "arn:c"}},
        ]
    }

    assert trusted(document) == ["*", "arn:a", "arn:b", "ec2.amazonaws.com"]


def test_events_that_differ_only_in_time_and_target_are_one_activity() -> None:
    events = [event(1, minutes=5), event(2, minutes=9), event(1, minutes=5), event(3, errorCode="AccessDenied")]
    groups = grouped(events)
    denied, listed = activities(groups)

    assert (denied.action, denied.last_seen) == ("ListBuckets (AccessDenied)", "2026-02-01T00:00:00Z")
    assert (listed.action, listed.target) == ("ListBuckets", "bucket-1, bucket-2")
    assert (listed.service_name, listed.remote_addr) == ("s3.amazonaws.com", "203.0.113.9")
    assert listed.principal == "arn:aws:iam::123456789012:user/alice"
    row = rows(groups)[1]
    assert (row["count"], row["user_agent"]) == (2, "aws-cli/2.15")
    assert (row["first_seen"], row["last_seen"]) == ("2026-01-31T23:51:00Z", "2026-01-31T23:55:00Z")


def test_only_the_newest_kinds_are_shown() -> None:
    shown = activities(grouped([event(number, f"Event{number}", minutes=number) for number in range(50)]))

    assert [each.action for each in shown] == [f"Event{number}" for number in range(MAX_SHOWN)]


@pytest.mark.parametrize("detail", ["no json", "[" * 100_000, "[]", '{"userIdentity": 1, "userAgent": {}}', None])
def test_missing_fields_of_an_event_are_empty(detail: str | None) -> None:
    [shown] = activities(grouped([{**event(1), "CloudTrailEvent": detail}]))

    assert (shown.principal, shown.remote_addr, shown.action) == ("alice", "", "ListBuckets")


def test_long_texts_of_an_event_are_shortened() -> None:
    [row] = rows(grouped([event(1, userAgent="x" * 10_000)]))

    assert len(row["user_agent"]) == 200


def test_description_of_an_interface_is_trusted_only_from_elastic_load_balancing() -> None:
    interface = {"Description": "ELB app/shop/50dc6c495c0c9188", "RequesterId": "amazon-elb"}

    assert load_balancer_of(interface) == "app/shop/50dc6c495c0c9188"
    assert load_balancer_of({**interface, "RequesterId": "AIDAEXAMPLE"}) is None
    assert load_balancer_of({"Description": interface["Description"]}) is None
    assert load_balancer_of({**interface, "Description": "ELB classic"}) is None


def test_gaps_are_grouped_by_action() -> None:
    gaps = [
        Gap("denied", "ec2:DescribeInstances", "1", "eu-west-1", "UnauthorizedOperation"),
        Gap("denied", "ec2:DescribeInstances", "1", "eu-west-2", "UnauthorizedOperation"),
        Gap("failed", "iam:GetUser", "1", "eu-west-1", "ServiceFailure"),
        Gap("time", "cloudtrail", "2", "eu-west-1"),
    ]

    assert gap_note(gaps).text == (
        "Access denied (add the action to the role's policy, or enable the region): "
        "ec2:DescribeInstances in 1 eu-west-1, 1 eu-west-2. "
        "Failed: iam:GetUser (ServiceFailure) in 1 eu-west-1. "
        "Not called, because the time limit was reached: cloudtrail in 2 eu-west-1."
    )
