"""Build the SQL of a source: one query for all questions about up to 100 attributes. Pure.

A table is read once, whatever is asked: each row is compared by its keys with those of the attributes. Rows are counted
in SQL, so that a result has few lines however large the table is, and its counts are exact: a row with several keys of
an attribute counts once. No subquery of the table is used twice, because Athena would read the table twice. The rollup
is small, and read once for each comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.partitions import days_before
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.logs.questions import TO, AskedKey
from alert_responder_plugins.logs.windows import Window

MAX_ROWS = 1998
"""Maximum number of rows of a result: two pages of 1,000, the first with the names of the columns."""

MAX_SHOWN = 15
"""Maximum number of rows for one attribute and direction."""

MAX_QUERY = 262_144
"""Longest query [bytes], a limit of Athena."""


@dataclass(frozen=True)
class Rollup:
    """The table with the counts of earlier days, by source."""

    database: str
    table: str

    @property
    def name(self) -> str:
        """The quoted name."""
        return f"{literals.name(self.database)}.{literals.name(self.table)}"


def shown_rows(attributes: int) -> int:
    """Return how many rows of each attribute and direction a result may have."""
    return max(1, min(MAX_SHOWN, MAX_ROWS // (2 * max(1, attributes))))


def build_query(source: Source, window: Window, asked: Sequence[Sequence[AskedKey]], rollup: Rollup | None) -> str:
    """Build the query of a source.

    Parameters
    ----------
    asked
        Keys of each attribute; an attribute is identified by its place.
    rollup
        Where the counts of earlier days are; None, or a source without a baseline: "new or usual" is not known.

    Returns
    -------
    str
        Its result has the columns of `result_columns`.
    """
    shape = source.shape
    groups, measures = ", ".join(shape.groups), ", ".join(shape.measures)
    baseline = rollup if source.baseline_days else None
    ctes = [
        f"wanted (place, way, key, earlier) AS (\n  VALUES\n    {_wanted(source, asked)}\n)",
        f"seen AS (\n  {source.rows(window)}\n)",
        f"keyed AS (\n  {_keyed(source)}\n)",
        f"asked AS (\n  {_asked(source)}\n)",
        f"grouped AS (\n  {_grouped(source)}\n)",
        *(
            [
                f"usual AS (\n  {_usual(source, window, baseline)}\n)",
                f"period AS (\n  {_period(source, window, baseline)}\n)",
            ]
            if baseline
            else []
        ),
        f"counted AS (\n  SELECT g.*,\n    {_KNOWN if baseline else _UNKNOWN},\n"  # nosec
        "    sum(g.times) OVER (PARTITION BY g.place, g.way) AS all_times,\n"
        f"    sum(CASE WHEN {shape.failed} THEN g.times ELSE 0 END) OVER (PARTITION BY g.place, g.way)"
        " AS all_failed,\n"
        "    min(g.first_at) OVER (PARTITION BY g.place, g.way) AS all_first,\n"
        "    max(g.last_at) OVER (PARTITION BY g.place, g.way) AS all_last,\n"
        "    count(*) OVER (PARTITION BY g.place, g.way) AS all_groups\n"
        f"  FROM grouped g{_JOINED if baseline else ''}\n)",
        "ranked AS (\n  SELECT g.*, row_number() OVER (PARTITION BY g.place, g.way ORDER BY "  # nosec
        f"CASE WHEN g.times_of_what = 0 OR g.times_of_network = 0 THEN 0 ELSE 1 END, {shape.order}) AS rank\n"
        "  FROM counted g\n)",
    ]
    return (
        "WITH " + ",\n".join(ctes) + f"\nSELECT place, way, {groups}, {measures}, times, first_at, last_at,\n"  # nosec
        f"  {', '.join(_TOTALS)}\nFROM ranked WHERE rank <= {shown_rows(len(asked))}\nORDER BY place, way, rank"
    )


def result_columns(source: Source) -> tuple[str, ...]:
    """Return the columns of a result, in order."""
    return (
        *("place", "way"),
        *source.shape.groups,
        *source.shape.measures,
        *("times", "first_at", "last_at"),
        *_TOTALS,
    )


def build_rollup(source: Source, window: Window, rollup: Rollup) -> str:
    """Build the statement that adds the counts of a day to the rollup."""
    shape = source.shape
    derived = "".join(
        f", {expression} AS {name}" for name, expression in shape.derived.items() if "k." not in expression
    )
    return (
        f"INSERT INTO {rollup.name}\nWITH seen AS (\n  {source.rows(window)}\n),\n"  # nosec
        f"a AS (\n  SELECT s.*{derived} FROM seen s\n)\n"
        f"SELECT {shape.subject} AS subject, {shape.what} AS what, {shape.network} AS network, count(*) AS times,\n"
        f"  {literals.plain(source.name)} AS source, {literals.plain(f'{window.begins:%Y-%m-%d}')} AS day\n"
        "FROM a GROUP BY 1, 2, 3"
    )


_TOTALS = (
    "times_of_what",
    "times_of_network",
    "times_of_subject",
    "days",
    "all_times",
    "all_failed",
    "all_first",
    "all_last",
    "all_groups",
)

_UNKNOWN = ", ".join(
    f"cast(NULL AS bigint) AS {name}" for name in ("times_of_what", "times_of_network", "times_of_subject", "days")
)

_KNOWN = (
    "coalesce(bw.times, 0) AS times_of_what, coalesce(bn.times, 0) AS times_of_network, "
    "coalesce(bs.times, 0) AS times_of_subject, d.days AS days"
)

_JOINED = """
  LEFT JOIN (SELECT subject, what, sum(times) AS times FROM usual GROUP BY 1, 2) bw
    ON bw.subject = g.subject AND bw.what = g.what
  LEFT JOIN (SELECT subject, network, sum(times) AS times FROM usual GROUP BY 1, 2) bn
    ON bn.subject = g.subject AND bn.network = g.network
  LEFT JOIN (SELECT subject, sum(times) AS times FROM usual GROUP BY 1) bs ON bs.subject = g.subject
  CROSS JOIN period d"""


def _wanted(source: Source, asked: Sequence[Sequence[AskedKey]]) -> str:
    """Return the keys of the attributes, each with the earlier ones of its attribute and direction.

    Only literals, so that Athena knows that there are few, and copies them instead of distributing the rows of logs.
    """
    rows = []
    for place, keys in enumerate(asked):
        earlier: dict[str, list[str]] = {"by": [], "to": []}
        # The shortest first, because it is repeated.
        for key in sorted(dict.fromkeys(keys), key=lambda key: len(key.value)):
            if key.kind in source.kinds and literals.fits(key.value):
                way = "to" if key.kind in TO else "by"
                text = f"'{key.kind}:' || {literals.text(key.value)}"
                rows.append(f"({place}, '{way}', {text}, ARRAY[{', '.join(earlier[way])}])")
                earlier[way].append(text)
    return ",\n    ".join(rows)


def _keyed(source: Source) -> str:
    keys = ",\n    ".join(f"'{kind}:' || {expression}" for kind, expression in source.shape.keys)
    return f"SELECT s.*, array_distinct(ARRAY[\n    {keys}\n  ]) AS keys\n  FROM seen s"  # nosec


def _asked(source: Source) -> str:
    """Return the rows of each attribute; one that has several of its keys is found by the first of them only."""
    derived = "".join(f", {expression} AS {name}" for name, expression in source.shape.derived.items())
    return (
        f"SELECT w.place, w.way, s.*{derived}\n  FROM keyed s\n"  # nosec
        "  CROSS JOIN UNNEST(s.keys) AS k (key)\n"
        "  JOIN wanted w ON w.key = k.key AND cardinality(array_intersect(s.keys, w.earlier)) = 0"
    )


def _grouped(source: Source) -> str:
    shape = source.shape
    known = {"subject": shape.subject, "what": shape.what, "network": shape.network}
    groups = {"place": "a.place", "way": "a.way", **shape.groups, **known}
    aggregates = {
        **shape.measures,
        "times": "count(*)",
        "first_at": "min(a.seen_at)",
        "last_at": "max(a.seen_at)",
    }
    columns = ",\n    ".join(f"{expression} AS {name}" for name, expression in {**groups, **aggregates}.items())
    numbers = ", ".join(str(number) for number in range(1, len(groups) + 1))
    return f"SELECT\n    {columns}\n  FROM asked a\n  GROUP BY {numbers}"  # nosec


def _usual(source: Source, window: Window, rollup: Rollup) -> str:
    """Return the counts of earlier days; a day that was counted twice counts once."""
    return (
        "SELECT subject, what, network, day, max(times) AS times\n"
        f"  {_baseline(source, window, rollup)}\n  GROUP BY 1, 2, 3, 4"
    )


def _period(source: Source, window: Window, rollup: Rollup) -> str:
    """Return the number of counted days, for which Athena reads no column: it is in the partitions."""
    return f"SELECT count(DISTINCT day) AS days\n  {_baseline(source, window, rollup)}"


def _baseline(source: Source, window: Window, rollup: Rollup) -> str:
    first, end = (literals.plain(day) for day in days_before(window, source.baseline_days))
    return f"FROM {rollup.name}\n  WHERE source = {literals.plain(source.name)} AND day >= {first} AND day < {end}"
