"""Lists of reports, newest first; what is read grows with what is shown, not with what is stored."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from pydantic import BaseModel, ConfigDict

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import attribute_hash, canonical
from alert_responder.domain.identifiers import INDEX_SHARDS, ulid
from alert_responder.store import keys
from alert_responder_cli.errors import CommandError
from alert_responder_cli.installation import Installation
from alert_responder_cli.pages import query
from alert_responder_cli.times import days_back

MAX_LOOKED_AT = 10_000
"""Most reports that are read for one list: a filter that nearly nothing passes ends there, and the list says so."""

TYPES = (
    "ipaddr",
    "domain",
    "url",
    "email",
    "username",
    "filehashvalue",
    "instance",
    "accesskey",
    "arn",
    "account",
    "json",
)
"""Types of attributes that are tried where none is given."""

_INDEX = "reports_by_day"
_FILTERED_PAGE = 100
_LARGE_PAGE = 500


class Listed(BaseModel):
    """A report as lists show it.

    Attributes
    ----------
    reviewed
        False: the severity is not that of a review yet.
    round
        The last round that was published; None: the list was made from an attribute, which does not say.
    """

    model_config = ConfigDict(frozen=True)

    report_id: str
    title: str
    detector: str
    rule_id: str
    severity: str
    reviewed: bool
    alert_count: int
    round: int | None
    created_at: str
    updated_at: str


class Listing(BaseModel):
    """A list of reports.

    Attributes
    ----------
    more
        Whether there may be older ones that fit.
    looked_at
        How many reports were read for it.
    """

    model_config = ConfigDict(frozen=True)

    reports: tuple[Listed, ...]
    more: bool
    looked_at: int


@dataclass(frozen=True)
class Wanted:
    """Which reports are wanted.

    Attributes
    ----------
    since, until
        Opened between these [ms since the epoch].
    severities, detectors
        Any of these; empty: all.
    limit
        At most so many.
    """

    since: int
    until: int
    severities: Sequence[str] = ()
    detectors: Sequence[str] = ()
    limit: int = 50

    def fits(self, report: Listed) -> bool:
        """Say whether a report passes the filters."""
        return (not self.severities or report.severity in self.severities) and (
            not self.detectors or report.detector in self.detectors
        )

    @property
    def page(self) -> int:
        """Items to read at once from each of the index's shards: a bit more than its part of the list."""
        return _FILTERED_PAGE if self.severities or self.detectors else self.limit // INDEX_SHARDS + 3

    @property
    def bounds(self) -> dict[str, Any]:
        """Ids of the first and last report that may be wanted, as values of a query: ids sort by time of opening."""
        return {
            ":first": {"S": ulid(self.since, b"\x00" * 10)},
            ":last": {"S": ulid(self.until, b"\xff" * 10)},
        }


def newest(made: Installation, wanted: Wanted, now: int, advanced: Callable[[], None] = lambda: None) -> Listing:
    """List reports by the day they were opened.

    Parameters
    ----------
    now
        The time [ms since the epoch]: what has expired by then is left out.
    advanced
        Is called for each day.

    Raises
    ------
    CommandError
        When the index `reports_by_day` cannot be read (`dynamodb:Query` on it).
    """
    return _list(_by_day(made, wanted, wanted.page, advanced), wanted, now)


def everything(made: Installation, wanted: Wanted, now: int) -> Iterator[Listed]:
    """Yield every report that fits, newest first, as they are read; `limit` does not count.

    Raises
    ------
    CommandError
        As `newest`.
    """
    for item in _by_day(made, wanted, _LARGE_PAGE):
        report = _read(item)
        if _is_kept(item, now) and wanted.fits(report):
            yield report


def _by_day(
    made: Installation, wanted: Wanted, size: int, advanced: Callable[[], None] = lambda: None
) -> Iterator[dict[str, Any]]:
    """Yield what the index has of the days, newest first; `size` items are read at once from each of its shards."""
    # A connection for each shard, which are asked at once.
    client = made.client("dynamodb", max_pool_connections=INDEX_SHARDS)
    with ThreadPoolExecutor(INDEX_SHARDS) as executor:

        def of_day(day: str) -> Iterator[dict[str, Any]]:
            advanced()
            shards = [
                query(
                    client,
                    size,
                    TableName=made.table,
                    IndexName=_INDEX,
                    KeyConditionExpression="day_shard = :shard AND report_id BETWEEN :first AND :last",
                    ExpressionAttributeValues={":shard": {"S": f"{day}/{shard}"}, **wanted.bounds},
                    ScanIndexForward=False,
                )
                for shard in range(INDEX_SHARDS)
            ]
            firsts = list(executor.map(_first, shards))
            found = [chain(first, chain.from_iterable(pages)) for first, pages in zip(firsts, shards, strict=True)]
            return heapq.merge(*found, key=lambda item: str(item["report_id"]), reverse=True)

        yield from chain.from_iterable(map(of_day, days_back(wanted.until, wanted.since)))


def with_attribute(made: Installation, value: str, type_: str | None, wanted: Wanted, now: int) -> Listing:
    """List reports that have an attribute, in any spelling; those that are reviewed already.

    Parameters
    ----------
    type_
        Its type; None: every known type that the value fits.

    Raises
    ------
    CommandError
        When the table cannot be read (`dynamodb:Query`), or the value does not fit the type.
    """
    ids = attribute_ids(value, type_)
    client = made.client("dynamodb")
    partitions = [
        chain.from_iterable(
            query(
                client,
                wanted.page if len(ids) == 1 else _FILTERED_PAGE,
                TableName=made.table,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues={":pk": {"S": keys.attribute_history(each, "").pk}, **wanted.bounds},
                ScanIndexForward=False,
            )
        )
        for each in ids
    ]
    merged = heapq.merge(*partitions, key=lambda item: str(item["sk"]), reverse=True)
    return _list(_once({**item, "report_id": item["sk"], "snapshot": "yes"} for item in merged), wanted, now)


def attribute_ids(value: str, type_: str | None) -> list[str]:
    """Return the hashes an attribute of this value may have."""
    found: list[str] = []
    for each in [type_] if type_ else TYPES:
        try:
            same = canonical(Attribute(type=each, value=value))
        except ValueError:
            raise CommandError(f"'{each}' is no type of attributes: give one of {', '.join(TYPES)}.") from None
        if same is not None:
            found.append(attribute_hash(each, same))
    if not found:
        raise CommandError(f"'{value}' is no attribute of type {type_}.")
    return found


def _list(items: Iterable[dict[str, Any]], wanted: Wanted, now: int) -> Listing:
    looked_at = 0
    found: list[Listed] = []
    more = False
    for item in items:
        looked_at += 1
        report = _read(item)
        if _is_kept(item, now) and wanted.fits(report):
            found.append(report)
        # Whether another one follows is not asked: the next day would have to be read for it.
        more = len(found) == wanted.limit or looked_at == MAX_LOOKED_AT
        if more:
            break
    return Listing(reports=tuple(found), more=more, looked_at=looked_at)


def _is_kept(item: dict[str, Any], now: int) -> bool:
    return bool(item.get("expires_at", now) * 1000 > now)


def _first(pages: Iterator[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return next(pages, [])


def _once(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    last = None
    for item in items:
        if item["report_id"] != last:
            yield item
        last = item["report_id"]


def _read(item: dict[str, Any]) -> Listed:
    return Listed(
        report_id=item["report_id"],
        title=item.get("title", ""),
        detector=item.get("detector", ""),
        rule_id=item.get("rule_id", ""),
        severity=item.get("severity", ""),
        reviewed="snapshot" in item,
        alert_count=item.get("alert_count", 0),
        round=item.get("round"),
        created_at=item.get("created_at", ""),
        updated_at=item.get("updated_at", ""),
    )


def newest_ids(made: Installation, now: int, limit: int = 20) -> list[str]:
    """Return ids of the newest reports of the last two days."""
    wanted = Wanted(since=now - 2 * 86_400_000, until=now, limit=limit)
    return [report.report_id for report in islice(newest(made, wanted, now).reports, limit)]
