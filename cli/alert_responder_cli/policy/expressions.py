"""Which fields of the view an expression reads. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from alert_responder.formats.evaluation import Expression
from alert_responder_plugins.policy.view import VIEW

_IN_TURN = frozenset({"subexpression", "index_expression", "pipe", "projection", "value_projection", "flatten"})
"""Nodes of which only the first part reads the document; the others read the result."""

_NUMBER = re.compile(r"[=<>]\s*(-?[0-9]+(?:\.[0-9]+)?)(?![0-9.])")
_WORD = re.compile(r"\b(and|or|not)\b")
_ONE_EQUALS_SIGN = re.compile(r"(?<![=!<>])=(?!=)")
_OPERATORS = {"and": "&&", "or": "||", "not": "!"}
_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"")


def syntax_hint(text: str) -> str | None:
    """Return how JMESPath writes what an invalid expression probably means, or None.

    Examples
    --------
    >>> syntax_hint("alert_count > 5"), syntax_hint("test and overflow")
    ('write numbers in backticks: `5`', 'write && instead of and')
    """
    code = _TEXTS.sub("''", text)
    if number := _NUMBER.search(code):
        return f"write numbers in backticks: `{number[1]}`"
    if word := _WORD.search(code):
        return f"write {_OPERATORS[word[1]]} instead of {word[1]}"
    return "write == to compare" if _ONE_EQUALS_SIGN.search(code) else None


def field_hint(text: str, name: str) -> str | None:
    """Return how JMESPath writes a constant that an expression reads as a field, or None.

    Examples
    --------
    >>> field_hint('detector == "guardduty"', "guardduty"), field_hint("test == true", "true")
    ("write texts in single quotes: 'guardduty'", 'write constants in backticks: `true`')
    """
    if name in ("true", "false", "null"):
        return f"write constants in backticks: `{name}`"
    if re.search(rf"[=!]=\s*\"?{re.escape(name)}(?!\w)|\"{re.escape(name)}\"", text):
        return f"write texts in single quotes: '{name}'"
    return None


def unknown_fields(expression: Expression) -> list[str]:
    """Return the fields that an expression reads and the view does not have; without them it is null.

    Examples
    --------
    >>> unknown_fields(compile_expression("verdict == 'malicious' && attributes[?kind == 'ipaddr']"))
    ['verdict']
    """
    return list(dict.fromkeys(name for name in _fields(expression.parsed) if name not in VIEW))


def _fields(node: dict[str, Any]) -> Iterator[str]:
    kind, children = node["type"], node.get("children", ())
    if kind == "field":
        yield str(node["value"])
    elif kind == "expref":
        return
    elif kind == "filter_projection" or kind in _IN_TURN:
        yield from _fields(children[0])
    else:
        for child in children:
            yield from _fields(child)
