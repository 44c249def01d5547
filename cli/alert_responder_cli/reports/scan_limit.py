"""The end of a list: enough was found, or looked at."""

from collections.abc import Iterable, Mapping
from typing import Any

from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.summary import ReportList, ReportSummary, is_kept, read

MAX_LOOKED_AT = 10_000
"""About how many reports DynamoDB goes through for one list: a filter that nearly nothing passes ends there, and the
list says so."""

GROWTH = 4
"""How many times larger each further page is where a filter lets little through."""


class PageCounter:
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

    def add_page(self, count: int, next_key: Mapping[str, Any] | None) -> bool:
        """Note a page, and say whether to go on."""
        self._counts.append(count)
        if self.enough and next_key is not None:
            self.cut_off = True
            self.floor = max(self.floor, str(next_key[self._sort_key]["S"]))
        return not self.enough


def collected(items: Iterable[dict[str, Any]], query: ReportQuery, now: int, seen: PageCounter) -> ReportList:
    """Take from `items`, newest first, what is wanted and has not expired by `now`."""
    found: list[ReportSummary] = []
    for item in items:
        if item["report_id"] < seen.floor:
            break  # Of what is older, only some was looked at.
        report = read(item)
        if is_kept(item, now) and query.fits(report):
            found.append(report)
        # Whether another one follows is not asked: the next day would have to be read for it.
        if len(found) == query.limit:
            break
    more = len(found) == query.limit or seen.cut_off
    return ReportList(reports=tuple(found), more=more, looked_at=seen.count)
