"""Questions of an installation: SQL with named parameters. Pure.

Parameters are replaced by literals, which contain an attribute's value only as hexadecimal digits. A query reads its
tables through subqueries of the same names, which are restricted to the window and its partitions: no condition in its
SQL can extend them. The Terraform module refuses SQL that names a table otherwise.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alert_responder.contracts.inspection import Activity, Content, HostContent, NoteContent, UserContent
from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.summary import USERS, QueryFacts
from alert_responder_plugins.athena.windows import TimeKind, Window, partition_predicate, time_predicate

MAX_ROWS = 1000
"""Maximum number of rows that are read of a result."""

_PARAMETER = re.compile(r":(values|begins|ends)\b")
_ACTIVITY = ("service_name", "remote_addr", "principal", "action", "target", "first_seen", "last_seen")
_SHOWN = 15


@dataclass(frozen=True)
class OwnTable:
    """A table that a question reads.

    Attributes
    ----------
    time, time_kind
        Column with the time of a row, and how it is stored.
    partition
        Partition columns with their formats (`windows.partition_predicate`). Empty: the table is partitioned by its
        time column.
    """

    name: str
    time: str
    time_kind: TimeKind
    partition: Mapping[str, str]


@dataclass(frozen=True)
class OwnQuery:
    """A question of the settings.

    Attributes
    ----------
    attribute_types
        Types of the attributes that it is asked about.
    sql
        A query whose result has the column `value`, with the value of the attribute that a row belongs to. Columns with
        the names of the fields of an activity are shown as such, and `count`. Parameters: `:values`, a list in
        parentheses; `:begins` and `:ends`, timestamps.
    tables
        Tables of `database` that the query reads, by their names alone.
    """

    name: str
    database: str
    sql: str
    attribute_types: frozenset[str]
    tables: tuple[OwnTable, ...]


def build_own_query(query: OwnQuery, values: Sequence[str], window: Window) -> str:
    """Replace the parameters of a query by literals, and its tables by their rows in the window.

    The result is limited to one row more than is read.
    """
    replaced = {
        "values": f"({', '.join(map(literals.text, values))})",
        "begins": _timestamp(literals.instant(window.begins)),
        "ends": _timestamp(literals.instant(window.ends)),
    }
    tables = ",\n".join(_restricted(query.database, table, window) for table in query.tables)
    sql = _PARAMETER.sub(lambda match: replaced[match[1]], query.sql.strip())
    return f"WITH {tables}\nSELECT * FROM (\n{sql}\n) LIMIT {MAX_ROWS + 1}"  # nosec B608


def _restricted(database: str, table: OwnTable, window: Window) -> str:
    predicates = [
        *([partition_predicate(table.partition, window)] if table.partition else []),
        time_predicate(literals.name(table.time), table.time_kind, window),
    ]
    name = literals.name(table.name)
    return (
        f"{name} AS (\n  SELECT * FROM {literals.name(database)}.{name}\n"  # nosec B608
        f"  WHERE {' AND '.join(predicates)}\n)"
    )


def rows_by_value(names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> dict[str, list[dict[str, str]]]:
    """Return the rows of a result by the value of their attribute."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows[:MAX_ROWS]:
        columns = {name: text or "" for name, text in zip(names, row, strict=False)}
        value = columns.pop("value", "")
        found.setdefault(value, []).append({name: text[:200] for name, text in columns.items()})
    return found


def own_contents(
    query: OwnQuery,
    attribute_type: str,
    rows: Sequence[Mapping[str, str]],
    facts: QueryFacts,
    usd_per_tb: float,
    *,
    more: bool,
) -> list[Content]:
    """Describe the rows of an attribute; `more` if the result had more rows than were read."""
    if not rows:
        return []
    name = f"Athena {query.name}"
    activities = tuple(_activity(row) for row in rows[:_SHOWN])
    content: Content
    if attribute_type in USERS:
        content = UserContent(type="user", source=name, link=facts.link, activities=activities)
    else:
        content = HostContent(type="host", source=name, link=facts.link, activities=activities)
    number = f"{'at least ' if more else ''}{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    data = {"rows": [dict(row) for row in rows[:_SHOWN]], "row_count": len(rows), "more_rows": more}
    note = NoteContent(
        type="note",
        title=f"Logs: {query.name}",
        text=f"{number[0].upper()}{number[1:]}. {facts.text(usd_per_tb)}",
        data={**data, **facts.data(usd_per_tb)},
        source=name,
        link=facts.link,
    )
    return [content, note]


def _activity(row: Mapping[str, str]) -> Activity:
    count = row.get("count", "")
    fields = {name: row[name] for name in _ACTIVITY if row.get(name)}
    return Activity.model_validate({**fields, "count": int(count) if count.isascii() and count.isdigit() else None})


def _timestamp(instant: str) -> str:
    return f"TIMESTAMP '{instant.replace('T', ' ')}'"
