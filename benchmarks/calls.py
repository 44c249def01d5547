"""Requests for a report and for an alert of a storm; `tests/unit/usecases/test_costs.py` checks the exact numbers."""

from benchmarks.costs import PROFILES, ours
from benchmarks.results import Result

REQUESTS, INVOCATIONS, TRANSITIONS, STORM = 26, 6, 11, 0.2


def measure() -> list[Result]:
    """Count requests with the in-memory installation."""
    calm, storm = ours(PROFILES[0]), ours(PROFILES[2])
    return [
        Result(20, "an alert of a storm: requests to AWS", STORM, storm.requests / storm.alerts, "requests"),
        Result(20, "a report: requests to AWS and plug-ins", REQUESTS, calm.requests, "requests"),
        Result(20, "a report: calls of our functions", INVOCATIONS, calm.invocations, "calls"),
        Result(20, "a report: state transitions", TRANSITIONS, calm.transitions, "transitions"),
    ]
