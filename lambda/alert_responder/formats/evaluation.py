"""Evaluation of JMESPath expressions, with a limit on the work per byte of the document.

Dozens of expressions of a format may read the same list, and an attacker chooses its length. Therefore lists are
flattened once per document, elements without any of the fields that an expression needs, or with another text in the
field that a filter compares first, are skipped, and each visit of a node is counted.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from jmespath.visitor import TreeInterpreter

from alert_responder.formats.jmespath_functions import OPTIONS

Node = dict[str, Any]

STEPS_A_BYTE = 3
"""Allowed visits of nodes per byte of a document, over all expressions of a format; a visit takes about ten calls."""

FREE_STEPS = 20_000
"""Visits allowed for any document, before its bytes are counted."""

_SMALL = 8
"""Shorter lists are not worth an index [elements]."""

_OF_LISTS = frozenset({"flatten", "projection", "filter_projection", "value_projection"})
_IN_TURN = frozenset({"subexpression", "index_expression", "pipe"})


class TooMuchWorkError(Exception):
    """The expressions of a format need more work than the size of the document allows."""


class Expression(NamedTuple):
    """A parsed expression.

    Attributes
    ----------
    text
        The source.
    parsed
        The JMESPath tree, with additions for `Evaluation`: `fields` of projections, `equal` of filters, and `key` of
        flattened lists.
    """

    text: str
    parsed: Node


class Evaluation(TreeInterpreter):  # type: ignore[misc]
    """Evaluates expressions on one document.

    Parameters
    ----------
    document
        JSON.
    most_steps
        Allowed visits of nodes; None: by the size of the document.
    """

    def __init__(self, document: Any, most_steps: int | None = None) -> None:
        super().__init__(OPTIONS)
        self._document = document
        self._steps, self._most = 0, FREE_STEPS if most_steps is None else most_steps
        self._is_counted = most_steps is not None
        self._lists: dict[str, Any] = {}
        self._indexes: dict[int, tuple[list[Any], dict[str, list[int]]]] = {}
        self._texts: dict[tuple[int, str], tuple[list[Any], dict[str, list[Any]]]] = {}
        self._visitors: dict[str, Callable[[Node, Any], Any]] = {}

    @property
    def steps(self) -> int:
        """Visits of nodes so far."""
        return self._steps

    def allow(self, steps: int) -> None:
        """Allow so many further visits, whatever the size of the document."""
        self._most, self._is_counted = self._steps + steps, True

    def search(self, expression: Expression) -> Any:
        """Evaluate an expression on the document.

        Raises
        ------
        TooMuchWorkError
            If all expressions so far need more work than the size of the document allows.
        Exception
            Any error of JMESPath or Python.
        """
        return self.visit(expression.parsed, self._document)

    def visit(self, node: Node, value: Any) -> Any:
        """Evaluate a node on a value."""
        self._steps += 1
        if self._steps > self._most:
            self._allow_more()
        kind = node["type"]
        visitor = self._visitors.get(kind)
        if visitor is None:
            visitor = self._visitors[kind] = getattr(self, f"visit_{kind}")
        return visitor(node, value)

    def visit_flatten(self, node: Any, value: Any) -> Any:
        """Flatten a list by one level; lists of the document itself are flattened once for all expressions."""
        if value is not self._document:
            return self._flat(node, value)
        key = node["key"]
        if key not in self._lists:
            self._lists[key] = self._flat(node, value)
        return self._lists[key]

    def visit_projection(self, node: Any, value: Any) -> Any:
        """Evaluate a node on each element of a list."""
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        right = node["children"][1]
        if right["type"] == "identity":
            return [element for element in base if element is not None]
        elements = self._with(base, node["fields"])
        visit = self.visit
        return [found for element in elements if (found := visit(right, element)) is not None]

    def visit_filter_projection(self, node: Any, value: Any) -> Any:
        """Evaluate a node on each element of a list for which another node holds."""
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        right, condition = node["children"][1:]
        collected = []
        elements = self._with(base, node["fields"]) if node["equal"] is None else self._equal(base, *node["equal"])
        for element in elements:
            if is_true(self.visit(condition, element)):
                current = self.visit(right, element)
                if current is not None:
                    collected.append(current)
        return collected

    def _flat(self, node: Node, value: Any) -> Any:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        if not [element for element in base if element.__class__ is list]:
            return base
        if len(base) == 1:
            return base[0]
        merged: list[Any] = []
        for element in base:
            merged += element if element.__class__ is list else (element,)
        return merged

    def _with(self, base: list[Any], fields: frozenset[str] | None) -> list[Any]:
        """Return the elements that are objects with one of these fields, in order; all elements for None."""
        if fields is None or len(base) < _SMALL:
            return base
        index = self._index(base)
        found = [index[name] for name in fields if name in index]
        if not found:
            return []
        places = found[0] if len(found) == 1 else sorted(set().union(*found))
        return [base[place] for place in places]

    def _equal(self, base: list[Any], field: str, text: str) -> list[Any]:
        """Return the elements that are objects with a text in a field, in order."""
        if len(base) < _SMALL:
            return base
        known = self._texts.get((id(base), field))
        if known is None:
            index: dict[str, list[Any]] = {}
            for element in base:
                if element.__class__ is dict and (found := element.get(field)).__class__ is str:
                    index.setdefault(found, []).append(element)
            # Keeps a reference to the list, so that its id is not reused.
            known = self._texts[id(base), field] = (base, index)
        return known[1].get(text, [])

    def _index(self, base: list[Any]) -> dict[str, list[int]]:
        """Return the positions of the elements with each field; computed once for each list."""
        known = self._indexes.get(id(base))
        if known is None:
            index: dict[str, list[int]] = {}
            for place, element in enumerate(base):
                if element.__class__ is dict:
                    for name in element:
                        if name in index:
                            index[name].append(place)
                        else:
                            index[name] = [place]
            # Keeps a reference to the list, so that its id is not reused.
            known = self._indexes[id(base)] = (base, index)
        return known[1]

    def _allow_more(self) -> None:
        if self._is_counted:
            raise TooMuchWorkError
        self._is_counted = True
        self._most += STEPS_A_BYTE * len(json.dumps(self._document))
        if self._steps > self._most:
            raise TooMuchWorkError


def is_true(found: Any) -> bool:
    """Check whether a result is true in JMESPath: anything but false, null, and empty values."""
    return found is not None and found is not False and found not in ("", [], {})


def prepare(parsed: Node, *, drops_null: bool = False) -> Node:
    """Copy the tree of an expression, with the additions that `Evaluation` needs.

    Parameters
    ----------
    drops_null
        Whether nulls, and lists of only nulls, may be left out of the result.
    """
    kind, children = parsed["type"], parsed["children"]
    drops = False
    made: list[Any] = []
    for number, child in enumerate(children):
        if not isinstance(child, dict):
            made.append(child)
            continue
        if number == 0 and kind in {"projection", "filter_projection"}:
            drops = child["type"] == "flatten" and gives_null_for_null(children[1])
        elif kind == "multi_select_list" or (kind == "flatten" and number == 0):
            drops = drops_null
        elif kind == "pipe":
            drops = drops_null and number == len(children) - 1
        else:
            drops = False
        made.append(prepare(child, drops_null=drops))
    result = {**parsed, "children": made}
    if kind == "projection":
        result["fields"] = needed(children[1], drops_null=drops_null)
    elif kind == "filter_projection":
        result["fields"] = needed_to_hold(children[2])
        result["equal"] = first_equality(children[2])
    elif kind == "flatten":
        result["key"] = json.dumps(parsed)
    return result


def needed(node: Node, *, drops_null: bool = False) -> frozenset[str] | None:
    """Return fields of which an object needs at least one to not give null, or None.

    Other values than objects always give null.

    Parameters
    ----------
    drops_null
        Whether a list of only nulls counts as null.
    """
    kind, children = node["type"], node["children"]
    if kind == "field":
        return frozenset({node["value"]})
    if kind in _OF_LISTS or kind == "and_expression":
        return needed(children[0])
    if kind in _IN_TURN:
        return needed(children[0]) if all(map(gives_null_for_null, children[1:])) else None
    if kind == "or_expression" or (kind == "multi_select_list" and drops_null):
        return _any_of([needed(child, drops_null=drops_null and kind != "or_expression") for child in children])
    return None


def needed_to_hold(node: Node) -> frozenset[str] | None:
    """Return fields of which an object needs at least one for a condition to hold, or None."""
    kind, children = node["type"], node["children"]
    if kind == "and_expression":
        known = [fields for fields in map(needed_to_hold, children) if fields]
        # Long names are rare in events.
        return max(known, key=lambda fields: min(map(len, fields)), default=None)
    if kind == "or_expression":
        return _any_of([needed_to_hold(child) for child in children])
    if kind == "comparator" and node["value"] == "eq":
        for one, other in (children, children[::-1]):
            if other["type"] == "literal" and other["value"] is not None:
                if one["type"] == "function_expression" and one["value"] == "type" and other["value"] != "null":
                    return needed(one["children"][0])
                return needed(one)
    if kind == "pipe" and needed_to_hold(children[-1]) is not None:
        # The last step does not hold for null.
        return needed(children[0])
    return needed(node)


def first_equality(node: Node) -> tuple[str, str] | None:
    """Return the field and the text that a condition compares first, if it cannot hold without them."""
    while node["type"] == "and_expression":
        node = node["children"][0]
    if node["type"] == "comparator" and node["value"] == "eq":
        for one, other in (node["children"], node["children"][::-1]):
            if one["type"] == "field" and other["type"] == "literal" and isinstance(other["value"], str):
                return one["value"], other["value"]
    return None


def gives_null_for_null(node: Node) -> bool:
    """Check whether a node evaluates to null for null."""
    kind, children = node["type"], node["children"]
    if kind in {"field", "identity", "current", "index", "slice", "multi_select_list", "multi_select_dict"}:
        return True
    if kind in _OF_LISTS or kind == "and_expression":
        return gives_null_for_null(children[0])
    return (kind in _IN_TURN or kind == "or_expression") and all(map(gives_null_for_null, children))


def _any_of(parts: list[frozenset[str] | None]) -> frozenset[str] | None:
    known = [fields for fields in parts if fields is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None
