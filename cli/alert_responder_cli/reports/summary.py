"""Reports in lists.

To add a column to `alert-responder reports`, add a field here and in `read`, and a cell in `commands.reports`.
"""

from typing import Any

from pydantic import BaseModel

from alert_responder.contracts.primitives import Status


class ReportSummary(BaseModel, frozen=True):
    """A report in a list.

    Attributes
    ----------
    reviewed
        Whether the severity is the result of a review.
    round
        The last published round; None: unknown, since the list was read by attribute.
    alert_key
        Distinguishes incidents of one rule; empty for reports of earlier versions.
    test
        Whether `doctor --end-to-end` sent its alert.
    status
        `resolved` if the detector reports the incident as resolved.
    labels, suppressed, breakthrough
        The reviewer's labels, the name of its suppression, and why that does not apply.
    """

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
    alert_key: str = ""
    test: bool = False
    status: Status = "active"
    labels: tuple[str, ...] = ()
    suppressed: str | None = None
    breakthrough: str | None = None

    @property
    def is_suppressed(self) -> bool:
        """Whether no emitter is notified of it."""
        return self.suppressed is not None and self.breakthrough is None


class ReportList(BaseModel, frozen=True):
    """A list of reports.

    Attributes
    ----------
    more
        Whether there may be older reports that match.
    looked_at
        Number of reports scanned.
    """

    reports: tuple[ReportSummary, ...]
    more: bool
    looked_at: int


def read(item: dict[str, Any]) -> ReportSummary:
    """Convert an item of the index or of an attribute's history."""
    return ReportSummary(
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
        alert_key=item.get("alert_key", ""),
        test=item.get("test", False),
        status=item.get("status", "active"),
        labels=tuple(item.get("labels", ())),
        suppressed=item.get("suppressed"),
        breakthrough=item.get("breakthrough"),
    )


def is_kept(item: dict[str, Any], now: int) -> bool:
    """Return whether an item has not expired by `now` [ms since the epoch]; DynamoDB deletes it some time later."""
    return bool(item.get("expires_at", now) * 1000 > now)
