"""However much is in a report, a plug-in can be sent it."""

import json
from typing import Any

import pytest

from alert_responder.contracts.report import Report
from alert_responder.domain.truncating import MAX_REPORT_BYTES, truncate
from tests.unit.domain.making import finding, report, reported_alert, reported_attribute


def size(document: Report) -> int:
    return len(json.dumps(document.model_dump(mode="json")))


def test_a_small_report_stays_as_it_is() -> None:
    assert truncate(report()) == report()


def test_bodies_go_first() -> None:
    alerts = [reported_alert(f"e{number}", body="x" * 400_000) for number in range(20)]
    short = truncate(report(alerts=alerts, notes=["Kept."]))
    assert short.truncated
    assert [alert.event_id for alert in short.alerts] == [f"e{number}" for number in range(20)]
    assert all(alert.body is None for alert in short.alerts)
    assert short.notes == ("Kept.", "Left out because the report exceeds 5 MB: the bodies of alerts.")
    assert short.findings == report().findings


def test_findings_outlive_alerts() -> None:
    alerts = [reported_alert(f"e{number}", description="x" * 400_000) for number in range(20)]
    short = truncate(report(alerts=alerts))
    assert [alert.event_id for alert in short.alerts] == ["e0", "e19"]
    assert short.findings == report().findings


def test_outcomes_outlive_contents() -> None:
    note = {"type": "note", "title": "n", "text": "x" * 200_000}
    short = truncate(report(findings=[finding(f"{number}.test", note) for number in range(50)]))
    assert [one.outcome for one in short.findings] == ["ok"] * 50
    assert not any(one.contents for one in short.findings)
    assert len(short.attributes) == 2


WIDE = "\u4e00"
"""Three bytes in UTF-8, six in the JSON that is sent."""


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": [reported_attribute(f"{n}{WIDE * 4_000}") for n in range(300)]},
        {"findings": [finding(f"{n}{WIDE * 4_000}") for n in range(250)]},
        {"findings": [finding(f"{n}", reason="x" * 6_000) for n in range(1_500)]},
        {"alerts": [reported_alert(f"e{n}", description=WIDE * 900_000) for n in range(2)]},
        {"alerts": [reported_alert("e1", rule_name=WIDE * 900_000)], "title": WIDE * 900_000},
        {"alerts": [reported_alert("e1", severity="x" * 6_000_000)]},
        {
            "emissions": [
                {"emitter": "e" * 60, "round": n, "outcome": "failed", "reason": "x" * 900, "url": None}
                for n in range(8_000)
            ]
        },
    ],
    ids=["attributes", "values", "reasons", "descriptions", "names", "severities", "emissions"],
)
def test_it_always_fits_and_says_so(changes: dict[str, Any]) -> None:
    large = report(**changes)
    short = truncate(large)
    assert size(large) > MAX_REPORT_BYTES
    assert size(short) <= MAX_REPORT_BYTES
    assert short.truncated
    assert short.result == large.result
    assert short.id == large.id
    assert short.notes
    assert truncate(large) == short
