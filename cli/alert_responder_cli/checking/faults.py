"""Violations of a JSON Schema in words: path, problem, and what is allowed."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from alert_responder.contracts.schemas import schema

MOST = 20
"""Maximum number of faults to report of one answer."""

_KINDS = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}


@dataclass(frozen=True)
class Fault:
    """A violation of the schema; see `results.Problem`."""

    path: str
    what: str
    allowed: str


def schema_faults(name: str, document: Any) -> Iterator[Fault]:
    """Yield the places where a document violates a contract, at most `MOST`; long values are shortened."""
    errors = _validator(name).iter_errors(document)
    yield from islice(dict.fromkeys(map(_fault, _innermost(errors))), MOST)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def _innermost(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yield the innermost errors: of several allowed shapes, those of the intended one."""
    for error in errors:
        meant = _meant(error) if error.validator in ("anyOf", "oneOf") else None
        if meant is None:
            yield error
        else:
            yield from _innermost(meant)


def _meant(error: ValidationError) -> list[ValidationError] | None:
    """Return the errors of the only shape whose kind and `type` match; None if there are none or several."""
    shapes: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        shapes.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [
        found
        for found in shapes.values()
        if not any(
            (not inner.relative_path and inner.validator == "type")
            or (list(inner.relative_path) == ["type"] and inner.validator in ("const", "enum"))
            or (not inner.relative_path and inner.validator == "required" and "'type'" in inner.message)
            for inner in found
        )
    ]
    return fitting[0] if len(fitting) == 1 else None


def _fault(error: ValidationError) -> Fault:
    path = ".".join(str(part) for part in error.absolute_path)
    rule: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "type":
            kinds = rule if isinstance(rule, list) else [rule]
            return Fault(path, f"Wrong type: {_kind(error.instance)}.", " or ".join(_KINDS[kind] for kind in kinds))
        case "enum":
            return Fault(path, f"Invalid value: {_quoted(error.instance)}.", ", ".join(map(str, rule)))
        case "const":
            return Fault(path, f"Invalid value: {_quoted(error.instance)}.", str(rule))
        case "required":
            there = error.instance if isinstance(error.instance, dict) else {}
            missing = [name for name in rule if name not in there]
            return Fault(path, f"Missing: {', '.join(missing)}.", f"an object with {', '.join(rule)}")
        case "maxLength" | "maxItems":
            return Fault(path, f"Too long: {len(instance):,}.", f"at most {rule:,}")
        case "minLength" | "minItems":
            return Fault(path, f"Too short: {len(instance):,}.", f"at least {rule:,}")
        case "pattern":
            return Fault(path, f"Invalid value: {_quoted(error.instance)}.", str(rule))
        case "anyOf" | "oneOf":
            return Fault(path, f"Invalid value: {_quoted(error.instance)}.", _shapes(error))
        case _:
            return Fault(path, error.message[:200], "")


def _shapes(error: ValidationError) -> str:
    """Describe the allowed shapes: JSON types, or values of `type`."""
    root = error.schema if isinstance(error.schema, dict) else {}
    words = root.get("discriminator", {}).get("mapping")
    if words:
        return f"an object with type {', '.join(words)}"
    kinds: list[str] = []
    for inner in error.context or ():
        if inner.validator == "type" and not inner.relative_path:
            kinds.append(_KINDS[str(inner.validator_value)])
    return " or ".join(dict.fromkeys(kinds))


def _kind(value: Any) -> str:
    found = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return _KINDS[found.get(type(value), "null")]


def _quoted(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
