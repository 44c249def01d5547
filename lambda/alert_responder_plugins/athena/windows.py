"""Which time a query reads: the window around an alert, and the partitions that contain it. Pure.

A table without a partition filter would be read as a whole, so that each predicate has both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from alert_responder_plugins.athena import literals

TimeKind = Literal["iso", "epoch", "epoch_ms", "timestamp"]
"""How a table stores times: text of ISO 8601, seconds or milliseconds since the epoch, or a timestamp."""

LATE = timedelta(hours=1)
"""How long after an event its log file may arrive; the file is in the partition of its arrival."""

_SECOND = timedelta(seconds=1)
_DATE = "date"
_JAVA = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H"}

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A time range, which does not include its end; both are in UTC."""

    begins: datetime
    ends: datetime

    def __or__(self, other: "Window") -> "Window":
        """Return the range from the beginning of the earlier to the end of the later."""
        return Window(min(self.begins, other.begins), max(self.ends, other.ends))


def around(moment: datetime | None, now: datetime, before: timedelta, after: timedelta) -> Window:
    """Return the window of an alert; an alert without a time, or from the future, is of now.

    The time of an alert is written by its detector, and perhaps by an attacker: it moves the window, but never makes
    it longer. Its own second is always in the window.
    """
    at = now if moment is None else min(moment.astimezone(UTC), now)
    return Window(at - before, at + max(after, _SECOND))


def united(items: Iterable[tuple[Window, _Item]], longest: timedelta) -> list[tuple[Window, list[_Item]]]:
    """Group items whose windows fit into one of at most `longest`, the latest first."""
    groups: list[tuple[Window, list[_Item]]] = []
    for window, item in sorted(items, key=lambda each: each[0], reverse=True):
        if groups:
            whole = groups[-1][0] | window
            if whole.ends - whole.begins <= longest:
                groups[-1][1].append(item)
                groups[-1] = (whole, groups[-1][1])
                continue
        groups.append((window, [item]))
    return groups


def time_predicate(column: str, kind: TimeKind, window: Window) -> str:
    """Return a predicate for an expression of a time."""
    begins, ends = (_time_literal(moment, kind) for moment in (window.begins, window.ends))
    return f"{column} >= {begins} AND {column} < {ends}"


def _time_literal(moment: datetime, kind: TimeKind) -> str:
    if kind == "epoch":
        return str(int(moment.timestamp()))
    if kind == "epoch_ms":
        return str(int(moment.timestamp() * 1000))
    if kind == "timestamp":
        return f"TIMESTAMP '{literals.instant(moment).replace('T', ' ')}'"
    return literals.plain(literals.instant(moment))


def read_time(text: str | None, kind: TimeKind) -> datetime | None:
    """Parse a time of a result; None if there is none."""
    if not text:
        return None
    try:
        if kind == "epoch":
            return datetime.fromtimestamp(int(text), UTC)
        if kind == "epoch_ms":
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        moment = datetime.fromisoformat(text.removesuffix(" UTC").replace(" ", "T", 1))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def partition_predicate(columns: Mapping[str, str], window: Window) -> str:
    """Return a predicate for the partitions of a window.

    Parameters
    ----------
    columns
        Format of each partition column, as in the table's properties (`projection.<column>.format`): `yyyy`, `MM`,
        `dd` and `HH` with any separators; or `date` for a column of the type date.
    """
    step = timedelta(hours=1) if any("HH" in text for text in columns.values()) else timedelta(days=1)
    moments = list(_moments(window, step))
    if len(columns) == 1:
        [(column, pattern)] = columns.items()
        values = [_partition_value(moment, pattern) for moment in moments]
        return f"{literals.name(column)} IN ({', '.join(dict.fromkeys(values))})"
    every = [
        " AND ".join(
            f"{literals.name(column)} = {_partition_value(moment, pattern)}" for column, pattern in columns.items()
        )
        for moment in moments
    ]
    return "(" + " OR ".join(f"({one})" for one in dict.fromkeys(every)) + ")"


def fixed_predicates(fixed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return predicates for partition columns whose values the settings list, such as accounts and regions."""
    return [f"{literals.name(column)} IN {literals.plain_list(values)}" for column, values in fixed.items()]


def days_before(window: Window, number: int) -> tuple[str, str]:
    """Return the first day, and the day after the last, of the `number` days before a window."""
    first = window.begins - timedelta(days=number)
    return f"{first:%Y-%m-%d}", f"{window.begins:%Y-%m-%d}"


def _moments(window: Window, step: timedelta) -> Iterator[datetime]:
    moment = window.begins.replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        moment = moment.replace(hour=0)
    while moment < window.ends + LATE:
        yield moment
        moment += step


def _partition_value(moment: datetime, pattern: str) -> str:
    if pattern == _DATE:
        return f"DATE '{moment:%Y-%m-%d}'"
    for java, directive in _JAVA.items():
        pattern = pattern.replace(java, directive)
    return literals.plain(moment.strftime(pattern))
