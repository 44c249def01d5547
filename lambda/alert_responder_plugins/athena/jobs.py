"""Plan the queries for a batch of tasks, and read their results. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.domain.attributes import canonical
from alert_responder.plugin import InspectionTask
from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.own_queries import (
    MAX_ROWS,
    OwnQuery,
    build_own_query,
    own_contents,
    rows_by_value,
)
from alert_responder_plugins.athena.query import (
    MAX_ATTRIBUTES,
    MAX_QUERY,
    Rollup,
    build_query,
    result_columns,
)
from alert_responder_plugins.athena.query import MAX_ROWS as MAX_SOURCE_ROWS
from alert_responder_plugins.athena.questions import AskedKey, asked_keys
from alert_responder_plugins.athena.rows import Row, read_row
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.athena.summary import QueryFacts, SourceAnswer, contents_of
from alert_responder_plugins.athena.windows import Window, around, united

Rows = Sequence[Sequence[str | None]]
Reader = Callable[[Rows, QueryFacts], list[SourceAnswer]]


@dataclass(frozen=True)
class Job:
    """A query for some tasks.

    Attributes
    ----------
    source
        Name of the source or of the question.
    table
        What it reads, for messages.
    tasks
        Places of its tasks in the batch.
    max_rows
        Maximum number of rows that are read, after the first one with the names of the columns.
    read
        Reads a result with its names: an answer for each of the tasks, in their order.
    """

    source: str
    database: str
    table: str
    sql: str
    window: Window
    tasks: Sequence[int]
    max_rows: int
    read: Reader


@dataclass(frozen=True)
class Planner:
    """Plans the queries of batches.

    Attributes
    ----------
    before, after
        Window around the time of an alert.
    """

    sources: Sequence[Source]
    queries: Sequence[OwnQuery]
    rollup: Rollup | None
    before: timedelta
    after: timedelta
    usd_per_tb: float

    def plan(self, tasks: Sequence[InspectionTask], now: datetime) -> list[Job]:
        """Plan one query for each source, 100 tasks and window: alerts that are near in time share a window."""
        windows = [around(_moment(task), now, self.before, self.after) for task in tasks]
        keys = [asked_keys(task.attribute) for task in tasks]
        jobs: list[Job] = []
        for source in self.sources:
            places = [place for place, asked in enumerate(keys) if _asks(source, asked)]
            for window, some in self._chunks(windows, places):
                jobs += self._jobs(source, window, some, tasks, keys)
        for query in self.queries:
            places = [place for place, task in enumerate(tasks) if _value(query, task) is not None]
            for window, some in self._chunks(windows, places):
                jobs += self._own_jobs(query, window, some, tasks)
        return jobs

    def _chunks(self, windows: Sequence[Window], places: Sequence[int]) -> list[tuple[Window, list[int]]]:
        longest = self.before + self.after + timedelta(days=1)
        groups = united(((windows[place], place) for place in places), longest)
        return [
            (window, sorted(some)[first : first + MAX_ATTRIBUTES])
            for window, some in groups
            for first in range(0, len(some), MAX_ATTRIBUTES)
        ]

    def _jobs(
        self,
        source: Source,
        window: Window,
        places: list[int],
        tasks: Sequence[InspectionTask],
        keys: Sequence[Sequence[AskedKey]],
    ) -> list[Job]:
        """Return the query of a chunk; two if it would be longer than Athena allows."""
        sql = build_query(source, window, [keys[place] for place in places], self.rollup)
        if len(sql.encode()) > MAX_QUERY and len(places) > 1:
            return [job for some in _halves(places) for job in self._jobs(source, window, some, tasks, keys)]
        types = [tasks[place].attribute.type for place in places]

        def read(rows: Rows, facts: QueryFacts) -> list[SourceAnswer]:
            found: dict[int, list[Row]] = {}
            for values in rows[1:]:
                row = read_row(source, result_columns(source), values)
                found.setdefault(row.place, []).append(row)
            return [
                SourceAnswer(
                    source.name, contents_of(source, type_, found.get(place, ()), window, facts, self.usd_per_tb)
                )
                for place, type_ in enumerate(types)
            ]

        table = f"{source.database}.{source.table}"
        return [Job(source.name, source.database, table, sql, window, places, MAX_SOURCE_ROWS, read)]

    def _own_jobs(
        self, query: OwnQuery, window: Window, places: list[int], tasks: Sequence[InspectionTask]
    ) -> list[Job]:
        """Return the query of a chunk; several if it would be longer than Athena allows."""
        values = [_value(query, tasks[place]) or "" for place in places]
        sql = build_own_query(query, list(dict.fromkeys(values)), window)
        if len(sql.encode()) > MAX_QUERY and len(places) > 1:
            return [job for some in _halves(places) for job in self._own_jobs(query, window, some, tasks)]
        types = [tasks[place].attribute.type for place in places]

        def read(rows: Rows, facts: QueryFacts) -> list[SourceAnswer]:
            if not rows:
                return [SourceAnswer(query.name) for _ in values]
            names, *found = rows
            if "value" not in names:
                return [SourceAnswer(query.name, kind="failed", reason=_NO_VALUE) for _ in values]
            by_value = rows_by_value([name or "" for name in names], found)
            more = len(found) > MAX_ROWS
            return [
                SourceAnswer(query.name, kind="no_data", reason=_NOT_READ)
                if more and value not in by_value
                else SourceAnswer(
                    query.name,
                    own_contents(query, type_, by_value.get(value, ()), facts, self.usd_per_tb, more=more),
                )
                for value, type_ in zip(values, types, strict=True)
            ]

        table = f"the query {query.name}"
        return [Job(query.name, query.database, table, sql, window, places, MAX_ROWS + 1, read)]


_NO_VALUE = "the result has no column value."
_NOT_READ = (
    f"the result has more than {MAX_ROWS:,} rows, and none of those that were read is about this value. "
    "This does not mean that nothing happened."
)


def _halves(places: list[int]) -> tuple[list[int], list[int]]:
    half = len(places) // 2
    return places[:half], places[half:]


def _moment(task: InspectionTask) -> datetime | None:
    return parse_rfc3339(task.alert.timestamp) if task.alert.timestamp else None


def _asks(source: Source, keys: Sequence[AskedKey]) -> bool:
    return any(key.kind in source.kinds and literals.fits(key.value) for key in keys)


def _value(query: OwnQuery, task: InspectionTask) -> str | None:
    """Return the value that a question is asked about, or None."""
    value = canonical(task.attribute) if task.attribute.type in query.attribute_types else None
    return value if value is not None and literals.fits(value) else None
