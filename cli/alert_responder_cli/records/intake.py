"""Check whether records of the stream were processed: their alerts are in reports, and rejected parts are archived."""

from collections.abc import Iterable, Sequence

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.stream import StreamRecord, event_id
from alert_responder.formats import parse_record
from alert_responder.formats.registry import Format
from alert_responder.kinesis_records import read_record
from alert_responder.store.archive_keys import rejected_key
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.store.windows import Windows
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.aws.objects import object_version
from alert_responder_cli.recovery.replay import Record


class Intake:
    """Finds records in reports and the archive by the event ids of their alerts.

    A replay leaves no mark of its own: its effect is visible in the reports.

    Parameters
    ----------
    formats
        The formats of the installation.
    now
        The current time [ms since the epoch].
    connections
        Number of concurrent threads.
    """

    def __init__(self, installation: Installation, formats: Iterable[Format], now: int, connections: int) -> None:
        settings = {"max_pool_connections": connections}
        self._store = ReportStore(
            DynamoDBTable(installation.client("dynamodb", **settings), installation.table), Retention(1)
        )
        self._windows = Windows(self._store)
        self._s3, self._bucket = installation.client("s3", **settings), installation.archive_bucket
        self._formats, self._now = formats, now
        self._events: dict[str, frozenset[str]] = {}

    def taken(self, records: Sequence[Record]) -> int:
        """Count the records that were processed completely.

        Raises
        ------
        CommandError
            A permission is missing: `dynamodb:GetItem` and `dynamodb:Query` on the table, `s3:GetObject` and
            `s3:ListBucket` on the archive bucket.
        """
        with explain_aws_errors():
            return sum(self._is_taken(read_record(record)) for record in records)

    def _is_taken(self, record: StreamRecord) -> bool:
        parsed, rejects = parse_record(record.data, self._formats)
        if rejects and not self._is_archived(rejected_key(record)):
            return False
        return all(
            self._is_in_its_report(each.alert.alert_id, record.arrival, event_id(record, each.event_id, each.place))
            for each in parsed
        )

    def _is_in_its_report(self, alert_id: str, arrival: int, event: str) -> bool:
        newest, _ = self._windows.newest(alert_id, self._now)
        (report_id,) = self._windows.owners(alert_id, [arrival], newest, self._now)
        if report_id is None:
            return False
        if report_id not in self._events:
            groups = self._store.groups(report_id)
            self._events[report_id] = frozenset(id_ for group in groups for id_, _ in group.events)
        return event in self._events[report_id]

    def _is_archived(self, key: str) -> bool:
        return object_version(self._s3, self._bucket, key) is not None
