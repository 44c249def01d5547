"""Formats made of JMESPath expressions: custom ones, and those of vendors."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import jmespath
from jmespath.exceptions import IncompleteExpressionError, JMESPathError, LexerError, ParseError

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.mapping import FormatMapping
from alert_responder.domain.instants import parse_instant
from alert_responder.errors import AlertResponderError, RejectedAlertError
from alert_responder.formats.alert_builder import Notes, build_alert
from alert_responder.formats.evaluation import (
    Evaluation,
    Expression,
    TooMuchWorkError,
    is_true,
    needed_to_hold,
    prepare,
)
from alert_responder.formats.jmespath_functions import never_works
from alert_responder.formats.messages import quoted
from alert_responder.formats.session_names import without_generated
from alert_responder.formats.typed_values import typed

MAX_VALUES = 10_000
"""Maximum number of values of one event that become attributes, before they are merged: a string of 4 MB may be split
into a million. `extraction.MAX_ATTRIBUTES` of them are kept, and the record is archived whole."""

ENVELOPE = "_envelope"
"""Field in which expressions, except `match` and `events`, see short values of the event's envelope."""

_REQUIRED = ("detector", "rule_id")
_IDENTITY = (*_REQUIRED, "alert_key")
_OTHERS = ("rule_name", "description", "timestamp", "severity", "status", "finding_id")
"""An alert is not rejected for these: a failing expression returns null."""


class InvalidExpressionError(AlertResponderError):
    """An expression is not JMESPath, or fails on every document; the message names the fault and the position."""


class InvalidMappingError(AlertResponderError):
    """An expression of a mapping is invalid; the message names the mapping, the field and the position.

    Attributes
    ----------
    field
        The field with the invalid expression.
    """

    def __init__(self, name: str, field: str, fault: str) -> None:
        super().__init__(f"format {name}: {field}: {fault}")
        self.field = field


def compile_expression(expression: str, *, drops_null: bool = False) -> Expression:
    """Compile an expression; raise `InvalidExpressionError` if it is not JMESPath, or fails on every document.

    Parameters
    ----------
    drops_null
        Whether nulls, and lists of only nulls, may be left out of the result.
    """
    try:
        compiled: Any = jmespath.compile(expression)
        fault = never_works(compiled.parsed)
    except (JMESPathError, RecursionError) as error:
        raise InvalidExpressionError(f"invalid JMESPath: {_syntax_fault(error)}") from None
    if fault:
        raise InvalidExpressionError(fault)
    return Expression(expression, prepare(compiled.parsed, drops_null=drops_null))


class MappedFormat:
    """A `registry.Format` made of a mapping.

    Raises
    ------
    InvalidMappingError
        If one of the expressions is not JMESPath, or fails on every event, such as a call of an unknown function.

    Attributes
    ----------
    detector
        The mapping's expression.
    needs
        Fields of which a document needs at least one to be recognised, or None.
    """

    def __init__(self, mapping: FormatMapping) -> None:
        self.name = mapping.name
        self.match = mapping.match
        self.detector = mapping.detector
        self._match = self._compiled("match", mapping.match)
        self.needs = needed_to_hold(self._match.parsed)
        self._events = None if mapping.events is None else self._compiled("events", mapping.events)
        fields = ((name, getattr(mapping, name)) for name in (*_IDENTITY, *_OTHERS))
        self._fields = {name: self._compiled(name, text) for name, text in fields if text is not None}
        self._attributes = [
            (
                attribute,
                # Nulls do not become attributes, except in a list that is itself the value.
                self._compiled(f"attributes[{number}].value", attribute.value, drops_null=attribute.type != "json"),
            )
            for number, attribute in enumerate(mapping.attributes)
        ]

    def recognises(self, document: dict[str, Any]) -> bool:
        """Check whether `match` holds for a document; an expression that fails does not hold."""
        if self.needs is not None and self.needs.isdisjoint(document):
            return False
        return _holds(self._match, document)

    def events(self, document: dict[str, Any]) -> list[Any]:
        """Return the events of a recognised document: the result of `events`, or the document itself.

        Raises
        ------
        RejectedAlertError
            If `events` does not return a list, or returns an empty one.
        """
        if self._events is None:
            return [document]
        found = self._search("events", self._events, Evaluation(document))
        if not isinstance(found, list) or not found:
            given = "an empty list" if found == [] else quoted(found)
            raise self._refused("events", self._events, f"must return a list of events, got {given}")
        return found

    def unfound(self, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the fields, and their expressions, that find nothing in an event: for authors of mappings."""
        attributes = (
            (f"attributes[{number}].value", expression) for number, (_, expression) in enumerate(self._attributes)
        )
        evaluation = Evaluation({**document, ENVELOPE: {}})
        for field, expression in (*self._fields.items(), *attributes):
            try:
                found = self._search(field, expression, evaluation)
            except RejectedAlertError:
                found = None
            if field == "timestamp":
                found = parse_instant(found)
            if not any(True for _ in _flat(found)):
                yield field, expression.text

    def to_alert(self, document: dict[str, Any], notes: Notes | None = None) -> Alert:
        """Convert an event without an envelope; see `to_alert_within`."""
        return self.to_alert_within(document, notes or Notes(), {})

    def to_alert_within(self, document: dict[str, Any], notes: Notes, envelope: dict[str, Any]) -> Alert:
        """Convert an event; the whole document is the body. Invalid values are left out and noted.

        Parameters
        ----------
        envelope
            What expressions see as `ENVELOPE`; a field of this name in the document is hidden from them.

        Raises
        ------
        RejectedAlertError
            If detector or rule is invalid; the reason names the mapping and the field.
        """
        evaluation = Evaluation({**document, ENVELOPE: envelope})
        alert: dict[str, Any] = {name: self._field(name, evaluation, notes) for name in self._fields}
        if isinstance(key := alert.get("alert_key"), str):
            alert["alert_key"] = without_generated(key)
        found = (
            {"type": kind, "key": mapped.key or mapped.value, "value": text, "context": mapped.context}
            for number, (mapped, expression) in enumerate(self._attributes)
            for value in self._attribute_values(number, mapped.type, expression, evaluation, notes)
            for kind, text in typed(mapped.type, value)
        )
        alert["attributes"] = list(islice(found, MAX_VALUES))
        alert["body"] = document
        try:
            return build_alert(alert, notes)
        except RejectedAlertError as error:
            raise RejectedAlertError(f"format {self.name}: {error.reason}") from error

    def _compiled(self, field: str, expression: str, *, drops_null: bool = False) -> Expression:
        try:
            return compile_expression(expression, drops_null=drops_null)
        except InvalidExpressionError as error:
            raise InvalidMappingError(self.name, field, f"{error}, in {quoted(expression)}") from None

    def _field(self, name: str, evaluation: Evaluation, notes: Notes) -> Any:
        try:
            found = self._search(name, self._fields[name], evaluation)
        except RejectedAlertError as error:
            if name in _REQUIRED:
                raise
            if name == "alert_key":
                notes.add(name, error.reason)
            return None
        if name == "timestamp":
            return parse_instant(found)
        if name == "alert_key" and isinstance(found, bool | dict | list):
            return found
        try:
            return self._as_text(name, found)
        except RejectedAlertError as error:
            if name in _REQUIRED:
                raise
            notes.add(name, error.reason)
            return None

    def _attribute_values(
        self, number: int, kind: str, expression: Expression, evaluation: Evaluation, notes: Notes
    ) -> Iterator[Any]:
        field = f"attributes[{number}].value"
        try:
            found = self._search(field, expression, evaluation)
        except RejectedAlertError as error:
            notes.add(field, error.reason)
            return
        if kind == "json":
            # The value may be a list here: in a list of lists, each element is a value.
            yield from (value for value in (found if isinstance(found, list) else [found]) if value not in (None, ""))
            return
        seen = set()
        for value in _flat(found):
            if not isinstance(value, str | int) or isinstance(value, bool):
                notes.add(field, f"must return a string, an integer, or a list of them for type {kind}", value)
            elif value not in seen:
                seen.add(value)
                yield value

    def _search(self, field: str, expression: Expression, evaluation: Evaluation) -> Any:
        try:
            return evaluation.search(expression)
        except TooMuchWorkError:
            raise self._refused(field, expression, "needs more work than the size of the event allows") from None
        except Exception as error:  # noqa: BLE001 (on unexpected values JMESPath raises any Python error)
            raise self._refused(field, expression, f"fails: {quoted(str(error))}") from None

    def _as_text(self, field: str, value: Any) -> str | None:
        if isinstance(value, str) or (value is None and field not in _REQUIRED):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:g}" if isinstance(value, float) else str(value)
        raise self._refused(field, self._fields[field], f"must return a string or a number, got {quoted(value)}")

    def _refused(self, field: str, expression: Expression, fault: str) -> RejectedAlertError:
        return RejectedAlertError(f"format {self.name}: {field}: the expression {quoted(expression.text)} {fault}")


class _Faulty:
    """Replaces a format with an invalid expression, and rejects the events that it recognises."""

    def __init__(self, mapping: FormatMapping, reason: str) -> None:
        self._match = Expression(mapping.match, prepare(_parsed(mapping.match)))
        self._reason = reason

    def recognises(self, document: dict[str, Any]) -> bool:
        return _holds(self._match, document)

    def to_alert(self, document: dict[str, Any], notes: Notes | None = None) -> Alert:  # noqa: ARG002 (not used)
        raise RejectedAlertError(self._reason)


def _parsed(expression: str) -> Any:
    return jmespath.compile(expression).parsed


def build_formats(mappings: Iterable[FormatMapping]) -> tuple[tuple["MappedFormat | _Faulty", ...], tuple[str, ...]]:
    """Build formats from mappings.

    Returns
    -------
    tuple
        The formats in their order, and the faults of invalid mappings. Events of an invalid mapping are rejected, so
        that they can be replayed after it is corrected; a mapping with an invalid `match` is left out.
    """
    made: list[MappedFormat | _Faulty] = []
    faults: list[str] = []
    for mapping in mappings:
        try:
            made.append(MappedFormat(mapping))
        except InvalidMappingError as error:
            faults.append(str(error))
            if error.field != "match":
                made.append(_Faulty(mapping, str(error)))
    return tuple(made), tuple(faults)


def _syntax_fault(error: Exception) -> str:
    """Describe a syntax error of JMESPath and its position."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, LexerError):
        what, place = str(error.message), error.lexer_position
        # An unknown token, or an unclosed string.
        return f"{what[:1].lower()}{what[1:].splitlines()[0]} at character {place + 1}"
    if isinstance(error, ParseError) and not isinstance(error, IncompleteExpressionError) and error.token_value:
        return f"unexpected {quoted(str(error.token_value))} at character {error.lex_position + 1}"
    return "incomplete expression"


def _holds(expression: Expression, document: dict[str, Any]) -> bool:
    try:
        found = Evaluation(document).search(expression)
    except Exception:  # noqa: BLE001 (as above; an expression that fails does not hold)
        return False
    return is_true(found)


def _flat(found: Any) -> Iterator[Any]:
    """Yield the values in the result of an expression, also of nested lists, without null and empty strings."""
    if isinstance(found, list):
        for value in found:
            yield from _flat(value)
    elif found is not None and found != "":
        yield found
