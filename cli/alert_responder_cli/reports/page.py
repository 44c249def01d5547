"""The page of a report: an archived round, with the current state of its deliveries."""

import os
import tempfile
from pathlib import Path

from pydantic import BaseModel, ValidationError

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


class SavedPage(BaseModel, frozen=True):
    """A page that was written to a file."""

    report_id: str
    round: int
    path: str


def report_page(installation: Installation, report_id: str, round_: int | None, now: int) -> tuple[bytes, int]:
    """Render the page of a report; return it and its round.

    Parameters
    ----------
    round_
        A published round; None: the last one.
    now
        The current time [ms since the epoch].

    Raises
    ------
    CommandError
        The report or round does not exist, or a permission is missing (`dynamodb:Query` on the table, `s3:GetObject` on
        the archive bucket).
    """
    stored = stored_report(DynamoDBTable(installation.client("dynamodb"), installation.table), report_id, now)
    status = stored.status
    document = archived_report(installation, report_id, status.reviewed_round, round_)
    if document is None:
        raise CommandError(f"Report {report_id} is not published yet. Use 'report' to see what is known so far.")
    try:
        # A later version may have added fields.
        report = Report.model_validate(document, extra="ignore")
    except ValidationError:
        raise CommandError(
            f"Report {report_id} was written by another version of AlertResponder: install that version."
        ) from None
    deliveries = [emission(each) for each in in_order(status.deliveries) if each.round <= report.round]
    arrivals = _arrivals(stored)[: report.alert_count]
    return render(Page(report, arrivals, deliveries, report_key(report_id, report.round))), report.round


def save(document: bytes, name: str, output: Path | None) -> Path:
    """Write a page to a file that only its owner can read; return its path.

    Parameters
    ----------
    name
        Name of the file if `output` is None.
    output
        The file; an existing one is overwritten and keeps its permissions. None: a file in a new temporary folder.

    Raises
    ------
    CommandError
        The file cannot be written.
    """
    try:
        path = (output or Path(tempfile.mkdtemp(prefix="alert-responder-")) / name).absolute()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(document)
    except OSError as error:
        raise CommandError(f"The page cannot be written to {output or 'a temporary file'}: {error.strerror}.") from None
    return path


def _arrivals(stored: StoredReport) -> list[int]:
    """List the arrival times of all alerts, oldest first; an alert that arrived several times counts once."""
    first: dict[str, int] = {}
    for item in stored.groups.values():
        for event_id, arrival in items.read_group(item).events:
            first[event_id] = min(first.get(event_id, arrival), arrival)
    return sorted(first.values())
