"""The step of a report's round follows from its stored records."""

from typing import Any

from alert_responder.domain.records import DeliveryRecord, Head, LookupRecord
from alert_responder_cli.reports.status import ReportStatus


def status(**changes: Any) -> ReportStatus:
    fields: dict[str, Any] = {
        "head": Head("01ABC", "a" * 64, 1, "settled", 1, 1, 0, 1, None, None),
        "title": "Evil",
        "severity": "urgent",
        "reason": "",
        "alert_count": 500,
        "tasks": (),
        "deliveries": (DeliveryRecord("pager", 1, "arn", "d", "s", 0, 2, 1, outcome="ok"),),
        "reviewed_round": 1,
    }
    return ReportStatus(**{**fields, **changes})


def test_the_step_follows_from_the_head_the_lookups_and_the_deliveries() -> None:
    started = Head("01ABC", "a", 1, "open", 2, 2, 0, 1, None, None)
    lookup = LookupRecord("reputation", "1", "arn", 2000, 0, {})
    done = LookupRecord("reputation", "2", "arn", 2000, 0, {}, outcome="ok")
    open_delivery = DeliveryRecord("pager", 2, "arn", "d", "s", 0)

    assert status().step() == "settled"
    assert status(head=Head("01ABC", "a", 1, "open", 2, 1, 0, 1, None, None)).step() == "starting"
    assert status(head=started).step() == "gathering alerts"
    assert status(head=started, tasks=(lookup, done)).step() == "inspecting, 1 of 2 done"
    assert status(head=started, tasks=(done,)).step() == "reviewing"
    assert status(head=started, reviewed_round=2, deliveries=(open_delivery,)).step() == "notifying"
    assert status(head=started, reviewed_round=2).step() == "closing"
