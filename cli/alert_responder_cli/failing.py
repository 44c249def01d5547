"""What failed: executions, deliveries, lookups, and batches of the stream; and what may be done again."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from alert_responder.domain.identifiers import emission_id, parse_execution_name
from alert_responder.domain.judging import UNANSWERED
from alert_responder.store import keys
from alert_responder_cli.archived import given_up
from alert_responder_cli.aws import refusals_explained
from alert_responder_cli.counts import count
from alert_responder_cli.installation import Installation
from alert_responder_cli.listing.days import newest
from alert_responder_cli.listing.wanted import Wanted
from alert_responder_cli.pages import query, read_item

Kind = Literal["execution", "delivery", "lookup", "batch"]
KINDS: tuple[Kind, ...] = ("execution", "delivery", "lookup", "batch")

_BAD_ENDS = ("FAILED", "TIMED_OUT", "ABORTED")
_CONNECTIONS = 8
_FIELDS = ("sk", "outcome", "reason", "state", "round", "attempts", "failures")


class Failure(BaseModel):
    """Something that failed.

    Attributes
    ----------
    what
        An execution's name, `<report id>/<emitter>/<round>`, `<report id>/<inspector>/<attribute hash>`, or a key.
    at
        When, as far as that is known [RFC 3339].
    redrive
        What `failures redrive` would do about it; None: nothing.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    what: str
    report_id: str | None
    outcome: str
    reason: str
    at: str | None = None
    redrive: str | None = None


class Failures(BaseModel):
    """What failed; `more`: not everything was looked at."""

    model_config = ConfigDict(frozen=True)

    failures: tuple[Failure, ...]
    more: bool


def failures(
    made: Installation,
    kinds: Collection[Kind],
    since: int,
    now: int,
    limit: int,
    advanced: Callable[[], None] = lambda: None,
) -> Failures:
    """List what failed since then [ms since the epoch].

    Parameters
    ----------
    limit
        How many executions of each bad end, reports and batches to look at, the newest first.
    advanced
        Is called for each of them.

    Raises
    ------
    CommandError
        A permission is missing: `states:ListExecutions` and `states:DescribeExecution`, `dynamodb:Query` and
        `dynamodb:GetItem`, `s3:ListBucket` and `s3:GetObject`.
    """
    found: list[Failure] = []
    more = False
    if "execution" in kinds:
        ended = _executions(made, since, limit, advanced)
        found += ended
        more |= len(ended) >= limit
    if {"delivery", "lookup"} & set(kinds):
        reports = newest(made, Wanted(since, now, limit=limit), now)
        more |= reports.more
        ids = [report.report_id for report in reports.reports]
        found += [each for each in _of_reports(made, ids, advanced) if each.kind in kinds]
    if "batch" in kinds:
        batches = given_up(made, (), since, limit, advanced)
        more |= batches.more
        found += [
            Failure(
                kind="batch",
                what=batch.key,
                report_id=None,
                outcome=count(batch.records, "record"),
                reason="; ".join(batch.reasons),
                at=batch.at,
                redrive="replay" if batch.records else None,
            )
            for batch in batches.objects
        ]
    return Failures(failures=tuple(found), more=more)


def of_report(items: Sequence[dict[str, Any]], report_id: str) -> list[Failure]:
    """Pick what failed from a report's items; see `reopening_is_safe` for what may be done again."""
    head = next((item for item in items if item["sk"] == keys.HEAD), None)
    if head is None:
        return []
    is_open = head["state"] == "open"
    found: list[Failure] = []
    last = _last_deliveries(items)
    reopened = not is_open and reopening_is_safe(items)
    for item in items:
        sk, outcome = item["sk"], item.get("outcome")
        if sk.startswith(keys.EMISSIONS) and (outcome in ("failed", "unknown") or (outcome is None and not is_open)):
            emitter, _, number = sk.removeprefix(keys.EMISSIONS).rpartition("/")
            again = reopened and outcome == "failed" and last[emitter] is item
            found.append(
                Failure(
                    kind="delivery",
                    what=emission_id(report_id, emitter, int(number)),
                    report_id=report_id,
                    outcome=outcome or "open",
                    reason=item.get("reason") or "",
                    redrive="another round" if again else None,
                )
            )
        elif sk.startswith(keys.TASKS) and (outcome in UNANSWERED or (outcome is None and not is_open)):
            found.append(
                Failure(
                    kind="lookup",
                    what=f"{report_id}/{sk.removeprefix(keys.TASKS)}",
                    report_id=report_id,
                    outcome=outcome or "open",
                    reason=item.get("reason") or "",
                )
            )
    return found


def reopening_is_safe(items: Sequence[dict[str, Any]]) -> bool:
    """Say whether another round of a report that is not open tells somebody who was not told, and nobody twice.

    The last delivery to some emitter has to have failed for certain. No emitter may have one that is `unknown`, or
    open, after it was last told for certain: another round would tell it again what it may know.
    """
    unsure: dict[str, bool] = {}
    for item in sorted(items, key=lambda item: str(item["sk"])):
        if item["sk"].startswith(keys.EMISSIONS):
            emitter, outcome = _emitter(item), item.get("outcome")
            told = outcome in ("ok", "late")
            unsure[emitter] = not told and (outcome in ("unknown", None) or unsure.get(emitter, False))
    failed = any(item.get("outcome") == "failed" for item in _last_deliveries(items).values())
    return failed and not any(unsure.values())


def items_of(client: Any, made: Installation, report_id: str) -> list[dict[str, Any]]:
    """Read state, deliveries and lookups of a report, without what inspectors answered."""
    names = {f"#{name}": name for name in _FIELDS}
    pages = query(
        client,
        1000,
        TableName=made.table,
        KeyConditionExpression="pk = :pk AND #sk BETWEEN :first AND :last",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":pk": {"S": keys.report(report_id)},
            ":first": {"S": keys.EMISSIONS},
            ":last": {"S": keys.TASKS + keys.LAST},
        },
        ProjectionExpression=", ".join(names),
        ConsistentRead=True,
    )
    return [item for page in pages for item in page]


def _last_deliveries(items: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Find the last delivery to each emitter; sort keys end with the round. What was never begun tells nothing."""
    found: dict[str, dict[str, Any]] = {}
    for item in sorted(items, key=lambda item: str(item["sk"])):
        if item["sk"].startswith(keys.EMISSIONS) and item.get("outcome") != "superseded":
            found[_emitter(item)] = item
    return found


def _emitter(item: dict[str, Any]) -> str:
    return str(item["sk"]).removeprefix(keys.EMISSIONS).rpartition("/")[0]


def _of_reports(made: Installation, ids: Sequence[str], advanced: Callable[[], None]) -> list[Failure]:
    client = made.client("dynamodb", max_pool_connections=_CONNECTIONS)

    def look(report_id: str) -> list[Failure]:
        items = items_of(client, made, report_id)
        advanced()
        return of_report(items, report_id)

    with ThreadPoolExecutor(_CONNECTIONS) as executor:
        return [failure for found in executor.map(look, ids) for failure in found]


def _executions(made: Installation, since: int, limit: int, advanced: Callable[[], None]) -> list[Failure]:
    client, table = made.client("stepfunctions"), made.client("dynamodb")
    found: list[tuple[float, Failure]] = []
    for status in _BAD_ENDS:
        for execution in _ended(client, made.workflow_arn, status, since, limit):
            with refusals_explained():
                described = client.describe_execution(executionArn=execution["executionArn"])
                parsed = parse_execution_name(execution["name"])
                head = _head(table, made.table, parsed[0]) if parsed else None
            advanced()
            words = (described.get("error"), described.get("cause"))
            ended = execution["stopDate"]
            # The sweeper begins another round by itself; a report whose round is still this one waits for it.
            waits = head is not None and parsed is not None and (head["state"], head["round"]) == ("open", parsed[1])
            failure = Failure(
                kind="execution",
                what=execution["name"],
                report_id=parsed[0] if parsed else None,
                outcome=status.lower(),
                reason=": ".join(str(word) for word in words if word),
                at=ended.isoformat(timespec="seconds").replace("+00:00", "Z"),
                redrive="sweep" if waits else None,
            )
            found.append((ended.timestamp(), failure))
    return [failure for _, failure in sorted(found, key=lambda each: each[0], reverse=True)]


def _ended(client: Any, arn: str, status: str, since: int, limit: int) -> Iterator[dict[str, Any]]:
    """Yield executions that ended so, the last begun first; those begun a day before `since` have ended before it."""
    with refusals_explained():
        pages = client.get_paginator("list_executions").paginate(
            stateMachineArn=arn, statusFilter=status, PaginationConfig={"MaxItems": limit}
        )
        for page in pages:
            for execution in page["executions"]:
                if execution["startDate"].timestamp() * 1000 < since - 86_400_000:
                    return
                if execution["stopDate"].timestamp() * 1000 >= since:
                    yield execution


def _head(client: Any, table: str, report_id: str) -> dict[str, Any] | None:
    key = keys.head(report_id)
    answer = client.get_item(TableName=table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}, ConsistentRead=True)
    return read_item(answer["Item"]) if "Item" in answer else None
