"""How many bytes may be scanned in a day, over all functions: one counter in AlertResponder's table for each day.

The limit of each query is reserved before it starts and settled by what it scanned, so that the counter is never below
what was scanned. A reservation that is never settled, because its function ended, counts as scanned on its day; the
next day has another counter.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alert_responder.errors import ConditionFailedError, DependencyError
from alert_responder.store.table import NEW, Key, Put, Table, Update, absent_or_at_most, try_write
from alert_responder_plugins.common.errors import SettingsFaultError

_LOGGER = logging.getLogger(__name__)

RETENTION_SECONDS = 7 * 86_400
"""How long the counters are kept [s]."""

REFUSED = "the rest of max_gb_per_day (UTC) is less than the limit of this query, which is reserved before it starts."
"""Why a query may not start: not all of the day's bytes need have been scanned."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Bytes that were reserved for some queries.

    Attributes
    ----------
    queries
        Number of queries that may start; fewer than wanted if the rest of the day's bytes is too small.
    token
        Identifies the reservation, so that it is settled once.
    """

    queries: int
    size: int
    day: str
    token: str


class Budget:
    """The bytes that one inspector may scan in a day (UTC).

    Parameters
    ----------
    daily, per_query
        Limits of a day, and of a query [bytes].
    now
        Returns the time as an aware datetime in UTC.

    Raises
    ------
    SettingsFaultError
        No query could ever start, because the limit of a query is above that of a day.
    """

    def __init__(
        self,
        table: Table,
        name: str,
        daily: int,
        per_query: int,
        now: Callable[[], datetime],
        new_token: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        if per_query > daily:
            raise SettingsFaultError(
                "The limit of a query must be at most max_gb_per_day: "
                f"a query may scan {per_query:,} bytes, and max_gb_per_day is {daily:,} bytes."
            )
        self._table = table
        self._name = name
        self._daily = daily
        self._per_query = per_query
        self._now = now
        self._new_token = new_token

    def reserve(self, wanted: int) -> Reservation:
        """Reserve bytes for as many of the queries as the day allows: one write if it allows all of them."""
        day = f"{self._now():%Y-%m-%d}"
        for queries in range(wanted, 0, -1):
            size = queries * self._per_query
            update = Update(
                self._key(day, "bytes"),
                add={"bytes": size},
                assign={"expires_at": self._expiry()},
                condition=(absent_or_at_most("bytes", self._daily - size),),
            )
            if size <= self._daily and try_write(self._table, update):
                return Reservation(queries, size, day, self._new_token())
        return Reservation(0, 0, day, "")

    def settle(self, reservation: Reservation, scanned: int) -> None:
        """Replace a reservation by what was scanned [bytes]; repeating it changes nothing.

        If the table does not answer, the reservation stays counted: the queries are paid, and their results count more.
        """
        if not reservation.queries:
            return
        marker = Put(
            self._key(reservation.day, f"settled/{reservation.token}"),
            {"bytes": scanned, "expires_at": self._expiry()},
            NEW,
        )
        counter = Update(self._key(reservation.day, "bytes"), add={"bytes": scanned - reservation.size})
        try:
            self._table.transact([marker, counter])
        except ConditionFailedError:
            return  # It is settled already.
        except DependencyError:
            _LOGGER.warning("budget not settled", extra={"day": reservation.day, "bytes_reserved": reservation.size})

    def _key(self, day: str, sort: str) -> Key:
        return Key(f"budget/{self._name}/{day}", sort)

    def _expiry(self) -> int:
        return int(self._now().timestamp()) + RETENTION_SECONDS
