"""The windows of alert ids: which report owns an alert. See `docs/protocol.md`, Receptor."""

from collections.abc import Sequence

from alert_responder.domain.aggregation import owner_of
from alert_responder.domain.records import Head, Window
from alert_responder.store import items, keys
from alert_responder.store.reports import ReportStore, expired
from alert_responder.store.table import NEW, Condition, equals


class Windows:
    """Reads the windows of alert ids."""

    def __init__(self, store: ReportStore) -> None:
        self._store = store
        self._table = store.table

    def newest(self, alert_id: str, now: int) -> tuple[Window | None, Condition]:
        """Read the newest window of an alert id.

        Returns
        -------
        window, unchanged
            The window, None if it is missing or expired; and the condition that it is as it was read.
        """
        item = self._table.get(keys.window(alert_id))
        if item is None:
            return None, NEW
        unchanged = (equals("report_id", item["report_id"]),)
        return (None if expired(item, now) else items.read_window(item)), unchanged

    def owners(self, alert_id: str, arrivals: Sequence[int], newest: Window | None, now: int) -> list[str | None]:
        """Return the report that owns each arrival, walking back from the newest; None if the event opens a report."""
        if newest is None:
            return [None] * len(arrivals)
        heads: dict[str, Head | Window | None] = {}
        return [self._owner(alert_id, arrival, newest, heads, now) for arrival in arrivals]

    def _owner(
        self, alert_id: str, arrival: int, newest: Window, heads: dict[str, Head | Window | None], now: int
    ) -> str | None:
        while True:
            owner = owner_of(arrival, newest, heads)
            if owner is None or owner == newest.report_id or owner in heads:
                return owner
            heads[owner] = self._link(alert_id, owner, now)

    def _link(self, alert_id: str, report_id: str, now: int) -> Head | Window | None:
        """Read the record that names the previous report: the head, or the past window in an overflow report."""
        head = self._store.head(report_id, now)
        if head is None or head.overflow is None:
            return head
        item = self._table.get(keys.past_window(alert_id, report_id))
        return None if item is None or expired(item, now) else items.read_window(item)
