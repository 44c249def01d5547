"""When to stop reading a list of reports: enough were found or scanned."""

from collections.abc import Iterable, Mapping
from typing import Any

from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.summary import ReportList, ReportSummary, is_kept, read

MAX_LOOKED_AT = 10_000
"""Approximate number of reports that DynamoDB scans for one list. If the filter matches hardly anything, the list ends
there, and `ReportList.more` is true."""

GROWTH = 4
"""Factor by which each further page of a filtered query is larger."""


class PageCounter:
    """Counts the reports that the pages of one list scanned; safe to use from several threads.

    Attributes
    ----------
    cut_off
        Whether reports were left out because of the limit.
    floor
        The report id down to which no report was left out.
    """

    def __init__(self, sort_key: str, most: int | None) -> None:
        self._sort_key = sort_key
        self._most = most
        self._counts: list[int] = []
        self.cut_off = False
        self.floor = ""

    @property
    def count(self) -> int:
        """Number of reports scanned."""
        return sum(self._counts)

    @property
    def enough(self) -> bool:
        """Whether the limit is reached."""
        return self._most is not None and self.count >= self._most

    def add_page(self, count: int, next_key: Mapping[str, Any] | None) -> bool:
        """Count a page, and return whether to continue."""
        self._counts.append(count)
        if self.enough and next_key is not None:
            self.cut_off = True
            self.floor = max(self.floor, str(next_key[self._sort_key]["S"]))
        return not self.enough


def collected(items: Iterable[dict[str, Any]], query: ReportQuery, now: int, seen: PageCounter) -> ReportList:
    """Collect the reports that match a query and have not expired from items, newest first."""
    found: list[ReportSummary] = []
    for item in items:
        if item["report_id"] < seen.floor:
            break  # Of the older ones, only some were scanned.
        report = read(item)
        if is_kept(item, now) and query.fits(report):
            found.append(report)
        # Do not look for another one: that might require reading the next day.
        if len(found) == query.limit:
            break
    more = len(found) == query.limit or seen.cut_off
    return ReportList(reports=tuple(found), more=more, looked_at=seen.count)
