"""Alerts of a full report: they are archived, and the report only counts them."""

from collections.abc import Callable

from alert_responder.domain.records import Head
from alert_responder.domain.report_caps import intake
from alert_responder.store.archive_keys import counted_key
from alert_responder.store.reports import StoredGroup
from alert_responder.usecases.ports import Archive


class ReportCaps:
    """Applies the limits of `domain.report_caps`.

    Parameters
    ----------
    archive
        Returns the archive, when it is first needed; may be called in several threads. None: no limits.
    """

    def __init__(self, archive: Callable[[], Archive] | None) -> None:
        self._archive = archive

    def fit(self, head: Head, group: StoredGroup) -> StoredGroup | None:
        """Return a group as a report stores it: whole, only its event ids, or None.

        A group that is not stored whole is archived first; a repeated call overwrites the same object. Concurrent calls
        may each exceed a limit by one group.
        """
        how = intake(head.held, group.held, verified=all(each.verified for each in group.summary.heads))
        if how == "whole" or self._archive is None:
            return group
        self._archive().put(counted_key(head.report_id, group.summary.group_id), group.document())
        return group.counted() if how == "counted" else None
