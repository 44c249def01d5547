"""Questions of an installation: SQL with named parameters. Pure.

Parameters are replaced by literals, which contain an attribute's value only as hexadecimal digits. The Terraform module
checks that a query restricts its time and its partitions.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alert_responder.contracts.inspection import Activity, Content, HostContent, NoteContent, UserContent
from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.summary import USERS, QueryFacts
from alert_responder_plugins.athena.windows import LATE, Window

MAX_ROWS = 1000
"""Maximum number of rows that are read of a result."""

_PARAMETER = re.compile(r":(values|begins|ends|first_day|last_day)\b")
_ACTIVITY = ("service_name", "remote_addr", "principal", "action", "target", "first_seen", "last_seen")
_SHOWN = 15


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
        parentheses; `:begins` and `:ends`, timestamps; `:first_day` and `:last_day`, texts by `day_format`.
    day_format
        Format of a day, of `yyyy`, `MM` and `dd`.
    """

    name: str
    database: str
    sql: str
    attribute_types: frozenset[str]
    day_format: str = "yyyy-MM-dd"


def build_own_query(query: OwnQuery, values: Sequence[str], window: Window) -> str:
    """Replace the parameters of a query by literals; the result is limited to one row more than is read."""
    pattern = query.day_format.replace("yyyy", "%Y").replace("MM", "%m").replace("dd", "%d")
    replaced = {
        "values": f"({', '.join(map(literals.text, values))})",
        "begins": _timestamp(literals.instant(window.begins)),
        "ends": _timestamp(literals.instant(window.ends)),
        "first_day": literals.plain(window.begins.strftime(pattern)),
        "last_day": literals.plain((window.ends + LATE).strftime(pattern)),
    }
    sql = _PARAMETER.sub(lambda match: replaced[match[1]], query.sql.strip().rstrip(";"))
    return f"SELECT * FROM (\n{sql}\n) LIMIT {MAX_ROWS + 1}"  # nosec B608


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
