"""Plan the queries for a batch of tasks, and read their results. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alert_responder.domain.attributes import canonical
from alert_responder.plugin import InspectionTask
from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.client import Statement
from alert_responder_plugins.athena.custom_queries import CustomQuery, build_custom_query
from alert_responder_plugins.athena.query import MAX_QUERY, Rollup, build_query, result_columns
from alert_responder_plugins.athena.query import MAX_ROWS as MAX_SOURCE_ROWS
from alert_responder_plugins.athena.rows import read_row
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.logs.accounts import by_account, not_asked
from alert_responder_plugins.logs.custom_results import MAX_ROWS, custom_answers
from alert_responder_plugins.logs.jobs import Job, Rows, in_turns
from alert_responder_plugins.logs.lookup import Plan
from alert_responder_plugins.logs.questions import AskedKey, asked_keys
from alert_responder_plugins.logs.rows import Row
from alert_responder_plugins.logs.summary import QueryFacts, SourceAnswer, contents_of
from alert_responder_plugins.logs.windows import Window, around, chunks, moment_of


@dataclass(frozen=True)
class Planner:
    """Plans the queries of batches.

    Attributes
    ----------
    before, after
        Window around the time of an alert.
    """

    sources: Sequence[Source]
    queries: Sequence[CustomQuery]
    rollup: Rollup | None
    before: timedelta
    after: timedelta

    def plan(self, tasks: Sequence[InspectionTask], now: datetime) -> Plan[Statement]:
        """Plan one query for each source, 100 tasks and window: alerts that are near in time share a window.

        A source with a column of accounts needs one query for each account of the alerts. The sources, and the accounts
        of a source, take turns.
        """
        windows = [around(moment_of(task), now, self.before, self.after) for task in tasks]
        keys = [asked_keys(task.attribute) for task in tasks]
        by_source: list[list[Job[Statement]]] = []
        skipped: list[tuple[int, SourceAnswer]] = []
        longest = self.before + self.after + timedelta(days=1)
        for source in self.sources:
            places = [place for place, asked in enumerate(keys) if _asks(source, asked)]
            by_part = [
                [
                    job
                    for window, some in chunks(windows, mine, longest)
                    for job in self._jobs(part, window, some, tasks, keys)
                ]
                for part, mine in _parts(source, places, tasks, skipped)
            ]
            by_source.append(in_turns(by_part))
        for query in self.queries:
            places = [place for place, task in enumerate(tasks) if _value(query, task) is not None]
            by_source.append(
                [
                    job
                    for window, some in chunks(windows, places, longest)
                    for job in self._custom_jobs(query, window, some, tasks)
                ]
            )
        return Plan(in_turns(by_source), skipped)

    def _jobs(
        self,
        source: Source,
        window: Window,
        places: list[int],
        tasks: Sequence[InspectionTask],
        keys: Sequence[Sequence[AskedKey]],
    ) -> list[Job[Statement]]:
        """Return the query of a chunk; two if it would be longer than Athena allows."""
        sql = build_query(source, window, [keys[place] for place in places], self.rollup)
        if len(sql.encode()) > MAX_QUERY and len(places) > 1:
            return [job for some in _halves(places) for job in self._jobs(source, window, some, tasks, keys)]
        types = [tasks[place].attribute.type for place in places]
        shape = source.dialect.shape

        def read(rows: Rows, facts: QueryFacts) -> list[SourceAnswer]:
            found: dict[int, list[Row]] = {}
            for values in rows[1:]:
                row = read_row(source, result_columns(source), values)
                found.setdefault(row.place, []).append(row)
            return [
                SourceAnswer(source.name, contents_of(source.name, shape, type_, found.get(place, ()), window, facts))
                for place, type_ in enumerate(types)
            ]

        table = f"{source.database}.{source.table}"
        return [Job(source.name, table, Statement(sql, source.database), window, places, MAX_SOURCE_ROWS, read)]

    def _custom_jobs(
        self, query: CustomQuery, window: Window, places: list[int], tasks: Sequence[InspectionTask]
    ) -> list[Job[Statement]]:
        """Return the query of a chunk; several if it would be longer than Athena allows."""
        values = [_value(query, tasks[place]) or "" for place in places]
        sql = build_custom_query(query, list(dict.fromkeys(values)), window)
        if len(sql.encode()) > MAX_QUERY and len(places) > 1:
            return [job for some in _halves(places) for job in self._custom_jobs(query, window, some, tasks)]
        types = [tasks[place].attribute.type for place in places]

        def read(rows: Rows, facts: QueryFacts) -> list[SourceAnswer]:
            return custom_answers(query.name, values, types, rows, facts)

        table = f"the query {query.name}"
        return [Job(query.name, table, Statement(sql, query.database), window, places, MAX_ROWS + 1, read)]


def _parts(
    source: Source, places: list[int], tasks: Sequence[InspectionTask], skipped: list[tuple[int, SourceAnswer]]
) -> list[tuple[Source, list[int]]]:
    """Divide a source by the accounts of the alerts; add the tasks about which it is not asked."""
    if not source.account:
        return [(source, places)]
    of_accounts = by_account(places, tasks)
    skipped += not_asked(source.name, of_accounts.get(None, ()))
    return [(source.of_account(account), mine) for account, mine in of_accounts.items() if account is not None]


def _halves(places: list[int]) -> tuple[list[int], list[int]]:
    half = len(places) // 2
    return places[:half], places[half:]


def _asks(source: Source, keys: Sequence[AskedKey]) -> bool:
    return any(key.kind in source.kinds and literals.fits(key.value) for key in keys)


def _value(query: CustomQuery, task: InspectionTask) -> str | None:
    """Return the value that a custom query is asked about, or None."""
    value = canonical(task.attribute) if task.attribute.type in query.attribute_types else None
    return value if value is not None and literals.fits(value) else None
