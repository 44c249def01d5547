"""Look at files before they are sent, or instead: what records there are, and what they hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from alert_responder.formats import Format, parse_record
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reading import as_native

_LINES = {".jsonl", ".ndjson"}


class SeenAlert(BaseModel):
    """What tells an alert from others: alerts that are equal in all of it become one report."""

    model_config = ConfigDict(frozen=True)

    detector: str
    rule_id: str
    alert_key: str
    alert_id: str
    attributes: int


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
    problems = [
        reject.reason if reject.position is None else f"{reject.position}: {reject.reason}" for reject in rejects
    ]
    seen = [
        SeenAlert(
            detector=each.alert.detector,
            rule_id=each.alert.rule_id,
            alert_key=each.alert.alert_key,
            alert_id=each.alert.alert_id,
            attributes=len(each.alert.attributes),
        )
        for each in parsed
    ]
    looked = Looked(file=file, line=line, alerts=tuple(seen), problems=tuple(problems))
    return Record(looked, tuple(map(as_native, parsed)) if translate else (data,))
