"""Build the query of a source: one query for all questions about up to 100 attributes. Pure.

Events with the same columns are counted by Logs Insights, and matched with the attributes and added up here
(`counts.py`), since the query language cannot repeat an event for each attribute that it belongs to.
"""

from collections.abc import Sequence

from alert_responder_plugins.logs.questions import AskedKey
from alert_responder_plugins.logs_insights import literals
from alert_responder_plugins.logs_insights.dialects import PREFIX, Dialect

MAX_QUERY = 10_000
"""Longest query [characters], a limit of StartQuery."""

MAX_ROWS = 9_999
"""Maximum number of rows that are read of a result; GetQueryResults returns at most 10,000."""


def can_ask(key: AskedKey) -> bool:
    """Whether a key can be part of a query."""
    return literals.is_domain(key.value) if key.kind == "domain" else literals.fits(key.value)


def build_query(dialect: Dialect, asked: Sequence[Sequence[AskedKey]]) -> str:
    """Build the query of a dialect about the keys of some attributes; keys that cannot be quoted are left out.

    Returns
    -------
    str
        The columns of its result are the names of the dialect's columns and measures, `times`, `first_at` and
        `last_at`, with `dialects.PREFIX`.
    """
    fields = [f"{expression} as {PREFIX}{name}" for name, expression in dialect.columns.items()]
    conditions = [dialect.condition] if dialect.condition else []
    conditions.append(" or ".join(_conditions(dialect, asked)))
    measures = {
        "times": "count(*)",
        "first_at": "min(@timestamp)",
        "last_at": "max(@timestamp)",
        **dialect.measures,
    }
    commands = [
        *dialect.parse,
        f"fields {', '.join(fields)}",
        *(f"filter {condition}" for condition in conditions),
        f"stats {', '.join(f'{expression} as {PREFIX}{name}' for name, expression in measures.items())} "
        f"by {', '.join(f'{PREFIX}{name}' for name in dialect.columns)}",
        f"sort {PREFIX}times desc",
        f"limit {MAX_ROWS + 1}",
    ]
    return "\n| ".join(commands)


def _conditions(dialect: Dialect, asked: Sequence[Sequence[AskedKey]]) -> list[str]:
    values: dict[str, dict[str, None]] = {}
    for keys in asked:
        for key in keys:
            if can_ask(key):
                values.setdefault(key.kind, {})[key.value] = None
    return [
        f"{PREFIX}{column} like {literals.domain_pattern(values[kind])}"
        if kind == "domain"
        else f"{PREFIX}{column} in {literals.text_list(values[kind])}"
        for kind, column in dialect.keys
        if kind in values
    ]
