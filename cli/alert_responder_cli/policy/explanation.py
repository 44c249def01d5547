"""What a policy decides about a report, and what each rule saw. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Report
from alert_responder.domain.completeness import published_severity
from alert_responder_plugins.policy.evaluate import Asked, Decision, PreparedPolicy, traced_values
from alert_responder_plugins.policy.model import Policy


class SeenCondition(BaseModel, frozen=True):
    """A condition of a rule, and what it saw in the report."""

    condition: str
    wanted: Any
    saw: Any
    holds: bool


class AskedPart(BaseModel, frozen=True):
    """A rule or suppression, and its answer.

    Attributes
    ----------
    severity
        Of a rule; None for a suppression.
    decides
        Whether it gives the result: the rule severity and reason, or the suppression that applies or is broken through.
    fault
        Why it could not be evaluated, and counts as not matching.
    broken_by
        What broke through the suppression according to its `unless`.
    """

    kind: Literal["rule", "suppression"]
    name: str
    severity: str | None
    matched: bool
    decides: bool
    checks: tuple[SeenCondition, ...]
    fault: str | None
    broken_by: str | None


class Explanation(BaseModel, frozen=True):
    """The decision about a report.

    Attributes
    ----------
    at
        Time of the review [RFC 3339].
    severity
        With which the report is published.
    rule
        The rule that gave severity and reason; None: the default, or a suppression.
    suppressed_by, breakthrough
        The suppression that matches, and why it does not apply.
    asked
        All rules, then all suppressions, in the order of the policy.
    """

    report_id: str
    title: str
    at: str
    severity: str
    reason: str
    rule: str | None
    labels: tuple[str, ...]
    suppressed_by: str | None
    breakthrough: str | None
    notes: tuple[str, ...]
    asked: tuple[AskedPart, ...]


def explain(policy: Policy, report: Report, at: datetime) -> Explanation:
    """Evaluate a policy on a report, and keep what each rule and suppression saw."""
    prepared = PreparedPolicy(policy)
    # Checking also what does not matter takes more work, which is limited: it must not change the decision.
    decision = prepared.evaluate(report, at)
    traced = prepared.evaluate(report, at, traced=True)
    broken = decision.breakthrough
    return Explanation(
        report_id=report.id,
        title=report.title,
        at=format_rfc3339(int(at.timestamp() * 1000)),
        severity=published_severity(decision.severity, complete=report.complete, breakthrough=broken),
        reason=decision.reason,
        rule=decision.rule,
        labels=decision.labels,
        suppressed_by=decision.suppressed.name if decision.suppressed else None,
        breakthrough=broken,
        notes=decision.notes,
        asked=tuple(_parts(policy, decision, traced.trace)),
    )


def _parts(policy: Policy, decision: Decision, trace: Iterable[Asked]) -> Iterable[AskedPart]:
    severities = {rule.name: rule.severity for rule in policy.rules}
    suppression = decision.suppressed.name if decision.suppressed else None
    for each in trace:
        is_rule = each.kind == "rule"
        decides = each.name == (decision.rule if is_rule else suppression)
        severity = severities.get(each.name) if is_rule else None
        yield AskedPart.model_validate({**traced_values(each), "severity": severity, "decides": decides})
