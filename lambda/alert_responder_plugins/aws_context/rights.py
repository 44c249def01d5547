"""Evaluate whether a policy grants administrator permissions. Pure."""

import json
from typing import Any
from urllib.parse import unquote

_EVERYTHING = ("*", "*:*")
_OVER_IAM = ("iam:*",)
"""All actions of IAM include granting oneself everything else."""


def makes_admin(document: Any) -> bool:
    """Whether a policy allows all actions, or all actions of IAM, on all resources.

    Parameters
    ----------
    document
        The policy as decoded by boto3, or as JSON, with or without URL encoding.

    Notes
    -----
    Conditions, permissions boundaries and denials in other policies are ignored. Combinations of single actions that
    allow privilege escalation are not detected.
    """
    policy = _read(document)
    return any(_is_admin(statement) for statement in _list(policy.get("Statement")) if isinstance(statement, dict))


def trusted(document: Any) -> list[str]:
    """List at most 20 principals that may assume a role, according to its trust policy; sorted, without duplicates."""
    policy = _read(document)
    principals: set[str] = set()
    for statement in _list(policy.get("Statement")):
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        values = principal.values() if isinstance(principal, dict) else [principal]
        principals |= {each for value in values for each in _list(value) if isinstance(each, str)}
    return sorted(principals)[:20]


def _read(document: Any) -> dict[str, Any]:
    if isinstance(document, str):
        try:
            document = json.loads(document if document.lstrip().startswith("{") else unquote(document))
        except ValueError:
            return {}
    return document if isinstance(document, dict) else {}


def _is_admin(statement: dict[str, Any]) -> bool:
    if statement.get("Effect") != "Allow" or "*" not in _list(statement.get("Resource")):
        return False
    if "NotAction" in statement:
        # All actions except a few are administrator permissions unless actions of IAM are excluded.
        excluded = [str(action).lower() for action in _list(statement["NotAction"])]
        return not any(action.startswith("iam:") or action in _EVERYTHING for action in excluded)
    actions = [str(action).lower() for action in _list(statement.get("Action"))]
    return any(action in _EVERYTHING or action in _OVER_IAM for action in actions)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
