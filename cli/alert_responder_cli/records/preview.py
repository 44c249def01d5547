"""Look at files before they are sent, or instead: what records there are, and what they hold."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from alert_responder.contracts.alert import Alert
from alert_responder.domain.attributes import canonical
from alert_responder.formats import UNKNOWN, parse_record
from alert_responder.formats.mapping import MappedFormat
from alert_responder.formats.registry import Format
from alert_responder_cli.errors import CommandError
from alert_responder_cli.records.attribute_types import is_known
from alert_responder_cli.records.format_files import as_native
from alert_responder_cli.records.unread_fields import NotingFormats, UnreadField

STANDARD_INPUT = Path("-")
"""What stands for standard input where files are given."""

_LINES = {".jsonl", ".ndjson"}


class PreviewedAttribute(BaseModel):
    """An attribute of an alert.

    Attributes
    ----------
    valid
        False: the value does not fit the type, and no inspector gets it.
    known
        False: neither AlertResponder nor one of its formats knows the type.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    key: str
    value: str
    context: tuple[str, ...]
    valid: bool
    known: bool


class PreviewedAlert(BaseModel):
    """What an alert says.

    Attributes
    ----------
    detector, rule_id, alert_key, alert_id
        Alerts that are equal in these become one report.
    attributes
        How many it has.
    found
        These attributes.
    unfound
        What of a mapping of one's own found nothing in the event: field, and expression.
    unread
        What of a native alert is not read.
    """

    model_config = ConfigDict(frozen=True)

    detector: str
    rule_id: str
    alert_key: str
    alert_id: str
    attributes: int
    rule_name: str
    description: str
    timestamp: datetime | None
    severity: str | None
    found: tuple[PreviewedAttribute, ...]
    unfound: tuple[tuple[str, str], ...] = ()
    unread: tuple[UnreadField, ...] = ()


class PreviewedRecord(BaseModel):
    """A record that was looked at.

    Attributes
    ----------
    file, line
        Where it came from, `-` for standard input; None: it is the whole file.
    alerts, problems
        What would become of it; a record with a problem is not sent.
    placed
        Where it is on the stream, as `<shard>:<sequence number>`, once for each record sent; empty: nothing was sent.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    line: int | None
    alerts: tuple[PreviewedAlert, ...]
    problems: tuple[str, ...]
    placed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File, and line where it has several."""
        file = "standard input" if self.file == str(STANDARD_INPUT) else self.file
        return file if self.line is None else f"{file}:{self.line}"


@dataclass(frozen=True)
class RecordToSend:
    """A record, and what is put on the stream for it."""

    preview: PreviewedRecord
    data: tuple[bytes, ...]


def read_records(paths: Sequence[Path]) -> list[tuple[str, int | None, bytes]]:
    """Read the records of all files that are given, as file, line and data.

    Raises
    ------
    CommandError
        One of them cannot be read, standard input is given twice, or there is no record.
    """
    if paths.count(STANDARD_INPUT) > 1:
        raise CommandError("Standard input can be read once: give - once.")
    found = [(str(path), line, data) for path in paths for line, data in records_of_file(path)]
    if not found:
        raise CommandError("There is no record in what was given.")
    return found


def records_of_file(path: Path) -> Iterator[tuple[int | None, bytes]]:
    """Read the records of a file: a line each of `.jsonl` and `.ndjson`, else the whole file; empty lines are none.

    Standard input has no name that tells: see `has_lines`.

    Raises
    ------
    CommandError
        When it cannot be read, or standard input is empty.
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
    r"""Say whether each line of a text without a name is a record by itself.

    So it is when the text is not one JSON document, but its first line is an object or a list. What is neither is one
    record, and wrong as a whole; and one line that is wrong does not make one record of the others.

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
    """Read JSON, which may be wrong in other ways that are said later; None: it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise CommandError("Standard input is closed: there is nothing to read from it.")
    try:
        content = sys.stdin.buffer.read()
    except OSError as error:
        raise CommandError(f"Standard input cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise CommandError("Standard input is empty: there is no record in it.")
    return content


def preview_record(
    file: str, line: int | None, data: bytes, formats: Iterable[Format], *, translate: bool
) -> RecordToSend:
    """Look at a record, as the receptor does.

    Parameters
    ----------
    translate
        Whether its alerts are sent in the native format, instead of the record as it is.
    """
    noting_formats = NotingFormats(formats)
    parsed, rejects = parse_record(data, noting_formats)
    own = [each for each in formats if isinstance(each, MappedFormat)] if translate else []
    problems = [
        reason if reject.position is None else f"{reject.position}: {reason}"
        for reject in rejects
        for reason in [_unmatched(own, reject.reason) if own else reject.reason]
    ]
    seen = tuple(_seen(each.alert, own, unread) for each, unread in zip(parsed, noting_formats.unread, strict=True))
    preview = PreviewedRecord(file=file, line=line, alerts=seen, problems=tuple(problems))
    return RecordToSend(preview, tuple(map(as_native, parsed)) if translate else (data,))


def _seen(alert: Alert, own: Sequence[MappedFormat], unread: tuple[UnreadField, ...]) -> PreviewedAlert:
    # Of an event out of a list nobody can tell by which of several formats it was read.
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
        found=tuple(
            PreviewedAttribute(
                type=each.type,
                key=each.key,
                value=each.value,
                context=each.context,
                valid=canonical(each) is not None,
                known=is_known(each.type),
            )
            for each in alert.attributes
        ),
        unfound=tuple(maker.unfound(alert.body)) if maker else (),
        unread=unread,
    )


def _unmatched(own: Sequence[MappedFormat], reason: str) -> str:
    if not reason.startswith(UNKNOWN):
        return reason
    matches = ", ".join(f"{each.name}: {each.match}" for each in own)
    return f"match holds for none of the formats given ({matches}); {reason.rpartition('; ')[2]}"
