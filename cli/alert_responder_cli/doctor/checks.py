"""All checks, in the order in which they are shown."""

from alert_responder_cli.doctor import account, end_to_end, functions, intake, monitoring, rights, storage
from alert_responder_cli.doctor.examination import Check

BEFORE: tuple[Check, ...] = account.CHECKS
"""Checks of an account and region; they take an `Access`."""

AFTER: tuple[Check, ...] = (
    *storage.CHECKS,
    *intake.CHECKS,
    *functions.CHECKS,
    *rights.CHECKS,
    *monitoring.CHECKS,
)
"""Checks of an installation; they take an `Installation`."""

END_TO_END: tuple[Check, ...] = end_to_end.CHECKS
"""Of an installation, by sending a test alert."""
