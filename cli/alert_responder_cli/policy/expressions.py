"""Which fields of the view an expression reads. Pure."""

from collections.abc import Iterator
from typing import Any

from alert_responder.formats.evaluation import Expression
from alert_responder_plugins.policy.view import VIEW

_IN_TURN = frozenset({"subexpression", "index_expression", "pipe", "projection", "value_projection", "flatten"})
"""Nodes of which only the first part reads the document; the others read the result."""


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
