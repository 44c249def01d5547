"""Evaluate a policy on a report: all rules are asked, and the highest severity wins. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from jmespath.exceptions import JMESPathTypeError

from alert_responder.contracts.primitives import Severity, is_worse
from alert_responder.contracts.report import Report
from alert_responder.domain.sanitize import one_line
from alert_responder.domain.suppressions import breakthrough
from alert_responder.errors import TimeLimitExceededError
from alert_responder.formats.evaluation import Evaluation, Expression, TooMuchWorkError, is_true
from alert_responder.formats.mapping import InvalidExpressionError, compile_expression
from alert_responder_plugins.policy.conditions import NO_EVIDENCE, Check, Evidence, PreparedMatch, prepare_match
from alert_responder_plugins.policy.facts import ReportFacts
from alert_responder_plugins.policy.model import Policy, Rule, SuppressionRule
from alert_responder_plugins.policy.suppression import broken_by_unless, is_expired, own_checks
from alert_responder_plugins.policy.templates import fill
from alert_responder_plugins.policy.view import build_view, severity_word

STEPS_OF_AN_EXPRESSION, STEPS_OF_A_REPORT = 50_000, 400_000
"""Visits of nodes that one expression, and all of them together, may need for a report; 400,000 take about a second."""

_READS_BODIES = re.compile(r"\b(?:alerts|body)\b|[*@]")
"""Whether an expression may read bodies of alerts: by name, or the whole view."""

MAX_NOTES = 20
MAX_NOTE = 1000
MAX_REASON = 4000
"""As in the answer of a reviewer."""


class Applied(NamedTuple):
    """A suppression that applies to a report; the wire's `Suppression`."""

    name: str
    owner: str
    reason: str
    expires: str
    despite: tuple[str, ...]


class Asked(NamedTuple):
    """What a rule or suppression answered.

    Attributes
    ----------
    kind
        `rule` or `suppression`.
    checks
        The conditions in the order in which they were checked: up to the first that did not hold, or all of them if
        the evaluation was traced.
    fault
        Why it could not be evaluated; it counts as not matching then.
    broken_by
        What broke through the suppression.
    """

    kind: str
    name: str
    matched: bool
    checks: tuple[Check, ...] = ()
    fault: str | None = None
    broken_by: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The result for a report.

    Attributes
    ----------
    rule
        The rule that gave severity, reason and labels; None for the default.
    notes
        For the report: faults, and what broke through a suppression.
    suppressed
        The suppression that matches, even if something always breaks through (`breakthrough`).
    breakthrough
        What breaks through `suppressed`, as one sentence.
    faults
        Rules and suppressions that count as not matching although they might match, one sentence each.
    trace
        All that were asked, in the order of the policy: rules first.
    """

    severity: Severity
    reason: str
    rule: str | None
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    suppressed: Applied | None
    breakthrough: str | None
    faults: tuple[str, ...]
    trace: tuple[Asked, ...]

    def answer(self) -> dict[str, Any]:
        """Return the fields of the reviewer's answer."""
        return {
            "severity": self.severity,
            "reason": self.reason,
            "rule": self.rule,
            "labels": self.labels,
            "notes": self.notes,
            "suppressed": self.suppressed and self.suppressed._asdict(),
        }


class _Prepared(NamedTuple):
    """A rule or a suppression with its conditions.

    Attributes
    ----------
    needs_bodies
        Whether it lowers the severity by an expression on bodies: an alert that it does not see might not fit.
    """

    match: PreparedMatch
    when: Expression | None
    fault: str | None
    needs_bodies: bool = False


def evaluate(policy: Policy, report: Report, now: datetime, *, traced: bool = False) -> Decision:
    """Evaluate a policy on one report; for many, use `PreparedPolicy`."""
    return PreparedPolicy(policy).evaluate(report, now, traced=traced)


class PreparedPolicy:
    """A policy, prepared for many reports."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.rules = [(rule, _prepared(rule, lowers=policy.lowers(rule))) for rule in policy.rules]
        self.suppressions = [(rule, _prepared(rule, lowers=True)) for rule in policy.suppressions]
        self.has_unclassified = any(policy.lowers(rule) and rule.severity == "unclassified" for rule in policy.rules)

    @property
    def faults(self) -> tuple[str, ...]:
        """Invalid expressions, one sentence each."""
        return tuple(
            _sentence(kind, rule.name, prepared.fault)
            for kind, parts in (("rule", self.rules), ("suppression", self.suppressions))
            for rule, prepared in parts
            if prepared.fault
        )

    def evaluate(self, report: Report, now: datetime, *, traced: bool = False) -> Decision:
        """Evaluate the policy on a report.

        Parameters
        ----------
        now
            Time of the review, for `starts` and `expires`.
        traced
            Whether all conditions are checked, also after one that does not hold.
        """
        return _Evaluator(self, report, now, traced=traced).decide()


class _Evaluator:
    """The evaluation of one report."""

    def __init__(self, prepared: PreparedPolicy, report: Report, now: datetime, *, traced: bool) -> None:
        self._prepared = prepared
        self._facts = ReportFacts(report)
        self._now = now
        self._traced = traced
        self._steps = STEPS_OF_A_REPORT
        self._evaluation: Evaluation | None = None
        self._trace: list[Asked] = []
        self._faults: list[str] = []
        self._notes: list[str] = []
        self._has_failed = False
        self._best: tuple[Rule, Evidence] | None = None
        self._found: tuple[SuppressionRule, str | None] | None = None

    def decide(self) -> Decision:
        try:
            self._ask_rules()
            self._ask_suppressions()
        except TimeLimitExceededError:
            # What was found so far counts, but nothing is suppressed.
            self._found, self._has_failed = None, True
            asked = len(self._trace)
            every = len(self._prepared.rules) + len(self._prepared.suppressions)
            self._faults.append(
                f"Policy: {every - asked:,} of {every:,} rules and suppressions count as not matching: the time was up."
            )
        severity, reason, rule, labels = self._rated()
        applied, broken = None, None
        if self._found:
            suppression, broken = self._found
            applied = _applied(suppression)
            if broken is None:
                severity, reason, rule = "safe", suppression.reason, None
                labels = suppression.labels or labels
        notes = tuple(note[:MAX_NOTE] for note in [*self._faults, *self._notes])
        return Decision(
            severity=severity,
            reason=reason[:MAX_REASON],
            rule=rule,
            labels=labels,
            notes=_limited(notes),
            suppressed=applied,
            breakthrough=broken,
            faults=tuple(self._faults),
            trace=tuple(self._trace),
        )

    def _ask_rules(self) -> None:
        for rule, prepared in self._prepared.rules:
            asked, evidence = self._ask("rule", rule, prepared)
            if asked.matched and (self._best is None or is_worse(rule.severity, self._best[0].severity)):
                self._best = rule, evidence
            self._has_failed |= asked.fault is not None
            self._trace.append(asked)

    def _rated(self) -> tuple[Severity, str, str | None, tuple[str, ...]]:
        default = self._prepared.policy.default
        if self._best is None:
            severity: Severity = "unclassified" if default.severity == "safe" and self._has_failed else default.severity
            return severity, fill(default.reason, self._values(Evidence())), None, default.labels
        rule, evidence = self._best
        reason = f"The rule {rule.name} matches." if rule.reason is None else fill(rule.reason, self._values(evidence))
        # `safe` only if nothing that could raise the severity failed.
        is_kept = rule.severity != "safe" or not (self._has_failed or self._is_below_other_rules())
        return rule.severity if is_kept else "unclassified", reason, rule.name, rule.labels

    def _is_below_other_rules(self) -> bool:
        """Check whether the default is urgent and rules lower it by one step: without them it must not be two."""
        return self._prepared.policy.default.severity == "urgent" and self._prepared.has_unclassified

    def _ask_suppressions(self) -> None:
        """Find the first suppression through which nothing breaks, or else the first that matches."""
        for rule, prepared in self._prepared.suppressions:
            is_settled = self._found is not None and self._found[1] is None
            if is_settled and not self._traced:
                break
            asked = self._ask_suppression(rule, prepared)
            self._trace.append(asked)
            if asked.matched and not is_settled:
                broken = breakthrough(self._facts.report, _applied(rule))
                if broken is None or self._found is None:
                    self._found = rule, broken

    def _ask_suppression(self, rule: SuppressionRule, prepared: _Prepared) -> Asked:
        has_begun = Check(
            "starts", f"{rule.starts:%Y-%m-%dT%H:%M:%SZ}", f"{self._now:%Y-%m-%dT%H:%M:%SZ}", self._now >= rule.starts
        )
        if not has_begun.holds and not self._traced:
            return Asked("suppression", rule.name, matched=False, checks=(has_begun,))
        asked, _ = self._ask("suppression", rule, prepared)
        asked = asked._replace(checks=(has_begun, *asked.checks), matched=asked.matched and has_begun.holds)
        if not asked.matched:
            return asked
        if is_expired(rule, self._now):
            fault = f"expired at {_time(rule.expires)}"
            self._faults.append(_sentence("suppression", rule.name, fault))
            return asked._replace(matched=False, fault=fault)
        if broken := broken_by_unless(rule, self._facts):
            self._notes.append(f"Policy: the suppression {rule.name} does not apply: {one_line(broken)}.")
            return asked._replace(matched=False, broken_by=broken)
        return asked

    def _ask(self, kind: str, rule: Rule | SuppressionRule, prepared: _Prepared) -> tuple[Asked, Evidence]:
        """Check the conditions; an error of any kind counts as not matching."""
        checks: list[Check] = []
        merged = NO_EVIDENCE
        try:
            for check, evidence in self._checks(rule, prepared):
                if evidence is not NO_EVIDENCE:
                    merged = Evidence(
                        attribute=evidence.attribute or merged.attribute,
                        finding=evidence.finding or merged.finding,
                        verdict=evidence.verdict or merged.verdict,
                        earlier=merged.earlier if evidence.earlier is None else evidence.earlier,
                        account=evidence.account or merged.account,
                    )
                checks.append(check)
                if not check.holds and not self._traced:
                    break
            # The expression comes last: one that would fail is not counted for reports that do not match anyway.
            holds = all(check.holds for check in checks)
            if rule.when is not None and (holds or self._traced):
                check = self._when(rule.when, prepared)
                checks.append(check)
                holds = holds and check.holds
        except _FaultError as error:
            if all(check.holds for check in checks):
                self._faults.append(_sentence(kind, rule.name, str(error)))
            return Asked(kind, rule.name, matched=False, checks=tuple(checks), fault=str(error)), merged
        except Exception as error:  # noqa: BLE001 (a policy fails open, whatever a report contains)
            fault = f"it could not be evaluated ({type(error).__name__})"
            self._faults.append(_sentence(kind, rule.name, fault))
            return Asked(kind, rule.name, matched=False, checks=tuple(checks), fault=fault), merged
        return Asked(kind, rule.name, matched=holds, checks=tuple(checks)), merged

    def _checks(self, rule: Rule | SuppressionRule, prepared: _Prepared) -> Iterator[tuple[Check, Evidence]]:
        if isinstance(rule, SuppressionRule):
            for check in own_checks(rule, self._facts):
                yield check, NO_EVIDENCE
        yield from prepared.match.checks(self._facts)
        if prepared.needs_bodies and not self._facts.shows_all_bodies:
            yield Check("when", rule.when, "bodies of alerts are missing", holds=False), NO_EVIDENCE

    def _when(self, text: str, prepared: _Prepared) -> Check:
        if prepared.when is None:
            raise _FaultError(f"when: {prepared.fault}")
        if self._evaluation is None:
            self._evaluation = Evaluation(build_view(self._facts))
        evaluation, most = self._evaluation, min(STEPS_OF_AN_EXPRESSION, self._steps)
        begun = evaluation.steps
        evaluation.allow(most)
        try:
            found = evaluation.search(prepared.when)
        except TooMuchWorkError:
            raise _FaultError("when: the expression needs too much work") from None
        except Exception as error:  # noqa: BLE001 (on unexpected values JMESPath raises any Python error)
            raise _FaultError(f"when: the expression fails: {_why(error)}") from None
        finally:
            self._steps -= min(evaluation.steps - begun, most)
        return Check("when", text, _shown(found), is_true(found))

    def _values(self, evidence: Evidence) -> dict[str, str]:
        """Return the values of the fields of a reason."""
        facts, report = self._facts, self._facts.report
        first = report.alerts[0] if report.alerts else None
        attribute, finding = evidence.attribute, evidence.finding
        shown = attribute or next(iter(facts.of_alerts), None)
        account = evidence.account or next(iter(facts.overview.accounts), None)
        described = account if account and account.in_directory else None
        return {
            "account": account.id if account else "",
            "account_environment": (described and described.environment) or "",
            "account_name": (described and described.name) or "",
            "account_owner": (described and described.owner) or "",
            "account_unit": (described and described.unit) or "",
            "alert_count": str(report.alert_count),
            "alert_key": first.alert_key if first else "",
            "attribute": finding.attribute_value if finding else shown.value if shown else "",
            "attribute_type": finding.attribute_type if finding else shown.type if shown else "",
            "detector": first.detector if first else "",
            "detector_severity": severity_word(facts.overview.severity) or "",
            "earlier": "" if evidence.earlier is None else str(evidence.earlier),
            "inspector": finding.inspector if finding else "",
            "region": next(iter(facts.overview.regions), ""),
            "rounds": str(report.round),
            "rule_id": first.rule_id if first else "",
            "title": report.title,
            "verdict": evidence.verdict or "",
        }


def _applied(rule: SuppressionRule) -> Applied:
    return Applied(rule.name, rule.owner, rule.reason, _time(rule.expires), rule.despite)


def _why(error: Exception) -> str:
    """Describe an error without its message, which quotes the report."""
    if isinstance(error, JMESPathTypeError):
        allowed = " or ".join(error.expected_types)
        return f"{error.function_name}() needs {allowed}, got {error.actual_type}"
    return type(error).__name__


class _FaultError(Exception):
    """A rule or suppression cannot be evaluated."""


def _prepared(rule: Rule | SuppressionRule, *, lowers: bool) -> _Prepared:
    match = prepare_match(rule.match, lowers=lowers, never_malicious=lowers and isinstance(rule, Rule))
    if rule.when is None:
        return _Prepared(match, None, None)
    try:
        needs_bodies = lowers and _READS_BODIES.search(rule.when) is not None
        return _Prepared(match, compile_expression(rule.when), None, needs_bodies)
    except InvalidExpressionError as error:
        return _Prepared(match, None, str(error))


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _sentence(kind: str, name: str, fault: str) -> str:
    return f"Policy: the {kind} {name} counts as not matching: {fault}."


def _shown(found: Any) -> Any:
    return found if isinstance(found, bool | int | float) or found is None else str(found)[:200]


def _limited(notes: tuple[str, ...]) -> tuple[str, ...]:
    if len(notes) <= MAX_NOTES:
        return notes
    return (*notes[: MAX_NOTES - 1], f"Policy: {len(notes) - MAX_NOTES + 1} more notes were left out.")


def traced_values(asked: Asked) -> Mapping[str, Any]:
    """Return what was asked as JSON values."""
    return {**asked._asdict(), "checks": [check._asdict() for check in asked.checks]}
