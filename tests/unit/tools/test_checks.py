"""The demonstration's checks fail if an expected result is missing."""

from dataclasses import replace
from typing import Any

import pytest

from alert_responder.domain.records import DeliveryRecord, Head, LookupRecord
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
    tasks = (LookupRecord("reputation", "1", "arn", 1000, 1, {}, outcome="ok"),)
    found[0] = replace(found[0], severity="urgent", deliveries=pages, tasks=tasks)
    found[1] = replace(found[1], title="Many failed logins", alert_count=STORM_ALERTS)
    found[2] = replace(found[2], tasks=(LookupRecord("reputation", "2", "arn", 1000, 0, {}, outcome="error"),))
    return found


def reports(storm: int = STORM_ALERTS) -> dict[str, dict[str, Any]]:
    return {"R1": {"alert_count": storm}}


def failed(statuses: list[ReportStatus], published: dict[str, dict[str, Any]]) -> list[str]:
    return [what for holds, what in check_reports(statuses, published) if not holds]


def test_expected_results_pass() -> None:
    assert failed(good(), reports()) == []


@pytest.mark.parametrize(
    ("number", "changes", "message"),
    [
        (3, {"head": Head("R3", "a", 1, "open", 1, 1, 0, 1, None, None)}, "Every report is settled"),
        (3, {"deliveries": ()}, "Every report was delivered to the inbox (5 of 6)."),
        (3, {"severity": "urgent"}, "Only the report on the command-and-control server is urgent."),
        (0, {"deliveries": (delivery("inbox"), delivery("pager", 1, 1))}, "started a second round"),
        (0, {"deliveries": (delivery("inbox"), delivery("pager", 1), delivery("pager", 2))}, "The pager failed"),
        (0, {"tasks": ()}, "looked up in turn"),
        (2, {"tasks": ()}, "has the outcome error"),
    ],
)
def test_a_missing_result_fails_its_check(number: int, changes: dict[str, Any], message: str) -> None:
    statuses = good()
    statuses[number] = replace(statuses[number], **changes)

    assert any(message in what for what in failed(statuses, reports()))


def test_a_lost_alert_of_the_storm_fails_a_check() -> None:
    assert failed(good(), reports(499)) == ["The storm of 500 alerts is one report of 500 (found [499])."]


def test_without_reports_most_checks_fail() -> None:
    assert len(failed([], {})) >= 5


def test_a_missing_rejected_record_fails_a_check() -> None:
    assert check_rejected({"a": {}}, 1)[0]
    assert not check_rejected({}, 1)[0]


def test_a_second_incident_fails_a_check() -> None:
    assert check_incidents([{"paged": True, "incident": "a"}, {"paged": True, "incident": "a"}])[0]
    assert not check_incidents([{"paged": True, "incident": "a"}, {"paged": True, "incident": "b"}])[0]
    assert not check_incidents([])[0]


def test_a_missing_page_or_a_page_with_a_script_fails_a_check() -> None:
    page = b'<meta http-equiv="Content-Security-Policy" content="default-src none">'

    assert check_pages({"R1": page + b"R1", "R2": page + b"R2"})[0]
    for other in (None, page, page + b"R2<script>", b"R2"):
        assert check_pages({"R1": page + b"R1", "R2": other}) == (
            False,
            "Every report has a page without scripts (1 of 2).",
        )
