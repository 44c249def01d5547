"""The inspector over a month of logs with six attacks: who did it, what else did they do, is it usual."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alert_responder.contracts.inspection import AlertSummary, InspectionTask
from alert_responder.plugin import Activity, Attribute, InspectionAnswer
from alert_responder_cli.aws.in_memory import MemoryTable
from alert_responder_plugins.athena.client import Athena, Statement, price
from alert_responder_plugins.athena.dialects import CLOUDTRAIL, ROUTE53_RESOLVER, VPC_FLOW
from alert_responder_plugins.athena.jobs import Planner
from alert_responder_plugins.athena.query import Rollup, build_rollup
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.logs.budget import Budget
from alert_responder_plugins.logs.lookup import LogInspector
from alert_responder_plugins.logs.windows import Window
from tests.unit.plugins.athena.builders import moving_clock
from tools.log_company.attacks import BUCKET, KMS_KEY_ARN
from tools.log_company.month import ALERT_TIME, DAYS, FIRST_DAY, Month, build_month

ROLLUP = Rollup("security", "rollup")
SOURCES = (
    Source("cloudtrail", "security", "cloudtrail", CLOUDTRAIL, baseline_days=30),
    Source("flows", "security", "flows", VPC_FLOW, baseline_days=30),
    Source("names", "security", "names", ROUTE53_RESOLVER, baseline_days=30),
)


# Built and imported by the test only: each worker collects every test.
@pytest.fixture(scope="module")
def month() -> Month:
    return build_month()


@pytest.fixture(scope="module")
def athena(month: Month, tmp_path_factory: pytest.TempPathFactory) -> Any:
    pytest.importorskip("duckdb")
    fakes = pytest.importorskip("tests.fakes.athena")
    made = fakes.DuckDbAthena(tmp_path_factory.mktemp("month"))
    for table, rows in month.tables.items():
        made.load(table, rows)
    for source in SOURCES:
        for number in range(DAYS - 1):
            day = FIRST_DAY + timedelta(days=number)
            made.start_query_execution(build_rollup(source, Window(day, day + timedelta(days=1)), ROLLUP))
    failed = [one["Status"] for one in made._executions.values() if one["Status"]["State"] != "SUCCEEDED"]
    assert not failed, failed[0]
    return made


def inspector(athena: Any, table: MemoryTable | None = None) -> LogInspector[Statement]:
    clock, sleep = moving_clock()
    memory = table or MemoryTable()
    return LogInspector(
        product="Athena",
        service=Athena(lambda: athena, "security", None),
        budget=lambda cutoff: Budget(memory, "athena", 500_000_000_000, cutoff, lambda: datetime.now(UTC)),
        plan=Planner(SOURCES, (), ROLLUP, timedelta(hours=24), timedelta(hours=1)).plan,
        price=lambda size: price(size, 5.0),
        no_data="no partition, or an empty one",
        link=lambda query_id: f"https://console.example.com/{query_id}",
        deadline=lambda: Deadline(40, clock, sleep),
        now=lambda: ALERT_TIME + timedelta(hours=2),
    )


def task(attribute_type: str, value: str, number: int = 0) -> InspectionTask:
    alert = AlertSummary(
        detector="guardduty",
        rule_id="r",
        rule_name="r",
        alert_key="k",
        description="",
        timestamp=f"{ALERT_TIME:%Y-%m-%dT%H:%M:%SZ}",
        severity=None,
        attributes=(),
    )
    return InspectionTask(
        report_id="r",
        task_id=f"athena/{number}",
        inspector="athena",
        attribute=Attribute(type=attribute_type, value=value),
        alert=alert,
        depth=0,
    )


def activities(answer: InspectionAnswer | None, source: str) -> list[Activity]:
    assert answer is not None
    assert answer.throttled is None
    return [
        activity
        for content in answer.contents
        if content.type != "note" and content.source == f"Athena {source}"
        for activity in content.activities
    ]


def test_findings_are_explained(athena: Any, month: Month) -> None:
    assert len(month.expected) == 12
    for expected in month.expected:
        asked = task(expected.attribute_type, expected.value)
        answer = inspector(athena).look_up([asked])[asked.task_id]
        for fact in expected.facts:
            found = [
                activity
                for activity in activities(answer, fact.source)
                if activity.action == fact.action
                and activity.principal.endswith(fact.principal)
                and activity.remote_addr == fact.remote_addr
            ]
            assert [(one.count, one.usual) for one in found] == [(fact.count, not fact.new)], (
                expected.finding,
                fact,
                activities(answer, fact.source),
            )


@pytest.mark.parametrize(
    ("arn", "action", "total"),
    [
        (f"arn:aws:s3:::{BUCKET}", "PutBucketPolicy", "1 call that concern it in eu-west-1,"),
        (KMS_KEY_ARN, "DisableKey (AccessDenied)", "1 call that concern it, 1 of them without success in eu-west-1,"),
    ],
    ids=["bucket", "key"],
)
def test_a_call_that_names_its_target_twice_is_counted_once(athena: Any, arn: str, action: str, total: str) -> None:
    """CloudTrail has the short name in the parameters, and the ARN in the resources."""
    answer = inspector(athena).look_up([task("arn", arn)])["athena/0"]
    assert [(one.action, one.count) for one in activities(answer, "cloudtrail")] == [(action, 1)]
    assert answer is not None
    assert [content.text.startswith(total) for content in answer.contents if content.type == "note"] == [True]
