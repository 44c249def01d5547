"""Quotas of inspectors over all reports and runners: one item for each inspector, with the calls granted."""

import hashlib
from typing import Any, NamedTuple

from alert_responder.domain.quota import Entry, grant
from alert_responder.store import keys
from alert_responder.store.table import NEW, Put, Table, equals


class Reserved(NamedTuple):
    """Reserved slots, when to ask for more, and whether the day is full; see `domain.quota.Grant`."""

    times: tuple[int, ...]
    ask_again: int | None = None
    day_is_full: bool = False


class Quotas:
    """Reserves slots of inspectors with a quota."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(
        self,
        inspector: str,
        report_id: str,
        per_minute: int,
        wanted: int,
        now: int,
        latest: int,
        per_day: int = 0,
    ) -> Reserved:
        """Reserve the next free slots for calls of a report, with one read and at most one write.

        Parameters
        ----------
        per_minute
            Maximum number of calls in any minute [0: any number].
        wanted
            Number of slots.
        now, latest
            Current time, and latest useful time [ms].
        per_day
            Maximum number of calls in a day (UTC) [0: any number].

        Returns
        -------
        Reserved
            When the calls may begin [ms], ascending; see `domain.quota.grant` for the guarantees. Calls after `latest`,
            and calls beyond the share of a report, get no slot. A reservation whose response was lost stays unused, so
            that too few calls are made, never too many.

        Raises
        ------
        ConditionFailedError
            Another runner reserved slots meanwhile: ask again.
        """
        key = keys.quota(inspector)
        item = self._table.get(key)
        # Earlier versions wrote pairs, without the report.
        stored = tuple(Entry(*entry) for entry in item["granted"]) if item else ()
        days = dict(item.get("days", ())) if item else {}
        found = grant(stored, per_minute, wanted, now, latest, _short(report_id), per_day, days)
        if found.times:
            writes = item["writes"] if item else 0
            attributes: dict[str, Any] = {"granted": [list(entry) for entry in found.granted], "writes": writes + 1}
            if per_day:
                attributes["days"] = [list(day) for day in sorted(found.days.items())]
            self._table.write(Put(key, attributes, (equals("writes", writes),) if item else NEW))
        return Reserved(found.times, found.ask_again, found.day_is_full)


def _short(report_id: str) -> str:
    """Identify a report in few bytes: one item may contain slots of thousands of reports."""
    return hashlib.sha256(report_id.encode()).hexdigest()[:10]
