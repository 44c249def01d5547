"""What is reported as covered is: no report matches the narrow rule and not the wide one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_cli.policy.coverage import covers
from alert_responder_plugins.policy.model import InvalidPolicyError, Policy, read_policy
from tests.unit.plugins.policy.builders import decide
from tests.unit.plugins.policy.test_monotony import SLOW, alerts, built, conditions, findings


def two(wide: dict[str, Any], narrow: dict[str, Any], severity: str = "urgent") -> Policy:
    rules = [{"name": name, "severity": severity, **fields} for name, fields in (("wide", wide), ("narrow", narrow))]
    return read_policy({"rules": rules})


def is_covered(wide: dict[str, Any], narrow: dict[str, Any], severity: str = "urgent") -> bool:
    made = two({"match": wide}, {"match": narrow}, severity)
    return covers(made.rules[0], made.rules[1], lower=severity == "safe")


@SLOW
@given(
    conditions, conditions, st.booleans(), st.lists(alerts(), min_size=1, max_size=4), st.lists(findings, max_size=3)
)
def test_no_report_matches_only_the_narrow_rule(
    wide: dict[str, Any], more: dict[str, Any], lower: bool, parts: list[Any], known: list[Any]
) -> None:
    severity = "safe" if lower else "urgent"
    for narrow in (more, wide | more):
        try:
            made = two({"match": wide}, {"match": narrow}, severity)
        except InvalidPolicyError:
            continue
        if covers(made.rules[0], made.rules[1], lower=lower):
            asked = {each.name: each.matched for each in decide(made, built(parts, known), traced=True).trace}
            assert asked["wide"] or not asked["narrow"]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({}, {"detector": "guardduty"}),
        ({"rule": "Recon:*"}, {"rule": "recon:EC2/*"}),
        ({"rule": ["Recon:*", "Other"]}, {"rule": ["other", "Recon:EC2/PortProbe"]}),
        ({"severity": "medium"}, {"severity": ["high", "critical"]}),
        ({"account": ["111122223333", "444455556666"]}, {"account": "111122223333", "status": "active"}),
        ({"account_unit": "Root/*"}, {"account_unit": ["Root/Prod/EU", "Root/Sandbox/*"], "account_owner": "a"}),
        ({"account_unit": "Root/Prod"}, {"account_unit": ["Root/Prod/EU*"]}),
        ({"account_environment": "prod*"}, {"account_environment": "production", "account_name": "a"}),
        ({"tag": {"Tier": "prod*"}}, {"tag": {"tier": "production", "team": "a"}}),
        ({"attribute": {"cidr": "192.0.2.0/24"}}, {"attribute": {"type": "ipaddr", "cidr": ["192.0.2.8/32"]}}),
        (
            {"attribute": {"cidr": ["10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"]}},
            {"attribute": {"cidr": ["10.1.0.0/16", "2001:db8:1::/48", "10.2.3.4"]}},
        ),
        ({"rule": ["a?", "b*"]}, {"rule": ["ab", "b*c", "b?"]}),
        ({"verdict": ["malicious", "suspicious"]}, {"verdict": "malicious", "context": "remote"}),
        ({"alert_count": {"min": 3}}, {"alert_count": {"min": 5}}),
        ({"earlier": {"min": 2}}, {"earlier": {"min": 3}}),
    ],
)
def test_a_wider_rule_covers_a_narrower_one(wide: dict[str, Any], narrow: dict[str, Any]) -> None:
    assert is_covered(wide, narrow)
    assert not is_covered(narrow, wide)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({"rule": "a?"}, {"rule": "a*"}),
        ({"rule": "a"}, {"rule": "a*"}),
        ({"account_unit": "Root/Prod"}, {"account_unit": "Root/Prod*"}),
        ({"account_unit": "Root/Prod"}, {"account_unit": "Root/Production"}),
        ({"attribute": {"value": "Alice"}}, {"attribute": {"value": "alice"}}),
        ({"attribute": {"cidr": "192.0.2.0/24"}}, {"attribute": {"cidr": "2001:db8::/32"}}),
        ({"attribute": {"type": "ipaddr"}}, {"attribute": {"value": "192.0.2.1"}}),
        ({"time": {"from": "22:00", "to": "06:00"}}, {"time": {"from": "23:00", "to": "05:00"}}),
    ],
)
def test_what_is_not_certain_is_not_covered(wide: dict[str, Any], narrow: dict[str, Any]) -> None:
    assert not is_covered(wide, narrow)


def test_where_all_must_fit_fewer_attributes_are_covered_only_if_they_are_equal() -> None:
    address = {"type": "ipaddr", "cidr": "192.0.2.0/24"}

    assert is_covered({"attribute": address}, {"attribute": address, "detector": "vpn"}, "safe")
    assert not is_covered({"attribute": [address, {"type": "username", "value": "a"}]}, {"attribute": address}, "safe")
    assert is_covered({"severity": ["low", "medium"]}, {"severity": "low"}, "safe")
    assert is_covered({"alert_count": {"max": 5}}, {"alert_count": {"max": 3}}, "safe")


def test_a_rule_with_another_expression_is_not_covered() -> None:
    made = two({"when": "test"}, {"when": "overflow"})
    same = two({"when": "test"}, {"when": "test", "match": {"detector": "vpn"}})

    assert not covers(made.rules[0], made.rules[1], lower=False)
    assert covers(same.rules[0], same.rules[1], lower=False)
