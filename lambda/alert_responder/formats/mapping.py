"""Formats told by JMESPath expressions: the operator's own, and those that come with the package."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import jmespath
from jmespath.exceptions import IncompleteExpressionError, JMESPathError, LexerError, ParseError

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.mapping import FormatMapping
from alert_responder.domain.instants import parse_instant
from alert_responder.errors import AlertResponderError, RejectedAlertError
from alert_responder.formats.alert_builder import Notes, fitted
from alert_responder.formats.evaluation import (
    Evaluation,
    Expression,
    TooMuchWorkError,
    is_true,
    needed_to_hold,
    prepared,
)
from alert_responder.formats.jmespath_functions import never_works
from alert_responder.formats.messages import quoted
from alert_responder.formats.registry import Format

MAX_VALUES = 10_000
"""Most values of one event that become attributes, before they are united: a text of 4 MB may be split into a million.
`extraction.MAX_ATTRIBUTES` of them are kept, and the archive has the record whole."""

_REQUIRED = ("detector", "rule_id")
_IDENTITY = (*_REQUIRED, "alert_key")
_FOR_PEOPLE = ("rule_name", "description", "timestamp", "severity")
"""No alert is refused for these: an expression that fails gives nothing."""


class InvalidMappingError(AlertResponderError):
    """A mapping's expression cannot be read; the message names the mapping, the field and the place.

    Attributes
    ----------
    field
        Whose expression it is.
    """

    def __init__(self, name: str, field: str, fault: str) -> None:
        super().__init__(f"format {name}: {field}: {fault}")
        self.field = field


class MappedFormat:
    """A format as `formats.FORMATS` wants it, made of a mapping.

    Raises
    ------
    InvalidMappingError
        When one of its expressions is not JMESPath, or can never work, as a call of a function that there is not.

    Attributes
    ----------
    needs
        Fields without all of which it recognises no document; None: that cannot be told.
    """

    def __init__(self, mapping: FormatMapping) -> None:
        self.name = mapping.name
        self.match = mapping.match
        self._match = self._compiled("match", mapping.match)
        self.needs = needed_to_hold(self._match.parsed)
        self._events = None if mapping.events is None else self._compiled("events", mapping.events)
        fields = ((name, getattr(mapping, name)) for name in (*_IDENTITY, *_FOR_PEOPLE))
        self._fields = {name: self._compiled(name, text) for name, text in fields if text is not None}
        self._attributes = [
            (
                attribute,
                # Nulls are left out of what an attribute is, but for a list that is a value itself.
                self._compiled(f"attributes[{number}].value", attribute.value, drops_null=attribute.type != "json"),
            )
            for number, attribute in enumerate(mapping.attributes)
        ]

    def recognises(self, document: dict[str, Any]) -> bool:
        """Tell whether the mapping's `match` holds; an expression that fails on a document does not hold for it."""
        if self.needs is not None and self.needs.isdisjoint(document):
            return False
        return _holds(self._match, document)

    def events(self, document: dict[str, Any]) -> list[Any]:
        """List the events of a document that was recognised: what `events` gives, or the document itself.

        Raises
        ------
        RejectedAlertError
            When `events` gives no list, or an empty one.
        """
        if self._events is None:
            return [document]
        found = self._search("events", self._events, Evaluation(document))
        if not isinstance(found, list) or not found:
            given = "an empty one" if found == [] else "nothing" if found is None else quoted(found)
            raise self._refused("events", self._events, f"must give a list of events, and gives {given}")
        return found

    def unfound(self, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Give each field, and its expression, that finds nothing in an event: for whoever writes the mapping."""
        attributes = (
            (f"attributes[{number}].value", expression) for number, (_, expression) in enumerate(self._attributes)
        )
        evaluation = Evaluation(document)
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
        """Read an alert; the whole document is its body. A value that an alert cannot have is left out and noted.

        Raises
        ------
        RejectedAlertError
            With the mapping and the field, where detector or rule is what an alert cannot have.
        """
        notes = notes or Notes()
        evaluation = Evaluation(document)
        alert: dict[str, Any] = {name: self._field(name, evaluation, notes) for name in self._fields}
        found = (
            {"type": mapped.type, "key": mapped.key or mapped.value, "value": value, "context": mapped.context}
            for number, (mapped, expression) in enumerate(self._attributes)
            for value in self._attribute_values(number, mapped.type, expression, evaluation, notes)
        )
        alert["attributes"] = list(islice(found, MAX_VALUES))
        alert["body"] = document
        try:
            return fitted(alert, notes)
        except RejectedAlertError as error:
            raise RejectedAlertError(f"format {self.name}: {error.reason}") from error

    def _compiled(self, field: str, expression: str, *, drops_null: bool = False) -> Expression:
        try:
            compiled: Any = jmespath.compile(expression)
            fault = never_works(compiled.parsed)
        except (JMESPathError, RecursionError) as error:
            raise InvalidMappingError(
                self.name, field, f"not JMESPath: {_syntax_fault(error)}, in {quoted(expression)}"
            ) from None
        if fault:
            raise InvalidMappingError(self.name, field, f"{fault}, in {quoted(expression)}")
        return Expression(expression, prepared(compiled.parsed, drops_null=drops_null))

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
            # A list may be a value here: of a list of lists, each is one.
            yield from (value for value in (found if isinstance(found, list) else [found]) if value not in (None, ""))
            return
        seen = set()
        for value in _flat(found):
            if not isinstance(value, str | int) or isinstance(value, bool):
                notes.add(field, f"must give text, a whole number, or a list of such for type {kind}", value)
            elif value not in seen:
                seen.add(value)
                yield value

    def _search(self, field: str, expression: Expression, evaluation: Evaluation) -> Any:
        try:
            return evaluation.search(expression)
        except TooMuchWorkError:
            raise self._refused(field, expression, "takes more work than the size of the event allows") from None
        except Exception as error:  # noqa: BLE001 (on values it does not expect JMESPath raises what Python raises)
            raise self._refused(field, expression, f"fails: {quoted(str(error))}") from None

    def _as_text(self, field: str, value: Any) -> str | None:
        if isinstance(value, str) or (value is None and field not in _REQUIRED):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:g}" if isinstance(value, float) else str(value)
        found = "nothing" if value is None else quoted(value)
        raise self._refused(field, self._fields[field], f"must give text or a number, and gives {found}")

    def _refused(self, field: str, expression: Expression, fault: str) -> RejectedAlertError:
        return RejectedAlertError(f"format {self.name}: {field}: the expression {quoted(expression.text)} {fault}")


class _Faulty:
    """Stands in for a format with a wrong expression, and rejects what is of it, with the reason."""

    def __init__(self, mapping: FormatMapping, reason: str) -> None:
        self._match = Expression(mapping.match, prepared(_parsed(mapping.match)))
        self._reason = reason

    def recognises(self, document: dict[str, Any]) -> bool:
        return _holds(self._match, document)

    def to_alert(self, document: dict[str, Any], notes: Notes | None = None) -> Alert:  # noqa: ARG002 (not looked at)
        raise RejectedAlertError(self._reason)


def _parsed(expression: str) -> Any:
    return jmespath.compile(expression).parsed


def mapped(mappings: Iterable[FormatMapping]) -> tuple[tuple[Format, ...], tuple[str, ...]]:
    """Make formats of mappings.

    Returns
    -------
    tuple
        The formats in their order, and what is wrong with those that cannot be read. What is of such a one is rejected
        with the reason, and can be brought back when it is mended; one that cannot tell what it is for is left out.
    """
    made: list[Format] = []
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
    """Say what JMESPath cannot read, and where."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, LexerError):
        what, place = str(error.message), error.lexer_position
        # A token that is not known, a text that is not closed.
        return f"{what[:1].lower()}{what[1:].splitlines()[0]} at character {place + 1}"
    if isinstance(error, ParseError) and not isinstance(error, IncompleteExpressionError) and error.token_value:
        return f"unexpected {quoted(str(error.token_value))} at character {error.lex_position + 1}"
    return "it is not complete"


def _holds(expression: Expression, document: dict[str, Any]) -> bool:
    try:
        found = Evaluation(document).search(expression)
    except Exception:  # noqa: BLE001 (as above; an expression that fails on a document does not hold for it)
        return False
    return is_true(found)


def _flat(found: Any) -> Iterator[Any]:
    """Give the values an expression gave, of lists in lists as well, without null and empty ones."""
    if isinstance(found, list):
        for value in found:
            yield from _flat(value)
    elif found is not None and found != "":
        yield found
