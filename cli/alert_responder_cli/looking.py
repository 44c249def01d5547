"""Look at files before they are sent, or instead: what records there are, and what they hold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from alert_responder.contracts.alert import Alert
from alert_responder.domain.attributes import canonical
from alert_responder.formats import UNKNOWN, Format, parse_record
from alert_responder.formats.mapping import MappedFormat
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reading import as_native

_LINES = {".jsonl", ".ndjson"}


class SeenAttribute(BaseModel):
    """An attribute of an alert; one that is not valid does not fit its type, and no inspector gets it."""

    model_config = ConfigDict(frozen=True)

    type: str
    key: str
    value: str
    context: tuple[str, ...]
    valid: bool


class SeenAlert(BaseModel):
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
    found: tuple[SeenAttribute, ...]
    unfound: tuple[tuple[str, str], ...] = ()


class Looked(BaseModel):
    """A record that was looked at.

    Attributes
    ----------
    file, line
        Where it came from; None: it is the whole file.
    alerts, problems
        What would become of it; a record with a problem is not sent.
    placed
        Where it is on the stream, as `<shard>:<sequence number>`, once for each record sent; empty: nothing was sent.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    line: int | None
    alerts: tuple[SeenAlert, ...]
    problems: tuple[str, ...]
    placed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File, and line where it has several."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Record:
    """A record, and what is put on the stream for it."""

    looked: Looked
    data: tuple[bytes, ...]


def records_in(path: Path) -> Iterator[tuple[int | None, bytes]]:
    """Read the records of a file: a line each of `.jsonl` and `.ndjson`, else the whole file; empty lines are none.

    Raises
    ------
    CommandError
        When the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"The file {path} cannot be read: {error.strerror}.") from None
    if path.suffix.lower() not in _LINES:
        yield None, content
        return
    yield from ((number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip())


def look(file: str, line: int | None, data: bytes, formats: Iterable[Format], *, translate: bool) -> Record:
    """Look at a record, as the receptor does.

    Parameters
    ----------
    translate
        Whether its alerts are sent in the native format, instead of the record as it is.
    """
    parsed, rejects = parse_record(data, formats)
    own = [each for each in formats if isinstance(each, MappedFormat)] if translate else []
    problems = [
        reason if reject.position is None else f"{reject.position}: {reason}"
        for reject in rejects
        for reason in [_unmatched(own, reject.reason) if own else reject.reason]
    ]
    seen = tuple(_seen(each.alert, own) for each in parsed)
    looked = Looked(file=file, line=line, alerts=seen, problems=tuple(problems))
    return Record(looked, tuple(map(as_native, parsed)) if translate else (data,))


def _seen(alert: Alert, own: Sequence[MappedFormat]) -> SeenAlert:
    # Of an event out of a list nobody can tell by which of several formats it was read.
    maker = own[0] if len(own) == 1 else next((each for each in own if each.recognises(alert.body)), None)
    return SeenAlert(
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
            SeenAttribute(
                type=each.type,
                key=each.key,
                value=each.value,
                context=each.context,
                valid=canonical(each) is not None,
            )
            for each in alert.attributes
        ),
        unfound=tuple(maker.unfound(alert.body)) if maker else (),
    )


def _unmatched(own: Sequence[MappedFormat], reason: str) -> str:
    if not reason.startswith(UNKNOWN):
        return reason
    matches = ", ".join(f"{each.name}: {each.match}" for each in own)
    return f"match holds for none of the formats given ({matches}); {reason.rpartition('; ')[2]}"
