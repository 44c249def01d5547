"""Repeated snapshots of the newest reports, and the changes between them."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.primitives import Status
from alert_responder.store import keys
from alert_responder.store.table import Item
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.status import ReportStatus, read_stored_report


class WatchedReport(BaseModel, frozen=True):
    """A report in a snapshot; `deliveries` are the outcomes of this round by emitter."""

    report_id: str
    title: str
    alert_count: int
    round: int
    step: str
    severity: str
    reviewed: bool
    deliveries: dict[str, str]
    alert_key: str = ""
    status: Status = "active"
    suppressed: str | None = None
    breakthrough: str | None = None


class Snapshot(NamedTuple):
    """The newest reports at one time.

    Attributes
    ----------
    statuses
        One for each report, the newest last.
    left_out
        Whether the limit leaves out older reports of the period.
    """

    statuses: list[ReportStatus]
    left_out: bool


class Watch:
    """Reads the newest reports repeatedly; a settled report is read again only if it has changed.

    Parameters
    ----------
    installation
        The installation; `dynamodb:Query` on its table and index is needed.
    hours
        Length of the period in which the reports were opened.
    limit
        Maximum number of reports.
    """

    def __init__(self, installation: Installation, hours: int, limit: int) -> None:
        self._installation = installation
        self._table = DynamoDBTable(installation.client("dynamodb"), installation.table)
        self._hours, self._limit = hours, limit
        self._settled: dict[str, tuple[Item, ReportStatus]] = {}

    def snapshot(self, now: int) -> Snapshot:
        """Read the current status of all watched reports [now: ms since the epoch]."""
        # Read one more than the limit to know whether reports are left out.
        listed = newest(
            self._installation, ReportQuery(now - self._hours * 3_600_000, now, limit=self._limit + 1), now
        ).reports
        ids = [report.report_id for report in reversed(listed[: self._limit])]
        with explain_aws_errors():
            heads = self._table.get_many([keys.head(report_id) for report_id in ids])
            statuses = {
                report_id: self._status(report_id, heads[keys.head(report_id)])
                for report_id in ids
                if keys.head(report_id) in heads
            }
        self._settled = {
            report_id: (heads[keys.head(report_id)], status)
            for report_id, status in statuses.items()
            if status is not None and status.head.state != "open"
        }
        found = [status for status in statuses.values() if status is not None]
        return Snapshot(found, left_out=len(listed) > self._limit)

    def _status(self, report_id: str, head: Item) -> ReportStatus | None:
        known, status = self._settled.get(report_id, (None, None))
        if status is not None and known == head:
            return status
        stored = read_stored_report(self._table, report_id)
        return stored.status if stored else None


def watched_report(status: ReportStatus) -> WatchedReport:
    """Convert a status to its JSON form."""
    now: dict[str, Any] = {
        delivery.emitter: delivery.outcome or "open"
        for delivery in status.deliveries
        if delivery.round == status.head.round
    }
    return WatchedReport(
        report_id=status.report_id,
        title=status.title,
        alert_count=status.alert_count,
        round=status.head.round,
        step=status.step(),
        severity=status.severity,
        reviewed=status.reviewed_round > 0,
        deliveries=now,
        alert_key=status.alert_key,
        status=status.status,
        suppressed=status.suppressed,
        breakthrough=status.breakthrough,
    )


def changes(statuses: Iterable[list[ReportStatus]]) -> Iterator[WatchedReport]:
    """Yield each report that is new or has changed since the last snapshot."""
    last: dict[str, WatchedReport] = {}
    for found in statuses:
        for status in found:
            one = watched_report(status)
            if last.get(one.report_id) != one:
                last[one.report_id] = one
                yield one
