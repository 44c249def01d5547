"""Archive a round: its report as JSON and as a page, first as a snapshot, then where both last."""

import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from alert_responder.contracts.report import Emission, Report
from alert_responder.errors import DependencyError
from alert_responder.store.deliveries import Deliveries, Published
from alert_responder.usecases.ports import Archive, PagePrinter

HTML = "text/html; charset=utf-8"

MAX_OVERTAKEN = 5
"""How often a call that was overtaken by another one copies what that one has published."""


@dataclass(frozen=True, slots=True)
class Archiving:
    """Writes what a round leaves in the archive.

    JSON and page of one call of Review have one name but for their ending, and belong together. What lasts is a copy of
    both, under the round's own key: an execution of an earlier round never touches it.
    """

    archive: Archive
    deliveries: Deliveries
    print_page: PagePrinter

    def put(self, report: Report, token: str) -> str:
        """Archive a snapshot of the report as JSON; return its key, which has the token in it."""
        key = f"snapshots/{report.id}/{report.round:06d}/{token}.json"
        self.archive.put(key, json.dumps(report.model_dump(mode="json")).encode())
        return key

    def put_page(
        self, report: Report, arrivals: Sequence[int], deliveries: Sequence[Emission], snapshot: str
    ) -> str | None:
        """Archive the page beside a snapshot.

        Returns
        -------
        str | None
            None, or why there is no page: a report goes on without, whatever has gone wrong with it.
        """
        try:
            document = self.print_page(report, arrivals, deliveries, lasting(report.id, report.round))
            self.archive.put(page_of(snapshot), document, HTML)
        except Exception as fault:  # noqa: BLE001 - said, and nothing else: a page is for people, and never worth a report
            place = traceback.extract_tb(fault.__traceback__)[-1]
            return f"{type(fault).__name__} in {place.name}, line {place.lineno}"
        return None

    def keep(self, report_id: str, published: Published) -> str | None:
        """Copy what was published to where it lasts.

        Whoever finds that the round was published again meanwhile copies that as well: when all calls have ended, JSON
        and page are those of the last publication, whatever order the copies came in.

        Returns
        -------
        str | None
            None, or why the page is not there.
        """
        fault, target = None, lasting(report_id, published.round)
        for _ in range(MAX_OVERTAKEN):
            self.archive.copy(published.snapshot, target)
            if not published.has_page:
                break
            try:
                self.archive.copy(page_of(published.snapshot), page_of(target))
                fault = None
            except DependencyError as error:
                fault = str(error)
            last = self.deliveries.published(report_id)
            if last is None or last.round != published.round or last == published:
                break
            published = last
        return fault


def lasting(report_id: str, round_: int) -> str:
    """Return where the report of a round lasts in the archive, as JSON."""
    return f"reports/{report_id}/{round_:06d}.json"


def page_of(key: str) -> str:
    """Return where the page lies beside a report's JSON."""
    return f"{key.removesuffix('.json')}.html"
