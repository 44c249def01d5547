"""Example reports of a list, and their ratings by two reviewers."""

from typing import Any

from alert_responder_cli.backtesting.stored_ratings import Rate, Rating
from alert_responder_cli.reports.summary import ReportSummary


def listed(number: int = 0, **fields: Any) -> ReportSummary:
    given = {"title": f"t{number}", "detector": "d", "rule_id": "r", "severity": "safe", "reviewed": True}
    times = {"created_at": "2026-02-01T00:00:00Z", "updated_at": "2026-02-01T00:00:00Z"}
    return ReportSummary.model_validate(
        {"report_id": f"R{number}", "alert_count": 1, "round": 1, **given, **times, **fields}
    )


def rated(was: Rate | None, new: Rate, report: ReportSummary | None = None, **fields: Any) -> Rating:
    return Rating(report or listed(), was, "old", new, "new", **fields)
