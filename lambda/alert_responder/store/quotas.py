"""Quotas of inspectors, kept across reports and runners: one item an inspector, which says what was granted."""

import hashlib
from typing import NamedTuple

from alert_responder.domain.quota import Entry, grant
from alert_responder.store import keys
from alert_responder.store.table import NEW, Put, Table, equals


class Reserved(NamedTuple):
    """Times that were reserved, and when to ask for more; see `domain.quota.Grant`."""

    times: tuple[int, ...]
    ask_again: int | None = None


class Quotas:
    """When inspectors with a quota may be called.

    Parameters
    ----------
    table
        Where everything is kept.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, inspector: str, report_id: str, per_minute: int, wanted: int, now: int, latest: int) -> Reserved:
        """Reserve the next free times for some calls of a report, in one read and at most one write.

        Parameters
        ----------
        per_minute
            Most calls in any minute.
        wanted
            Calls to reserve a time for.
        now, latest
            The time, and the latest time that is of use [ms].

        Returns
        -------
        Reserved
            When the calls may begin [ms], ascending; see `domain.quota.grant` for what that guarantees. Calls that
            would have to begin after `latest`, and those beyond what a report may hold, get none, and nothing is
            written for them. A reservation whose response was lost stays unused: too few calls are made then, never
            too many.

        Raises
        ------
        ConditionFailedError
            When another runner reserved something meanwhile: ask again.
        """
        key = keys.quota(inspector)
        item = self._table.get(key)
        # Earlier versions wrote pairs: what they granted is nobody's.
        stored = tuple(Entry(*entry) for entry in item["granted"]) if item else ()
        found = grant(stored, per_minute, wanted, now, latest, _short(report_id))
        if found.times:
            writes = item["writes"] if item else 0
            attributes = {"granted": [list(entry) for entry in found.granted], "writes": writes + 1}
            self._table.write(Put(key, attributes, (equals("writes", writes),) if item else NEW))
        return Reserved(found.times, found.ask_again)


def _short(report_id: str) -> str:
    """Tell reports apart in few bytes: thousands of them may hold turns at once, in one item."""
    return hashlib.sha256(report_id.encode()).hexdigest()[:10]
