"""What the rules and suppressions of a policy do on given reports. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from alert_responder.contracts.report import Report
from alert_responder_cli.policy.files import PolicyFile, Problem
from alert_responder_cli.terminal.counts import count
from alert_responder_plugins.policy.evaluate import Asked, PreparedPolicy
from alert_responder_plugins.policy.model import Rule, SuppressionRule


class Observations:
    """Counts what is seen in reports.

    Parameters
    ----------
    at
        Time of all reviews.
    """

    def __init__(self, file: PolicyFile, at: datetime) -> None:
        self._file = file
        self._at = at
        self._prepared = PreparedPolicy(file.policy)
        self._held: Counter[tuple[str, str]] = Counter()
        self._faults: dict[tuple[str, str], str] = {}
        self._together: Counter[tuple[str, str]] = Counter()
        self.reports = 0

    def add(self, report: Report) -> None:
        """Evaluate the policy on a report."""
        self.reports += 1
        trace = self._prepared.evaluate(report, self._at, traced=True).trace
        for asked in trace:
            if any(check.condition == "when" and check.holds for check in asked.checks):
                self._held[asked.kind, asked.name] += 1
            if asked.fault and asked.fault.startswith("when: "):
                self._faults.setdefault((asked.kind, asked.name), asked.fault.removeprefix("when: "))
        self._together.update(_pairs(trace))

    def problems(self) -> Iterator[Problem]:
        """Yield expressions that failed or never held, and suppressions that matched the same reports."""
        if not self.reports:
            return
        parts: tuple[tuple[str, str, tuple[Rule | SuppressionRule, ...]], ...] = (
            ("rule", "rules", self._file.policy.rules),
            ("suppression", "suppressions", self._file.policy.suppressions),
        )
        for kind, field, rules in parts:
            for number, rule in enumerate(rules):
                fault = self._faults.get((kind, rule.name))
                if fault:
                    text = f"of {rule.name} fails on stored reports: {fault}"
                    yield self._file.problem("warning", f"{field}[{number}].when", text)
                elif rule.when is not None and not self._held[kind, rule.name]:
                    text = f"of {rule.name} holds for none of {count(self.reports, 'report')}"
                    yield self._file.problem("warning", f"{field}[{number}].when", text)
        numbers = {rule.name: number for number, rule in enumerate(self._file.policy.suppressions)}
        for (first, second), reports in self._together.items():
            text = f"{second} matches {count(reports, 'report')} that {first} suppresses, which comes before it"
            yield self._file.problem("warning", f"suppressions[{numbers[second]}]", text)


def observed(
    file: PolicyFile, reports: Iterable[Report], at: datetime, on_progress: Callable[[], None] = lambda: None
) -> Observations:
    """Evaluate a policy on reports, at one time."""
    observations = Observations(file, at)
    for report in reports:
        observations.add(report)
        on_progress()
    return observations


def _pairs(trace: tuple[Asked, ...]) -> Iterator[tuple[str, str]]:
    """Yield the first suppression that matches with each later one."""
    matched = [asked.name for asked in trace if asked.kind == "suppression" and asked.matched]
    return ((matched[0], other) for other in matched[1:])
