"""Read the status of an installation's reports from its table and its archive."""

import json
from typing import Any

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.store import archive_keys, keys
from alert_responder_cli.reports.status import ReportStatus, read_stored_report
from tools.errors import ToolError
from tools.installation import Installation

__all__ = ["Reader", "ReportStatus"]


class Reader:
    """Reads an installation.

    Parameters
    ----------
    installation : Installation
        The installation.
    """

    def __init__(self, installation: Installation):
        self._installation = installation
        self._dynamodb = installation.client("dynamodb")
        self._s3 = installation.client("s3")
        self._table = DynamoDBTable(self._dynamodb, installation.table)

    def statuses(self, title: str = "") -> list[ReportStatus]:
        """Read the status of reports whose title begins with `title`, oldest first. Scans the whole table."""
        return [self._status(report_id) for report_id in sorted(self.status_by_id(title))]

    def status_by_id(self, title: str = "") -> dict[str, bool]:
        """Read by id whether reports whose title begins with `title` are settled, in one scan of the table."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._installation.table,
            FilterExpression="(sk = :meta AND begins_with(title, :title)) OR (sk = :head AND #state <> :settled)",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":head": {"S": keys.HEAD},
                ":meta": {"S": keys.META},
                ":settled": {"S": "settled"},
                ":title": {"S": title},
            },
            ProjectionExpression="pk, sk",
            ConsistentRead=True,
        )
        found: dict[str, set[str]] = {keys.HEAD: set(), keys.META: set()}
        for page in pages:
            for item in page["Items"]:
                found[item["sk"]["S"]].add(keys.report_id_of(item["pk"]["S"]))
        return {report_id: report_id not in found[keys.HEAD] for report_id in found[keys.META]}

    def report(self, report_id: str) -> dict[str, Any] | None:
        """Read the report that emitters receive for the latest published round, or None."""
        found = self._newest(report_id, ".json")
        return json.loads(found) if found else None

    def page(self, report_id: str) -> bytes | None:
        """Read the page of the latest published round of a report, or None."""
        return self._newest(report_id, ".html")

    def rejected(self) -> dict[str, dict[str, Any]]:
        """Read the rejected records by their keys in the archive."""
        return {key: self._object(key) for key in self._keys(archive_keys.REJECTED)}

    def _status(self, report_id: str) -> ReportStatus:
        stored = read_stored_report(self._table, report_id)
        if stored is None:
            raise ToolError(f"Report {report_id} is incomplete in the table.")
        return stored.status

    def _newest(self, report_id: str, ending: str) -> bytes | None:
        found = [key for key in self._keys(f"{archive_keys.REPORTS}{report_id}/") if key.endswith(ending)]
        return self._bytes(found[-1]) if found else None

    def _keys(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._installation.archive_bucket, Prefix=prefix
        )
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def _object(self, key: str) -> Any:
        return json.loads(self._bytes(key))

    def _bytes(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self._installation.archive_bucket, Key=key)["Body"].read()
        return body
