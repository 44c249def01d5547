"""Suppressions: when they apply, and what breaks through."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alert_responder_plugins.policy.hours import covers
from alert_responder_plugins.policy.model import Hours
from tests.unit.plugins.policy.builders import (
    ATTACKER,
    SCANNER,
    alert,
    attribute,
    decide,
    finding,
    policy,
    report,
    suppression,
)

SCAN = report(attribute(SCANNER))
LOW_HIGH = ("low", "high")
URGENT = {"severity": "urgent", "match": {}}


def test_a_suppressed_report_is_safe_and_names_the_suppression() -> None:
    decision = decide(policy(URGENT, suppressions=[suppression()]), SCAN)
    assert (decision.severity, decision.reason, decision.breakthrough) == ("safe", "Our own scanner", None)
    assert decision.answer()["suppressed"] == {
        "name": "scanner",
        "owner": "net-team@example.com",
        "reason": "Our own scanner",
        "expires": "2026-03-01T00:00:00Z",
        "despite": (),
    }


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("malicious", report(attribute(SCANNER), findings=[finding(SCANNER, verdict="malicious")])),
        ("incomplete", report(attribute(SCANNER), complete=False)),
        ("raised", report(attribute(SCANNER), alerts=[alert(attribute(SCANNER), severity=each) for each in LOW_HIGH])),
    ],
)  # fmt: skip
def test_what_always_breaks_through(name: str, of: Any) -> None:
    decision = decide(policy(URGENT, suppressions=[suppression()]), of)
    assert decision.severity == "urgent"
    assert decision.suppressed
    assert decision.breakthrough
    quiet = decide(policy(URGENT, suppressions=[suppression(despite=name)]), of)
    assert (quiet.severity, quiet.breakthrough) == ("safe", None)


@pytest.mark.parametrize(
    "of",
    [
        report(attribute(SCANNER), attribute(ATTACKER)),
        report(attribute(SCANNER), attribute("example.com", "domain")),
        report(attribute(SCANNER), attribute("not an address", valid=False)),
        report(attribute(SCANNER), alerts=[alert(attribute(SCANNER)), alert()]),
        report(attribute(ATTACKER)),
        report(),
    ],
)
def test_every_remote_actor_must_match(of: Any) -> None:
    assert decide(policy(URGENT, suppressions=[suppression()]), of).suppressed is None


def test_a_suppression_by_user_needs_every_acting_user_to_match() -> None:
    match = {"attribute": {"type": "username", "value": "backup"}}
    made = policy(suppressions=[suppression(match=match)])
    backup = attribute("backup", "username", ["subject"])
    target = attribute("alice", "username", ["object"])
    other = attribute("mallory", "username", ["subject"])
    assert decide(made, report(backup, target)).suppressed
    assert not decide(made, report(backup, other)).suppressed
    assert not decide(made, report(backup, attribute())).suppressed


def test_an_expired_suppression_counts_as_not_matching_and_is_named() -> None:
    made = policy(URGENT, suppressions=[suppression()])
    before, after = datetime(2026, 2, 28, 23, 59, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    assert decide(made, SCAN, before).suppressed
    decision = decide(made, SCAN, after)
    assert (decision.severity, decision.suppressed) == ("urgent", None)
    assert decision.faults == (
        "Policy: the suppression scanner counts as not matching: expired at 2026-03-01T00:00:00Z.",
    )
    assert decide(made, report(attribute()), after).faults == ()


def test_a_suppression_that_has_not_begun_does_not_match() -> None:
    assert not decide(policy(suppressions=[suppression()]), SCAN, datetime(2025, 12, 31, tzinfo=UTC)).suppressed


def test_unless() -> None:
    role = attribute("arn:aws:iam::111122223333:role/scanner", "arn", ["subject"])
    made = policy(URGENT, suppressions=[suppression(unless={"new_principal": True, "alert_count_above": 2})])
    note = {"type": "note", "title": "Seen before", "source": "AlertResponder", "data": {"reports": 1, "newest": []}}
    seen = finding(role["value"], kind="arn", contents=[note])
    scan = attribute(SCANNER)
    assert decide(made, report(scan, role, findings=[seen])).suppressed
    new = decide(made, report(scan, role))
    assert (new.severity, new.suppressed) == ("urgent", None)
    assert new.notes == (f"Policy: the suppression scanner does not apply: arn {role['value']} was never seen before.",)
    many = decide(made, report(scan, alert_count=3))
    assert many.notes == ("Policy: the suppression scanner does not apply: the report has more than 2 alerts.",)


def test_a_broken_expression_does_not_suppress() -> None:
    decision = decide(policy(URGENT, suppressions=[suppression(when="length(alert_count)")]), SCAN)
    assert (decision.severity, decision.suppressed, len(decision.faults)) == ("urgent", None, 1)


BERLIN = Hours.model_validate({"days": ["mon", "tue"], "from": "22:00", "to": "04:00", "timezone": "Europe/Berlin"})


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-12-07T20:59:00", False),  # Monday, 21:59
        ("2026-12-07T21:00:00", True),  # Monday, 22:00
        ("2026-12-08T02:59:00", True),  # Tuesday, 03:59
        ("2026-12-08T03:00:00", False),  # Tuesday, 04:00
        ("2026-12-09T02:59:00", True),  # Wednesday, 03:59: begun on Tuesday
        ("2026-12-09T21:30:00", False),  # Wednesday
        ("2026-12-07T02:00:00", False),  # Monday, 03:00: would have begun on Sunday
        ("2026-06-01T20:00:00", True),  # Monday, 22:00 in summer
        ("2026-06-01T19:59:00", False),
    ],
)
def test_weekly_hours_over_midnight_and_in_summer(at: str, within: bool) -> None:
    assert covers(BERLIN, datetime.fromisoformat(f"{at}+00:00")) is within


def test_hours_on_the_days_when_clocks_change() -> None:
    hours = Hours.model_validate({"from": "02:00", "to": "03:00", "timezone": "Europe/Berlin"})
    on = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in range(4)]
    assert [covers(hours, at) for at in on] == [True, True, False, False]
    skipped = [datetime(2026, 3, 29, hour, 30, tzinfo=UTC) for hour in range(4)]
    assert not any(covers(hours, at) for at in skipped)


def test_weekly_needs_all_alerts_to_arrive_in_the_window() -> None:
    made = policy(suppressions=[suppression(weekly={"days": "sun", "from": "00:00", "to": "01:00"})])
    scan = attribute(SCANNER)
    inside, outside = alert(scan), alert(scan, arrived_at="2026-01-31T23:59:00Z")
    assert decide(made, report(scan, alerts=[inside])).suppressed
    assert not decide(made, report(scan, alerts=[outside, inside])).suppressed


NATIVE_SCAN = report(attribute(SCANNER), alerts=[alert(attribute(SCANNER), native=True)], native_alerts=1)


@pytest.mark.parametrize("of", [NATIVE_SCAN, report(attribute(SCANNER), native_alerts=1)], ids=["shown", "not shown"])
def test_native_alerts_match_only_with_trust_native(of: Any) -> None:
    assert decide(policy(URGENT, suppressions=[suppression()]), of).severity == "urgent"
    assert decide(policy(URGENT, suppressions=[suppression(trust_native=True)]), of).severity == "safe"
    (checked,) = [
        check
        for check in decide(policy(suppressions=[suppression()]), of, traced=True).trace[-1].checks
        if check.condition == "trust_native"
    ]
    assert (checked.saw, checked.holds) == ("1 alerts in the native format", False)
