"""Tries to read a record that is delivered alone and late: some may have ended with the process."""

from alert_responder.domain.stream import StreamRecord
from alert_responder.store import keys
from alert_responder.store.table import Table, Update, absent_or_below, below, try_write

MOST_UNFINISHED_TRIES = 2
"""Tries that may begin and never end before the record is no longer read: a process can end for other reasons, once."""

FORGOTTEN_MS = 3_600_000
"""Time after the last try from which a record may be tried again [ms]: somebody replays it, and has changed something.
The stream's mapping pauses for minutes at most."""

_KEPT_SECONDS = 86_400


class TryStore:
    """Counts the tries of a record that began and did not end.

    Parameters
    ----------
    table
        Where everything is kept.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, record: StreamRecord, now: int) -> bool:
        """Note that a try begins; False if too many began before and none of them ended."""
        update = Update(
            keys.tries(record.shard, record.sequence_number),
            assign={"begun": now, "expires_at": now // 1000 + _KEPT_SECONDS},
            add={"unfinished": 1},
            condition=((*absent_or_below("unfinished", MOST_UNFINISHED_TRIES), *below("begun", now - FORGOTTEN_MS)),),
        )
        return try_write(self._table, update)

    def end(self, record: StreamRecord, now: int) -> None:
        """Note that the process has survived the record, or that the record is archived: the count begins again."""
        assign = {"expires_at": now // 1000 + _KEPT_SECONDS, "unfinished": 0}
        self._table.write(Update(keys.tries(record.shard, record.sequence_number), assign=assign))
