"""List reports by the day they were opened."""

import heapq
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from typing import Any

from alert_responder.domain.identifiers import INDEX_SHARDS
from alert_responder_cli.aws.dynamodb_pages import query_pages
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.scan_limit import GROWTH, MAX_LOOKED_AT, PageCounter, collected
from alert_responder_cli.reports.summary import ReportList, ReportSummary, is_kept, read
from alert_responder_cli.times import days_back

_INDEX = "reports_by_day"

_LARGE_PAGE = 500
"""Items per page when all reports are read."""


def newest(
    installation: Installation, query: ReportQuery, now: int, on_progress: Callable[[], None] = lambda: None
) -> ReportList:
    """List the newest reports that match a query.

    Parameters
    ----------
    now
        The current time [ms since the epoch]: expired reports are left out.
    on_progress
        Called for each day.

    Raises
    ------
    CommandError
        The index `reports_by_day` cannot be read (`dynamodb:Query` on it).
    """
    seen = PageCounter("report_id", MAX_LOOKED_AT)
    # A page is a bit more than a shard's share of the list. `closing` ends the threads now, not with the garbage.
    with closing(_by_day(installation, query, query.limit // INDEX_SHARDS + 3, seen, on_progress)) as items:
        return collected(items, query, now, seen)


def newest_ids(installation: Installation, now: int, limit: int = 20) -> list[str]:
    """Return the ids of the newest reports of the last two days."""
    query = ReportQuery(since=now - 2 * 86_400_000, until=now, limit=limit)
    return [report.report_id for report in newest(installation, query, now).reports]


def everything(installation: Installation, query: ReportQuery, now: int) -> Iterator[ReportSummary]:
    """Yield every report that matches a query, newest first, while they are read; ignores `limit`.

    Raises
    ------
    CommandError
        As `newest`.
    """
    with closing(_by_day(installation, query, _LARGE_PAGE, PageCounter("report_id", most=None))) as items:
        for item in items:
            report = read(item)
            if is_kept(item, now) and query.fits(report):
                yield report


def _by_day(
    installation: Installation,
    query: ReportQuery,
    page: int,
    seen: PageCounter,
    on_progress: Callable[[], None] = lambda: None,
) -> Generator[dict[str, Any]]:
    """Yield the items of the index, newest first; `page` items at a time are read from each shard."""
    # One connection per shard: they are queried concurrently.
    client = installation.client("dynamodb", max_pool_connections=INDEX_SHARDS)
    with ThreadPoolExecutor(INDEX_SHARDS) as executor:

        def of_day(day: str) -> Iterator[dict[str, Any]]:
            if seen.enough:
                seen.cut_off = True
                return iter(())
            on_progress()
            shards = [
                query_pages(
                    client,
                    page,
                    GROWTH if query.is_filtered else 1,
                    seen.add_page,
                    TableName=installation.table,
                    IndexName=_INDEX,
                    **query.request(
                        "day_shard = :shard AND report_id BETWEEN :first AND :last", shard=f"{day}/{shard}"
                    ),
                )
                for shard in range(INDEX_SHARDS)
            ]
            firsts = list(executor.map(_filled, shards))
            # If the filter matches little, all shards are needed again: query them concurrently.
            rest = [
                _ahead(pages, executor) if len(first) < query.limit // INDEX_SHARDS else pages
                for first, pages in zip(firsts, shards, strict=True)
            ]
            found = [chain(first, chain.from_iterable(pages)) for first, pages in zip(firsts, rest, strict=True)]
            return heapq.merge(*found, key=lambda item: str(item["report_id"]), reverse=True)

        yield from chain.from_iterable(map(of_day, days_back(query.until, query.since)))


def _ahead(pages: Iterator[list[dict[str, Any]]], executor: Executor) -> Iterator[list[dict[str, Any]]]:
    """Request the next page immediately, concurrently with other shards, and always one page ahead."""
    return _taken(executor.submit(_filled, pages), pages, executor)


def _taken(
    following: Future[list[dict[str, Any]]], pages: Iterator[list[dict[str, Any]]], executor: Executor
) -> Iterator[list[dict[str, Any]]]:
    while page := following.result():
        following = executor.submit(_filled, pages)
        yield page


def _filled(pages: Iterator[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the next page that is not empty, or an empty list at the end."""
    return next(filter(None, pages), [])
