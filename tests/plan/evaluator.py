"""IAM's evaluation of a role's policies, with the features that these modules use, and the condition keys of AWS.

The emulated AWS supplies no condition keys of DynamoDB, and none of a role's organisation, so that tests evaluate
policies here. Rules:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Statements = Sequence[Mapping[str, Any]]
Context = Mapping[str, Sequence[str]]

Decision = Literal["allowed", "denied", "not allowed"]
"""`denied` is an explicit denial, which no other statement can override."""


def decide(statements: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context) -> Decision:
    """Decide about one request.

    Parameters
    ----------
    statements
        Statements of all policies of the role, with `Action` and `Resource` as lists.
    context
        The values of the request's condition keys; a key that is missing is not in the request.
    """
    return _decision(each for each in statements if _applies(each, action, resource, context))


def decide_within(
    boundary: Statements, statements: Statements, action: str, resource: str, context: Context
) -> Decision:
    """Decide about one request of a role with a permissions boundary: both must allow it."""
    return _both(decide(boundary, action, resource, context), decide(statements, action, resource, context))


@dataclass(frozen=True)
class Caller:
    """A role that assumes another one.

    Attributes
    ----------
    arn
        ARN of the role, not of its session.
    organization_id
        Organisation of its account.
    statements
        The statements of its policies.
    """

    arn: str
    organization_id: str
    statements: Statements


@dataclass(frozen=True)
class Role:
    """A role in another account than its callers.

    Attributes
    ----------
    organization_id
        Organisation of its account.
    trust
        The statements of its trust policy, in which a principal is the ARN of a role.
    """

    arn: str
    organization_id: str
    trust: Statements


def decide_assume(caller: Caller, role: Role, external_id: str | None) -> Decision:
    """Decide whether a role may be assumed: its trust policy and the policies of the caller must allow it.

    Parameters
    ----------
    external_id
        What the caller presents; None: nothing.
    """
    action = "sts:AssumeRole"
    context = {
        "aws:PrincipalArn": [caller.arn],
        "aws:PrincipalOrgID": [caller.organization_id],
        "aws:ResourceOrgID": [role.organization_id],
        **({} if external_id is None else {"sts:ExternalId": [external_id]}),
    }
    trusting = (
        each
        for each in role.trust
        if caller.arn in each["Principal"].get("AWS", ())
        and _applies({**each, "Resource": [role.arn]}, action, role.arn, context)
    )
    return _both(_decision(trusting), decide(caller.statements, action, role.arn, context))


def _decision(applying: Iterable[Mapping[str, Any]]) -> Decision:
    effects = {each["Effect"] for each in applying}
    if "Deny" in effects:
        return "denied"
    return "allowed" if "Allow" in effects else "not allowed"


def _both(first: Decision, second: Decision) -> Decision:
    return first if first == "denied" or second == "allowed" else second


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    return (
        any(_like(action.lower(), pattern.lower()) for pattern in statement["Action"])
        and any(_like(resource, pattern) for pattern in statement["Resource"])
        and all(
            _holds(operator, _resolved(values if isinstance(values, list) else [values], context), context.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _resolved(values: Sequence[str], context: Context) -> Sequence[str]:
    """Replace values that are a variable; one whose key is not in the request matches nothing."""
    resolved: list[str] = []
    for value in values:
        variable = re.fullmatch(r"\$\{([^}]+)\}", value)
        resolved += context.get(variable[1], ())[:1] if variable else [value]
    return resolved


def _holds(operator: str, wanted: Sequence[str], found: Sequence[str] | None) -> bool:
    quantifier, _, comparison = operator.rpartition(":")
    if comparison.endswith("IfExists"):
        if not found:
            return True
        comparison = comparison.removesuffix("IfExists")
    negated = "Not" in comparison
    # ArnEquals compares patterns, as ArnLike does.
    exact = {"StringEquals": True, "StringLike": False, "ArnEquals": False, "ArnLike": False}[
        comparison.replace("Not", "")
    ]

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
