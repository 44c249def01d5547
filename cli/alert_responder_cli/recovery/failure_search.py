"""Find failed executions, deliveries, lookups and batches, and whether they are resolved."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

from alert_responder.domain.identifiers import parse_execution_name
from alert_responder.store import keys
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.dynamodb_pages import read_item
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.plugins.registry import formats_of
from alert_responder_cli.records.intake import Intake
from alert_responder_cli.recovery.archive import ArchivedObject, given_up
from alert_responder_cli.recovery.failures import Failure, Failures, Kind, grouped
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.failures import items_of, of_report
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.terminal.counts import count

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_stepfunctions import SFNClient
    from types_boto3_stepfunctions.literals import ExecutionStatusType

_FAILED_STATUSES: tuple["ExecutionStatusType", ...] = ("FAILED", "TIMED_OUT", "ABORTED")
_CONNECTIONS = 8


def find_failures(
    installation: Installation,
    kinds: Collection[Kind],
    since: int,
    now: int,
    limit: int,
    on_progress: Callable[[], None] = lambda: None,
    *,
    all_: bool = False,
) -> Failures:
    """List failures since a time [ms since the epoch].

    Parameters
    ----------
    limit
        Maximum number of executions of each status, reports and batches to read, newest first.
    on_progress
        Called for each of them.
    all_
        Whether to list resolved failures too.

    Raises
    ------
    CommandError
        A permission is missing: `states:ListExecutions` and `states:DescribeExecution`, `dynamodb:Query` and
        `dynamodb:GetItem`, `s3:ListBucket` and `s3:GetObject`.
    """
    failures: list[Failure] = []
    more = False
    if "execution" in kinds:
        ended = _executions(installation, since, limit, on_progress)
        failures += ended
        more |= len(ended) >= limit
    if {"delivery", "lookup"} & set(kinds):
        reports = newest(installation, ReportQuery(since, now, limit=limit), now)
        more |= reports.more
        ids = [report.report_id for report in reports.reports]
        failures += [each for each in _of_reports(installation, ids, on_progress) if each.kind in kinds]
    if "batch" in kinds:
        intake = Intake(installation, formats_of(installation), now, _CONNECTIONS)
        batches = given_up(installation, intake.taken, since, limit, on_progress)
        more |= batches.more
        failures += map(_batch, batches.objects)
    listed = [each for each in failures if each.open or all_]
    resolved = sum(not each.open for each in failures)
    return Failures(failures=tuple(listed), groups=grouped(listed), resolved=resolved, more=more)


def _batch(stored: ArchivedObject) -> Failure:
    is_open = not stored.records or stored.now < stored.records
    return Failure(
        kind="batch",
        what=stored.key,
        report_id=None,
        outcome=count(stored.records, "record"),
        reason="; ".join(stored.reasons),
        at=stored.at,
        open=is_open,
        redrive="replay" if stored.records and is_open else None,
    )


def _of_reports(installation: Installation, ids: Sequence[str], on_progress: Callable[[], None]) -> list[Failure]:
    client = installation.client("dynamodb", max_pool_connections=_CONNECTIONS)

    def look(report_id: str) -> list[Failure]:
        items = items_of(client, installation, report_id)
        on_progress()
        return of_report(items, report_id)

    with ThreadPoolExecutor(_CONNECTIONS) as executor:
        return [failure for found in executor.map(look, ids) for failure in found]


def _executions(installation: Installation, since: int, limit: int, on_progress: Callable[[], None]) -> list[Failure]:
    client, table = installation.client("stepfunctions"), installation.client("dynamodb")
    found: list[tuple[float, Failure]] = []
    for status in _FAILED_STATUSES:
        for execution in _ended(client, installation.workflow_arn, status, since, limit):
            with explain_aws_errors():
                described = client.describe_execution(executionArn=execution["executionArn"])
                parsed = parse_execution_name(execution["name"])
                head = _head(table, installation.table, parsed[0]) if parsed else None
            on_progress()
            words = (described.get("error"), described.get("cause"))
            ended = execution["stopDate"]
            # A report that is still in this round waits for the sweeper, which starts the next one.
            waits = head is not None and parsed is not None and (head["state"], head["round"]) == ("open", parsed[1])
            failure = Failure(
                kind="execution",
                what=execution["name"],
                report_id=parsed[0] if parsed else None,
                outcome=status.lower(),
                reason=": ".join(str(word) for word in words if word),
                at=ended.isoformat(timespec="seconds").replace("+00:00", "Z"),
                open=parsed is None or not _went_on(head, parsed[1]),
                redrive="sweep" if waits else None,
            )
            found.append((ended.timestamp(), failure))
    return [failure for _, failure in sorted(found, key=lambda each: each[0], reverse=True)]


def _went_on(head: dict[str, Any] | None, round_: int) -> bool:
    """Return whether a report has finished a round; head None: the report does not exist."""
    return head is not None and (head["round"] > round_ or head["state"] == "settled")


def _ended(
    client: "SFNClient", arn: str, status: "ExecutionStatusType", since: int, limit: int
) -> Iterator[dict[str, Any]]:
    """Yield executions with a status, newest first; those started a day before `since` cannot have ended after it."""
    with explain_aws_errors():
        paginator = cast(Any, client.get_paginator("list_executions"))
        pages = paginator.paginate(stateMachineArn=arn, statusFilter=status, PaginationConfig={"MaxItems": limit})
        for page in pages:
            for execution in page["executions"]:
                if execution["startDate"].timestamp() * 1000 < since - 86_400_000:
                    return
                if execution["stopDate"].timestamp() * 1000 >= since:
                    yield execution


def _head(client: "DynamoDBClient", table: str, report_id: str) -> dict[str, Any] | None:
    key = keys.head(report_id)
    answer = client.get_item(TableName=table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}, ConsistentRead=True)
    return read_item(answer["Item"]) if "Item" in answer else None
