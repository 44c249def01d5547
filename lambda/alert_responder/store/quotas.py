"""Quotas of inspectors, kept across reports and runners: one item an inspector, which says what was granted."""

from alert_responder.domain.quota import grant
from alert_responder.store import keys
from alert_responder.store.table import NEW, Put, Table, equals


class Quotas:
    """When inspectors with a quota may be called.

    Parameters
    ----------
    table
        Where everything is kept.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, inspector: str, per_minute: int, wanted: int, now: int, latest: int) -> tuple[int, ...]:
        """Reserve the next free times for some calls, in one read and at most one write.

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
        tuple
            When the calls may begin [ms], ascending; see `domain.quota.grant` for what that guarantees. Calls that
            would have to begin after `latest` get none, and nothing is written for them. A reservation whose response
            was lost stays unused: too few calls are made then, never too many.

        Raises
        ------
        ConditionFailedError
            When another runner reserved something meanwhile: ask again.
        """
        key = keys.quota(inspector)
        item = self._table.get(key)
        stored = tuple((second, count) for second, count in item["granted"]) if item else ()
        granted, times = grant(stored, per_minute, wanted, now, latest)
        if times:
            writes = item["writes"] if item else 0
            attributes = {"granted": [list(entry) for entry in granted], "writes": writes + 1}
            self._table.write(Put(key, attributes, (equals("writes", writes),) if item else NEW))
        return times
