"""Predicates for the window of a query, and for the partitions that contain it. Pure.

A table without a partition filter would be read as a whole, so that each query has both.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alert_responder_plugins.athena import literals
from alert_responder_plugins.logs.windows import TimeKind, Window

LATE = timedelta(hours=1)
"""How long after an event its log file may arrive; the file is in the partition of its arrival."""

_DATE = "date"
_JAVA = {"MM": "%m", "dd": "%d", "HH": "%H"}


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
    return first.date().isoformat(), window.begins.date().isoformat()


def _moments(window: Window, step: timedelta) -> Iterator[datetime]:
    moment = window.begins.replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        moment = moment.replace(hour=0)
    while moment < window.ends + LATE:
        yield moment
        moment += step


def _partition_value(moment: datetime, pattern: str) -> str:
    if pattern == _DATE:
        return f"DATE '{moment.date().isoformat()}'"
    pattern = pattern.replace("yyyy", f"{moment.year:04d}")
    for java, directive in _JAVA.items():
        pattern = pattern.replace(java, directive)
    return literals.plain(moment.strftime(pattern))
