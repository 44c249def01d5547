"""The targets that are proposed from a report."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.report import Origin, Report, ReportedAttribute, Result
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from alert_responder_plugins.quarantine.names import principal_of
from alert_responder_plugins.quarantine.proposals import plan
from tests.fakes.quarantine import ACCOUNT, attribute, report, settings

SUPPRESSION = {"name": "n", "owner": "o", "reason": "r", "expires": "2027-03-01"}
INSTANCE, KEY = "i-0123456789abcdef0", "AKIAIOSFODNN7EXAMPLE"


def planned(*attributes: ReportedAttribute, severity: Any = "urgent", **changed: str) -> list[tuple[str, str]]:
    return [
        (each.location.kind, each.location.target)
        for each in plan(report(*attributes, severity=severity), settings(**changed))
    ]


@pytest.mark.parametrize(
    ("given_", "target"),
    [
        (attribute("instance", INSTANCE.upper(), "subject"), ("instance", INSTANCE)),
        (attribute("accesskey", KEY, "subject"), ("access_key", KEY)),
        (attribute("accesskey", f" {KEY.lower()}", "subject"), ("access_key", KEY)),
        (attribute("arn", f"arn:aws:iam::{ACCOUNT}:user/team/mallory", "subject"), ("principal", "user/team/mallory")),
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
        attribute("username", "mallory", "subject"),
        attribute("username", "deploy", "local", "subject"),
        attribute("username", f"arn:aws:iam::{ACCOUNT}:role/deploy", "subject"),
        attribute("email", "mallory@example.com", "subject"),
        attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/../other", "subject"),
        attribute("arn", f"arn:aws:sts::{ACCOUNT}:federated-user/mallory", "subject"),
        attribute("arn", f"arn:aws:iam:eu-west-1:{ACCOUNT}:role/deploy", "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/*", "subject"),
        attribute("arn", "arn:aws:iam::999999999999:user/mallory", "subject"),
        attribute("arn", f"arn:aws-cn:iam::{ACCOUNT}:user/mallory", "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:root", "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:policy/mallory", "subject"),
        attribute("arn", "arn:aws:s3:::bucket", "subject"),
        attribute("domain", "evil.example.com", "remote"),
    ],
)
def test_other_attributes_are_not_proposed(given_: ReportedAttribute) -> None:
    assert planned(given_) == []


def test_the_address_in_a_url_is_not_proposed_unless_the_alert_names_it() -> None:
    stated = attribute("ipaddr", "45.67.89.10", "remote")
    derived = stated.model_copy(update={"origin": Origin(attribute_type="url", attribute_value="http://45.67.89.10/")})
    assert planned(derived) == []
    assert planned(derived, stated) == [("address", "45.67.89.10")]


def test_severities_kinds_contexts_and_depth_are_configurable() -> None:
    found = attribute("instance", INSTANCE, "object", depth=2)
    assert planned(found, CONTEXTS='{"instance": ["object"]}', MAX_DEPTH="2") == [("instance", INSTANCE)]
    assert planned(found, CONTEXTS='{"instance": ["object"]}', MAX_DEPTH="1") == []
    subject = attribute("instance", INSTANCE, "subject")
    assert planned(subject, severity="unclassified") == []
    assert planned(subject, severity="unclassified", SEVERITIES='["unclassified"]') == [("instance", INSTANCE)]
    assert planned(subject, KINDS='["access_key"]') == []


@pytest.mark.parametrize(
    ("changed", "is_proposed"),
    [
        ({"labels": ["contain", "other"]}, True),
        ({"labels": ["other"]}, False),
        ({"labels": [], "reviewer": None}, False),
        ({"labels": ["contain"], "suppressed": SUPPRESSION}, False),
        ({"labels": ["contain"], "suppressed": SUPPRESSION, "breakthrough": "A reason."}, True),
    ],
)
def test_a_report_needs_the_label_and_is_not_suppressed(changed: dict[str, Any], is_proposed: bool) -> None:
    made = report(attribute("instance", INSTANCE, "subject"))
    result = Result.model_validate({"severity": "urgent", "reason": "", "reviewer": "arn", **changed})
    proposals = plan(made.model_copy(update={"result": result}), settings(LABELS='["contain"]'))
    assert bool(proposals) == is_proposed


def test_each_target_is_proposed_once_in_an_order_independent_of_the_report() -> None:
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


def test_kinds_take_turns_so_that_many_of_one_do_not_displace_another() -> None:
    many = [attribute("accesskey", f"AKIA{number:016d}", "subject") for number in range(300)]
    found = planned(*many, attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/deploy", "subject"))

    assert len(found) == 301
    assert ("principal", "role/deploy") in found[:2]


def test_invented_targets_cannot_be_placed_before_a_real_one() -> None:
    """The order within a kind depends on the report's id, which authors of alerts do not know."""
    many = [attribute("accesskey", f"AKIA{number:016d}", "subject") for number in range(30)]
    real = attribute("accesskey", KEY, "subject")
    orders = [
        [
            each.location.target
            for each in plan(report(*many, real, id_=f"01KG9Z9Q7R2D4B6C8E0FGHJK{number:02d}"), settings())
        ]
        for number in range(10)
    ]

    assert len({order.index(KEY) for order in orders}) > 3
    assert {frozenset(order) for order in orders} == {frozenset(orders[0])}


def test_target_is_not_exempt_if_another_attribute_names_it() -> None:
    sample = attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/one", "subject")
    real = attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/two", "subject")
    exemptions = {sample.id: "The alert is a sample finding."}

    assert [each.refusal for each in plan(report(sample), settings(), exemptions)] == ["The alert is a sample finding."]
    assert [each.refusal for each in plan(report(sample, real), settings(), exemptions)] == [None]


def test_reason_contains_no_hostile_text() -> None:
    (proposal,) = plan(report(attribute("instance", INSTANCE, "subject", "local")), settings())
    assert proposal.reason == "A report of severity urgent names it as instance in context local, subject."


def reported(record: dict[str, Any]) -> Report:
    """Make a report from the alerts that a format parses from a record."""
    (parsed,), rejects = parse_record(json.dumps(record).encode(), tuple(FormatRegistry()))
    assert not rejects
    return report(*(attribute(each.type, each.value, *each.context) for each in parsed.alert.attributes))


@pytest.mark.parametrize("account", [ACCOUNT, "444455556666"])
def test_principal_of_another_account_is_not_proposed(account: str) -> None:
    record = {
        "type": "Recon:IAMUser/TorIPCaller",
        "id": "f1",
        "accountId": account,
        "severity": 5,
        "resource": {"accessKeyDetails": {"userType": "AssumedRole", "userName": "batch", "accessKeyId": KEY}},
        "service": {},
    }
    principals = [
        each.location.target for each in plan(reported(record), settings()) if each.location.kind == "principal"
    ]
    assert principals == (["role/batch"] if account == ACCOUNT else [])


@pytest.mark.parametrize(
    "record",
    [
        {
            "eventType": "user.session.start",
            "published": "2026-02-01T00:00:00Z",
            "uuid": "u",
            "displayMessage": "m",
            "outcome": {"result": "FAILURE"},
            "actor": {"alternateId": "batch", "type": "User", "id": "00u"},
        },
        {
            "rule": "Shell in a container",
            "priority": "Notice",
            "output": "x",
            "time": "2026-02-01T00:00:00Z",
            "output_fields": {"user.name": "batch", "container.id": "abc"},
        },
        {
            "title": "t",
            "severity": "High",
            "machineId": "m",
            "alertCreationTime": "2026-02-01T00:00:00Z",
            "relatedUser": {"userName": "batch"},
        },
    ],
    ids=["okta", "falco", "defender"],
)
def test_user_names_of_other_products_are_not_proposed(record: dict[str, Any]) -> None:
    told = reported(record)
    assert {"username", "subject"} <= {word for each in told.attributes for word in (each.type, *each.context)}
    assert plan(told, settings()) == ()


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
def test_targets_of_any_report_are_valid_and_configured(attributes: list[ReportedAttribute], severity: Any) -> None:
    proposals = plan(report(*attributes, severity=severity), settings())

    assert severity == "urgent" or not proposals
    assert len({(each.location.kind, each.location.target) for each in proposals}) == len(proposals)
    for each in proposals:
        assert each.location.target.isascii()
        assert each.location.target.isprintable()
        assert " " not in each.location.target
        assert len(each.location.target) <= 600
        assert each.location.kind != "principal" or each.location.target.startswith(("user/", "role/"))
        assert any(
            attribute.valid and attribute.depth == 0 and {"subject", "remote"} & set(attribute.context)
            for attribute in attributes
        )


@given(st.text(max_size=100))
def test_no_text_names_a_principal_of_another_account(text: str) -> None:
    found = principal_of(f"arn:aws:iam::{ACCOUNT}:{text}", "aws", "999999999999")
    assert found is None


def test_the_beginning_of_a_value_is_not_a_target() -> None:
    """A report that exceeds 5 MB has shortened values; an attacker chooses what a name begins with."""
    whole = attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/deploy-of-an-attacker", "subject")
    assert planned(whole) == [("principal", "role/deploy-of-an-attacker")]
    assert planned(whole.model_copy(update={"value": f"arn:aws:iam::{ACCOUNT}:role/deploy"})) == []
