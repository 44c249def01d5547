"""The AWS resource or principal that an attribute names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Attribute
from alert_responder_plugins.aws_context.subjects import Subject, subject_of

ACCOUNT = "111122223333"
BALANCER = "app/shop/50dc6c495c0c9188"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("ipaddr", "198.51.100.7", Subject("address", "198.51.100.7")),
        ("ipaddr", "10[.]0[.]1[.]23", Subject("address", "10.0.1.23")),
        ("ipaddr", "2001:DB8::1", Subject("address", "2001:db8::1")),
        ("instance", "I-0123456789ABCDEF0", Subject("instance", "i-0123456789abcdef0")),
        ("username", "alice", Subject("user", "alice")),
        ("username", "alice@example.com", Subject("user", "alice@example.com")),
        ("accesskey", "AKIAIOSFODNN7EXAMPLE", Subject("access_key", "AKIAIOSFODNN7EXAMPLE")),
        ("arn", f"arn:aws:iam::{ACCOUNT}:user/ops/alice", Subject("user", "alice", ACCOUNT)),
        ("arn", f"arn:aws:iam::{ACCOUNT}:role/service/shop", Subject("role", "shop", ACCOUNT)),
        (
            "arn",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/shop/i-0123456789abcdef0",
            Subject("session", "shop", ACCOUNT, session="i-0123456789abcdef0"),
        ),
        (
            "arn",
            f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0123456789abcdef0",
            Subject("instance", "i-0123456789abcdef0", ACCOUNT, "eu-west-1"),
        ),
        (
            "arn",
            f"arn:aws:ec2:eu-west-1:{ACCOUNT}:network-interface/eni-0123456789abcdef0",
            Subject("interface", "eni-0123456789abcdef0", ACCOUNT, "eu-west-1"),
        ),
        (
            "arn",
            f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/{BALANCER}",
            Subject("load_balancer", BALANCER, ACCOUNT, "eu-west-1"),
        ),
    ],
)
def test_subject_of_an_attribute(kind: str, value: str, expected: Subject) -> None:
    assert subject_of(Attribute(type=kind, value=value)) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ipaddr", "127.0.0.1"),
        ("ipaddr", "169.254.169.254"),
        ("ipaddr", "224.0.0.1"),
        ("ipaddr", "::"),
        ("ipaddr", "no address"),
        ("username", "alice and bob"),
        ("username", "x" * 65),
        ("username", "../role"),
        ("domain", "example.com"),
        ("arn", f"arn:aws:iam::{ACCOUNT}:root"),
        ("arn", f"arn:aws:iam::{ACCOUNT}:user/a b"),
        ("arn", "arn:aws:s3:::bucket"),
        ("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/shop"),
        ("arn", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*"),
        ("arn", f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/classic"),
    ],
)
def test_other_attributes_have_no_subject(kind: str, value: str) -> None:
    assert subject_of(Attribute(type=kind, value=value)) is None


@given(st.sampled_from(["ipaddr", "instance", "username", "accesskey", "arn"]), st.text(min_size=1, max_size=80))
def test_only_harmless_characters_are_sent_to_aws(kind: str, value: str) -> None:
    found = subject_of(Attribute(type=kind, value=value))

    assert found is None or set(found.name) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@:/-"
    )
