"""What the demonstration must have brought about; each check is one sentence and whether it holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alert_responder_cli.terminal.counts import count
from tools.demo.records import STORM_ALERTS
from tools.report_reader import ReportStatus

EXPECTED_REPORTS = 6


def check_reports(statuses: Sequence[ReportStatus], reports: dict[str, dict[str, Any]]) -> Iterator[tuple[bool, str]]:
    """Check what became of the alerts.

    Parameters
    ----------
    statuses : Sequence
        How all reports stand.
    reports : dict
        The published reports by id.
    """
    yield (
        len(statuses) == EXPECTED_REPORTS,
        f"The alerts became {count(EXPECTED_REPORTS, 'report')} (found {len(statuses)}).",
    )
    yield all(status.settled for status in statuses), "Every report is settled: nothing was left lying."
    storms = [status for status in statuses if status.title.startswith("Many failed logins")]
    counts = [reports.get(status.report_id, {}).get("alert_count") for status in storms]
    yield (
        counts == [STORM_ALERTS],
        f"The storm of {count(STORM_ALERTS, 'alert')} is one report of {STORM_ALERTS} (found {counts}).",
    )
    told = [
        any(delivery.emitter == "inbox" and delivery.outcome == "ok" for delivery in status.deliveries)
        for status in statuses
    ]
    yield all(told), f"Every report was delivered to the inbox ({sum(told)} of {len(told)})."
    urgent = [status for status in statuses if status.severity == "urgent"]
    yield len(urgent) == 1, "The connection to the control server is urgent, and nothing else is."
    pages = [delivery for status in urgent for delivery in status.deliveries if delivery.emitter == "pager"]
    yield (
        sorted({page.round for page in pages}) == [1, 2],
        "The next alert of the same finding was the next round of its report, and the pager was told.",
    )
    yield (
        bool(pages) and all(page.outcome == "ok" and page.failures >= 1 for page in pages),
        "The pager failed as it was told to, was tried again, and then paged.",
    )
    outcomes = [(task.inspector, task.outcome) for status in statuses for task in status.tasks]
    yield ("reputation", "error") in outcomes, "The inspector whose threat feed was down is shown as failed."
    depths = [task.depth for status in urgent for task in status.tasks if task.outcome == "ok"]
    yield any(depth > 0 for depth in depths), "What an inspector found was inspected in its turn."


def check_pages(pages: Mapping[str, bytes | None]) -> tuple[bool, str]:
    """Check that each report, by id, has a page that runs nothing."""
    good = [
        report_id
        for report_id, page in pages.items()
        if page and report_id.encode() in page and b"Content-Security-Policy" in page and b"<script" not in page
    ]
    return len(good) == len(pages), f"Every report has a page that runs nothing ({len(good)} of {len(pages)})."


def check_incidents(pages: Sequence[dict[str, Any]]) -> tuple[bool, str]:
    """Check that what the pager keeps is one incident over all rounds."""
    incidents = {page["incident"] for page in pages if page["paged"]}
    return len(
        incidents
    ) == 1, f"The pager had one incident for all rounds, by the state it gave (found {len(incidents)})."


def check_rejected(rejected: dict[str, dict[str, Any]], expected: int) -> tuple[bool, str]:
    """Check that everything that was no alert is in the archive."""
    return len(
        rejected
    ) == expected, f"All {count(expected, 'malformed record')} are in the archive (found {len(rejected)})."
