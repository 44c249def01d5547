"""What of a report is proposed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.report import ReportedAttribute
from alert_responder_plugins.quarantine.model import KINDS
from alert_responder_plugins.quarantine.planning import MAX_PROPOSALS, plan, principal_of
from tests.fakes.quarantine import ACCOUNT, attribute, report, settings

INSTANCE, KEY = "i-0123456789abcdef0", "AKIAIOSFODNN7EXAMPLE"


def planned(*attributes: ReportedAttribute, severity: Any = "urgent", **changed: str) -> list[tuple[str, str]]:
    return [(each.kind, each.target) for each in plan(report(*attributes, severity=severity), settings(**changed))]


@pytest.mark.parametrize(
    ("given_", "target"),
    [
        (attribute("instance", INSTANCE.upper(), "subject"), ("instance", INSTANCE)),
        (attribute("accesskey", KEY, "subject"), ("access_key", KEY)),
        (attribute("username", " mallory ", "subject"), ("principal", "name/mallory")),
        (attribute("arn", f"arn:aws:iam::{ACCOUNT}:user/team/mallory", "subject"), ("principal", "user/mallory")),
        (attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/deploy", "subject"), ("principal", "role/deploy")),
        (attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/x", "subject"), ("principal", "role/deploy")),
        (attribute("ipaddr", "::ffff:45.67.89.10", "remote"), ("address", "45.67.89.10")),
    ],
)
def test_each_type_of_attribute_is_one_kind(given_: ReportedAttribute, target: tuple[str, str]) -> None:
    assert planned(given_) == [target]


@pytest.mark.parametrize(
    "given_",
    [
        attribute("instance", INSTANCE, "local", "object"),
        attribute("instance", INSTANCE),
        attribute("accesskey", KEY, "object"),
        attribute("ipaddr", "45.67.89.10", "local"),
        attribute("instance", INSTANCE, "subject", depth=1),
        attribute("instance", "i-xyz", "subject"),
        attribute("instance", INSTANCE, "subject", valid=False),
        attribute("username", "mallory; rm -rf", "subject"),
        attribute("username", "a" * 65, "subject"),
        attribute("arn", "arn:aws:iam::999999999999:user/mallory", "subject"),
        attribute("arn", f"arn:aws-cn:iam::{ACCOUNT}:user/mallory", "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:root", "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:policy/mallory", "subject"),
        attribute("arn", "arn:aws:s3:::bucket", "subject"),
        attribute("domain", "evil.example.com", "remote"),
    ],
)
def test_nothing_else_is_proposed(given_: ReportedAttribute) -> None:
    assert planned(given_) == []


def test_severity_kinds_contexts_and_depth_are_set() -> None:
    found = attribute("instance", INSTANCE, "object", depth=2)
    assert planned(found, CONTEXTS='{"instance": ["object"]}', MAX_DEPTH="2") == [("instance", INSTANCE)]
    assert planned(found, CONTEXTS='{"instance": ["object"]}', MAX_DEPTH="1") == []
    subject = attribute("instance", INSTANCE, "subject")
    assert planned(subject, severity="unclassified") == []
    assert planned(subject, severity="unclassified", SEVERITIES='["unclassified"]') == [("instance", INSTANCE)]
    assert planned(subject, KINDS='["access_key"]') == []


def test_each_target_is_proposed_once_in_an_order_that_does_not_depend_on_the_report() -> None:
    attributes = [
        attribute("instance", INSTANCE, "subject"),
        attribute("ipaddr", "45.67.89.10", "remote"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/deploy", "subject"),
        attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/session", "subject"),
        attribute("accesskey", KEY, "subject"),
    ]
    expected = [
        ("access_key", KEY),
        ("principal", "role/deploy"),
        ("address", "45.67.89.10"),
        ("instance", INSTANCE),
    ]
    assert planned(*attributes) == expected
    assert planned(*reversed(attributes)) == expected


def test_what_is_said_of_it_is_ours() -> None:
    (proposal,) = plan(report(attribute("instance", INSTANCE, "subject", "local")), settings())
    assert proposal.reason == "A report of severity urgent names it as instance in context local, subject."


ATTRIBUTES = st.builds(
    attribute,
    st.sampled_from(["instance", "accesskey", "username", "arn", "ipaddr", "domain", "other"]),
    st.one_of(
        st.text(min_size=1, max_size=80),
        st.from_regex(r"i-[0-9a-f]{8,17}", fullmatch=True),
        st.from_regex(r"AKIA[A-Z0-9]{16}", fullmatch=True),
        st.from_regex(rf"arn:aws:iam::({ACCOUNT}|000000000000):(user|role)/[!-~]{{1,80}}", fullmatch=True),
        st.ip_addresses().map(str),
    ),
    st.sampled_from(["subject", "remote", "object", "local"]),
    depth=st.integers(0, 2),
)


@given(st.lists(ATTRIBUTES, max_size=40), st.sampled_from(["safe", "unclassified", "urgent"]))
def test_whatever_a_report_says_targets_are_few_clean_and_of_what_was_set(
    attributes: list[ReportedAttribute], severity: Any
) -> None:
    proposals = plan(report(*attributes, severity=severity), settings())

    assert len(proposals) <= MAX_PROPOSALS
    assert severity == "urgent" or not proposals
    assert len({(each.kind, each.target) for each in proposals}) == len(proposals)
    assert [KINDS.index(each.kind) for each in proposals] == sorted(KINDS.index(each.kind) for each in proposals)
    for each in proposals:
        assert each.target.isascii()
        assert each.target.isprintable()
        assert " " not in each.target
        assert len(each.target) <= 140
        assert any(
            attribute.valid and attribute.depth == 0 and {"subject", "remote"} & set(attribute.context)
            for attribute in attributes
        )


@given(st.text(max_size=100))
def test_no_text_is_a_principal_of_another_account(text: str) -> None:
    found = principal_of(f"arn:aws:iam::{ACCOUNT}:{text}", "aws", "999999999999")
    assert found is None
