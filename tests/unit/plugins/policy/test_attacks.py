"""Nothing that an attacker controls hides an alert, stops the reviewer, or gets into its log."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alert_responder.contracts.report import ReviewAnswer
from alert_responder.errors import TimeLimitExceededError
from alert_responder_plugins.policy import evaluate
from alert_responder_plugins.policy.model import InvalidPolicyError
from alert_responder_plugins.policy.review import review
from tests.unit.plugins.policy.builders import (
    ATTACKER,
    NOW,
    SCANNER,
    alert,
    attribute,
    decide,
    finding,
    policy,
    report,
    suppression,
)

SCAN = attribute(SCANNER)
URGENT = {"severity": "urgent", "match": {}}
ROLE = attribute("arn:aws:iam::111122223333:role/scanner", "arn", ["subject"])


def is_suppressed(of: Any, now: datetime = NOW, **fields: Any) -> bool:
    return decide(policy(URGENT, suppressions=[suppression(**fields)]), of, now).severity == "safe"


def shown(*arrivals: str, alert_count: int) -> Any:
    return report(SCAN, alerts=[alert(SCAN, arrived_at=each) for each in arrivals], alert_count=alert_count)


@pytest.mark.parametrize(
    ("arrivals", "alert_count", "suppressed"),
    [
        # 2026-02-01 is a Sunday.
        (("2026-02-01T22:10:00Z", "2026-02-02T03:00:00Z"), 2, True),
        (("2026-02-01T22:10:00Z", "2026-02-02T03:00:00Z"), 100, True),
        (("2026-02-01T22:10:00Z", "2026-02-02T22:10:00Z"), 2, True),
        # An alert that is not shown may have arrived by day.
        (("2026-02-01T22:10:00Z", "2026-02-02T22:10:00Z"), 3, False),
        (("2026-02-01T22:10:00Z", "not a time"), 2, False),
    ],
)
def test_alerts_that_are_not_shown_arrived_within_the_hours_too(
    arrivals: tuple[str, ...], alert_count: int, suppressed: bool
) -> None:
    weekly = {"from": "22:00", "to": "04:00"}
    assert is_suppressed(shown(*arrivals, alert_count=alert_count), weekly=weekly) is suppressed


def test_the_regions_of_alerts_that_are_not_shown_are_known_or_do_not_match() -> None:
    match = {"detector": "guardduty", "region": "eu-central-1"}
    source = {"product": "guardduty", "region": "eu-central-1", "standards": []}
    overview = {"regions": ["eu-central-1"]}

    def of(alert_count: int, *others: Any) -> Any:
        made = [alert(SCAN, source=source)]
        sources = [source, *others]
        return report(SCAN, alerts=made, alert_count=alert_count, sources=sources, overview=overview)

    assert is_suppressed(of(1), match=match)
    assert is_suppressed(of(9), match=match)
    assert not is_suppressed(of(9, {"product": "x", "region": None, "standards": []}), match=match)


def test_tags_of_all_resources_must_be_known() -> None:
    instance = attribute("i-0123456789abcdef0", "instance", ["local"])
    note = {"type": "note", "title": "EC2 instance", "data": {"owner_tags": {"team": "scan"}}}
    known = finding(instance["value"], kind="instance", inspector="aws-context", contents=[note])
    match = {"tag": {"team": "scan"}}
    assert is_suppressed(report(SCAN, instance, findings=[known]), match=match)
    for outcome in ("timeout", "error", "throttled", "invalid", "skipped"):
        failed = finding("192.0.2.9", inspector="aws-context", outcome=outcome)
        assert not is_suppressed(report(SCAN, instance, findings=[known, failed]), match=match)
    other = finding("192.0.2.9", inspector="virustotal", outcome="timeout")
    assert is_suppressed(report(SCAN, instance, findings=[known, other]), match=match)


@pytest.mark.parametrize("kind", ["ipaddr", "domain", "url"])
def test_a_value_that_is_invalid_may_be_a_remote_actor(kind: str) -> None:
    spelled_oddly = attribute("0x7f.1", kind, [], valid=False)
    assert not is_suppressed(report(SCAN, spelled_oddly))
    assert is_suppressed(report(SCAN, attribute("0x7f.1", kind, ["local"], valid=False)))


@pytest.mark.parametrize("cidr", ["::ffff:192.0.2.0/120", "::ffff:c000:200/120", "192.0.2.0/255.255.255.0"])
@pytest.mark.parametrize("spelling", [SCANNER, f"::ffff:{SCANNER}", "::FFFF:c000:235", "192.0.2[.]53", f"{SCANNER}/32"])
def test_networks_match_however_network_and_address_are_spelled(cidr: str, spelling: str) -> None:
    match = {"attribute": {"cidr": cidr}}
    assert decide(policy({"match": match}), report(attribute(spelling))).severity == "urgent"
    assert is_suppressed(report(attribute(spelling)), match=match)
    assert not is_suppressed(report(attribute(spelling), attribute("192.0.3.1")), match=match)
    assert not is_suppressed(report(attribute("64:ff9b::c000:235")), match=match)


@pytest.mark.parametrize("cidr", ["192.0.2.1/24", "192.0.2/24", "::ffff:192.0.2.1/120", "1", "", "192.0.2.0/33"])
def test_networks_that_are_not_exact_are_refused(cidr: str) -> None:
    with pytest.raises(InvalidPolicyError, match=r"must be a network such as 192\.0\.2\.0/24"):
        policy({"match": {"attribute": {"cidr": cidr}}})


def test_a_suppression_through_which_nothing_breaks_applies_whatever_precedes_it() -> None:
    of = report(SCAN, findings=[finding(SCANNER, verdict="malicious")])
    strict, lenient = suppression(name="strict"), suppression(name="lenient", despite="malicious")
    expired = suppression(name="expired", expires="2026-01-31")
    new = suppression(name="new", unless={"alert_count_above": 0})
    decision = decide(policy(URGENT, suppressions=[expired, new, strict, lenient]), of)
    assert (decision.severity, decision.suppressed and decision.suppressed.name) == ("safe", "lenient")
    decision = decide(policy(URGENT, suppressions=[strict, {**strict, "name": "again"}]), of)
    assert (decision.severity, decision.suppressed and decision.suppressed.name) == ("urgent", "strict")
    assert decision.breakthrough


def test_the_limits_of_a_suppression_are_exact() -> None:
    dates = {"starts": "2026-01-01T12:00:00Z", "expires": "2026-01-02T12:00:00+02:00"}
    starts, expires = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 2, 10, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    assert [
        is_suppressed(report(SCAN), at, **dates) for at in (starts - moment, starts, expires - moment, expires)
    ] == [False, True, True, False]


def test_every_suppression_that_has_expired_is_named_but_the_notes_have_a_limit() -> None:
    expired = [suppression(name=f"s{each}", starts="2024-01-01", expires="2024-02-01") for each in range(500)]
    decision = decide(policy(URGENT, suppressions=expired), report(SCAN))
    assert (len(decision.faults), len(decision.notes)) == (500, 20)
    assert decision.notes[-1] == "Policy: 481 more notes were left out."
    assert decision.severity == "urgent"


@pytest.mark.parametrize("number", [0, None, 1])
def test_a_principal_is_new_unless_history_lists_a_report(number: int | None) -> None:
    data: dict[str, Any] = {"reports": number, "newest": []}
    note = {"type": "note", "title": "Seen before", "source": "AlertResponder", "data": data}
    of = report(SCAN, ROLE, findings=[finding(ROLE["value"], kind="arn", contents=[note])])
    assert is_suppressed(of, unless={"new_principal": True}) is (number == 1)


def test_test_reports_are_never_suppressed() -> None:
    assert is_suppressed(report(SCAN, test=False))
    assert not is_suppressed(report(SCAN, test=True))


def test_resolved_reports_are_suppressed_like_others_and_overflow_reports_never() -> None:
    overflow = {"scope": "detector", "limit": 1, "hour": "2026-02-01T00:00:00Z", "first_keys": []}
    assert is_suppressed(report(SCAN, status="resolved"))
    assert not is_suppressed(report(SCAN, overflow=overflow))


def test_long_values_in_a_reason_do_not_make_the_answer_invalid() -> None:
    made = policy({"reason": "{title}{alert_key}" * 50})
    of = report(title="\u202e" * 3000, alerts=[alert(alert_key="k" * 1024)])
    decision = decide(made, of)
    assert ReviewAnswer.model_validate(decision.answer()).severity == "urgent"
    assert len(decision.reason) == 4000


HOSTILE = 'x" level=ERROR \u202e<script>'


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("length(body)", "length() needs string or array or object, got number"),
        ("to_number(title) > `1` && abs(title)", None),
        ("abs(title)", "abs() needs number, got string"),
        ("sum(attributes[].value)", None),
        ("from_json(title)", None),
        ("split(title, `1`)", None),
    ],
)
def test_a_fault_quotes_nothing_of_the_report(when: str, fault: str | None) -> None:
    of = report(SCAN, title=HOSTILE, alerts=[alert(SCAN, body=4711)])
    logged: list[str] = []
    counted: list[int] = []
    prepared = evaluate.PreparedPolicy(policy({"when": when}))
    answer = review(of, lambda: prepared, NOW, logged.append, counted.append)
    assert "script" not in json.dumps([logged, answer.notes])
    assert len(logged) == sum(counted)
    if fault:
        assert logged == [f"Policy: the rule rule-0 counts as not matching: when: the expression fails: {fault}."]


@pytest.mark.parametrize("failing", [0, 1, 2, 3])
def test_when_the_time_is_up_what_was_found_counts_and_nothing_is_suppressed(
    failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = evaluate._Evaluator._ask  # pyright: ignore[reportPrivateUsage]

    def slow(self: Any, kind: str, rule: Any, prepared: Any) -> Any:
        if len(asked) == failing:
            raise TimeLimitExceededError
        asked.append(rule.name)
        return ask(self, kind, rule, prepared)

    monkeypatch.setattr(evaluate._Evaluator, "_ask", slow)  # pyright: ignore[reportPrivateUsage]
    made = policy(
        {"severity": "safe"},
        {"severity": "urgent", "match": {"attribute": {"value": SCANNER}}},
        suppressions=[suppression(unless={"alert_count_above": 0}), suppression(name="second")],
    )
    decision = decide(made, report(SCAN))
    assert decision.severity == ("unclassified" if failing < 2 else "urgent")
    assert decision.suppressed is None
    assert decision.faults[-1] == (
        f"Policy: {4 - failing} of 4 rules and suppressions count as not matching: the time was up."
    )


def test_a_report_about_which_history_lies_about_others_matches_only_by_its_own_actors() -> None:
    note = {"type": "note", "title": "Seen before", "source": "AlertResponder", "data": {"reports": 9, "newest": []}}
    seen = finding(ATTACKER, contents=[note])
    assert not is_suppressed(report(SCAN, ROLE, findings=[seen]), unless={"new_principal": True})


def test_a_failed_lookup_never_lowers_the_severity() -> None:
    rule = {"severity": "safe", "match": {"outcome": ["ok", "empty", "timeout"]}}
    answered, failed = finding(SCANNER), finding(SCANNER, inspector="other", outcome="timeout")
    assert decide(policy(rule), report(SCAN, findings=[answered])).severity == "safe"
    assert decide(policy(rule), report(SCAN, findings=[answered, failed])).severity == "unclassified"


def note_of(number: Any, inspector: str, *newest: str) -> Any:
    listed = [{"report_id": each, "severity": "urgent"} for each in newest]
    data: dict[str, Any] = {"reports": number, "newest": listed}
    note = {"type": "note", "title": "Seen before", "source": "AlertResponder", "data": data}
    return finding(ROLE["value"], kind="arn", inspector=inspector, contents=[note])


@pytest.mark.parametrize("order", [1, -1])
def test_an_inspector_that_imitates_history_hides_neither_earlier_reports_nor_a_new_principal(order: int) -> None:
    many, none = note_of(3, "history", "a", "b"), note_of(0, "other")
    of = report(SCAN, ROLE, findings=[many, none][::order])
    for earlier in ({"min": 3}, {"min": 2, "severity": "urgent"}):
        assert decide(policy({"match": {"earlier": earlier}}), of).severity == "urgent"
    assert not is_suppressed(of, unless={"new_principal": True})
    assert is_suppressed(report(SCAN, ROLE, findings=[many]), unless={"new_principal": True})


@pytest.mark.parametrize(
    "when",
    [
        "!(alerts[?body.action == 'allowed'])",
        "!(body.action == 'allowed')",
        "!(to_string(@) | contains(@, 'allowed'))",
    ],
)
def test_an_expression_that_cannot_see_every_body_suppresses_and_lowers_nothing(when: str) -> None:
    lowers = policy({"severity": "safe", "when": when})

    def of(*bodies: Any, **fields: Any) -> Any:
        return report(SCAN, alerts=[alert(SCAN, body=body) for body in bodies], **fields)

    blocked = {"action": "blocked"}
    for whole in (of(blocked), of(blocked, blocked), of(None)):
        assert is_suppressed(whole, when=when)
        assert decide(lowers, whole).severity == "safe"
    padded = {"action": "allowed", "padding": "x" * 70_000}
    for hidden in (of(padded), of(blocked, padded), of(blocked, alert_count=2), of(blocked, truncated=True)):
        assert not is_suppressed(hidden, when=when)
        decision = decide(lowers, hidden)
        assert (decision.severity, decision.faults) == ("unclassified", ())
    assert is_suppressed(of(padded, alert_count=2), when="detector == 'guardduty'")
    assert decide(policy({"when": "alerts"}), of(padded, alert_count=2)).severity == "urgent"
