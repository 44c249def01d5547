"""Values that a product wrote as text: JSON in a field, and a tree whose paths became the keys of a flat map."""

import re
from collections.abc import Mapping
from typing import Any

from alert_responder.formats.extraction import folded
from alert_responder.formats.strict_json import strict_json

_INDEX = re.compile(r"\.[0-9]{1,6}_?")
_DEEPEST = 20
"""Most steps of a path; GuardDuty's longest has nine."""


def opened(value: Any) -> Any:
    """Return the object or array in a text of JSON, with keys in lower case; other values are returned unchanged.

    Examples
    --------
    >>> opened('{"AwsIamAccessKey": {"PrincipalName": "Admin"}}'), opened("{Admin}")
    ({'awsiamaccesskey': {'principalname': 'Admin'}}, '{Admin}')
    """
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return folded(strict_json(value))
        except ValueError:
            return value
    return value


def unflattened(fields: Any, prefix: str) -> dict[str, Any]:
    """Return the tree below a prefix of a flat map, whose keys are paths joined by slashes.

    The elements of a list (``details.0_/name``) are merged: the values of each field are in one list.

    Examples
    --------
    >>> unflattened({"a/b.0_/c": "1", "a/b.1_/c": "2", "a/d": "3", "x": "4"}, "a/")
    {'b': {'c': ['1', '2']}, 'd': '3'}
    """
    tree: dict[str, Any] = {}
    for name, value in fields.items() if isinstance(fields, Mapping) else ():
        if not name.startswith(prefix):
            continue
        *way, last = _INDEX.sub("", name[len(prefix) :]).split("/", _DEEPEST)
        node = tree
        for step in way:
            # A field may have both a value, mostly an empty one, and fields below it.
            below = node.get(step)
            if not isinstance(below, dict):
                below = node[step] = {}
            node = below
        before = node.get(last)
        if isinstance(before, list):
            before.append(value)
        elif not isinstance(before, dict):
            node[last] = value if before is None else [before, value]
    return tree
