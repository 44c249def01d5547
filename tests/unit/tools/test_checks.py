"""The demonstration notices when something expected did not happen."""

from dataclasses import replace
from typing import Any

import pytest

from alert_responder.domain.records import DeliveryRecord, Head, TaskRecord
from tools.demo.checks import EXPECTED_REPORTS, check_incidents, check_pages, check_rejected, check_reports
from tools.demo.records import STORM_ALERTS
from tools.report_reader import ReportStatus


def delivery(emitter: str, round_: int = 1, failures: int = 0) -> DeliveryRecord:
    return DeliveryRecord(emitter, round_, "arn", "d", "s", 0, 1, failures, outcome="ok")


def good() -> list[ReportStatus]:
    found = []
    for number in range(EXPECTED_REPORTS):
        head = Head(f"R{number}", "a", 1, "settled", 1, 1, 0, 1, None, None)
        found.append(ReportStatus(head, "Other", "unclassified", "", 1, (), (delivery("inbox"),), 1))
    pages = (delivery("inbox"), delivery("pager", 1, 1), delivery("pager", 2, 1))
    tasks = (TaskRecord("reputation", "1", "arn", 1000, 1, {}, outcome="ok"),)
    found[0] = replace(found[0], severity="urgent", deliveries=pages, tasks=tasks)
    found[1] = replace(found[1], title="Many failed logins", alert_count=STORM_ALERTS)
    found[2] = replace(found[2], tasks=(TaskRecord("reputation", "2", "arn", 1000, 0, {}, outcome="error"),))
    return found


def reports(storm: int = STORM_ALERTS) -> dict[str, dict[str, Any]]:
    return {"R1": {"alert_count": storm}}


def failed(statuses: list[ReportStatus], published: dict[str, dict[str, Any]]) -> list[str]:
    return [what for holds, what in check_reports(statuses, published) if not holds]


def test_what_is_expected_passes() -> None:
    assert failed(good(), reports()) == []


@pytest.mark.parametrize(
    ("number", "changes", "said"),
    [
        (3, {"head": Head("R3", "a", 1, "open", 1, 1, 0, 1, None, None)}, "Every report is settled"),
        (3, {"deliveries": ()}, "Every report was delivered to the inbox (5 of 6)."),
        (3, {"severity": "urgent"}, "is urgent, and nothing else is."),
        (0, {"deliveries": (delivery("inbox"), delivery("pager", 1, 1))}, "The next alert of the same finding"),
        (0, {"deliveries": (delivery("inbox"), delivery("pager", 1), delivery("pager", 2))}, "The pager failed"),
        (0, {"tasks": ()}, "inspected in its turn"),
        (2, {"tasks": ()}, "shown as failed"),
    ],
)
def test_what_is_missing_is_said(number: int, changes: dict[str, Any], said: str) -> None:
    statuses = good()
    statuses[number] = replace(statuses[number], **changes)

    assert any(said in what for what in failed(statuses, reports()))


def test_a_lost_alert_of_the_storm_is_said() -> None:
    assert failed(good(), reports(499)) == ["The storm of 500 alerts is one report of 500 (found [499])."]


def test_no_reports_at_all_is_a_failure() -> None:
    assert len(failed([], {})) >= 5


def test_rejected_records_are_counted() -> None:
    assert check_rejected({"a": {}}, 1)[0]
    assert not check_rejected({}, 1)[0]


def test_incidents_are_one() -> None:
    assert check_incidents([{"paged": True, "incident": "a"}, {"paged": True, "incident": "a"}])[0]
    assert not check_incidents([{"paged": True, "incident": "a"}, {"paged": True, "incident": "b"}])[0]
    assert not check_incidents([])[0]


def test_a_report_without_a_page_or_with_one_that_runs_something_is_said() -> None:
    page = b'<meta http-equiv="Content-Security-Policy" content="default-src none">'

    assert check_pages({"R1": page + b"R1", "R2": page + b"R2"})[0]
    for other in (None, page, page + b"R2<script>", b"R2"):
        assert check_pages({"R1": page + b"R1", "R2": other}) == (
            False,
            "Every report has a page that runs nothing (1 of 2).",
        )
