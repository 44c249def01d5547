"""Find the fields of native alerts that AlertResponder ignores, because they are misspelt or unknown."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from alert_responder.contracts.alert import Alert, Attribute, Source
from alert_responder.errors import RejectedAlertError
from alert_responder.formats import native
from alert_responder.formats.alert_builder import Notes
from alert_responder.formats.registry import Format
from alert_responder_cli.nearest import nearest
from alert_responder_cli.sanitize import plain

MOST = 100
"""Maximum number of fields to list of one alert; a hostile alert may have millions."""


class UnreadField(BaseModel, frozen=True):
    """An ignored field.

    Attributes
    ----------
    field
        Its path, such as `attributes[0].kee`.
    meant
        The most similar known field, or None.
    """

    field: str
    meant: str | None

    def text(self) -> str:
        """Return the field with a suggestion."""
        return f"{plain(self.field, 100)}{f' (did you mean {self.meant}?)' if self.meant else ''}"


def unread_fields(document: dict[str, Any]) -> tuple[UnreadField, ...]:
    """List the ignored fields of a native alert, at most `MOST`.

    Examples
    --------
    >>> [each.text() for each in unread_fields({"detector": "x", "ruel_id": "y"})]
    ['ruel_id (did you mean rule_id?)']
    """
    found: list[UnreadField] = []
    for field, name, known in _names(document):
        if name not in known:
            found.append(UnreadField(field=field, meant=nearest(name, known)))
        if len(found) == MOST:
            break
    return tuple(found)


class NotingFormats:
    """Wraps formats, and records the ignored fields of each alert they parse, in the order of the alerts."""

    def __init__(self, formats: Iterable[Format]) -> None:
        self._formats = formats
        self.unread: list[tuple[UnreadField, ...]] = []

    def __iter__(self) -> Iterator[Format]:
        return (_NotingFormat(each, self.unread) for each in self._formats)


class _NotingFormat:
    """One of the wrapped formats."""

    def __init__(self, format_: Format, unread: list[tuple[UnreadField, ...]]) -> None:
        self._format, self._unread = format_, unread
        self.recognises = format_.recognises
        events = getattr(format_, "events", None)
        if events is not None:
            self.events = events
        self._within = getattr(format_, "to_alert_within", None)

    def to_alert_within(self, document: dict[str, Any], notes: Notes, envelope: dict[str, Any]) -> Alert:
        if self._within is None:
            return self.to_alert(document, notes)
        alert: Alert = self._within(document, notes, envelope)
        self._unread.append(())
        return alert

    def to_alert(self, document: dict[str, Any], notes: Notes) -> Alert:
        unread = unread_fields(document) if self._format is native else ()
        try:
            alert = self._format.to_alert(document, notes)
        except RejectedAlertError as error:
            if not unread:
                raise
            raise RejectedAlertError(f"{error.reason}; ignored fields: {_listed(unread)}") from error
        self._unread.append(unread)
        return alert


def _listed(unread: tuple[UnreadField, ...]) -> str:
    return ", ".join(each.text() for each in unread[:5]) + (", ..." if len(unread) > 5 else "")


def _names(document: dict[str, Any]) -> Iterator[tuple[str, str, Collection[str]]]:
    """Yield each field with its path, its name and the names that are known there."""
    yield from ((name, name, Alert.model_fields) for name in document)
    attributes, source = document.get("attributes"), document.get("source")
    listed: list[Any] = attributes if isinstance(attributes, list) else []
    for number, attribute in enumerate(listed):
        if isinstance(attribute, dict):
            yield from ((f"attributes[{number}].{name}", name, Attribute.model_fields) for name in attribute)
    if isinstance(source, dict):
        yield from ((f"source.{name}", name, Source.model_fields) for name in source)
