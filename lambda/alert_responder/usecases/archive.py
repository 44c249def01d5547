"""Archive a round: its report as JSON and as a page."""

import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from alert_responder.contracts.report import Emission, Report
from alert_responder.usecases.ports import Archive, PagePrinter

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ReportArchive:
    """Writes what a round leaves in the archive.

    Each call of Review writes under a token of its own, so that none writes over another's: what belongs to a round is
    what its publication names. The JSON lasts as a copy of that, under the round's own key.
    """

    archive: Archive
    print_page: PagePrinter

    def put(self, report: Report, token: str) -> str:
        """Archive a snapshot of the report as JSON; return its key, which has the token in it."""
        key = f"snapshots/{report.id}/{report.round:06d}/{token}.json"
        self.archive.put(key, json.dumps(report.model_dump(mode="json")).encode())
        return key

    def put_page(
        self, report: Report, arrivals: Sequence[int], deliveries: Sequence[Emission], token: str
    ) -> str | None:
        """Archive the page where `page_of` says.

        Returns
        -------
        str | None
            None, or why there is no page: a report goes on without, whatever has gone wrong with it.
        """
        try:
            document = self.print_page(report, arrivals, deliveries, report_key(report.id, report.round))
            self.archive.put(page_of(report, token), document, HTML)
        except Exception as fault:  # noqa: BLE001 - said, and nothing else: a page is for people, and never worth a report
            place = traceback.extract_tb(fault.__traceback__)[-1]
            return f"{type(fault).__name__} in {place.name}, line {place.lineno}"
        return None

    def get(self, snapshot: str) -> Report:
        """Read a snapshot."""
        return Report.model_validate_json(self.archive.get(snapshot))

    def keep(self, report: Report, snapshot: str) -> None:
        """Copy what was published to where it lasts; done again, it changes nothing."""
        self.archive.copy(snapshot, report_key(report.id, report.round))


def report_key(report_id: str, round_: int) -> str:
    """Return where the report of a round lasts in the archive, as JSON."""
    return f"reports/{report_id}/{round_:06d}.json"


def page_of(report: Report, token: str) -> str:
    """Return where the page of a round lasts in the archive, beside the JSON."""
    return f"reports/{report.id}/{report.round:06d}-{token}.html"
