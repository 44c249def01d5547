"""The functions of expressions: those of JMESPath, and two for what vendors write into one text.

Both take what is not there for nothing, so that one missing field costs no alert.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jmespath.functions import Functions, signature
from jmespath.visitor import Options

from alert_responder.formats.lenient_json import read_json, without_unfit


class _Functions(Functions):  # type: ignore[misc]
    @signature({"types": []}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_split(self, value: Any, separator: str) -> Any:
        """Split a text into its parts, without the space around them and without empty ones; a list stays as it is."""
        if isinstance(value, str) and separator:
            return [part for each in value.split(separator) if (part := each.strip())]
        return value if isinstance(value, list) else []

    @signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_from_json(self, value: Any) -> Any:
        """Read JSON in a text; what is none gives null, and what is no text stays as it is."""
        if not isinstance(value, str):
            return value
        try:
            found, lenient = read_json(value)
        except ValueError:
            return None
        return without_unfit(found, lambda *_: None) if lenient else found


OPTIONS = Options(custom_functions=_Functions())
"""What each search is given."""

FUNCTIONS = frozenset(_Functions.FUNCTION_TABLE)
"""The names of all; Terraform knows the same (`variables.tf`)."""


def never_works(parsed: Mapping[str, Any]) -> str | None:
    """Say which part of a parsed expression, a call or a slice, fails on every event; None: none does.

    JMESPath says so only when the part is evaluated, which for `match` would mean that no event is of the format.
    """
    for node in _nodes(parsed):
        if node["type"] == "slice" and node["children"][2] == 0:
            return "the step of a slice must not be 0"
        if node["type"] != "function_expression":
            continue
        name, arguments = node["value"], len(node["children"])
        if name not in FUNCTIONS:
            return f"there is no function {name}; there are {', '.join(sorted(FUNCTIONS))}"
        wanted = _Functions.FUNCTION_TABLE[name]["signature"]
        variadic = bool(wanted) and wanted[-1].get("variadic", False)
        if arguments < len(wanted) or (arguments > len(wanted) and not variadic):
            least = "at least " if variadic else ""
            noun = "argument" if len(wanted) == 1 else "arguments"
            return f"the function {name} takes {least}{len(wanted)} {noun}, not {arguments}"
    return None


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _nodes(child)
