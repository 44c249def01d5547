"""The page of a report as things stand: of what was archived, with all that has become of its deliveries since."""

import os
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.report import Report
from alert_responder.domain.delivery_history import emission, in_order
from alert_responder.page.renderer import render
from alert_responder.page.view import Page
from alert_responder.store import items
from alert_responder.store.archive_keys import report_key
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.history import archived_report, stored_report
from alert_responder_cli.reports.status import StoredReport


class SavedPage(BaseModel):
    """A page, and the file it is in."""

    model_config = ConfigDict(frozen=True)

    report_id: str
    round: int
    path: str


def page(installation: Installation, report_id: str, round_: int | None, now: int) -> tuple[bytes, int]:
    """Make the page of a report; return its round too.

    Parameters
    ----------
    round_
        A round that was published; None: the last one.
    now
        The time [ms since the epoch].

    Raises
    ------
    CommandError
        When there is no such report or round, or a permission is missing (`dynamodb:Query` on the table,
        `s3:GetObject` on the archive bucket).
    """
    stored = stored_report(DynamoDBTable(installation.client("dynamodb"), installation.table), report_id, now)
    status = stored.status
    document = archived_report(installation, report_id, status.reviewed_round, round_)
    if document is None:
        raise CommandError(f"Report {report_id} is not published yet: 'report' tells what is known so far.")
    try:
        # A later version may say more.
        report = Report.model_validate(document, extra="ignore")
    except ValidationError:
        raise CommandError(f"Report {report_id} is of another version of AlertResponder: install that one.") from None
    deliveries = [emission(each) for each in in_order(status.deliveries) if each.round <= report.round]
    arrivals = _arrivals(stored)[: report.alert_count]
    return render(Page(report, arrivals, deliveries, report_key(report_id, report.round))), report.round


def save(document: bytes, name: str, output: Path | None) -> Path:
    """Write a page to a file that only its owner reads; return where it is.

    Parameters
    ----------
    name
        What the file is called where nothing else is said.
    output
        The file; one that is there is written over, and keeps its rights. None: a new one in a folder of its own.

    Raises
    ------
    CommandError
        When it cannot be written.
    """
    try:
        path = (output or Path(tempfile.mkdtemp(prefix="alert-responder-")) / name).absolute()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(document)
    except OSError as error:
        raise CommandError(f"The page cannot be written to {output or 'a temporary file'}: {error.strerror}.") from None
    return path


def _arrivals(stored: StoredReport) -> list[int]:
    """List when alerts came in, each once, oldest first."""
    first: dict[str, int] = {}
    for item in stored.groups.values():
        for event_id, arrival in items.read_group(item).events:
            first[event_id] = min(first.get(event_id, arrival), arrival)
    return sorted(first.values())
