"""The model of a policy: what is accepted, and what is refused with the place and the allowed values."""

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from alert_responder_plugins.policy.model import InvalidPolicyError, read_policy

POLICY: dict[str, Any] = {
    "rules": [
        {
            "name": "contacts-command-and-control",
            "match": {"verdict": "malicious", "attribute_type": ["domain", "ipaddr"], "context": "remote"},
            "severity": "urgent",
            "reason": "{attribute} is {verdict} according to {inspector}",
            "labels": ["network"],
        },
        {
            "name": "crown-jewels",
            "match": {"account": ["111122223333"], "tag": {"tier": "production"}},
            "when": "alert_count > `20` || detector_severity == 'high'",
            "severity": "urgent",
        },
        {"name": "harmless", "match": {"verdict": "harmless"}, "severity": "safe"},
    ],
    "default": {"severity": "unclassified", "reason": "No rule matched."},
    "suppressions": [
        {
            "name": "vulnerability-scanner",
            "match": {
                "detector": "guardduty",
                "rule": "Recon:EC2/*",
                "attribute": {"type": "ipaddr", "value": "192.0.2.53"},
            },
            "owner": "net-team@example.com",
            "reason": "Our own scanner, ticket SEC-123",
            "starts": "2026-12-01",
            "expires": "2027-03-01",
            "weekly": {"days": ["mon", "tue"], "from": "22:00", "to": "04:00", "timezone": "Europe/Berlin"},
            "unless": {"new_principal": True, "alert_count_above": 100},
        }
    ],
    "tests": [
        {
            "name": "the scanner stays quiet",
            "report": "tests/scanner.json",
            "expect": {"severity": "safe", "suppressed_by": "vulnerability-scanner"},
        }
    ],
}
Change = Callable[[dict[str, Any]], Any]


def test_the_policy_of_the_documentation_is_valid() -> None:
    policy = read_policy(POLICY)
    assert policy.suppressions[0].expires == datetime(2027, 3, 1, tzinfo=UTC)
    assert policy.suppressions[0].match.detector == ("guardduty",)
    assert [policy.lowers(rule) for rule in policy.rules] == [False, False, True]


@pytest.mark.parametrize("day", [date(2026, 12, 1), "2026-12-01T00:00:00Z", "2026-12-01T01:00:00+01:00"])
def test_dates_may_be_written_as_yaml_and_terraform_write_them(day: object) -> None:
    policy = copy.deepcopy(POLICY)
    policy["suppressions"][0]["starts"] = day
    assert read_policy(policy) == read_policy(POLICY)


REFUSED: dict[str, Change] = {
    "rules[0].match.verdit is not allowed; allowed: account, ": lambda p: p["rules"][0]["match"].update(verdit="x"),
    "suppressions[0]: expires must be at most 90 days": lambda p: p["suppressions"][0].update(expires="2027-03-02"),
    "suppressions[0]: expires must be after starts": lambda p: p["suppressions"][0].update(expires="2026-12-01"),
    "weekly[0].timezone must be a time zone": lambda p: p["suppressions"][0]["weekly"].update(timezone="Mars/City"),
    "weekly[0].dais is not allowed; allowed: days, from": lambda p: p["suppressions"][0]["weekly"].update(dais=1),
    "suppressions[0].owner is required": lambda p: p["suppressions"][0].pop("owner"),
    "suppressions[0].owner must not be blank": lambda p: p["suppressions"][0].update(owner="  "),
    "suppressions[0].match must contain detector, rule,": lambda p: p["suppressions"][0].update(match={"region": "x"}),
    "rules[0].severity must be 'safe', 'unclassified' or": lambda p: p["rules"][0].update(severity="bad"),
    "rules[0].reason must not contain {foo}; allowed: {ac": lambda p: p["rules"][0].update(reason="{foo}"),
    "cidr[0] must be a network such as": lambda p: p["suppressions"][0]["match"]["attribute"].update(cidr="1.2.3.4/8"),
    "rules[0].match.alert_count.max is allowed only": lambda p: p["rules"][0]["match"].update(alert_count={"max": 3}),
    "rules[0].match.complete must be false": lambda p: p["rules"][0]["match"].update(complete=True),
    "rules[2].match.earlier is not allowed": lambda p: p["rules"][2]["match"].update(earlier={"min": 2}),
    "rules[2].match.account_name is not allowed in": lambda p: p["rules"][2]["match"].update(account_name="sandbox"),
    "suppressions[0].match.account_name is not": lambda p: p["suppressions"][0]["match"].update(account_name="sandbox"),
    "rules[0].match.account_unit[1] must be a path such as Root/Workloads, without": lambda p: p["rules"][0][
        "match"
    ].update(account_unit=["Root", "/Root"]),
    "rules[0].match.account_unit[0] must be a path": lambda p: p["rules"][0]["match"].update(account_unit="Root//x"),
    "rules[2].name must be unique": lambda p: p["rules"][1].update(name="harmless"),
    "ruls is not allowed; allowed: default, rules, supp": lambda p: p.update(ruls=[]),
    "rules[0].match.severity[0] must be one of emergency": lambda p: p["rules"][0]["match"].update(severity="hi"),
    "rules[0].match.account[0] must be a string of 12": lambda p: p["rules"][0]["match"].update(account=111122223333),
    "rules[0].match.rule must not be an empty list": lambda p: p["rules"][0]["match"].update(rule=[]),
    "tests[0]: either report or alerts is required": lambda p: p["tests"][0].pop("report"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refusal_names_the_place_and_what_is_allowed(fault: str) -> None:
    policy = copy.deepcopy(POLICY)
    REFUSED[fault](policy)
    with pytest.raises(InvalidPolicyError) as caught:
        read_policy(policy)
    assert any(fault in each for each in caught.value.faults), caught.value.faults


@pytest.mark.parametrize("data", [None, [], "text", {"rules": {}}, {"rules": [None]}, {"default": 1}])
def test_other_documents_are_refused(data: object) -> None:
    with pytest.raises(InvalidPolicyError):
        read_policy(data)
