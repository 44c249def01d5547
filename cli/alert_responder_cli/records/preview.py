"""Read files, and preview the alerts in their records without sending them."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from alert_responder.contracts.alert import Alert, Attribute
from alert_responder.domain.aggregation import summarise
from alert_responder.domain.attributes import canonical, identity
from alert_responder.domain.internal import NO_INTERNAL, InternalEstate
from alert_responder.domain.lookup_plan import known_attributes
from alert_responder.domain.records import Event
from alert_responder.domain.sides import SIDES, with_side
from alert_responder.formats import UNKNOWN, parse_record
from alert_responder.formats.mapping import MappedFormat
from alert_responder.formats.registry import Format
from alert_responder_cli.errors import CommandError
from alert_responder_cli.records.attribute_types import is_known
from alert_responder_cli.records.format_files import as_native
from alert_responder_cli.records.unread_fields import NotingFormats, UnreadField

STANDARD_INPUT = Path("-")
"""Path that stands for standard input."""

_LINES = {".jsonl", ".ndjson"}


class PreviewedAttribute(BaseModel, frozen=True):
    """An attribute of an alert, or one that is derived from it.

    Attributes
    ----------
    context
        The contexts as in a report: those in the alert, and a side that is derived from the value.
    side
        `local` or `remote`; None: it has none, or the alert says both.
    side_is_derived
        Whether the alert does not say the side.
    derived_from
        Value of the URL or e-mail address whose host this is; None for an attribute in the alert.
    valid
        Whether the value fits the type; inspectors do not get invalid values.
    known
        Whether the type is built in or custom.
    """

    type: str
    key: str
    value: str
    context: tuple[str, ...]
    valid: bool
    known: bool
    side: str | None = None
    side_is_derived: bool = False
    derived_from: str | None = None


class PreviewedAlert(BaseModel, frozen=True):
    """An alert in a record.

    Attributes
    ----------
    detector, rule_id, alert_key, alert_id
        Alerts that are equal in these belong to one incident.
    status
        `active` or `resolved`, see `contracts.alert.Alert`.
    attributes
        Number of attributes in the alert.
    found
        The attributes, and then those that are derived from them.
    unfound
        Fields and expressions of a custom format that match nothing in the event.
    unread
        Ignored fields of a native alert.
    """

    detector: str
    rule_id: str
    alert_key: str
    alert_id: str
    attributes: int
    rule_name: str
    description: str
    timestamp: datetime | None
    severity: str | None
    status: str
    found: tuple[PreviewedAttribute, ...]
    unfound: tuple[tuple[str, str], ...] = ()
    unread: tuple[UnreadField, ...] = ()


class PreviewedRecord(BaseModel, frozen=True):
    """A record with the result of parsing it.

    Attributes
    ----------
    file, line
        Its source, `-` for standard input; line None: the record is the whole file.
    alerts, problems
        The alerts in it, and why parts of it would be rejected; a record with a problem is not sent.
    placed
        Its position in the stream, as `<shard>:<sequence number>`, for each record that was sent.
    """

    file: str
    line: int | None
    alerts: tuple[PreviewedAlert, ...]
    problems: tuple[str, ...]
    placed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file, and the line if the file has several records."""
        file = "standard input" if self.file == str(STANDARD_INPUT) else self.file
        return file if self.line is None else f"{file}:{self.line}"


@dataclass(frozen=True)
class RecordToSend:
    """A previewed record with the data to put on the stream."""

    preview: PreviewedRecord
    data: tuple[bytes, ...]


def read_records(paths: Sequence[Path]) -> list[tuple[str, int | None, bytes]]:
    """Read the records of all files, as file, line and data.

    Raises
    ------
    CommandError
        A file cannot be read, standard input is given twice, or the files contain no record.
    """
    if paths.count(STANDARD_INPUT) > 1:
        raise CommandError("Standard input (-) can be given only once.")
    found = [(str(path), line, data) for path in paths for line, data in records_of_file(path)]
    if not found:
        raise CommandError("The files contain no record.")
    return found


def records_of_file(path: Path) -> Iterator[tuple[int | None, bytes]]:
    """Read the records of a file: one per line of `.jsonl` and `.ndjson` files, otherwise the whole file.

    Empty lines are skipped. For standard input see `has_lines`.

    Raises
    ------
    CommandError
        The file cannot be read, or standard input is empty.
    """
    if path == STANDARD_INPUT:
        content = _standard_input()
        yield from _lines(content) if has_lines(content) else [(None, content)]
        return
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"The file {path} cannot be read: {error.strerror}.") from None
    if path.suffix.lower() not in _LINES:
        yield None, content
        return
    yield from _lines(content)


def has_lines(content: bytes) -> bool:
    r"""Return whether each line of standard input is a record.

    It is if the text is not one JSON document, but its first line is an object or a list. Otherwise the text is one
    record. A later line that is invalid does not change the result.

    Examples
    --------
    >>> has_lines(b'{"a": 1}\\n{"a": 2}\\n'), has_lines(b'{"a":\\n1}'), has_lines(b'{"a": 1}\\nwrong')
    (True, False, True)
    """
    first = content.lstrip().partition(b"\n")[0]
    return _document(content) is None and isinstance(_document(first), dict | list)


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip())


def _document(text: bytes) -> Any:
    """Parse JSON without further validation; None: it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise CommandError("Standard input is closed.")
    try:
        content = sys.stdin.buffer.read()
    except OSError as error:
        raise CommandError(f"Standard input cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise CommandError("Standard input is empty.")
    return content


def preview_record(
    file: str,
    line: int | None,
    data: bytes,
    formats: Iterable[Format],
    *,
    translate: bool,
    internal: InternalEstate = NO_INTERNAL,
) -> RecordToSend:
    """Parse a record as the receptor does.

    Parameters
    ----------
    translate
        Whether to send its alerts in the native format instead of the record itself.
    internal
        Internal networks and domains, on which sides depend.
    """
    noting_formats = NotingFormats(formats)
    parsed, rejects = parse_record(data, noting_formats)
    own = [each for each in formats if isinstance(each, MappedFormat)] if translate else []
    problems = [
        reason if reject.position is None else f"{reject.position}: {reason}"
        for reject in rejects
        for reason in [_unmatched(own, reject.reason) if own else reject.reason]
    ]
    seen = tuple(
        _seen(each.alert, own, unread, internal) for each, unread in zip(parsed, noting_formats.unread, strict=True)
    )
    preview = PreviewedRecord(file=file, line=line, alerts=seen, problems=tuple(problems))
    return RecordToSend(preview, tuple(map(as_native, parsed)) if translate else (data,))


def _seen(
    alert: Alert, own: Sequence[MappedFormat], unread: tuple[UnreadField, ...], internal: InternalEstate
) -> PreviewedAlert:
    # With several formats, the one that parsed an event of a list is unknown.
    maker = own[0] if len(own) == 1 else next((each for each in own if each.recognises(alert.body)), None)
    return PreviewedAlert(
        detector=alert.detector,
        rule_id=alert.rule_id,
        alert_key=alert.alert_key,
        alert_id=alert.alert_id,
        attributes=len(alert.attributes),
        rule_name=alert.rule_name,
        description=alert.description,
        timestamp=alert.timestamp,
        severity=alert.severity,
        status=alert.status,
        found=tuple(_found(alert, internal)),
        unfound=tuple(maker.unfound(alert.body)) if maker else (),
        unread=unread,
    )


def _found(alert: Alert, internal: InternalEstate) -> Iterator[PreviewedAttribute]:
    """Yield the attributes as the first Plan of a report with this alert knows them."""
    known = {one.id: one for one in known_attributes([summarise([Event("", 0, "", alert)])], [], internal)}
    by_id = {identity(each): each for each in reversed(alert.attributes)}
    for each in alert.attributes:
        # Attributes that are too large to be looked up are not in the report.
        one = known.get(identity(each))
        yield _attribute(each, one.attribute if one else with_side(each, internal), None)
    for one in known.values():
        if one.origin is not None:
            yield _attribute(one.attribute, one.attribute, by_id[one.origin.attribute_id])


def _attribute(attribute: Attribute, in_report: Attribute, source: Attribute | None) -> PreviewedAttribute:
    sides = SIDES.intersection(in_report.context)
    return PreviewedAttribute(
        type=attribute.type,
        key=attribute.key,
        value=attribute.value,
        context=in_report.context,
        valid=canonical(attribute) is not None,
        known=is_known(attribute.type),
        side=next(iter(sides)) if len(sides) == 1 else None,
        side_is_derived=bool(sides) and SIDES.isdisjoint((source or attribute).context),
        derived_from=source.value if source else None,
    )


def _unmatched(own: Sequence[MappedFormat], reason: str) -> str:
    if not reason.startswith(UNKNOWN):
        return reason
    matches = ", ".join(f"{each.name}: {each.match}" for each in own)
    return f"no format in the file matches ({matches}); {reason.rpartition('; ')[2]}"
