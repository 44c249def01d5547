"""Whether a policy makes its holder an administrator; pure."""

import json
from typing import Any
from urllib.parse import unquote

_EVERYTHING = ("*", "*:*")
_OVER_IAM = ("iam:*",)
"""Who may do everything in IAM can give himself the rest."""


def makes_admin(document: Any) -> bool:
    """Whether a policy allows everything, or everything in IAM, on all resources.

    Parameters
    ----------
    document
        The policy as boto3 decodes it, or its JSON, URL-encoded or not.

    Notes
    -----
    Conditions, boundaries and denials elsewhere are not weighed: it says what the policy grants. Combinations of single
    actions by which a user could raise his own rights are not looked for.
    """
    policy = _read(document)
    return any(_is_admin(statement) for statement in _list(policy.get("Statement")) if isinstance(statement, dict))


def trusted(document: Any) -> list[str]:
    """List who may assume a role, by its trust policy: sorted, each once, at most 20."""
    policy = _read(document)
    found: set[str] = set()
    for statement in _list(policy.get("Statement")):
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        values = principal.values() if isinstance(principal, dict) else [principal]
        found |= {each for value in values for each in _list(value) if isinstance(each, str)}
    return sorted(found)[:20]


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
        # Everything but a few actions is still nearly everything, unless IAM is among them.
        left_out = [str(action).lower() for action in _list(statement["NotAction"])]
        return not any(action.startswith("iam:") or action in _EVERYTHING for action in left_out)
    actions = [str(action).lower() for action in _list(statement.get("Action"))]
    return any(action in _EVERYTHING or action in _OVER_IAM for action in actions)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
