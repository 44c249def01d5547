"""The figures of docs/capacity.md: requests, calls and transitions of an incident."""

from benchmarks.costs import PROFILES, idle, ours
from tools.paths import ROOT


def test_the_requests_of_a_report_with_one_alert() -> None:
    bill = ours(PROFILES[0])
    assert (bill.alerts, bill.requests, bill.invocations, bill.transitions) == (1, 26, 6, 11)


def test_an_alert_of_a_storm_costs_no_calls() -> None:
    bill = ours(PROFILES[2])
    assert bill.alerts == 2000
    assert bill.requests / bill.alerts <= 0.2
    assert bill.transitions <= 22


def test_the_costs_of_an_idle_month_are_documented() -> None:
    written = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    table = written.split("| idle | USD a month |\n|---|---|\n")[1].split("\n\n")[0]
    month = idle()
    assert table.splitlines() == [
        *(f"| {what} | {dollars:.2f} |" for what, dollars in month.items()),
        f"| all | {sum(month.values()):.2f} |",
    ]
