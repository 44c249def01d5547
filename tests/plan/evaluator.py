"""IAM's evaluation of a role's policy, with the features that these modules use, and the condition keys of AWS.

The emulated AWS supplies no condition keys of DynamoDB, so that tests evaluate policies here. Rules:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

Decision = Literal["allowed", "denied", "not allowed"]
"""`denied` is an explicit denial, which no other statement can override."""


def decide(
    statements: Iterable[Mapping[str, Any]], action: str, resource: str, context: Mapping[str, Sequence[str]]
) -> Decision:
    """Decide about one request.

    Parameters
    ----------
    statements
        Statements of all policies of the role, with `Action` and `Resource` as lists.
    context
        The values of the request's condition keys; a key that is missing is not in the request.
    """
    effects = {each["Effect"] for each in statements if _applies(each, action, resource, context)}
    if "Deny" in effects:
        return "denied"
    return "allowed" if "Allow" in effects else "not allowed"


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, Sequence[str]]) -> bool:
    return (
        any(_like(action.lower(), pattern.lower()) for pattern in statement["Action"])
        and any(_like(resource, pattern) for pattern in statement["Resource"])
        and all(
            _holds(operator, values if isinstance(values, list) else [values], context.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, wanted: Sequence[str], found: Sequence[str] | None) -> bool:
    quantifier, _, comparison = operator.rpartition(":")
    negated = comparison.startswith("StringNot")
    exact = {"StringEquals": True, "StringNotEquals": True, "StringLike": False, "StringNotLike": False}[comparison]

    def one(value: str) -> bool:
        # Several values in a policy are alternatives; a negated comparison requires that none matches.
        return any(value == each if exact else _like(value, each) for each in wanted) is not negated

    match quantifier:
        case "ForAllValues":
            return all(map(one, found or ()))
        case "ForAnyValue":
            return any(map(one, found or ()))
        case "":
            return negated if not found else one(found[0])
        case _:
            raise ValueError(operator)


def _like(value: str, pattern: str) -> bool:
    parts = ("." if each == "?" else ".*" if each == "*" else re.escape(each) for each in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None
