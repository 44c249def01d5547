"""Alerts beyond what one report holds: they go to the archive, and only their event ids to the report."""

from collections.abc import Callable

from alert_responder.domain.records import Head
from alert_responder.domain.report_caps import intake
from alert_responder.store.archive_keys import counted_key
from alert_responder.store.reports import StoredGroup
from alert_responder.usecases.ports import Archive


class ReportCaps:
    """Keeps reports within `domain.capping`.

    Parameters
    ----------
    archive
        Gives the archive when something goes there first; may be called in several threads at once. None: there is
        no archive, and reports take in everything.
    """

    def __init__(self, archive: Callable[[], Archive] | None) -> None:
        self._archive = archive

    def fit(self, head: Head, group: StoredGroup) -> StoredGroup | None:
        """Return a group as a report takes it in: whole, by its event ids alone, or, as None, not at all.

        What is not taken in whole is in the archive when this returns; called again, the same object is written again.
        Callers at the same time may take in a group too many each.
        """
        how = intake(head.held, group.held)
        if how == "whole" or self._archive is None:
            return group
        self._archive().put(counted_key(head.report_id, group.summary.group_id), group.document())
        return group.counted() if how == "counted" else None
