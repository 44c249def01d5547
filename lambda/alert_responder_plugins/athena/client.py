"""Calls of Athena: start, poll, stop, and read results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder_plugins.athena.failures import explain
from alert_responder_plugins.common.aws import is_denied, is_lost, is_throttling
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.logs.failures import Failure
from alert_responder_plugins.logs.jobs import Execution

BYTES_OF_TB = 1_000_000_000_000
LEAST_BYTES = 10_000_000
"""Athena bills at least 10 MB for a query."""

_PAGE = 1000
"""Maximum number of rows of a request (API reference, GetQueryResults)."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and the database in which names without one are."""

    sql: str
    database: str


class Athena:
    """Queries in one workgroup.

    Parameters
    ----------
    client
        Returns a client; errors of botocore mean that the role of the other account cannot be assumed.
    result_location
        Where the workgroup stores results, as a URI of S3; None if its own configuration says it.
    account
        The account of the workgroup, if it is another one.
    """

    def __init__(
        self, client: Callable[[], Any], workgroup: str, result_location: str | None, account: str = ""
    ) -> None:
        self._client = client
        self._workgroup = workgroup
        self._result_location = result_location
        self._place = f"the workgroup {workgroup}{f' of account {account}' if account else ''}"

    def limit(self) -> int:
        """Return the limit of bytes that one query may scan, as the workgroup has it now.

        Raises
        ------
        SettingsFaultError
            The workgroup has no limit, does not exist, or may not be read.
        """
        failure, answer = self._call(
            "athena:GetWorkGroup", lambda client: client.get_work_group(WorkGroup=self._workgroup)
        )
        if failure is not None:
            raise SettingsFaultError(f"The workgroup {self._workgroup} cannot be read. {failure.reason}")
        cutoff = answer["WorkGroup"].get("Configuration", {}).get("BytesScannedCutoffPerQuery")
        if not cutoff:
            raise SettingsFaultError(
                f"The workgroup {self._workgroup} has no limit of bytes: set BytesScannedCutoffPerQuery."
            )
        return int(cutoff)

    def start(self, query: Statement, token: str) -> str | Failure:
        """Start a query and return its id; the same token starts it once."""
        request: dict[str, Any] = {
            "QueryString": query.sql,
            "ClientRequestToken": token,
            "QueryExecutionContext": {"Database": query.database},
            "WorkGroup": self._workgroup,
        }
        if self._result_location:
            request["ResultConfiguration"] = {"OutputLocation": self._result_location}
        failure, answer = self._call(
            "athena:StartQueryExecution", lambda client: client.start_query_execution(**request)
        )
        return failure or str(answer["QueryExecutionId"])

    def poll(self, query_ids: Sequence[str]) -> dict[str, Execution] | Failure:
        """Return the states of at most 50 queries; none if the next poll may succeed, and a failure if it cannot."""
        failure, answer = self._call(
            "athena:BatchGetQueryExecution",
            lambda client: client.batch_get_query_execution(QueryExecutionIds=list(query_ids)),
        )
        if failure is not None:
            return failure if failure.denied else {}
        return {one["QueryExecutionId"]: _execution(one) for one in answer.get("QueryExecutions", [])}

    def stop(self, query_id: str) -> None:
        """Stop a query; if that fails, it ends by the limits of the workgroup."""
        self._call("athena:StopQueryExecution", lambda client: client.stop_query_execution(QueryExecutionId=query_id))

    def rows(self, query_id: str, most: int) -> list[list[str | None]] | Failure:
        """Read the names of the columns, and at most `most` rows."""
        rows: list[list[str | None]] = []
        request: dict[str, Any] = {"QueryExecutionId": query_id, "MaxResults": _PAGE}
        while True:
            failure, answer = self._call("athena:GetQueryResults", lambda client: client.get_query_results(**request))
            if failure is not None:
                return failure
            page = answer["ResultSet"].get("Rows", [])
            rows += [[cell.get("VarCharValue") for cell in row.get("Data", [])] for row in page]
            token = answer.get("NextToken")
            if not token or len(rows) > most:
                return rows[: most + 1]
            request["NextToken"] = token

    def failure_of(self, execution: Execution, reads: str) -> Failure:
        """Explain a query that ended without a result."""
        return explain(execution.ended_as, execution.message, reads)

    def _call(self, action: str, call: Callable[[Any], dict[str, Any]]) -> tuple[Failure | None, dict[str, Any]]:
        try:
            client = self._client()
        except (BotoCoreError, ClientError) as error:
            return replace(self._failure("sts:AssumeRole", error), lost=False), {}
        try:
            return None, call(client)
        except (BotoCoreError, ClientError) as error:
            return self._failure(action, error), {}

    def _failure(self, action: str, error: BotoCoreError | ClientError) -> Failure:
        if not isinstance(error, ClientError):
            reason = f"Athena did not answer {action} ({type(error).__name__})."
            return Failure("failed", reason, lost=is_lost(error))
        message = str(error.response.get("Error", {}).get("Message", ""))
        if is_throttling(error):
            return Failure("throttled", f"Athena throttled {action}.")
        if is_denied(error):
            if "not authorized to perform" not in message:
                message = f"not authorized to perform: {action}"
            return replace(explain("FAILED", message, self._place), denied=True)
        return Failure("failed", f"Athena rejected {action} ({error_code(error)}).", lost=is_lost(error))


def price(size: int, usd_per_tb: float) -> float:
    """Return the price of scanned bytes [USD]; a query that read nothing is billed as the least, too."""
    return round(max(size, LEAST_BYTES) / BYTES_OF_TB * usd_per_tb, 6)


def _execution(one: Any) -> Execution:
    status, scanned = one.get("Status", {}), int(one.get("Statistics", {}).get("DataScannedInBytes", 0))
    state = status.get("State", "")
    message = f"{status.get('StateChangeReason', '')} {status.get('AthenaError', {}).get('ErrorMessage', '')}"
    if state == "SUCCEEDED":
        return Execution("succeeded", scanned)
    if state in ("FAILED", "CANCELLED"):
        return Execution("ended", scanned, message, state)
    return Execution("running", scanned)
