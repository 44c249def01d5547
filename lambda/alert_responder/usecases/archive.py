"""Archive a round: its report as JSON and as a page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from alert_responder.contracts.report import Emission, Report
from alert_responder.errors import describe_error
from alert_responder.store.archive_keys import page_key, report_key, snapshot_key
from alert_responder.usecases.ports import Archive, PagePrinter

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ReportArchive:
    """Reads and writes the reports and pages in the archive.

    Each call of Review writes under its own token, so that no call overwrites the objects of another. The publication
    of a round names the objects that belong to it, and a copy of its JSON is kept under the key of the round.
    """

    archive: Archive
    print_page: PagePrinter

    def put(self, report: Report, token: str) -> str:
        """Archive a snapshot of the report as JSON; return its key."""
        key = snapshot_key(report.id, report.round, token)
        self.archive.put(key, json.dumps(report.model_dump(mode="json")).encode())
        return key

    def put_page(
        self, report: Report, arrivals: Sequence[int], deliveries: Sequence[Emission], token: str
    ) -> str | None:
        """Archive the page of the report.

        Returns
        -------
        str | None
            The error that prevented the page, or None. The report is published in both cases.
        """
        try:
            document = self.print_page(report, arrivals, deliveries, report_key(report.id, report.round))
            self.archive.put(page_key(report.id, report.round, token), document, HTML)
        except Exception as error:  # noqa: BLE001 - logged by the caller; pages are for people, and no report waits for one
            return describe_error(error)
        return None

    def get(self, snapshot: str) -> Report:
        """Read a snapshot."""
        return Report.model_validate_json(self.archive.get(snapshot))

    def keep(self, report: Report, snapshot: str) -> None:
        """Copy a published snapshot to the key of its round; repeated, it changes nothing."""
        self.archive.copy(snapshot, report_key(report.id, report.round))
