"""A report as lists show it."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class ReportSummary(BaseModel):
    """A report as lists show it.

    Attributes
    ----------
    reviewed
        False: the severity is not that of a review yet.
    round
        The last round that was published; None: the list was made from an attribute, which does not say.
    alert_key
        What tells its incident from others of the same rule; empty also where an earlier version stored the report.
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
    alert_key: str = ""


class ReportList(BaseModel):
    """A list of reports.

    Attributes
    ----------
    more
        Whether there may be older ones that fit.
    looked_at
        How many reports were gone through for it.
    """

    model_config = ConfigDict(frozen=True)

    reports: tuple[ReportSummary, ...]
    more: bool
    looked_at: int


def read(item: dict[str, Any]) -> ReportSummary:
    """Read an item of the index, or of the history of an attribute."""
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
    )


def is_kept(item: dict[str, Any], now: int) -> bool:
    """Say whether an item has not expired by `now` [ms since the epoch]; DynamoDB deletes it some time later."""
    return bool(item.get("expires_at", now) * 1000 > now)
