"""What a detector reports of an incident, at a glance."""

from typing import Any

import pytest

from alert_responder.contracts.report import Overview
from alert_responder.domain.glance import glance, glance_of, lead_alert, titled
from tests.fakes.reports import a_report, an_alert


def alert(description: str, severity: str | None = None, **fields: Any) -> dict[str, Any]:
    return an_alert(detector="edr", description=description, severity=severity, **fields)


def test_description_is_that_of_the_worst_alert_and_of_equal_ones_the_newest() -> None:
    alerts = [alert("a", "low"), alert("b", "high"), alert("c", "high"), alert("d", "medium")]
    assert glance_of(a_report(alerts=alerts)).description == "c"


def test_resolved_report_shows_what_was_resolved() -> None:
    alerts = [alert("open to the internet", "high"), alert("closed", "low", status="resolved")]
    assert glance_of(a_report(alerts=alerts, status="resolved")).description == "closed"
    assert glance_of(a_report(alerts=alerts)).description == "open to the internet"


def test_without_a_fitting_alert_the_newest_leads() -> None:
    report = a_report(alerts=[alert("a"), alert("b")])
    lead = lead_alert(report.alerts, "resolved")
    assert lead is not None
    assert lead.description == "b"
    assert lead_alert(()) is None


@pytest.mark.parametrize("description", ["Port scan", " port scan.\n", ""])
def test_description_that_repeats_the_title_is_left_out(description: str) -> None:
    assert glance_of(a_report(title="Port scan.", alerts=[alert(description)])).description == ""


def test_overflow_report_has_no_single_rule_and_description() -> None:
    overflow = {"scope": "detector", "limit": 1, "hour": "2026-02-01T00:00:00Z", "first_keys": []}
    found = glance_of(a_report(overflow=overflow))
    assert (found.description, found.rule) == ("", "")
    assert ("Detector's severity", "Medium") in found.facts


def test_facts_name_one_account_and_the_first_of_many_regions() -> None:
    overview = Overview.model_validate(
        {"severity": "High (8)", "accounts": [{"id": "1" * 90, "name": "shop"}], "regions": ["a", "b", "c", "d", "e"]}
    )
    assert glance(overview, "r").facts == (
        ("Detector's severity", "High (8)"),
        ("Rule", "r"),
        ("Account", f"{'1' * 39}… (shop)"),
        ("Regions", "a, b, c and 2 more"),
    )
    assert glance(Overview()).facts == ()


def test_facts_describe_accounts_by_the_words_of_the_directory_alone() -> None:
    known = {"id": "111122223333", "name": "x), 999900001111 (prod", "in_directory": True, "owner": "web"}
    deep = {**known, "id": "444455556666", "name": None, "unit": "Root/" + "Unit/" * 40 + "Prod"}
    claimed = {"id": "777788889999", "name": "y", "unit": "Root", "owner": "other", "environment": "prod"}
    facts = dict(glance(Overview.model_validate({"accounts": [known, deep, claimed]})).facts)
    assert facts["Accounts"] == "111122223333 (x], 999900001111 [prod), 444455556666, 777788889999 (y)"
    assert facts["Account owner"] == "web"
    assert facts["Account unit"].startswith("…")
    assert facts["Account unit"].endswith("/Prod")
    assert len(facts["Account unit"]) == 80
    assert "Account environment" not in facts


def test_title_of_a_resolved_report() -> None:
    assert [titled("Port scan", status) for status in ("active", "resolved")] == ["Port scan", "Resolved: Port scan"]
