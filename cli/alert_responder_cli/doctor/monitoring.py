"""Checks of alarms, their metrics, the sweeper and EventBridge sources."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.doctor.examination import Check, Verdict, ok
from alert_responder_cli.terminal.counts import count

_DAY_MINUTES = 24 * 60
_SWEEP_MINUTES = 20
"""Sweeps begin every five minutes; CloudWatch shows their metric a few minutes later."""


def _alarms(installation: Installation) -> Iterator[Verdict]:
    alarms = list(_pages(installation, "describe_alarms", "MetricAlarms", AlarmNamePrefix=f"{installation.name}-"))
    if not alarms:
        yield Verdict("warning", "The installation has no alarms.", "Set monitoring.enabled = true.")
        return
    for alarm in alarms:
        if alarm["StateValue"] == "ALARM":
            yield Verdict(
                "problem", f"The alarm {alarm['AlarmName']} is raised.", "Follow its runbook in docs/operations.md."
            )
    if not any(alarm.get("AlarmActions") for alarm in alarms):
        yield Verdict("warning", "No alarm notifies anybody.", "Set alarm_actions to an SNS topic.")
    raised = sum(alarm["StateValue"] == "ALARM" for alarm in alarms)
    if not raised:
        yield ok(f"{len(alarms)} alarms exist, and none is raised.")


def _metrics(installation: Installation) -> Iterator[Verdict]:
    client = installation.client("cloudwatch")
    missing: set[str] = set()
    count = 0
    for alarm in _pages(installation, "describe_alarms", "MetricAlarms", AlarmNamePrefix=f"{installation.name}-"):
        for metric in _metrics_of(alarm):
            count += 1
            if not client.list_metrics(**metric)["Metrics"]:
                missing.add(metric["MetricName"])
    if missing:
        yield Verdict(
            "warning",
            f"{len(missing)} metrics of alarms have no data in their dimensions yet: {_some(sorted(missing))}.",
            "A metric appears with its first event: send an alert, wait a quarter of an hour, and run doctor again.",
        )
    else:
        yield ok(f"All {count} metrics of alarms have data.")


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join([*names[:most], *([f"and {len(names) - most} more"] if len(names) > most else [])])


def _metrics_of(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    names = ("Namespace", "MetricName", "Dimensions")
    if alarm.get("MetricName"):
        yield {name: alarm[name] for name in names}
    for query in alarm.get("Metrics", ()):
        if "MetricStat" in query:
            yield {name: query["MetricStat"]["Metric"][name] for name in names}


def _sweeper(installation: Installation) -> Iterator[Verdict]:
    for key in ("sweep", "dead-round"):
        rule = f"{installation.name}-{key}"
        state = installation.client("events").describe_rule(Name=rule)["State"]
        if state != "ENABLED":
            yield Verdict(
                "problem",
                f"The rule {rule} is {state.lower()}: rounds that die are not started again.",
                "Enable the rule, and find out who disabled it.",
            )
            continue
        if key == "sweep" and not _events(installation, rule, "Invocations", _SWEEP_MINUTES):
            yield Verdict(
                "warning",
                f"The rule {rule} is enabled, but CloudWatch shows no invocation in the last {_SWEEP_MINUTES} minutes.",
                "Run doctor again five minutes after an apply; then check the coordinator's resource policy.",
            )
        else:
            yield ok(f"The rule {rule} is enabled{' and fires' if key == 'sweep' else ''}.")


def _sources(installation: Installation) -> Iterator[Verdict]:
    events = installation.client("events")
    _, partition, _, region, account, *_ = installation.workflow_arn.split(":")
    stream = f"arn:{partition}:kinesis:{region}:{account}:stream/{installation.stream}"
    rules = events.list_rule_names_by_target(TargetArn=stream)["RuleNames"]
    if not rules:
        yield ok("No EventBridge rule sends events to the stream.")
    for rule in rules:
        state = events.describe_rule(Name=rule)["State"]
        if state != "ENABLED":
            yield Verdict(
                "warning", f"The EventBridge rule {rule} is {state.lower()}: its events do not arrive.", "Enable it."
            )
            continue
        failed = _events(installation, rule, "FailedInvocations", _DAY_MINUTES)
        if failed:
            yield Verdict(
                "problem",
                f"EventBridge failed to deliver {count(failed, 'event')} of the rule {rule} in the last day.",
                "Check the role of the rule's target: it needs kinesis:PutRecord and the stream's KMS key.",
            )
        else:
            yield ok(f"The EventBridge rule {rule} is enabled and delivers.")


def _events(installation: Installation, rule: str, metric: str, minutes: int) -> int:
    """Return the sum of a rule's metric over the last minutes; 0 if CloudWatch has no data."""
    end = datetime.now(UTC)
    found = installation.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName=metric,
        Dimensions=[{"Name": "RuleName", "Value": rule}],
        StartTime=end - timedelta(minutes=minutes),
        EndTime=end,
        Period=60 * minutes,
        Statistics=["Sum"],
    )
    total: float = sum(point["Sum"] for point in found["Datapoints"])
    return round(total)


def _pages(installation: Installation, operation: str, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    for page in installation.client("cloudwatch").get_paginator(operation).paginate(**arguments):
        yield from page[key]


CHECKS = (
    Check("alarms", ("cloudwatch:DescribeAlarms",), _alarms),
    Check("metrics", ("cloudwatch:DescribeAlarms", "cloudwatch:ListMetrics"), _metrics),
    Check("sweeper", ("events:DescribeRule", "cloudwatch:GetMetricStatistics"), _sweeper),
    Check(
        "sources",
        ("events:ListRuleNamesByTarget", "events:DescribeRule", "cloudwatch:GetMetricStatistics"),
        _sources,
    ),
)
