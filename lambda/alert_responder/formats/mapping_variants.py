"""Parts of mappings, and variants for the same event with other spellings or places of its fields."""

import re
from collections.abc import Callable
from typing import Any

# Literals, quoted fields and function names (followed by a parenthesis) stay unchanged. One step is a whole literal,
# closed or not: every character is read once.
_PART = re.compile(
    r"""('(?:[^'\\]|\\.?)*+'?|"(?:[^"\\]|\\.?)*+"?|`(?:[^`\\]|\\.?)*+`?)|\b([A-Za-z_]\w*+)(?!\s*+\()""", re.DOTALL
)
_BEGINS_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def attribute(kind: str, key: str, value: str, *context: str) -> dict[str, Any]:
    """Return a `contracts.mapping.AttributeMapping` as plain values."""
    return {"type": kind, "key": key, "value": value, "context": list(context)}


def snake(field: str) -> str:
    """Convert `resourceName` to `resource_name`."""
    return _BEGINS_WORD.sub("_", field).lower()


def camel(field: str) -> str:
    """Convert `AlertType` to `alertType`."""
    return field[:1].lower() + field[1:]


def respelled(mapping: dict[str, Any], name: str, spell: Callable[[str], str]) -> dict[str, Any]:
    """Return a mapping with each field in another spelling.

    Examples
    --------
    >>> respelled({"match": "type(aField) == 'aText'"}, "other", snake)
    {'match': "type(a_field) == 'aText'", 'name': 'other'}
    """
    return changed(mapping, name, lambda text: _PART.sub(lambda part: part[1] or spell(part[2]), text))


def within(mapping: dict[str, Any], name: str, field: str) -> dict[str, Any]:
    """Return a mapping for events that are in a field of another object."""
    return changed(mapping, name, lambda text: f"{field} | {text}")


def without(mapping: dict[str, Any], name: str, field: str) -> dict[str, Any]:
    """Return a mapping for events without the object whose field they are in."""
    return changed(mapping, name, lambda text: text.replace(f"[{field}]", "[@]").replace(f"{field}.", ""))


def changed(mapping: dict[str, Any], name: str, change: Callable[[str], str]) -> dict[str, Any]:
    """Return a mapping with another name and each expression changed."""
    result: dict[str, Any] = {key: change(text) for key, text in mapping.items() if key != "attributes"}
    if "attributes" in mapping:
        result["attributes"] = [{**each, "value": change(each["value"])} for each in mapping["attributes"]]
    return {**result, "name": name}
