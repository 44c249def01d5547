"""Where a document does not fit a JSON Schema, in words: the place, what is wrong there, what is allowed."""

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
"""Faults that are told of one answer."""

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
    """One place that does not fit; see `results.Problem`."""

    path: str
    what: str
    allowed: str


def schema_faults(name: str, document: Any) -> Iterator[Fault]:
    """Tell where a document does not fit a contract, at most `MOST` places; values are not quoted at length."""
    errors = _validator(name).iter_errors(document)
    yield from islice(dict.fromkeys(map(_fault, _innermost(errors))), MOST)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def _innermost(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Go down to what is really wrong: of several shapes, the one that was meant."""
    for error in errors:
        meant = _meant(error) if error.validator in ("anyOf", "oneOf") else None
        if meant is None:
            yield error
        else:
            yield from _innermost(meant)


def _meant(error: ValidationError) -> list[ValidationError] | None:
    """Give the errors of the one shape whose kind and `type` fit; None where there is no such shape, or several."""
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
            return Fault(path, f"This is {_kind(error.instance)}.", " or ".join(_KINDS[kind] for kind in kinds))
        case "enum":
            return Fault(path, f"{_quoted(error.instance)} is none of the words allowed.", ", ".join(map(str, rule)))
        case "const":
            return Fault(path, f"{_quoted(error.instance)} is not the word allowed.", str(rule))
        case "required":
            there = error.instance if isinstance(error.instance, dict) else {}
            missing = [name for name in rule if name not in there]
            return Fault(path, f"{', '.join(missing)} is missing.", f"an object with {', '.join(rule)}")
        case "maxLength" | "maxItems":
            return Fault(path, f"This is too long: {len(instance):,}.", f"at most {rule:,}")
        case "minLength" | "minItems":
            return Fault(path, "This is too short.", f"at least {rule:,}")
        case "pattern":
            return Fault(path, f"{_quoted(error.instance)} does not have the form allowed.", str(rule))
        case "anyOf" | "oneOf":
            return Fault(path, f"{_quoted(error.instance)} has none of the shapes allowed.", _shapes(error))
        case _:
            return Fault(path, error.message[:200], "")


def _shapes(error: ValidationError) -> str:
    """Name the shapes that are allowed: kinds of JSON, or values of `type`."""
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
