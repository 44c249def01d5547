"""Read reports from files, as the archive, `report --json` and emitters have them."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.report import Report
from alert_responder_cli.errors import CommandError


def read_report(path: Path) -> Report:
    """Read a report from a file; raise `CommandError`."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(f"The report {path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise CommandError(f"The report {path} is not JSON.") from None
    return report_of(document, f"{path}")


def report_of(document: Any, name: str) -> Report:
    """Validate a report, or the one in the output of `report --json` or in the request of an emitter.

    Parameters
    ----------
    name
        Its name for the message.

    Raises
    ------
    CommandError
        It is not a report.
    """
    inner = document.get("report") if isinstance(document, dict) else None
    try:
        # A later version may have added fields.
        return Report.model_validate(inner if isinstance(inner, dict) else document, extra="ignore")
    except ValidationError as error:
        fault = describe_faults(error, "the report")[0]
        raise CommandError(f"{name} is not a report: {fault}.") from None
