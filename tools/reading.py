"""Read how an installation's reports stand, from its table and its archive."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.identifiers import sequence
from alert_responder.domain.records import DeliveryRecord, Head, TaskRecord
from alert_responder.store import items, keys
from tools.installation import Installation


@dataclass(frozen=True)
class Standing:
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
    """

    head: Head
    title: str
    severity: str
    reason: str
    alert_count: int
    tasks: tuple[TaskRecord, ...]
    deliveries: tuple[DeliveryRecord, ...]
    reviewed_round: int

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


class Reader:
    """Reads an installation.

    Parameters
    ----------
    installation : Installation
        Which one.
    """

    def __init__(self, installation: Installation):
        self._installation = installation
        self._dynamodb = installation.client("dynamodb")
        self._s3 = installation.client("s3")
        self._table = DynamoDBTable(self._dynamodb, installation.table)

    def standings(self) -> list[Standing]:
        """Tell how all reports stand, oldest first. Scans the table: this is for a small one."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._installation.table,
            FilterExpression="sk = :meta",
            ExpressionAttributeValues={":meta": {"S": "meta"}},
            ProjectionExpression="pk",
            ConsistentRead=True,
        )
        ids = [keys.report_id_of(item["pk"]["S"]) for page in pages for item in page["Items"]]
        return [self._standing(report_id) for report_id in sorted(ids)]

    def report(self, report_id: str) -> dict[str, Any] | None:
        """Give the newest published round of a report as its emitters get it, or None."""
        found = self._keys(f"reports/{report_id}/")
        return self._object(found[-1]) if found else None

    def rejected(self) -> dict[str, dict[str, Any]]:
        """Give what was no alert: by key in the archive, with its reason and its bytes."""
        return {key: self._object(key) for key in self._keys("rejected/")}

    def _standing(self, report_id: str) -> Standing:
        found = {item["sk"]: item for item in self._table.query(keys.report(report_id), " ", keys.LAST)}
        meta = found["meta"]
        return Standing(
            head=items.read_head(found["head"]),
            title=meta["title"],
            severity=meta["severity"],
            reason=meta.get("reason", ""),
            # By id: an alert that was delivered again in other company is in two groups.
            alert_count=len(
                {
                    event_id
                    for sk, item in found.items()
                    if sk.startswith(keys.GROUPS)
                    for event_id, _ in items.read_group(item).events
                }
            ),
            tasks=tuple(items.read_task(item) for sk, item in found.items() if sk.startswith(keys.TASKS)),
            deliveries=tuple(items.read_delivery(item) for sk, item in found.items() if sk.startswith(keys.EMISSIONS)),
            reviewed_round=meta["round"] if meta.get("snapshot") else 0,
        )

    def _keys(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._installation.archive_bucket, Prefix=prefix
        )
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def _object(self, key: str) -> Any:
        return json.loads(self._s3.get_object(Bucket=self._installation.archive_bucket, Key=key)["Body"].read())
