"""How a report stands: what its items say, without its alerts."""

from collections import Counter
from dataclasses import dataclass

from alert_responder.domain.identifiers import sequence
from alert_responder.domain.records import DeliveryRecord, Head, LookupRecord
from alert_responder.store import items, keys
from alert_responder.store.table import Item, Table


@dataclass(frozen=True)
class ReportStatus:
    """How one report stands.

    Attributes
    ----------
    alert_count : int
        Alerts in it so far, each counted once.
    tasks : tuple
        The ledger: every lookup, done or open.
    deliveries : tuple
        Every delivery of every round, done or open.
    reviewed_round : int
        The last round whose review is published; 0: none yet.
    alert_key : str
        Of its alerts; empty: it has none.
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

    @property
    def report_id(self) -> str:
        """The report's id; they sort by when the reports were opened."""
        return self.head.report_id

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do until another alert comes."""
        return self.head.state == "settled"

    def step(self) -> str:
        """Say in a few words what is going on."""
        if self.head.state != "open":
            return self.head.state
        if self.head.started < self.head.round:
            return "starting"
        if self.reviewed_round == self.head.round:
            return "telling" if any(delivery.outcome is None for delivery in self.deliveries) else "closing"
        done = sum(task.outcome is not None for task in self.tasks)
        if done < len(self.tasks):
            return f"inspecting, {done} of {len(self.tasks)} done"
        # A round that had nothing to look up is reviewed at once.
        first = sequence(self.head.round, 0)
        return "reviewing" if any(task.sequence >= first for task in self.tasks) else "gathering alerts"

    def outcomes(self) -> Counter[str]:
        """Count the lookups by how they ended."""
        return Counter(task.outcome or "open" for task in self.tasks)


@dataclass(frozen=True)
class StoredReport:
    """The items of a report, but for its alerts' bodies.

    Attributes
    ----------
    groups
        Of its alerts, by sort key.
    others
        All else, by sort key.
    """

    groups: dict[str, Item]
    others: dict[str, Item]

    @property
    def status(self) -> ReportStatus:
        """How it stands."""
        meta = self.others[keys.META]
        groups = [items.read_group(item) for item in self.groups.values()]
        return ReportStatus(
            head=items.read_head(self.others[keys.HEAD]),
            title=meta["title"],
            severity=meta["severity"],
            reason=meta.get("reason", ""),
            # By id: an alert that was delivered again in other company is in two groups.
            alert_count=len({event_id for group in groups for event_id, _ in group.events}),
            tasks=tuple(items.read_lookup(item) for sk, item in self.others.items() if sk.startswith(keys.LOOKUPS)),
            deliveries=tuple(
                items.read_delivery(item) for sk, item in self.others.items() if sk.startswith(keys.EMISSIONS)
            ),
            reviewed_round=meta["round"] if meta.get("snapshot") else 0,
            # Earlier versions stored it in the groups alone.
            alert_key=meta.get("alert_key") or next((head.alert_key for group in groups for head in group.heads), ""),
        )


def read_stored_report(table: Table, report_id: str) -> StoredReport | None:
    """Read what is stored of a report in two queries; None: nothing is, or not all that belongs to one."""
    pk = keys.report(report_id)
    # What is left out between the two are the bodies of alerts, which may be large.
    others = {item["sk"]: item for item in table.query(pk, keys.EMISSIONS, keys.LOOKUPS + keys.LAST)}
    if not {keys.HEAD, keys.META} <= others.keys():
        return None
    groups = {item["sk"]: item for item in table.query(pk, keys.GROUPS, keys.GROUPS + keys.LAST)}
    return StoredReport(groups, others)
