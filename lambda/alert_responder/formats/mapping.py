"""Formats told by JMESPath expressions: the operator's own, and those that come with the package."""

from collections.abc import Iterable
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.mapping import FormatMapping
from alert_responder.errors import AlertResponderError, RejectedAlertError
from alert_responder.formats.extraction import instant
from alert_responder.formats.native import validated
from alert_responder.formats.reasons import shown

_IDENTITY = ("detector", "rule_id", "alert_key")
_FOR_PEOPLE = ("rule_name", "description", "timestamp", "severity")
"""No alert is refused for these: an expression that fails gives nothing."""


class InvalidMappingError(AlertResponderError):
    """A mapping's expression cannot be read; the message names the mapping, the field and the place."""


class MappedFormat:
    """A format as `formats.FORMATS` wants it, made of a mapping.

    Raises
    ------
    InvalidMappingError
        When one of its expressions is no JMESPath.
    """

    def __init__(self, mapping: FormatMapping) -> None:
        self.name = mapping.name
        self._match = self._compiled("match", mapping.match)
        fields = ((name, getattr(mapping, name)) for name in (*_IDENTITY, *_FOR_PEOPLE))
        self._fields = {name: self._compiled(name, text) for name, text in fields if text is not None}
        self._attributes = [
            (attribute, self._compiled(f"attributes[{number}].value", attribute.value))
            for number, attribute in enumerate(mapping.attributes)
        ]

    def recognises(self, document: dict[str, Any]) -> bool:
        """Tell whether the mapping's `match` holds; an expression that fails on a document does not hold for it."""
        try:
            found = self._match.search(document)
        except JMESPathError:
            return False
        return found is not None and found is not False and found not in ("", [], {})

    def to_alert(self, document: dict[str, Any]) -> Alert:
        """Read an alert; the whole document is its body.

        Raises
        ------
        RejectedAlertError
            With the mapping and the field that gave what an alert cannot have.
        """
        alert: dict[str, Any] = {name: self._field(name, document) for name in self._fields}
        alert["attributes"] = [
            {"type": mapped.type, "key": mapped.key or mapped.value, "value": value, "context": mapped.context}
            for number, (mapped, expression) in enumerate(self._attributes)
            for value in _values(self._search(f"attributes[{number}].value", expression, document))
        ]
        alert["body"] = document
        try:
            return validated(alert)
        except RejectedAlertError as error:
            raise RejectedAlertError(f"format {self.name}: {error.reason}") from error

    def _compiled(self, field: str, expression: str) -> Any:
        try:
            return jmespath.compile(expression)
        except JMESPathError as error:
            first_line = str(error).splitlines()[0]
            raise InvalidMappingError(f"format {self.name}: {field}: no JMESPath: {first_line}") from None

    def _field(self, name: str, document: dict[str, Any]) -> Any:
        try:
            found = self._search(name, self._fields[name], document)
            return instant(found) if name == "timestamp" else self._as_text(name, found)
        except RejectedAlertError:
            if name in _IDENTITY:
                raise
            return None

    def _search(self, field: str, expression: Any, document: dict[str, Any]) -> Any:
        try:
            return expression.search(document)
        except JMESPathError as error:
            reason = f"format {self.name}: {field}: the expression fails: {shown(str(error))}"
            raise RejectedAlertError(reason) from None

    def _as_text(self, field: str, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:g}" if isinstance(value, float) else str(value)
        raise RejectedAlertError(f"format {self.name}: {field}: must give text or a number, not {shown(value)}")


def mapped(mappings: Iterable[FormatMapping]) -> tuple[tuple[MappedFormat, ...], tuple[str, ...]]:
    """Make formats of mappings.

    Returns
    -------
    tuple
        The formats in their order, and what is wrong with those that cannot be read. These are left out: what they were
        for is rejected, and can be brought back when they are mended.
    """
    made: list[MappedFormat] = []
    faults: list[str] = []
    for mapping in mappings:
        try:
            made.append(MappedFormat(mapping))
        except InvalidMappingError as error:
            faults.append(str(error))
    return tuple(made), tuple(faults)


def _values(found: Any) -> list[Any]:
    """List the values an expression gave, without null and empty ones."""
    values = found if isinstance(found, list) else [found]
    return [value for value in values if value is not None and value != ""]
