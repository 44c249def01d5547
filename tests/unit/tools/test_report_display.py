"""Reports are shown whole, and nothing in them writes more than text."""

from typing import Any

from rich.console import Console

from alert_responder.domain.records import DeliveryRecord, Head, TaskRecord
from tools.report_display import report_panel, status_table
from tools.report_reader import ReportStatus


def status(**changes: Any) -> ReportStatus:
    fields: dict[str, Any] = {
        "head": Head("01ABC", "a" * 64, 1, "settled", 1, 1, 0, 1, None, None),
        "title": "Evil \x1b[2J[bold]title[/bold]",
        "severity": "urgent",
        "reason": "",
        "alert_count": 500,
        "tasks": (),
        "deliveries": (DeliveryRecord("pager", 1, "arn", "d", "s", 0, 2, 1, outcome="ok"),),
        "reviewed_round": 1,
    }
    return ReportStatus(**{**fields, **changes})


def report(**changes: Any) -> dict[str, Any]:
    alert = {
        "detector": "edr",
        "rule_id": "r1",
        "alert_key": "host-7",
        "arrived_at": "2026-01-31T10:11:12.000Z",
        "description": "by [link=https://evil.example]alice[/link]\x07",
    }
    finding = {
        "inspector": "reputation",
        "attribute_id": "1",
        "attribute_type": "ipaddr",
        "attribute_value": "203.0.113.77",
        "outcome": "ok",
        "reason": None,
        "seconds": 0.25,
        "contents": [{"type": "host", "verdict": "malicious", "country": ["ZZ"], "owner": [], "link": "https://x"}],
    }
    fields: dict[str, Any] = {
        "id": "01ABC",
        "round": 1,
        "title": "Evil \x1b[2J[bold]title[/bold]",
        "result": {"severity": "urgent", "reason": "203.0.113.77 is malicious"},
        "alerts": [alert],
        "alert_count": 500,
        "attributes": [
            {"id": "1", "origin": {"inspector": "reputation", "attribute_value": "update-check.example.net"}}
        ],
        "findings": [finding, {**finding, "outcome": "timeout", "reason": "took too long", "contents": []}],
        "notes": ["2 tasks were skipped"],
        "timeline": [{"at": "2026-01-31T10:11:12.000Z", "what": "opened"}],
    }
    return {**fields, **changes}


def rendered(*parts: Any) -> str:
    console = Console(markup=False, width=140, force_terminal=False)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get()


def test_a_report_says_how_bad_why_and_what_of() -> None:
    text = rendered(report_panel(report(), status()))

    for said in (
        "urgent: 203.0.113.77 is malicious",
        "500 alerts with the same detector edr, rule r1, key host-7",
        "reputation on ipaddr 203.0.113.77 (found by reputation from update-check.example.net): ok, 0.25 s",
        "malicious  country: ZZ",
        "timeout, 0.25 s - took too long",
        "pager, round 1: ok after 1 failed",
        "2 tasks were skipped",
        "10:11:12.000  opened",
    ):
        assert said in text


def test_hostile_text_stays_text() -> None:
    text = rendered(report_panel(report(), status()), status_table([status()]))

    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"Evil \x1b[2J[bold]title[/bold]" in text
    assert "[link=https://evil.example]alice[/link]" in text


def test_the_step_is_told_from_ledger_and_deliveries() -> None:
    started = Head("01ABC", "a", 1, "open", 2, 2, 0, 1, None, None)
    task = TaskRecord("reputation", "1", "arn", 2000, 0, {})
    done = TaskRecord("reputation", "2", "arn", 2000, 0, {}, outcome="ok")
    open_delivery = DeliveryRecord("pager", 2, "arn", "d", "s", 0)

    assert status().step() == "settled"
    assert status(head=Head("01ABC", "a", 1, "open", 2, 1, 0, 1, None, None)).step() == "starting"
    assert status(head=started).step() == "gathering alerts"
    assert status(head=started, tasks=(task, done)).step() == "inspecting, 1 of 2 done"
    assert status(head=started, tasks=(done,)).step() == "reviewing"
    assert status(head=started, reviewed_round=2, deliveries=(open_delivery,)).step() == "notifying"
    assert status(head=started, reviewed_round=2).step() == "closing"
