"""Keys of the archive bucket: where each kind of object is stored.

| prefix | objects |
|---|---|
| `reports/` | reports and pages of published rounds |
| `snapshots/` | reports that a call of Review compiled, published or not; deleted after days |
| `rejected/` | records that could not be parsed or stored as a whole |
| `counted/` | alerts that a full report only counts |
| `aws/lambda/` | batches that the event source mapping gave up |
"""

from alert_responder.contracts.primitives import utc_day
from alert_responder.domain.stream import StreamRecord

REPORTS, SNAPSHOTS, REJECTED, COUNTED, GIVEN_UP = "reports/", "snapshots/", "rejected/", "counted/", "aws/lambda/"


def report_key(report_id: str, round_: int) -> str:
    """Return the key of a published report, as JSON."""
    return f"{REPORTS}{report_id}/{round_:06d}.json"


def page_key(report_id: str, round_: int, token: str) -> str:
    """Return the key of a report's page, beside the JSON."""
    return f"{REPORTS}{report_id}/{round_:06d}-{token}.html"


def snapshot_key(report_id: str, round_: int, token: str) -> str:
    """Return the key of a report that one call of Review compiled."""
    return f"{SNAPSHOTS}{report_id}/{round_:06d}/{token}.json"


def counted_key(report_id: str, group_id: str) -> str:
    """Return the key of alerts that a report only counts."""
    return f"{COUNTED}{report_id}/{group_id}.json"


def rejected_key(record: StreamRecord) -> str:
    """Return the key of a rejected record; equal on every delivery, so that a replay overwrites it."""
    return f"{REJECTED}{utc_day(record.arrival)}/{record.shard}/{record.sequence_number}.json"
