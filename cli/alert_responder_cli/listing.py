"""Lists of reports, newest first; what is read grows with what is shown, not with what is stored."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
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
"""About how many reports DynamoDB goes through for one list: a filter that nearly nothing passes ends there, and the
list says so."""

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
_GROWTH = 4
"""How many times larger each further page is where a filter lets little through."""

_LARGE_PAGE = 500
"""Items of a page where all are wanted."""


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
        How many reports were gone through for it.
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
    def filters(self) -> dict[str, Sequence[str]]:
        """What has to be one of what, by attribute."""
        given = {"severity": self.severities, "detector": self.detectors}
        return {name: values for name, values in given.items() if values}

    def query(self, condition: str, **values: str) -> dict[str, Any]:
        """Write a query for what is wanted, the newest first; DynamoDB leaves out what the filters keep back."""
        named = {
            f":{name}{number}": value for name, wanted in self.filters.items() for number, value in enumerate(wanted)
        }
        request: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {
                **{name: {"S": value} for name, value in named.items()},
                **{f":{name}": {"S": value} for name, value in values.items()},
                **self.bounds,
            },
            "ScanIndexForward": False,
        }
        if self.filters:
            request["FilterExpression"] = " AND ".join(
                f"#{name} IN ({', '.join(f':{name}{number}' for number in range(len(wanted)))})"
                for name, wanted in self.filters.items()
            )
            request["ExpressionAttributeNames"] = {f"#{name}": name for name in self.filters}
        return request

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
    seen = _Seen("report_id", MAX_LOOKED_AT)
    # A bit more than a shard's part of the list.
    return _list(_by_day(made, wanted, wanted.limit // INDEX_SHARDS + 3, seen, advanced), wanted, now, seen)


def everything(made: Installation, wanted: Wanted, now: int) -> Iterator[Listed]:
    """Yield every report that fits, newest first, as they are read; `limit` does not count.

    Raises
    ------
    CommandError
        As `newest`.
    """
    for item in _by_day(made, wanted, _LARGE_PAGE, _Seen("report_id", most=None)):
        report = _read(item)
        if _is_kept(item, now) and wanted.fits(report):
            yield report


def _by_day(
    made: Installation, wanted: Wanted, page: int, seen: "_Seen", advanced: Callable[[], None] = lambda: None
) -> Iterator[dict[str, Any]]:
    """Yield what the index has of the days, newest first; `page` items are read at once from each of its shards."""
    # A connection for each shard, which are asked at once.
    client = made.client("dynamodb", max_pool_connections=INDEX_SHARDS)
    with ThreadPoolExecutor(INDEX_SHARDS) as executor:

        def of_day(day: str) -> Iterator[dict[str, Any]]:
            if seen.enough:
                seen.cut_off = True
                return iter(())
            advanced()
            shards = [
                query(
                    client,
                    page,
                    _GROWTH if wanted.filters else 1,
                    seen.looked,
                    TableName=made.table,
                    IndexName=_INDEX,
                    **wanted.query("day_shard = :shard AND report_id BETWEEN :first AND :last", shard=f"{day}/{shard}"),
                )
                for shard in range(INDEX_SHARDS)
            ]
            firsts = list(executor.map(_filled, shards))
            # Where a filter lets little through, all shards will be asked again: at once.
            rest = [
                _ahead(pages, executor) if len(first) < wanted.limit // INDEX_SHARDS else pages
                for first, pages in zip(firsts, shards, strict=True)
            ]
            found = [chain(first, chain.from_iterable(pages)) for first, pages in zip(firsts, rest, strict=True)]
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
    seen = _Seen("sk", MAX_LOOKED_AT)
    partitions = [
        chain.from_iterable(
            query(
                client,
                wanted.limit,
                _GROWTH if wanted.filters else 1,
                seen.looked,
                TableName=made.table,
                **wanted.query("pk = :pk AND sk BETWEEN :first AND :last", pk=keys.attribute_history(each, "").pk),
            )
        )
        for each in ids
    ]
    merged = heapq.merge(*partitions, key=lambda item: str(item["sk"]), reverse=True)
    return _list(_once({**item, "report_id": item["sk"], "snapshot": "yes"} for item in merged), wanted, now, seen)


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


class _Seen:
    """What the pages of one list went through; several threads may tell it at once.

    Attributes
    ----------
    cut_off
        Whether something was left out for having looked at enough.
    floor
        Down to which report id nothing was left out.
    """

    def __init__(self, sort_key: str, most: int | None) -> None:
        self._sort_key = sort_key
        self._most = most
        self._counts: list[int] = []
        self.cut_off = False
        self.floor = ""

    @property
    def count(self) -> int:
        """How many reports were gone through."""
        return sum(self._counts)

    @property
    def enough(self) -> bool:
        """Whether no more are to be gone through."""
        return self._most is not None and self.count >= self._most

    def looked(self, count: int, next_key: Mapping[str, Any] | None) -> bool:
        """Note a page, and say whether to go on."""
        self._counts.append(count)
        if self.enough and next_key is not None:
            self.cut_off = True
            self.floor = max(self.floor, str(next_key[self._sort_key]["S"]))
        return not self.enough


def _list(items: Iterable[dict[str, Any]], wanted: Wanted, now: int, seen: _Seen) -> Listing:
    found: list[Listed] = []
    for item in items:
        if item["report_id"] < seen.floor:
            break  # Of what is older, only some was looked at.
        report = _read(item)
        if _is_kept(item, now) and wanted.fits(report):
            found.append(report)
        # Whether another one follows is not asked: the next day would have to be read for it.
        if len(found) == wanted.limit:
            break
    more = len(found) == wanted.limit or seen.cut_off
    return Listing(reports=tuple(found), more=more, looked_at=seen.count)


def _is_kept(item: dict[str, Any], now: int) -> bool:
    return bool(item.get("expires_at", now) * 1000 > now)


def _ahead(pages: Iterator[list[dict[str, Any]]], executor: Executor) -> Iterator[list[dict[str, Any]]]:
    """Have the next page asked for at once, beside those of other shards, and each further one as one is taken."""
    return _taken(executor.submit(_filled, pages), pages, executor)


def _taken(
    following: Future[list[dict[str, Any]]], pages: Iterator[list[dict[str, Any]]], executor: Executor
) -> Iterator[list[dict[str, Any]]]:
    while page := following.result():
        following = executor.submit(_filled, pages)
        yield page


def _filled(pages: Iterator[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the next page that is not empty; an empty one: there is none."""
    return next(filter(None, pages), [])


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
