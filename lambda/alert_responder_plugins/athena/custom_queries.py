"""Custom queries of an installation: SQL with named parameters. Pure.

Parameters are replaced by literals, which contain an attribute's value only as hexadecimal digits. A query reads its
tables through subqueries of the same names, which are restricted to the window and its partitions: no condition in its
SQL can extend them. The Terraform module refuses SQL that names a table otherwise.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.partitions import partition_predicate, time_predicate
from alert_responder_plugins.logs.custom_results import MAX_ROWS
from alert_responder_plugins.logs.windows import TimeKind, Window

_PARAMETER = re.compile(r":(values|begins|ends)\b")


@dataclass(frozen=True)
class CustomTable:
    """A table that a custom query reads.

    Attributes
    ----------
    time, time_kind
        Column with the time of a row, and how it is stored.
    partition
        Partition columns with their formats (`partitions.partition_predicate`). Empty: the table is partitioned by its
        time column.
    """

    name: str
    time: str
    time_kind: TimeKind
    partition: Mapping[str, str]


@dataclass(frozen=True)
class CustomQuery:
    """A custom query of the settings.

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
    tables: tuple[CustomTable, ...]


def build_custom_query(query: CustomQuery, values: Sequence[str], window: Window) -> str:
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
    return f"WITH {tables}\nSELECT * FROM (\n{sql}\n) LIMIT {MAX_ROWS + 1}"  # nosec


def _restricted(database: str, table: CustomTable, window: Window) -> str:
    predicates = [
        *([partition_predicate(table.partition, window)] if table.partition else []),
        time_predicate(literals.name(table.time), table.time_kind, window),
    ]
    name = literals.name(table.name)
    return (
        f"{name} AS (\n  SELECT * FROM {literals.name(database)}.{name}\n"  # nosec
        f"  WHERE {' AND '.join(predicates)}\n)"
    )


def _timestamp(instant: str) -> str:
    return f"TIMESTAMP '{instant.replace('T', ' ')}'"
