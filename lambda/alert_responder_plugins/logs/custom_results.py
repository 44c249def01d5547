"""Results of the custom queries of an installation. Pure.

A result has the column `value`, with the value of the attribute that a row belongs to. Columns with the names of the
fields of an activity are shown as such, and `count`.
"""

from collections.abc import Mapping, Sequence

from alert_responder.contracts.inspection import Activity, Content, HostContent, NoteContent, UserContent
from alert_responder_plugins.logs.jobs import Rows
from alert_responder_plugins.logs.summary import USERS, QueryFacts, SourceAnswer

MAX_ROWS = 1000
"""Maximum number of rows that are read of a result."""

_ACTIVITY = ("service_name", "remote_addr", "principal", "action", "target", "first_seen", "last_seen")
_SHOWN = 15


def custom_answers(
    query: str, values: Sequence[str], types: Sequence[str], rows: Rows, facts: QueryFacts
) -> list[SourceAnswer]:
    """Return an answer for each value: what the rows of a result, after the names of the columns, state about it.

    Parameters
    ----------
    query
        Name of the query.
    values, types
        Values and types of the attributes that it was asked about.
    """
    if not rows:
        return [SourceAnswer(query) for _ in values]
    names, *found = rows
    if "value" not in names:
        return [SourceAnswer(query, kind="failed", reason=_NO_VALUE) for _ in values]
    by_value = _rows_by_value([name or "" for name in names], found)
    more = len(found) > MAX_ROWS
    return [
        SourceAnswer(query, kind="no_data", reason=_NOT_READ, limited=True)
        if more and value not in by_value
        else SourceAnswer(query, _contents(query, type_, by_value.get(value, ()), facts, more=more), limited=more)
        for value, type_ in zip(values, types, strict=True)
    ]


_NO_VALUE = "the result has no column value."
_NOT_READ = (
    f"the result has more than {MAX_ROWS:,} rows, and none of those that were read is about this value. "
    "This does not mean that nothing happened."
)


def _rows_by_value(names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> dict[str, list[dict[str, str]]]:
    """Return the rows of a result by the value of their attribute."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows[:MAX_ROWS]:
        columns = {name: text or "" for name, text in zip(names, row, strict=False)}
        value = columns.pop("value", "")
        found.setdefault(value, []).append({name: text[:200] for name, text in columns.items()})
    return found


def _contents(
    query: str, attribute_type: str, rows: Sequence[Mapping[str, str]], facts: QueryFacts, *, more: bool
) -> list[Content]:
    """Describe the rows of an attribute; `more` if the result had more rows than were read."""
    if not rows:
        return []
    name = f"{facts.product} {query}"
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
        title=f"Logs: {query}",
        text=f"{number[0].upper()}{number[1:]}. {facts.text()}",
        data={**data, **facts.data()},
        source=name,
        link=facts.link,
    )
    return [content, note]


def _activity(row: Mapping[str, str]) -> Activity:
    count = row.get("count", "")
    fields = {name: row[name] for name in _ACTIVITY if row.get(name)}
    return Activity.model_validate({**fields, "count": int(count) if count.isascii() and count.isdigit() else None})
