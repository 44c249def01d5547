"""The current status of a report, from its items in the table."""

from collections import Counter
from dataclasses import dataclass

from alert_responder.contracts.primitives import Status
from alert_responder.domain.identifiers import sequence
from alert_responder.domain.records import DeliveryRecord, Head, LookupRecord
from alert_responder.store import items, keys
from alert_responder.store.table import Item, Table


@dataclass(frozen=True)
class ReportStatus:
    """The current status of a report.

    Attributes
    ----------
    alert_count : int
        Number of alerts so far.
    tasks : tuple
        All lookups, done or open.
    deliveries : tuple
        All deliveries of all rounds, done or open.
    reviewed_round : int
        The last round whose review is published; 0: none yet.
    alert_key : str
        Alert key of the incident; may be empty.
    status : str
        `resolved` if the detector reports the incident as resolved, as of the last published round.
    suppressed, breakthrough : str or None
        Name of the reviewer's suppression, and why it does not apply.
    """

    head: Head
    title: str
    severity: str
    reason: str
    alert_count: int
    tasks: tuple[LookupRecord, ...]
    deliveries: tuple[DeliveryRecord, ...]
    reviewed_round: int
    alert_key: str = ""
    status: Status = "active"
    suppressed: str | None = None
    breakthrough: str | None = None

    @property
    def is_suppressed(self) -> bool:
        """Whether no emitter is notified of the last published round."""
        return self.suppressed is not None and self.breakthrough is None

    @property
    def report_id(self) -> str:
        """The report's id; ids sort by opening time."""
        return self.head.report_id

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do until another alert arrives."""
        return self.head.state == "settled"

    def step(self) -> str:
        """Describe the current step in a few words."""
        if self.head.state != "open":
            return self.head.state
        if self.head.started < self.head.round:
            return "starting"
        if self.reviewed_round == self.head.round:
            return "notifying" if any(delivery.outcome is None for delivery in self.deliveries) else "closing"
        done = sum(task.outcome is not None for task in self.tasks)
        if done < len(self.tasks):
            return f"inspecting, {done} of {len(self.tasks)} done"
        # A round without lookups is reviewed immediately.
        first = sequence(self.head.round, 0)
        return "reviewing" if any(task.sequence >= first for task in self.tasks) else "gathering alerts"

    def outcomes(self) -> Counter[str]:
        """Count the lookups by outcome."""
        return Counter(task.outcome or "open" for task in self.tasks)


@dataclass(frozen=True)
class StoredReport:
    """The items of a report, without the bodies of its alerts.

    Attributes
    ----------
    groups
        The groups of its alerts, by sort key.
    others
        All other items, by sort key.
    """

    groups: dict[str, Item]
    others: dict[str, Item]

    @property
    def status(self) -> ReportStatus:
        """The current status of the report."""
        meta = self.others[keys.META]
        groups = [items.read_group(item) for item in self.groups.values()]
        return ReportStatus(
            head=items.read_head(self.others[keys.HEAD]),
            title=meta["title"],
            severity=meta["severity"],
            reason=meta.get("reason", ""),
            # By id: an alert that was delivered again with other alerts is in two groups.
            alert_count=len({event_id for group in groups for event_id, _ in group.events}),
            tasks=tuple(items.read_lookup(item) for sk, item in self.others.items() if sk.startswith(keys.LOOKUPS)),
            deliveries=tuple(
                items.read_delivery(item) for sk, item in self.others.items() if sk.startswith(keys.DELIVERIES)
            ),
            reviewed_round=meta["round"] if meta.get("snapshot") else 0,
            # Earlier versions stored it only in the groups.
            alert_key=meta.get("alert_key") or next((head.alert_key for group in groups for head in group.heads), ""),
            status=meta.get("status", "active"),
            suppressed=meta.get("suppressed"),
            breakthrough=meta.get("breakthrough"),
        )


def read_stored_report(table: Table, report_id: str) -> StoredReport | None:
    """Read the items of a report; None: they do not exist or are incomplete."""
    pk = keys.report(report_id)
    # Two queries, which skip the bodies of alerts between the two ranges: they may be large.
    others = {item["sk"]: item for item in table.query(pk, keys.DELIVERIES, keys.LOOKUPS + keys.LAST)}
    if not {keys.HEAD, keys.META} <= others.keys():
        return None
    groups = {item["sk"]: item for item in table.query(pk, keys.GROUPS, keys.GROUPS + keys.LAST)}
    return StoredReport(groups, others)
