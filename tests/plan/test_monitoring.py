"""Alarms and dashboard watch what is there, and the documentation says of each what it means and what to do."""

import json
import re
from itertools import combinations
from typing import Any

import pytest
import tftest

from alert_responder.domain.records import MAX_DEAD_ROUNDS
from alert_responder.handlers.observability import UNITS
from benchmarks import costs
from tests.plan import state
from tests.plan.conftest import OPTIONS
from tests.plan.harness import REGION, Planned, arn, planned
from tests.plan.test_permissions import MACHINE
from tools.paths import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

# What AWS publishes by itself, of what is used here, with the dimension that it is told apart by.
OF_AWS = {
    "AWS/DynamoDB": {"ReadThrottleEvents": "TableName", "WriteThrottleEvents": "TableName"},
    "AWS/Kinesis": {"IncomingRecords": "StreamName", "WriteProvisionedThroughputExceeded": "StreamName"},
    "AWS/Lambda": dict.fromkeys(
        ("DestinationDeliveryFailures", "Duration", "Errors", "IteratorAge", "Throttles"), "FunctionName"
    ),
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible": "QueueName"},
    "AWS/States": dict.fromkeys(
        ("ExecutionsAborted", "ExecutionsFailed", "ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsTimedOut"),
        "StateMachineArn",
    ),
}
OURS = "AlertResponder"
SEARCH = re.compile(
    r"SEARCH\('\{AlertResponder,installation,plugin\} "
    r"MetricName=\"(\w+)\" installation=\"alert-responder\"', 'Sum', 300\)"
)


def alarms(made: Planned) -> dict[str, dict[str, Any]]:
    """Give the alarms by what their names have behind the installation's."""
    return {
        address.split('"')[1]: values
        for address, values in made.resources.items()
        if address.startswith("aws_cloudwatch_metric_alarm.alarms[")
    }


@pytest.fixture(name="body", scope="module")
def _body(known: Planned) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(known.resources["aws_cloudwatch_dashboard.overview[0]"]["dashboard_body"])
    return found


def widgets(body: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [widget["properties"] for widget in body["widgets"] if widget["type"] == kind]


def shown(body: dict[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    """Give namespace, name and dimensions of each metric that a graph shows by name."""
    found = []
    for graph in widgets(body, "metric"):
        for line in graph["metrics"]:
            *texts, options = line
            assert isinstance(options, dict)
            if texts:
                namespace, name, *dimensions = texts
                found.append((namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))))
    return found


def searched(body: dict[str, Any]) -> list[str]:
    """Give the names of the metrics that a graph shows by plug-in."""
    lines = [line for graph in widgets(body, "metric") for line in graph["metrics"]]
    matches = [SEARCH.fullmatch(line[0]["expression"]) for line in lines if len(line) == 1]
    return [match[1] if match else "no search" for match in matches]


def watched(known: Planned) -> list[tuple[str, str, dict[str, str]]]:
    return [(alarm["namespace"], alarm["metric_name"], alarm["dimensions"]) for alarm in alarms(known).values()]


def test_alarms_and_dashboard_name_metrics_that_are_written(known: Planned, body: dict[str, Any]) -> None:
    for namespace, name, dimensions in [*watched(known), *shown(body)]:
        if namespace == OURS:
            assert name in UNITS
            assert dimensions == {"installation": state.NAME}
        else:
            assert set(dimensions) == {OF_AWS[namespace][name]}, name
    assert {name for namespace, name, _ in shown(body) if namespace == OURS} == set(UNITS)
    assert set(searched(body)) == {"DeliveriesFailed", "InspectionsFailed", "InspectionsThrottled"}


def test_what_is_watched_is_this_installation(known: Planned, body: dict[str, Any]) -> None:
    names = {
        "FunctionName": {f"{state.NAME}-{key}" for key in state.FUNCTIONS},
        "QueueName": {f"{state.NAME}-dead-letters"},
        "StateMachineArn": {MACHINE},
        "StreamName": {state.NAME},
        "TableName": {state.NAME},
        "installation": {state.NAME},
    }
    found: dict[str, set[str]] = {}
    for _, _, dimensions in [*watched(known), *shown(body)]:
        for name, value in dimensions.items():
            found.setdefault(name, set()).add(value)
    assert found == names


def test_every_metric_is_documented_and_nothing_else_is(known: Planned, body: dict[str, Any]) -> None:
    section = OPERATIONS.split("## Metrics\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE)

    assert {name for name, _ in rows} == {name for _, name, _ in [*watched(known), *shown(body)]}
    assert len(rows) == len({name for name, _ in rows})
    units = {name: unit for name, unit in rows if name in UNITS}
    assert units == {name: {"Count": "count", "Milliseconds": "ms"}[unit.value] for name, unit in UNITS.items()}


def test_every_alarm_has_a_runbook_and_every_runbook_an_alarm(known: Planned) -> None:
    section = OPERATIONS.split("## Runbooks\n")[1].split("\n## ")[0]
    runbooks = re.split(r"^### ([\w-]+)$", section, flags=re.MULTILINE)[1:]
    told = dict(zip(runbooks[::2], runbooks[1::2], strict=True))

    assert list(told) == sorted(alarms(known))
    for key, text in told.items():
        assert "**Means:**" in text, key
        assert "**Look:**" in text, key
        assert "**Do:**" in text, key


def test_an_alarm_says_what_to_do_and_where_its_runbook_is(known: Planned) -> None:
    for key, alarm in alarms(known).items():
        assert alarm["alarm_name"] == f"{state.NAME}-{key}"
        assert alarm["alarm_description"].endswith(f"/docs/operations.md#{key}")
        assert 60 < len(alarm["alarm_description"]) <= 1024, "what CloudWatch takes"


def test_output_names_them(defaults: Planned) -> None:
    assert defaults.outputs["alarm_names"] == sorted(f"{state.NAME}-{key}" for key in alarms(defaults))
    assert defaults.outputs["dashboard_name"] == f"{state.NAME}-{REGION}"
    assert all(not alarm["alarm_actions"] and not alarm["ok_actions"] for alarm in alarms(defaults).values())


def test_one_input_takes_all_away(plan: tftest.TerraformPlanOutput) -> None:
    unwatched = planned(plan, "unwatched")

    assert not [address for address in unwatched.resources if address.startswith("aws_cloudwatch_metric_alarm")]
    assert not [address for address in unwatched.resources if address.startswith("aws_cloudwatch_dashboard")]
    assert unwatched.outputs == {"alarm_names": [], "dashboard_name": None}


def test_dashboard_can_be_left_out_alone(options: Planned) -> None:
    assert not options.of_type("aws_cloudwatch_dashboard")
    assert len(options.of_type("aws_cloudwatch_metric_alarm")) == 23


def test_thresholds_of_the_defaults(defaults: Planned) -> None:
    thresholds = {key: alarm["threshold"] for key, alarm in alarms(defaults).items()}

    assert {key: threshold for key, threshold in thresholds.items() if threshold != 1} == {
        "iterator-age": 15 * 60 * 1000,
        # A delay of 10, 60 for each of three depths, and five minutes.
        "slow-reviews": (10 + 3 * 60 + 300) * 1000,
        "storm": 1000,
    }
    periods = {key: alarm["evaluation_periods"] for key, alarm in alarms(defaults).items()}
    assert {key: count for key, count in periods.items() if count != 1} == {
        "coordinator-throttles": 3,
        "inspections-failed": 6,
        "inspections-throttled": 6,
        "receptor-throttles": 3,
        "runner-throttles": 3,
        "slow-reviews": 3,
    }
    assert (
        f"after {['no', 'one', 'two', 'three'][MAX_DEAD_ROUNDS]} dead rounds"
        in (alarms(defaults)["reports-failed"]["alarm_description"])
    )


def test_thresholds_reach_their_alarms(options: Planned) -> None:
    wanted = OPTIONS["monitoring"]
    assert isinstance(wanted, dict)
    assert {key: alarm["threshold"] for key, alarm in alarms(options).items()} == {
        **{f"{key}-errors": wanted["function_errors"] for key in state.FUNCTIONS},
        **{f"{key}-throttles": wanted["function_throttles"] for key in state.FUNCTIONS},
        **{f"rounds-{how}": wanted["rounds_failed"] for how in ("aborted", "failed", "timedout")},
        "dead-letters": 1,
        "deliveries-failed": wanted["deliveries_failed"],
        "inspections-failed": wanted["inspections_failed"],
        "inspections-throttled": wanted["inspections_throttled"],
        "internal-errors": 1,
        "iterator-age": wanted["iterator_age_seconds"] * 1000,
        "lost-batches": 1,
        "overflow": wanted["overflow_alerts"],
        "rejected-alerts": wanted["rejected_alerts"],
        "reports-failed": 1,
        "reviews-failed": wanted["reviews_failed"],
        "slow-reviews": wanted["review_seconds"] * 1000,
        "storm": wanted["storm_alerts"],
        "stream-full": wanted["stream_throttles"],
    }


def test_statistics(known: Planned) -> None:
    found = {key: alarm["statistic"] or alarm["extended_statistic"] for key, alarm in alarms(known).items()}

    assert {key: statistic for key, statistic in found.items() if statistic != "Sum"} == {
        "dead-letters": "Maximum",
        "iterator-age": "Maximum",
        "slow-reviews": "p95",
        "storm": "Maximum",
    }


def test_dashboard_shows_every_alarm_and_where_it_is_raised(known: Planned, body: dict[str, Any]) -> None:
    (status,) = widgets(body, "alarm")
    assert sorted(status["alarms"]) == [arn("cloudwatch", f"alarm:{state.NAME}-{key}") for key in sorted(alarms(known))]
    limits = {
        graph["metrics"][0][1]: graph["annotations"]["horizontal"][0]["value"]
        for graph in widgets(body, "metric")
        if "annotations" in graph
    }
    assert limits == {
        alarm["metric_name"]: alarm["threshold"]
        for key, alarm in alarms(known).items()
        if key in {"iterator-age", "slow-reviews", "storm"}
    }


def test_nothing_of_the_dashboard_lies_over_another(body: dict[str, Any]) -> None:
    for one, other in combinations(body["widgets"], 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or below, (one["properties"], other["properties"])
    assert all(widget["x"] + widget["width"] <= 24 for widget in body["widgets"])


def test_a_query_tells_the_life_of_the_report_that_is_typed_in(body: dict[str, Any]) -> None:
    (variable,) = body["variables"]
    queries = {log["title"]: log["query"] for log in widgets(body, "log")}
    life = queries[f"The life of report {variable['pattern']}"]

    assert life.count(variable["pattern"]) == 2
    for query in queries.values():
        assert re.findall(r"SOURCE '([^']+)'", query) == [
            *(f"/aws/lambda/{state.NAME}-{key}" for key in state.FUNCTIONS),
            state.MACHINE_LOGS,
        ]
    documented = OPERATIONS.split("<!-- life -->\n")[1].split("<!-- end -->")[0]
    assert "\n".join(line.strip() for line in documented.strip().splitlines()) == life


def test_logs_are_json(defaults: Planned) -> None:
    for function in defaults.of_type("aws_lambda_function"):
        assert function["logging_config"][0]["log_format"] == "JSON"
        assert function["logging_config"][0]["application_log_level"] == "INFO"


def test_costs_are_counted_for_all_alarms(known: Planned) -> None:
    assert len(alarms(known)) == costs.ALARMS
