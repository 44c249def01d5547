"""Run the tests that a policy contains."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import Report
from alert_responder.domain.completeness import published_severity
from alert_responder_cli.errors import CommandError
from alert_responder_cli.policy.files import PolicyFile
from alert_responder_cli.policy.reports import read_report, report_of
from alert_responder_plugins.policy.evaluate import Decision, PreparedPolicy
from alert_responder_plugins.policy.model import Expectation, PolicyTest


class Difference(BaseModel, frozen=True):
    """A field that is not as expected."""

    field: str
    expected: Any
    got: Any


class TestResult(BaseModel, frozen=True):
    """The result of one test.

    Attributes
    ----------
    error
        Why the test could not run: a file is missing, or the alerts are not one report.
    severity, rule, reason, labels, suppressed_by
        The result for the report; None, if the test could not run.
    notes
        What failed in the evaluation, and what broke through a suppression.
    """

    # pytest collects classes with this name otherwise.
    __test__ = False

    name: str
    passed: bool
    differences: tuple[Difference, ...] = ()
    error: str | None = None
    severity: str | None = None
    rule: str | None = None
    reason: str | None = None
    labels: tuple[str, ...] = ()
    suppressed_by: str | None = None
    notes: tuple[str, ...] = ()


def run_tests(file: PolicyFile) -> Iterator[TestResult]:
    """Run all tests of a policy, in order."""
    prepared = PreparedPolicy(file.policy)
    for test in file.policy.tests:
        try:
            report, decision = _decided(file, prepared, test)
        except CommandError as error:
            lines = "".join(f" {line}" for line in error.lines)
            yield TestResult(name=test.name, passed=False, error=f"{error}{lines}")
        else:
            yield _compared(test, report, decision)


def review_time(report: Report, at: datetime | None) -> datetime:
    """Return a given time, or by default that of the last review of a report; raise `CommandError` without one."""
    if at is not None:
        return at
    try:
        if found := parse_rfc3339(report.updated_at):
            return found
    except ValueError:
        pass
    raise CommandError(f"updated_at of the report must be an RFC 3339 time, got '{report.updated_at}'.")


def _decided(file: PolicyFile, prepared: PreparedPolicy, test: PolicyTest) -> tuple[Report, Decision]:
    folder = file.path.parent
    if test.report is not None:
        report = read_report(folder / test.report)
        return report, prepared.evaluate(report, review_time(report, test.at))
    return _simulated(file, test, [folder / name for name in test.alerts or ()])


def _simulated(file: PolicyFile, test: PolicyTest, paths: list[Path]) -> tuple[Report, Decision]:
    # Only tests with alerts need the pipeline, which takes longer to import.
    from alert_responder_cli.policy.simulation import simulate_policy

    answers = None if test.answers is None else file.path.parent / test.answers
    reports, decisions = simulate_policy(file.policy, paths, answers, test.at)
    if len(reports) != 1:
        raise CommandError(f"A test must be about one report, got {len(reports)} from the alerts.")
    report = report_of(reports[0], "The simulated report")
    if report.id not in decisions:
        raise CommandError("The report is resolved: it is not reviewed.")
    return report, decisions[report.id]


def _compared(test: PolicyTest, report: Report, decision: Decision) -> TestResult:
    suppressed = decision.suppressed if decision.breakthrough is None else None
    got: dict[str, Any] = {
        "severity": published_severity(decision.severity, complete=report.complete, breakthrough=decision.breakthrough),
        "rule": decision.rule,
        "reason": decision.reason,
        "labels": decision.labels,
        "suppressed_by": suppressed.name if suppressed else None,
    }
    notes = (*decision.notes, *((decision.breakthrough,) if decision.breakthrough else ()))
    differences = tuple(_differences(test.expect, got))
    return TestResult(name=test.name, passed=not differences, differences=differences, notes=notes, **got)


def _differences(expect: Expectation, got: dict[str, Any]) -> Iterator[Difference]:
    for field in Expectation.model_fields:
        if field not in expect.model_fields_set:
            continue
        wanted = getattr(expect, field)
        is_equal = set(wanted) == set(got[field]) if field == "labels" else wanted == got[field]
        if not is_equal:
            yield Difference(field=field, expected=wanted, got=got[field])
