"""An inspector of log groups with recorded answers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from alert_responder.plugin import InspectionAnswer
from alert_responder.store.table import Table
from alert_responder_cli.aws.in_memory import MemoryTable
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.members import Members
from alert_responder_plugins.logs.budget import Budget
from alert_responder_plugins.logs.lookup import LogInspector
from alert_responder_plugins.logs_insights.client import InsightsQuery, LogsInsights, price
from alert_responder_plugins.logs_insights.custom_queries import CustomQuery
from alert_responder_plugins.logs_insights.dialects import CLOUDTRAIL, EKS_AUDIT, ROUTE53_RESOLVER, VPC_FLOW, Dialect
from alert_responder_plugins.logs_insights.groups import of_alert, places
from alert_responder_plugins.logs_insights.jobs import Planner, Source
from tests.unit.plugins.athena.builders import NOW, moving_clock, task

HOME, MEMBER, LINKED = "111122223333", "444455556666", "777788889999"
GB = 1_000_000_000
ROLE = f"arn:aws:iam::{MEMBER}:role/reader"


def arn(name: str, account: str = HOME, region: str = "eu-west-1") -> str:
    """Return the ARN of a log group."""
    return f"arn:aws:logs:{region}:{account}:log-group:{name}"


def source(name: str, dialect: Dialect, *arns: str) -> Source:
    """Return a source of log groups; a role is configured for one account."""
    arns = arns or (arn(name),)
    return Source(name, dialect, places(arns, HOME, (MEMBER,)), of_alert(arns))


TRAIL = source("trail", CLOUDTRAIL)
FLOWS = source("flows", VPC_FLOW)
NAMES = source("names", ROUTE53_RESOLVER)
CLUSTERS = source("clusters", EKS_AUDIT)


def custom_query(text: str = "filter user in :values | stats count(*) as count by user as value") -> CustomQuery:
    """Return a custom query about users."""
    return CustomQuery("vpn", places((arn("vpn"),), HOME, ()), text, frozenset({"username"}))


class Session:
    """A session of boto3 with one client for logs; its client for STS counts assumed roles."""

    def __init__(self, client: Any, assumed: list[str], error: Exception | None) -> None:
        self._client = client
        self._assumed = assumed
        self._error = error

    def client(self, service: str, **_options: Any) -> Any:
        return self if service == "sts" else self._client

    def assume_role(self, **request: Any) -> dict[str, Any]:
        self._assumed.append(request["RoleArn"])
        if self._error:
            raise self._error
        secrets = dict.fromkeys(("AccessKeyId", "SecretAccessKey", "SessionToken"), "x")
        return {"Credentials": {**secrets, "Expiration": NOW + timedelta(hours=1)}}


def inspector(
    client: Any,
    table: Table | None = None,
    *,
    sources: Sequence[Source] = (TRAIL,),
    queries: Sequence[CustomQuery] = (),
    daily: int = 500 * GB,
    longest: timedelta = timedelta(days=3),
    assumed: list[str] | None = None,
    error: Exception | None = None,
    members: Members | None = None,
) -> LogInspector[InsightsQuery]:
    """Wire an inspector; its clock moves only while it waits."""
    clock, sleep = moving_clock()
    memory = MemoryTable() if table is None else table
    roles: list[str] = [] if assumed is None else assumed
    accounts = Accounts(
        HOME,
        () if members else (ROLE,),
        home="eu-west-1",
        session_name="alert-responder",
        external_id="",
        clock=lambda: NOW,
        new_session=lambda **_keys: Session(client, roles, error),
        members=members,
    )
    service = LogsInsights(accounts, 10 * GB, lambda: NOW)
    return LogInspector(
        product="Logs Insights",
        service=service,
        budget=lambda limit: Budget(memory, "logs", daily, limit, lambda: NOW),
        plan=Planner(sources, queries, timedelta(hours=24), timedelta(hours=1), longest, accounts.refusal).plan,
        price=lambda size: price(size, 0.005),
        no_data="no event",
        link=lambda query_id: f"https://{service.region(query_id)}.console.example.com/{query_id}",
        deadline=lambda: Deadline(40, clock, sleep),
        now=lambda: NOW,
        poll_size=1,
    )


def look_up(client: Any, table: Any = None, kind: str = "username", value: str = "alice", **options: Any) -> Any:
    """Ask about one attribute."""
    asked = task(kind, value)
    answer: InspectionAnswer | None = inspector(client, table, **options).look_up([asked])[asked.task_id]
    return answer
