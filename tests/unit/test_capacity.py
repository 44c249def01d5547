"""What docs/capacity.md is computed from: an incident's requests, calls and transitions, counted step by step."""

from benchmarks.costs import PROFILES, ours


def test_a_report_of_one_alert() -> None:
    bill = ours(PROFILES[0])
    assert (bill.alerts, bill.requests, bill.invocations, bill.transitions) == (1, 29, 6, 11)


def test_a_storm_costs_no_calls_an_alert() -> None:
    bill = ours(PROFILES[2])
    assert bill.alerts == 2000
    assert bill.requests / bill.alerts <= 0.2
    assert bill.transitions <= 22
