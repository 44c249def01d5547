"""The demonstration's checks: each is a sentence and whether it is true."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alert_responder_cli.terminal.counts import count
from tools.demo.records import STORM_ALERTS
from tools.report_reader import ReportStatus

EXPECTED_REPORTS = 6


def check_reports(statuses: Sequence[ReportStatus], reports: dict[str, dict[str, Any]]) -> Iterator[tuple[bool, str]]:
    """Check the reports of the alerts that were sent.

    Parameters
    ----------
    statuses : Sequence
        The status of all reports.
    reports : dict
        The published reports by id.
    """
    yield (
        len(statuses) == EXPECTED_REPORTS,
        f"The alerts became {count(EXPECTED_REPORTS, 'report')} (found {len(statuses)}).",
    )
    yield all(status.settled for status in statuses), "Every report is settled."
    storms = [status for status in statuses if status.title.startswith("Many failed logins")]
    counts = [reports.get(status.report_id, {}).get("alert_count") for status in storms]
    yield (
        counts == [STORM_ALERTS],
        f"The storm of {count(STORM_ALERTS, 'alert')} is one report of {STORM_ALERTS} (found {counts}).",
    )
    delivered = [
        any(delivery.emitter == "inbox" and delivery.outcome == "ok" for delivery in status.deliveries)
        for status in statuses
    ]
    yield all(delivered), f"Every report was delivered to the inbox ({sum(delivered)} of {len(delivered)})."
    urgent = [status for status in statuses if status.severity == "urgent"]
    yield len(urgent) == 1, "Only the report on the command-and-control server is urgent."
    pages = [delivery for status in urgent for delivery in status.deliveries if delivery.emitter == "pager"]
    yield (
        sorted({page.round for page in pages}) == [1, 2],
        "The update of the finding started a second round of its report, and the pager was notified.",
    )
    yield (
        bool(pages) and all(page.outcome == "ok" and page.failures >= 1 for page in pages),
        "The pager failed once as requested, and the retry succeeded.",
    )
    outcomes = [(task.inspector, task.outcome) for status in statuses for task in status.tasks]
    yield ("reputation", "error") in outcomes, "The lookup that needed the failed threat feed has the outcome error."
    depths = [task.depth for status in urgent for task in status.tasks if task.outcome == "ok"]
    yield any(depth > 0 for depth in depths), "Attributes that an inspector found were looked up in turn."


def check_pages(pages: Mapping[str, bytes | None]) -> tuple[bool, str]:
    """Check that each report has a page without scripts.

    Parameters
    ----------
    pages : Mapping
        The pages by report id; None for a missing one.
    """
    good = [
        report_id
        for report_id, page in pages.items()
        if page and report_id.encode() in page and b"Content-Security-Policy" in page and b"<script" not in page
    ]
    return len(good) == len(pages), f"Every report has a page without scripts ({len(good)} of {len(pages)})."


def check_incidents(pages: Sequence[dict[str, Any]]) -> tuple[bool, str]:
    """Check that the pager used one incident for all rounds."""
    incidents = {page["incident"] for page in pages if page["paged"]}
    what = f"The pager updated one incident in all rounds, with its own state (found {len(incidents)})."
    return len(incidents) == 1, what


def check_rejected(rejected: dict[str, dict[str, Any]], expected: int) -> tuple[bool, str]:
    """Check that all rejected records are in the archive."""
    what = f"The archive has all {count(expected, 'rejected record')} (found {len(rejected)})."
    return len(rejected) == expected, what
