"""Plan the queries for a batch of tasks, and read their results. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from alert_responder.domain.attributes import canonical
from alert_responder.plugin import InspectionTask
from alert_responder_plugins.logs.accounts import by_account, name_in, not_asked
from alert_responder_plugins.logs.custom_results import MAX_ROWS, custom_answers
from alert_responder_plugins.logs.jobs import Job, Rows, in_turns
from alert_responder_plugins.logs.lookup import Plan
from alert_responder_plugins.logs.questions import AskedKey, asked_keys
from alert_responder_plugins.logs.summary import QueryFacts, SourceAnswer, contents_of
from alert_responder_plugins.logs.windows import Window, around, chunks, moment_of
from alert_responder_plugins.logs_insights import literals
from alert_responder_plugins.logs_insights.client import InsightsQuery
from alert_responder_plugins.logs_insights.counts import count
from alert_responder_plugins.logs_insights.custom_queries import CustomQuery, build_custom_query
from alert_responder_plugins.logs_insights.dialects import Dialect
from alert_responder_plugins.logs_insights.groups import LogGroup, Place, places_in
from alert_responder_plugins.logs_insights.query import MAX_QUERY, build_query, can_ask
from alert_responder_plugins.logs_insights.query import MAX_ROWS as MAX_SOURCE_ROWS


@dataclass(frozen=True)
class Source:
    """Log groups of one kind, by the places where they are asked.

    Attributes
    ----------
    of_alert
        Log groups that are asked in the account of each alert.
    """

    name: str
    dialect: Dialect
    places: tuple[Place, ...]
    of_alert: tuple[LogGroup, ...] = ()


_Asked = TypeVar("_Asked", Source, CustomQuery)
_Skipped = list[tuple[int, SourceAnswer]]


@dataclass(frozen=True)
class Planner:
    """Plans the queries of batches.

    Attributes
    ----------
    before, after
        Window around the time of an alert.
    longest
        Longest time that one query reads.
    refusal
        Returns why an account is not asked, as a sentence, or None.
    """

    sources: Sequence[Source]
    queries: Sequence[CustomQuery]
    before: timedelta
    after: timedelta
    longest: timedelta
    refusal: Callable[[str], str | None] = lambda _: None

    def plan(self, tasks: Sequence[InspectionTask], now: datetime) -> Plan[InsightsQuery]:
        """Plan one query for each source, place, 100 tasks and window: alerts that are near in time share a window.

        Log groups in the account of each alert are asked about the alerts of that account only. The sources, and the
        accounts of a source, take turns.
        """
        windows = [around(moment_of(task), now, self.before, self.after) for task in tasks]
        keys = [asked_keys(task.attribute) for task in tasks]
        longest = max(self.before + self.after, min(self.longest, self.before + self.after + timedelta(days=1)))
        by_source: list[list[Job[InsightsQuery]]] = []
        skipped: _Skipped = []
        for source in self.sources:
            wanted = [[key for key in asked if key.kind in source.dialect.kinds] for asked in keys]
            places = [place for place, asked in enumerate(wanted) if any(map(can_ask, asked))]
            unsafe = [place for place, asked in enumerate(wanted) if asked and not any(map(can_ask, asked))]
            skipped += [(place, _not_asked(source.name)) for place in unsafe]
            by_part = [
                [
                    job
                    for window, some in chunks(windows, mine, longest)
                    for job in self._jobs(part, window, some, tasks, wanted)
                ]
                for part, mine in self._parts(source, places, tasks, skipped)
            ]
            by_source.append(in_turns(by_part))
        for query in self.queries:
            values = {place: value for place, task in enumerate(tasks) if (value := _value(query, task)) is not None}
            skipped += [(place, _not_asked(query.name)) for place, value in values.items() if not literals.fits(value)]
            places = [place for place, value in values.items() if literals.fits(value)]
            by_part = [
                [
                    job
                    for window, some in chunks(windows, mine, longest)
                    for job in self._custom_jobs(one, window, some, tasks, values)
                ]
                for one, mine in self._parts(query, places, tasks, skipped)
            ]
            by_source.append(in_turns(by_part))
        return Plan(in_turns(by_source), skipped)

    def _parts(
        self, asked: _Asked, places: list[int], tasks: Sequence[InspectionTask], skipped: _Skipped
    ) -> list[tuple[_Asked, list[int]]]:
        """Divide a source by where it is asked about which tasks; add the tasks about which it is not asked."""
        parts = [(asked, places)] if asked.places else []
        for account, mine in by_account(places if asked.of_alert else (), tasks).items():
            reason = None if account is None else self.refusal(account)
            if account is None or reason is not None:
                skipped += not_asked(asked.name, mine, reason)
                continue
            at = places_in(account, asked.of_alert)
            parts.append((replace(asked, name=name_in(asked.name, account), places=at), mine))
        return parts

    def _jobs(
        self,
        source: Source,
        window: Window,
        places: list[int],
        tasks: Sequence[InspectionTask],
        keys: Sequence[Sequence[AskedKey]],
    ) -> list[Job[InsightsQuery]]:
        """Return the queries of a chunk; twice as many if one would be longer than Logs Insights allows."""
        asked = [keys[place] for place in places]
        text = build_query(source.dialect, asked)
        if len(text) > MAX_QUERY and len(places) > 1:
            return [job for some in _halves(places) for job in self._jobs(source, window, some, tasks, keys)]
        types = [tasks[place].attribute.type for place in places]

        def read(rows: Rows, facts: QueryFacts) -> list[SourceAnswer]:
            found = count(source.dialect, asked, rows[: MAX_SOURCE_ROWS + 1])
            more = len(rows) - 1 > MAX_SOURCE_ROWS
            return [
                SourceAnswer(source.name, kind="no_data", reason=_NOT_READ, limited=True)
                if more and place not in found
                else SourceAnswer(
                    source.name,
                    contents_of(
                        source.name, source.dialect.shape, type_, found.get(place, ()), window, facts, at_least=more
                    ),
                    limited=more,
                )
                for place, type_ in enumerate(types)
            ]

        return _at_places(source.name, source.places, text, window, places, MAX_SOURCE_ROWS + 1, read)

    def _custom_jobs(
        self,
        query: CustomQuery,
        window: Window,
        places: list[int],
        tasks: Sequence[InspectionTask],
        values: dict[int, str],
    ) -> list[Job[InsightsQuery]]:
        """Return the queries of a chunk; twice as many if one would be longer than Logs Insights allows."""
        asked = [values[place] for place in places]
        text = build_custom_query(query, list(dict.fromkeys(asked)))
        if len(text) > MAX_QUERY and len(places) > 1:
            return [job for some in _halves(places) for job in self._custom_jobs(query, window, some, tasks, values)]
        types = [tasks[place].attribute.type for place in places]

        def read(rows: Rows, facts: QueryFacts) -> list[SourceAnswer]:
            # A result without rows has no names of fields either.
            return custom_answers(query.name, asked, types, rows if len(rows) > 1 else (), facts)

        return _at_places(query.name, query.places, text, window, places, MAX_ROWS + 1, read)


def _at_places(
    source: str,
    at: Sequence[Place],
    text: str,
    window: Window,
    tasks: Sequence[int],
    limit: int,
    read: Callable[[Rows, QueryFacts], list[SourceAnswer]],
) -> list[Job[InsightsQuery]]:
    reads = f"the source {source}"
    return [
        Job(source, reads, InsightsQuery(source, place, text, window, limit), window, tasks, limit, read)
        for place in at
    ]


_NOT_READ = (
    f"the result has more than {MAX_SOURCE_ROWS:,} rows, and none of those that were read is about this value. "
    "This does not mean that nothing happened."
)


def _not_asked(source: str) -> SourceAnswer:
    return SourceAnswer(source, kind="no_data", reason="not asked, because the value has characters that are not safe.")


def _halves(places: list[int]) -> tuple[list[int], list[int]]:
    half = len(places) // 2
    return places[:half], places[half:]


def _value(query: CustomQuery, task: InspectionTask) -> str | None:
    """Return the value that a custom query is asked about, or None."""
    return canonical(task.attribute) if task.attribute.type in query.attribute_types else None
