"""The functions that expressions may call: those of JMESPath, and some for values as vendors write them.

All of these accept null, so that an alert is not rejected for a missing field.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jmespath.functions import Functions, signature
from jmespath.visitor import Options

from alert_responder.formats.lenient_json import json_in
from alert_responder.formats.placeholders import is_placeholder

MAX_SENTENCES = 10
"""Maximum number of texts that `sentences` joins, since it compares each with each."""


class _Functions(Functions):  # type: ignore[misc]
    @signature({"types": []}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_split(self, value: Any, separator: str) -> Any:
        """Split a string; strip the parts and leave out empty ones. A list is returned unchanged."""
        if isinstance(value, str) and separator:
            return [part for each in value.split(separator) if (part := each.strip())]
        return value if isinstance(value, list) else []

    @signature({"types": []}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_before_last(self, value: Any, separator: str) -> Any:
        """Return the part of a string before the last separator; null if there is none."""
        return value.rpartition(separator)[0] or None if isinstance(value, str) and separator else None

    @signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_lower(self, value: Any) -> Any:
        """Convert a string to lower case. Other values are returned unchanged."""
        return value.lower() if isinstance(value, str) else value

    @signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_from_json(self, value: Any) -> Any:
        """Parse a string as JSON, null if it is not JSON. Other values are returned unchanged."""
        return json_in(value) if isinstance(value, str) else value

    @signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_sentences(self, values: Any) -> Any:
        """Join the texts of a list, in order, without those that are part of another one; null if there is none."""
        given = values if isinstance(values, list) else [values]
        found = (text for each in given if isinstance(each, str) and (text := each.strip()))
        texts = {text.casefold(): text for text in islice(found, MAX_SENTENCES)}
        kept = [text for key, text in texts.items() if not any(key in other for other in texts if other != key)]
        joined = "".join(text + (" " if text.endswith((".", "!", "?")) else " - ") for text in kept[:-1])
        return joined + kept[-1] if kept else None

    @signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_known(self, value: Any) -> Any:
        """Return the strings and numbers of a list as strings, without empty ones and placeholders such as `N/A`."""
        found = (_as_text(part) for part in (value if isinstance(value, list) else [value]))
        return [text for text in found if not is_placeholder("", text)]


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 256 else ""


OPTIONS = Options(custom_functions=_Functions())
"""Passed to every search."""

FUNCTIONS = frozenset(_Functions.FUNCTION_TABLE)
"""Names of all functions; Terraform validates the same ones (`variables.tf`)."""


def never_works(parsed: Mapping[str, Any]) -> str | None:
    """Describe a call or a slice in a parsed expression that fails on every event; return None if there is none.

    JMESPath raises only when it evaluates that part. An invalid `match` would then just never recognise an event.
    """
    for node in _nodes(parsed):
        if node["type"] == "slice" and node["children"][2] == 0:
            return "the step of a slice must not be 0"
        if node["type"] != "function_expression":
            continue
        name, arguments = node["value"], len(node["children"])
        if name not in FUNCTIONS:
            return f"unknown function {name}; the functions are {', '.join(sorted(FUNCTIONS))}"
        wanted = _Functions.FUNCTION_TABLE[name]["signature"]
        variadic = bool(wanted) and wanted[-1].get("variadic", False)
        if arguments < len(wanted) or (arguments > len(wanted) and not variadic):
            least = "at least " if variadic else ""
            noun = "argument" if len(wanted) == 1 else "arguments"
            return f"the function {name} takes {least}{len(wanted)} {noun}, got {arguments}"
    return None


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _nodes(child)
