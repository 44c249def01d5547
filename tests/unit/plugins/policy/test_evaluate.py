"""Rules: which match, which wins, and what happens to those that fail."""

from typing import Any

import pytest

from tests.unit.plugins.policy.builders import ATTACKER, alert, attribute, decide, finding, policy, report

MALICIOUS = report(attribute(), findings=[finding(verdict="malicious", inspector="virustotal")])
HARMLESS = report(attribute(), findings=[finding(verdict="harmless")])


def history(number: int = 3, **newest: Any) -> Any:
    each = {"report_id": "r", "severity": "urgent", "opened_at": "2026-01-30T00:00:00Z", **newest}
    listed = [{**each, "report_id": f"r{one}"} for one in range(min(number, 10))]
    data = {"reports": number, "newest": listed}
    note = {"type": "note", "title": "Seen before", "source": "AlertResponder", "data": data}
    return finding(inspector="history", contents=[note])


def tagged(**tags: str) -> Any:
    data = {"owner_tags": {}, "purpose_tags": tags}
    return finding(inspector="aws-context", contents=[{"type": "note", "title": "EC2 instance", "data": data}])


MATCHING: list[tuple[str, dict[str, Any], Any]] = [
    ("detector, case ignored", {"detector": "GuardD*"}, MALICIOUS),
    ("rule by id", {"rule": "new-*"}, MALICIOUS),
    ("rule by name", {"rule": ["x", "Login from*"]}, MALICIOUS),
    ("severity", {"severity": "low"}, MALICIOUS),
    ("status", {"status": "active"}, MALICIOUS),
    ("verdict and the same attribute", {"verdict": "malicious", "attribute_type": "ipaddr"}, MALICIOUS),
    ("attribute by value", {"attribute": {"type": "ipaddr", "value": "198.51.100[.]7"}}, MALICIOUS),
    ("attribute by wildcard", {"attribute": {"value": "198.51.*"}}, MALICIOUS),
    ("attribute by network", {"attribute": {"cidr": ["203.0.113.0/24", "198.51.100.0/24"]}}, MALICIOUS),
    ("outcome", {"outcome": "ok", "inspector": "virus*"}, MALICIOUS),
    ("not complete", {"complete": False}, report(complete=False)),
    ("alert count", {"alert_count": {"min": 5}}, report(alert_count=5)),
    ("rounds", {"rounds": {"min": 2}}, report(round=2)),
    ("account", {"account": "111122223333"}, report(overview={"accounts": [{"id": "111122223333"}]})),
    ("region", {"region": "eu-*"}, report(overview={"regions": ["eu-central-1"]})),
    ("tag", {"tag": {"Tier": "prod*"}}, report(attribute(), findings=[tagged(tier="Production")])),
    ("earlier reports", {"earlier": {"min": 12}}, report(attribute(), findings=[history(12)])),
    ("recent ones", {"earlier": {"min": 3, "within_days": 7}}, report(attribute(), findings=[history()])),
    ("urgent ones", {"earlier": {"severity": "urgent"}}, report(attribute(), findings=[history()])),
    ("at night", {"time": {"from": "22:00", "to": "06:00", "timezone": "Europe/Berlin"}}, MALICIOUS),
]
NOT_MATCHING: list[tuple[str, dict[str, Any], Any]] = [
    ("detector", {"detector": "guard"}, MALICIOUS),
    ("severity", {"severity": "high"}, MALICIOUS),
    ("verdict", {"verdict": "malicious"}, HARMLESS),
    ("verdict about another attribute", {"verdict": "malicious", "attribute_type": "domain"}, MALICIOUS),
    ("verdict of another inspector", {"verdict": "malicious", "inspector": "own"}, MALICIOUS),
    ("brackets have no meaning", {"rule": "[a-z]ew-address"}, MALICIOUS),
    ("attribute", {"attribute": {"type": "ipaddr", "value": "198.51.100.70"}}, MALICIOUS),
    ("network", {"attribute": {"cidr": "198.51.100.8/29"}}, MALICIOUS),
    ("context", {"context": "local"}, MALICIOUS),
    ("tag", {"tag": {"tier": "production"}}, report(attribute(), findings=[tagged(tier="test")])),
    ("tags of two resources", {"tag": {"a": "1", "b": "2"}}, report(findings=[tagged(a="1"), tagged(b="2")])),
    ("old reports", {"earlier": {"within_days": 1}}, report(attribute(), findings=[history()])),
    ("of another rule", {"earlier": {"same_rule": True}}, report(attribute(), findings=[history(rule_id="x")])),
    ("by day", {"time": {"from": "06:00", "to": "22:00", "timezone": "Europe/Berlin"}}, MALICIOUS),
]


@pytest.mark.parametrize(("match", "of"), [case[1:] for case in MATCHING], ids=[case[0] for case in MATCHING])
def test_conditions_that_hold(match: dict[str, Any], of: Any) -> None:
    assert decide(policy({"match": match}), of).rule == "rule-0"


@pytest.mark.parametrize(("match", "of"), [case[1:] for case in NOT_MATCHING], ids=[case[0] for case in NOT_MATCHING])
def test_conditions_that_do_not_hold(match: dict[str, Any], of: Any) -> None:
    decision = decide(policy({"match": match}), of)
    assert (decision.rule, decision.severity, decision.reason) == (None, "unclassified", "No rule matched.")


def test_the_highest_severity_wins_and_reason_and_labels_are_of_the_first_rule_that_gives_it() -> None:
    made = policy(
        {"severity": "unclassified", "labels": ["first"]},
        {"severity": "urgent", "labels": ["network"], "reason": "{attribute} is {verdict} according to {inspector}",
         "match": {"verdict": "malicious"}},
        {"severity": "urgent", "labels": ["third"], "reason": "no"},
    )  # fmt: skip
    decision = decide(made, MALICIOUS)
    assert (decision.severity, decision.rule, decision.labels) == ("urgent", "rule-1", ("network",))
    assert decision.reason == f"{ATTACKER} is malicious according to virustotal"


def test_values_of_an_alert_in_a_reason_are_short_and_visible() -> None:
    of = report(title="A" * 500 + "{rule_id}", alerts=[alert(alert_key="a\u202eb\n{title}")])
    reason = decide(policy({"reason": "{alert_key} {title}"}), of).reason
    assert reason == "a⟨U+202E⟩b {title} " + "A" * 200 + "…"


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ("alert_count > `20` || detector_severity == 'medium'", True),
        ("attributes[?type == 'ipaddr' && contains(context, 'remote')]", True),
        ("body.session == `4711`", True),
        ("contains(regions, 'x')", False),
        ("findings || verdicts || result", False),
    ],
)
def test_an_expression_on_the_view(when: str, matches: bool) -> None:
    decision = decide(policy({"when": when}), MALICIOUS)
    assert (decision.severity == "urgent", decision.faults) == (matches, ())


@pytest.mark.parametrize("when", ["alert_count >", "no_such_function(@)", "length(alert_count)", "split(title, `1`)"])
def test_a_broken_rule_counts_as_not_matching_and_is_named(when: str) -> None:
    decision = decide(policy({"when": when, "name": "broken"}, {"severity": "safe", "match": {}}), HARMLESS)
    assert decision.severity == "unclassified"
    assert decision.rule == "rule-1"
    (fault,) = decision.faults
    assert decision.notes == (fault,)
    assert fault.startswith("Policy: the rule broken counts as not matching: when: ")


def test_a_broken_expression_is_not_named_for_reports_that_do_not_match_anyway() -> None:
    assert decide(policy({"when": "length(title", "match": {"detector": "other"}}), MALICIOUS).faults == ()


def test_an_expression_sees_all_alerts_that_are_shown() -> None:
    first, second = (alert(description=text, body={"public": text == "b"}) for text in "ab")
    large = alert(description="c", body={"public": "x" * 70_000})
    of = report(alerts=[first, second, large])

    assert decide(policy({"when": "alerts[?body.public == `true`].description == ['b']"}), of).severity == "urgent"
    assert decide(policy({"when": "alerts[?body].description == ['a', 'b']"}), of).severity == "urgent"
    assert decide(policy({"when": "alerts[*].description == ['a', 'b', 'c']"}), of).severity == "urgent"


def test_an_expression_that_needs_much_work_counts_as_not_matching() -> None:
    of = report(alerts=[alert(body={"a": list(range(3000))})])
    decision = decide(policy({"when": "body.a[?@ > `1` && @ > `2` && @ > `3` && @ > `4` && @ > `5`]"}), of)
    assert decision.severity == "unclassified"
    assert "too much work" in decision.faults[0]


def test_safe_needs_a_complete_report_and_only_listed_verdicts() -> None:
    rule = {"severity": "safe", "match": {"verdict": ["harmless", "unknown"]}}
    two = [attribute(), attribute("192.0.2.1")]
    first, second = finding(verdict="harmless"), finding("192.0.2.1", verdict="unknown")
    assert decide(policy(rule), report(*two, findings=[first, second])).severity == "safe"
    for of in (
        report(*two, findings=[first, second], complete=False),
        report(*two, findings=[first]),
        report(*two, findings=[first, finding("192.0.2.1", verdict="suspicious")]),
        report(*two),
    ):
        assert decide(policy(rule), of).severity == "unclassified"


def test_safe_by_attribute_needs_every_remote_attribute_and_every_alert_to_match() -> None:
    rule = {"severity": "safe", "match": {"attribute": {"cidr": "192.0.2.0/24"}}}
    own, other = attribute("192.0.2.1"), attribute()
    assert decide(policy(rule), report(own)).severity == "safe"
    assert decide(policy(rule), report(own, other)).severity == "unclassified"
    assert decide(policy(rule), report(own, alerts=[alert(own), alert()])).severity == "unclassified"


def test_the_trace_names_every_rule_and_what_it_saw() -> None:
    made = policy({"match": {"detector": "okta", "verdict": "malicious"}, "when": "title"}, {})
    first, second = decide(made, MALICIOUS, traced=True).trace
    assert [(check.condition, check.holds) for check in first.checks] == [
        ("detector", False),
        ("attribute", True),
        ("when", True),
    ]
    assert (first.matched, second.matched) == (False, True)
    assert first.checks[0].saw == ["guardduty"]
    assert len(decide(made, MALICIOUS).trace[0].checks) == 1


def test_rules_that_lower_do_not_match_a_report_with_a_malicious_verdict() -> None:
    rule = {"severity": "safe", "match": {"detector": "guardduty"}}
    assert decide(policy(rule), HARMLESS).severity == "safe"
    assert decide(policy(rule), MALICIOUS).severity == "unclassified"


def test_rules_that_lower_do_not_match_overflow_reports() -> None:
    overflow = {"scope": "detector", "limit": 1, "hour": "2026-02-01T00:00:00Z", "first_keys": []}
    rule = {"severity": "safe", "match": {"detector": "guardduty"}}
    assert decide(policy(rule), report()).severity == "safe"
    assert decide(policy(rule), report(overflow=overflow)).severity == "unclassified"
