"""CloudWatch Logs Insights with recorded answers, in the shapes of the API reference.

It does not run queries: `stats`, `parse` and scanned bytes are prepared by each test.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

Recorded = Sequence[Mapping[str, object]]


def client_error(code: str, message: str = "", operation: str = "StartQuery") -> ClientError:
    """Return an error of a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class RecordedLogsInsights:
    """The operations of boto3's client that the inspector uses.

    Parameters
    ----------
    results
        Rows of each query, by a part of its text; fields without a value are missing, as in AWS.
    status, scanned
        How all queries end, and the bytes that they scanned.
    running
        Scanned bytes that the first polls of a query report, while it runs.
    log_groups
        Names that exist, for prefixes.
    """

    def __init__(
        self,
        results: Mapping[str, Recorded] | None = None,
        *,
        status: str = "Complete",
        scanned: float = 2_000_000_000.0,
        running: Sequence[float] = (),
        log_groups: Sequence[str] = (),
        errors: Mapping[str, Exception] | None = None,
    ) -> None:
        self.calls: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self._results = results or {}
        self._status = status
        self._scanned = scanned
        self._running = list(running)
        self._log_groups = log_groups
        self._errors = errors or {}
        self.stopped: set[str] = set()

    @property
    def queries(self) -> list[str]:
        """The texts of the queries that were started."""
        return [request["queryString"] for request in self.requests]

    def describe_log_groups(self, **request: Any) -> dict[str, Any]:
        """List log groups by a prefix."""
        self._called("describe_log_groups")
        names = [name for name in self._log_groups if name.startswith(request["logGroupNamePrefix"])]
        page = [{"logGroupName": name, "storedBytes": 1} for name in names[: request["limit"]]]
        return {"logGroups": page, **({"nextToken": "t"} if len(names) > request["limit"] else {})}

    def start_query(self, **request: Any) -> dict[str, Any]:
        """Start a query."""
        self._called("start_query")
        self.requests.append(request)
        return {"queryId": f"query-{len(self.requests)}"}

    def get_query_results(self, **request: Any) -> dict[str, Any]:
        """Return the state of a query and its result."""
        self._called("get_query_results")
        text = self.requests[int(request["queryId"].removeprefix("query-")) - 1]["queryString"]
        if self._running:
            return {"status": "Running", "results": [], "statistics": {"bytesScanned": self._running.pop(0)}}
        rows = next((rows for part, rows in self._results.items() if part in text), ())
        return {
            "queryLanguage": "CWLI",
            "status": self._status,
            "results": [
                [{"field": name, "value": str(value)} for name, value in row.items() if value is not None]
                for row in rows
            ],
            "statistics": {"recordsMatched": 10.0, "recordsScanned": 100.0, "bytesScanned": self._scanned},
        }

    def stop_query(self, **request: Any) -> dict[str, Any]:
        """Stop a query."""
        self._called("stop_query")
        self.stopped.add(request["queryId"])
        return {"success": True}

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if operation in self._errors:
            raise self._errors[operation]
