"""Calls of CloudWatch Logs: start, poll, stop, and list log groups, in each account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.aws import is_denied, is_lost, is_throttling
from alert_responder_plugins.logs.failures import Failure
from alert_responder_plugins.logs.jobs import Execution, Rows
from alert_responder_plugins.logs.windows import Window
from alert_responder_plugins.logs_insights.failures import explain_error, explain_state
from alert_responder_plugins.logs_insights.groups import MAX_GROUPS, LogGroup, Place

BYTES_OF_GB = 1_000_000_000

_DENIED = "Denied"
"""State of a query whose result may not be read; not one of CloudWatch Logs."""

LISTED_SECONDS = 600
"""How long the log groups of a prefix are remembered [s]."""


@dataclass(frozen=True)
class InsightsQuery:
    """A query, and where and about which time it is asked.

    Attributes
    ----------
    source
        Name of its source, for messages.
    limit
        Maximum number of rows of its result.
    """

    source: str
    place: Place
    text: str
    window: Window
    limit: int


@dataclass
class _Started:
    client: Any
    region: str
    source: str
    results: list[list[dict[str, str]]]


class LogsInsights:
    """Queries in the home account, and in those for which a role is configured.

    Parameters
    ----------
    limit
        Limit of bytes that one query may scan: it is stopped when it has scanned more.
    now
        Returns the time as an aware datetime in UTC.
    """

    def __init__(self, accounts: Accounts, limit: int, now: Callable[[], datetime]) -> None:
        self._accounts = accounts
        self._limit = limit
        self._now = now
        self._started: dict[str, _Started] = {}
        self._listed: dict[tuple[str, str], tuple[datetime, list[str]]] = {}

    def limit(self) -> int:
        """Return the limit of bytes that one query may scan."""
        return self._limit

    def region(self, query_id: str) -> str:
        """Return the region of a query that was started."""
        return self._started[query_id].region

    def start(self, query: InsightsQuery, token: str) -> str | Failure:  # noqa: ARG002 - StartQuery has no tokens
        """Start a query and return its id."""
        place, reads = query.place, f"the source {query.source}"
        client = self._client(place, reads)
        if isinstance(client, Failure):
            return client
        groups = self._identifiers(client, place, reads)
        if isinstance(groups, Failure):
            return groups
        failure, answer = _call(
            "logs:StartQuery",
            client.start_query,
            reads,
            logGroupIdentifiers=groups,
            # The end is included. Times before 1970, which an alert may have, are not allowed.
            startTime=max(0, int(query.window.begins.timestamp())),
            endTime=max(0, int(query.window.ends.timestamp()) - 1),
            queryString=query.text,
            limit=query.limit,
        )
        if failure is not None:
            return failure
        query_id = str(answer["queryId"])
        self._started[query_id] = _Started(client, place.region, query.source, [])
        return query_id

    def poll(self, query_ids: Sequence[str]) -> Mapping[str, Execution]:
        """Return the states of queries; none of a query whose next poll may succeed."""
        states: dict[str, Execution] = {}
        for query_id in query_ids:
            started = self._started[query_id]
            reads = f"the source {started.source}"
            failure, answer = _call("logs:GetQueryResults", started.client.get_query_results, reads, queryId=query_id)
            if failure is not None and failure.denied:
                # Other queries may run in other accounts. What this one scanned is not known.
                self.stop(query_id)
                states[query_id] = Execution("ended", self._limit, failure.reason, _DENIED)
            elif failure is None:
                states[query_id] = _execution(answer)
                if states[query_id].state == "ended":
                    del self._started[query_id]
                elif states[query_id].state == "succeeded":
                    # A query that runs returns a part of its result in each poll, too.
                    started.results = answer.get("results", [])
        return states

    def stop(self, query_id: str) -> None:
        """Stop a query; if that fails twice, it ends by itself, after 60 minutes at the latest."""
        started = self._started.pop(query_id)
        for _ in range(2):
            failure, _answer = _call("logs:StopQuery", started.client.stop_query, started.source, queryId=query_id)
            if failure is None or failure.denied:
                return

    def rows(self, query_id: str, most: int) -> Rows | Failure:
        """Return the names of the fields and at most `most` rows, which the last poll returned."""
        results = self._started.pop(query_id).results[:most]
        names = list(dict.fromkeys(cell["field"] for row in results for cell in row if cell["field"] != "@ptr"))
        cells = ({cell["field"]: cell.get("value") for cell in row} for row in results)
        return [names, *([row.get(name) for name in names] for row in cells)]

    def failure_of(self, execution: Execution, reads: str) -> Failure:
        """Explain a query that ended without a result."""
        if execution.ended_as == _DENIED:
            return Failure("failed", execution.message, denied=True)
        return explain_state(execution.ended_as, reads)

    def _client(self, place: Place, reads: str) -> Any:
        """Return a client, or a failure if the role of the account cannot be assumed."""
        found = self._accounts.find(place.account)
        if not found:
            return Failure("failed", f"{self._accounts.refusal(place.account)}")
        try:
            return self._accounts.client(found[0], "logs", place.region)
        except (BotoCoreError, ClientError) as error:
            return _failure("sts:AssumeRole", error, f"{reads} (account {place.account})")

    def _identifiers(self, client: Any, place: Place, reads: str) -> list[str] | Failure:
        """Return the ARNs of all log groups of a query."""
        identifiers: list[str] = []
        for group in place.groups:
            if group.prefix is None:
                identifiers.append(group.arn)
                continue
            listed = self._list(client, place, group, reads)
            if isinstance(listed, Failure):
                return listed
            identifiers += listed
        identifiers = list(dict.fromkeys(identifiers))
        if not identifiers:
            return Failure("failed", f"No log group has the prefix of {reads}.")
        if len(identifiers) > MAX_GROUPS:
            return _too_many(reads)
        return identifiers

    def _list(self, client: Any, place: Place, group: LogGroup, reads: str) -> list[str] | Failure:
        known = self._listed.get((place.account, group.arn))
        if known and (self._now() - known[0]).total_seconds() < LISTED_SECONDS:
            return known[1]
        linked = group.account != place.account
        failure, answer = _call(
            "logs:DescribeLogGroups",
            client.describe_log_groups,
            reads,
            logGroupNamePrefix=group.prefix,
            limit=MAX_GROUPS,
            **({"accountIdentifiers": [group.account], "includeLinkedAccounts": True} if linked else {}),
        )
        if failure is not None:
            return failure
        groups = answer.get("logGroups", [])
        if answer.get("nextToken"):
            return _too_many(reads)
        arns = [f"{group.arn.rsplit(':', 1)[0]}:{one['logGroupName']}" for one in groups]
        self._listed[place.account, group.arn] = (self._now(), arns)
        return arns


def _too_many(reads: str) -> Failure:
    return Failure("failed", f"More than {MAX_GROUPS} log groups have the prefixes of {reads}: use longer prefixes.")


def price(size: int, usd_per_gb: float) -> float:
    """Return the price of scanned bytes [USD]."""
    return round(size / BYTES_OF_GB * usd_per_gb, 6)


def _call(
    action: str, call: Callable[..., dict[str, Any]], reads: str, **request: Any
) -> tuple[Failure | None, dict[str, Any]]:
    try:
        return None, call(**request)
    except (BotoCoreError, ClientError) as error:
        return _failure(action, error, reads), {}


def _failure(action: str, error: BotoCoreError | ClientError, reads: str) -> Failure:
    if isinstance(error, ClientError):
        message = str(error.response.get("Error", {}).get("Message", ""))
        throttled, denied = is_throttling(error), is_denied(error)
        explained = explain_error(action, error_code(error), message, reads, throttled=throttled, denied=denied)
        return replace(explained, lost=is_lost(error))
    reason = f"CloudWatch Logs did not answer {action} ({type(error).__name__})."
    return Failure("failed", reason, lost=is_lost(error))


def _execution(answer: Mapping[str, Any]) -> Execution:
    status, statistics = str(answer.get("status", "")), answer.get("statistics", {})
    # Events that an index of fields excludes are not scanned, but there are events.
    scanned = int(statistics.get("bytesScanned", 0)) or int(statistics.get("estimatedRecordsSkipped", 0) > 0)
    if status == "Complete":
        return Execution("succeeded", scanned)
    if status in ("Cancelled", "Failed", "Timeout", "Unknown"):
        return Execution("ended", scanned, ended_as=status)
    return Execution("running", scanned)
