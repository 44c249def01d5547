"""Tries of a record that may have ended the process, because it is delivered alone and late."""

from alert_responder.domain.stream import StreamRecord
from alert_responder.store import keys
from alert_responder.store.table import Table, Update, absent_or_below, below, try_write

MOST_UNFINISHED_TRIES = 2
"""Unfinished tries after which a record is no longer parsed; two, because a process can end for other reasons."""

FORGOTTEN_MS = 3_600_000
"""Time after the last try after which the count starts again [ms]: the record is replayed after a change. The event
source mapping pauses for minutes at most."""

_KEPT_SECONDS = 86_400


class TryStore:
    """Counts the unfinished tries of a record."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, record: StreamRecord, now: int) -> bool:
        """Count a try; return False after too many unfinished tries."""
        update = Update(
            keys.tries(record.shard, record.sequence_number),
            assign={"begun": now, "expires_at": now // 1000 + _KEPT_SECONDS},
            add={"unfinished": 1},
            condition=((*absent_or_below("unfinished", MOST_UNFINISHED_TRIES), *below("begun", now - FORGOTTEN_MS)),),
        )
        return try_write(self._table, update)

    def end(self, record: StreamRecord, now: int) -> None:
        """Reset the count, because the process has survived the record, or the record is archived."""
        assign = {"expires_at": now // 1000 + _KEPT_SECONDS, "unfinished": 0}
        self._table.write(Update(keys.tries(record.shard, record.sequence_number), assign=assign))
