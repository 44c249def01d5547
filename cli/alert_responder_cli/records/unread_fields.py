"""What of a native alert AlertResponder does not read: fields that are misspelt, or that it does not know."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from alert_responder.contracts.alert import Alert, Attribute, Source
from alert_responder.errors import RejectedAlertError
from alert_responder.formats import native
from alert_responder.formats.alert_builder import Notes
from alert_responder.formats.registry import Format
from alert_responder_cli.nearest import nearest
from alert_responder_cli.sanitize import plain

MOST = 100
"""Fields of one alert that are named; a hostile one may have millions."""


class UnreadField(BaseModel):
    """A field that is not read.

    Attributes
    ----------
    field
        Where it is, such as `attributes[0].kee`.
    meant
        The known field that is most like it; None: none is.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    meant: str | None

    def text(self) -> str:
        """Write it for people."""
        return f"{plain(self.field, 100)}{f' (did you mean {self.meant}?)' if self.meant else ''}"


def unread_fields(document: dict[str, Any]) -> tuple[UnreadField, ...]:
    """List the fields of a native alert that are not read, the first `MOST`.

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
    """Formats that read as others do, and note what is not read of each alert they have read, in their order."""

    def __init__(self, formats: Iterable[Format]) -> None:
        self._formats = formats
        self.unread: list[tuple[UnreadField, ...]] = []

    def __iter__(self) -> Iterator[Format]:
        return (_NotingFormat(each, self.unread) for each in self._formats)


class _NotingFormat:
    """One of these formats."""

    def __init__(self, format_: Format, unread: list[tuple[UnreadField, ...]]) -> None:
        self._format, self._unread = format_, unread
        self.recognises = format_.recognises
        events = getattr(format_, "events", None)
        if events is not None:
            self.events = events

    def to_alert(self, document: dict[str, Any], notes: Notes) -> Alert:
        unread = unread_fields(document) if self._format is native else ()
        try:
            alert = self._format.to_alert(document, notes)
        except RejectedAlertError as error:
            if not unread:
                raise
            raise RejectedAlertError(f"{error.reason}; not read: {_listed(unread)}") from error
        self._unread.append(unread)
        return alert


def _listed(unread: tuple[UnreadField, ...]) -> str:
    return ", ".join(each.text() for each in unread[:5]) + (", ..." if len(unread) > 5 else "")


def _names(document: dict[str, Any]) -> Iterator[tuple[str, str, Collection[str]]]:
    """Yield each field with its place, its name and the names that are known there."""
    yield from ((name, name, Alert.model_fields) for name in document)
    attributes, source = document.get("attributes"), document.get("source")
    listed: list[Any] = attributes if isinstance(attributes, list) else []
    for number, attribute in enumerate(listed):
        if isinstance(attribute, dict):
            yield from ((f"attributes[{number}].{name}", name, Attribute.model_fields) for name in attribute)
    if isinstance(source, dict):
        yield from ((f"source.{name}", name, Source.model_fields) for name in source)
