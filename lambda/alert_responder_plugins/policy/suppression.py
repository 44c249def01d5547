"""Whether a suppression applies to a report. Pure.

What always breaks through is decided by `alert_responder.domain.suppressions`, for every reviewer.
"""

from collections.abc import Iterator
from datetime import datetime

from alert_responder.contracts.report import ReportedAttribute
from alert_responder_plugins.policy.conditions import Check, arrived_within
from alert_responder_plugins.policy.facts import ReportFacts
from alert_responder_plugins.policy.model import SuppressionRule

PRINCIPALS = frozenset({"accesskey", "arn", "email", "instance", "username"})
"""Types of attributes that can act."""


def own_checks(rule: SuppressionRule, facts: ReportFacts) -> Iterator[Check]:
    """Yield the results of the conditions that only suppressions have, without `starts` and `expires`."""
    if facts.report.test:
        # It shows that reports are delivered.
        yield Check("test", False, True, holds=False)
    if not rule.trust_native:
        native = max(facts.report.native_alerts, sum(alert.native for alert in facts.alerts))
        yield Check("trust_native", False, f"{native} alerts in the native format", holds=native == 0)
    if rule.weekly is not None:
        wanted = [hours.model_dump(mode="json", by_alias=True) for hours in rule.weekly]
        saw = [alert.arrived_at for alert in facts.alerts[:10]]
        yield Check("weekly", wanted, saw, arrived_within(rule.weekly, facts, all_alerts=True))


def is_expired(rule: SuppressionRule, now: datetime) -> bool:
    """Check whether a suppression has ended."""
    return now >= rule.expires


def broken_by_unless(rule: SuppressionRule, facts: ReportFacts) -> str | None:
    """Return what breaks through according to `unless`, as the end of a sentence, or None."""
    most = rule.unless.alert_count_above
    if most is not None and facts.report.alert_count > most:
        return f"the report has more than {most} alerts"
    if rule.unless.new_principal and (new := next(_new_principals(facts), None)):
        return f"{new.type} {new.value[:200]} was never seen before"
    return None


def _new_principals(facts: ReportFacts) -> Iterator[ReportedAttribute]:
    """Yield the principals that `history` does not know; without that inspector, all of them."""
    for attribute in facts.of_alerts:
        notes = facts.history.get(attribute.id, ())
        is_known = bool(notes) and all(number > 0 for number, _ in notes)
        if attribute.type in PRINCIPALS and "subject" in attribute.context and not is_known:
            yield attribute
