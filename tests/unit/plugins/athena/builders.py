"""Tasks and an Athena client with prepared outcomes."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from alert_responder.contracts.inspection import AlertSummary, InspectionTask
from alert_responder.plugin import Attribute
from alert_responder.store.table import Table
from alert_responder_cli.aws.in_memory import MemoryTable
from alert_responder_plugins.athena.client import Athena, Statement, price
from alert_responder_plugins.athena.custom_queries import CustomQuery, CustomTable
from alert_responder_plugins.athena.dialects import CLOUDTRAIL, ROUTE53_RESOLVER, VPC_FLOW
from alert_responder_plugins.athena.jobs import Planner
from alert_responder_plugins.athena.query import Rollup
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.logs.budget import Budget
from alert_responder_plugins.logs.lookup import LogInspector

NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
SOURCES = (
    Source("cloudtrail", "security", "cloudtrail", CLOUDTRAIL, baseline_days=30),
    Source("flows", "security", "flows", VPC_FLOW, baseline_days=30),
    Source("names", "security", "names", ROUTE53_RESOLVER, baseline_days=30),
)
ROLLUP = Rollup("security", "rollup")
VPN = CustomTable("vpn", "seen", "timestamp", {"day": "yyyy/MM/dd"})


def custom_query(sql: str = "SELECT :values") -> CustomQuery:
    """Return a custom query about users to the table `vpn`."""
    return CustomQuery("vpn", "security", sql, frozenset({"username"}), (VPN,))


def task(kind: str, value: str, number: int = 0, at: datetime | None = NOW - timedelta(hours=2)) -> InspectionTask:
    """Return a task about an attribute of an alert."""
    alert = AlertSummary(
        detector="guardduty",
        rule_id="r",
        rule_name="r",
        alert_key="k",
        description="",
        timestamp=None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}",
        severity=None,
        attributes=(),
    )
    return InspectionTask(
        report_id="r",
        task_id=f"athena/{number}",
        inspector="athena",
        attribute=Attribute(type=kind, value=value),
        alert=alert,
        depth=0,
    )


def inspector(
    client: Any,
    table: Table | None = None,
    *,
    daily: int = 500_000_000_000,
    sources: Sequence[Source] = SOURCES,
    queries: Sequence[CustomQuery] = (),
    time: tuple[Callable[[], float], Callable[[float], None]] | None = None,
) -> LogInspector[Statement]:
    """Wire an inspector; its clock moves only while it waits."""
    clock, sleep = time or moving_clock()
    memory = MemoryTable() if table is None else table
    return LogInspector(
        product="Athena",
        service=Athena(lambda: client, "security", None),
        budget=lambda cutoff: Budget(memory, "athena", daily, cutoff, lambda: NOW),
        plan=Planner(sources, queries, ROLLUP, timedelta(hours=24), timedelta(hours=1)).plan,
        price=lambda size: price(size, 5.0),
        no_data="no partition, or an empty one",
        link=lambda query_id: f"https://console.example.com/{query_id}",
        deadline=lambda: Deadline(40, clock, sleep),
        now=lambda: NOW,
    )


def moving_clock() -> tuple[Callable[[], float], Callable[[float], None]]:
    """Return a clock, and a sleep that moves it."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return lambda: now[0], sleep


class PreparedAthena:
    """An Athena whose queries end as a test prepares.

    Parameters
    ----------
    state, reason, scanned
        How all queries end.
    start_error, poll_error
        Raised by each start, and by each poll.
    """

    def __init__(
        self,
        state: str = "SUCCEEDED",
        reason: str = "",
        scanned: int = 2_000_000_000,
        *,
        start_error: Exception | None = None,
        poll_error: Exception | None = None,
        cutoff: int | None = 10_000_000_000,
        rows: Sequence[Sequence[str | None]] = (("place",),),
    ) -> None:
        self.calls: list[str] = []
        self.queries: list[str] = []
        self.tokens: list[str] = []
        self._end = {
            "Status": {"State": state, "StateChangeReason": reason},
            "Statistics": {"DataScannedInBytes": scanned},
        }
        self._start_error = start_error
        self._poll_error = poll_error
        self.cutoff = cutoff
        self._rows = rows

    def get_work_group(self, **_request: Any) -> dict[str, Any]:
        self.calls.append("get_work_group")
        return {"WorkGroup": {"Configuration": {"BytesScannedCutoffPerQuery": self.cutoff}}}

    def start_query_execution(self, **request: Any) -> dict[str, Any]:
        self.calls.append("start_query_execution")
        if self._start_error:
            raise self._start_error
        self.queries.append(request["QueryString"])
        self.tokens.append(request["ClientRequestToken"])
        return {"QueryExecutionId": f"query-{len(self.queries)}"}

    def batch_get_query_execution(self, **request: Any) -> dict[str, Any]:
        self.calls.append("batch_get_query_execution")
        if self._poll_error:
            raise self._poll_error
        return {"QueryExecutions": [{"QueryExecutionId": each, **self._end} for each in request["QueryExecutionIds"]]}

    def get_query_results(self, **_request: Any) -> dict[str, Any]:
        self.calls.append("get_query_results")
        rows = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in self._rows]
        return {"ResultSet": {"Rows": rows}}

    def stop_query_execution(self, **_request: Any) -> dict[str, Any]:
        self.calls.append("stop_query_execution")
        return {}
