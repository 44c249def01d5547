"""What is probably wrong in a valid policy: what has no effect, overlaps, has expired or can never match. Pure."""

from collections.abc import Iterator
from datetime import datetime

from alert_responder.contracts.primitives import is_worse
from alert_responder.formats.mapping import InvalidExpressionError, compile_expression
from alert_responder_cli.nearest import nearest
from alert_responder_cli.policy.coverage import covers, is_unconditional
from alert_responder_cli.policy.expressions import field_hint, syntax_hint, unknown_fields
from alert_responder_cli.policy.files import PolicyFile, Problem
from alert_responder_cli.records.attribute_types import is_known, sentence
from alert_responder_plugins.policy.model import Policy, Rule, SuppressionRule
from alert_responder_plugins.policy.view import VIEW


def problems_of(file: PolicyFile, now: datetime) -> list[Problem]:
    """List the problems of a policy, in the order of the file."""
    found = [*_expressions(file), *_unknown_types(file), *_shadowed(file), *_suppressions(file, now)]
    return sorted(found, key=lambda problem: problem.line or 0)


def _parts(policy: Policy) -> Iterator[tuple[str, Rule | SuppressionRule]]:
    """Yield rules and suppressions with their places."""
    for number, rule in enumerate(policy.rules):
        yield f"rules[{number}]", rule
    for number, suppression in enumerate(policy.suppressions):
        yield f"suppressions[{number}]", suppression


def _expressions(file: PolicyFile) -> Iterator[Problem]:
    for part, rule in _parts(file.policy):
        if rule.when is None:
            continue
        place = f"{part}.when"
        try:
            expression = compile_expression(rule.when)
        except InvalidExpressionError as error:
            hint = syntax_hint(rule.when)
            text = f"of {rule.name} counts as not matching: {error}{f'; {hint}' if hint else ''}"
            yield file.problem("error", place, text)
            continue
        for name in unknown_fields(expression):
            similar = nearest(name, tuple(VIEW))
            meant = f"did you mean {similar}?" if similar else f"allowed: {', '.join(VIEW)}"
            hint = field_hint(rule.when, name) or meant
            yield file.problem("warning", place, f"of {rule.name} reads {name}, which is always null; {hint}")


def _unknown_types(file: PolicyFile) -> Iterator[Problem]:
    for part, rule in _parts(file.policy):
        match = rule.match
        attributes = enumerate(match.attribute or ())
        places = [(f"{part}.match.attribute[{number}].type", each.type) for number, each in attributes]
        for place, types in (*places, (f"{part}.match.attribute_type", match.attribute_type)):
            for type_ in types or ():
                if not is_known(type_):
                    yield file.problem("warning", place, f"of {rule.name}: {sentence(type_)}")


def _shadowed(file: PolicyFile) -> Iterator[Problem]:
    policy = file.policy
    for number, rule in enumerate(policy.rules):
        winner = next((each for each in _stronger(policy, number) if _always_wins(policy, each, rule)), None)
        if winner:
            how = "comes before it" if winner.severity == rule.severity else f"gives {winner.severity}"
            text = f"{rule.name} has no effect: the rule {winner.name} {how} and matches whatever it matches"
            yield file.problem("warning", f"rules[{number}]", text)


def _stronger(policy: Policy, number: int) -> Iterator[Rule]:
    """Yield the rules that win over a rule wherever both match."""
    rule = policy.rules[number]
    for other, each in enumerate(policy.rules):
        if is_worse(each.severity, rule.severity) or (each.severity == rule.severity and other < number):
            yield each


def _always_wins(policy: Policy, winner: Rule, rule: Rule) -> bool:
    lower = policy.lowers(winner)
    if not lower and is_unconditional(winner):
        return True
    return lower == policy.lowers(rule) and covers(winner, rule, lower=lower)


def _suppressions(file: PolicyFile, now: datetime) -> Iterator[Problem]:
    rules = file.policy.suppressions
    for number, rule in enumerate(rules):
        place = f"suppressions[{number}]"
        if rule.expires <= now:
            text = f"of {rule.name} is {_date(rule.expires)}, in the past: the suppression counts as not matching"
            yield file.problem("warning", f"{place}.expires", text)
            continue
        for before in rules[:number]:
            if before.expires <= now or not _at_the_same_time(before, rule):
                continue
            if _is_covered(before, rule):
                text = f"{rule.name} has no effect: {before.name} comes before it and matches whatever it matches"
                yield file.problem("warning", place, text)
                break
            if covers(before, rule, lower=True) or covers(rule, before, lower=True):
                text = f"{rule.name} overlaps {before.name}, which comes first where both match"
                yield file.problem("warning", place, text)


def _is_covered(before: SuppressionRule, rule: SuppressionRule) -> bool:
    """Check whether a suppression never applies, because the one before it does."""
    return (
        covers(before, rule, lower=True)
        and before.starts <= rule.starts
        and before.expires >= rule.expires
        and before.weekly in (None, rule.weekly)
        and before.unless in (type(before.unless)(), rule.unless)
        and (before.trust_native or not rule.trust_native)
        and set(before.despite) >= set(rule.despite)
    )


def _at_the_same_time(one: SuppressionRule, other: SuppressionRule) -> bool:
    return one.starts < other.expires and other.starts < one.expires


def _date(time: datetime) -> str:
    return f"{time:%Y-%m-%d}" if time.time() == datetime.min.time() else f"{time:%Y-%m-%dT%H:%M:%SZ}"
