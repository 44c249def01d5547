"""Alarms and dashboard use metrics that exist, and the documentation has a runbook for each."""

import json
import re
from itertools import combinations
from typing import Any, NamedTuple

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

# Metrics of AWS that are used here, with their dimension.
OF_AWS = {
    "AWS/Events": {"InvocationsFailedToBeSentToDlq": "RuleName"},
    "AWS/DynamoDB": {"ReadThrottleEvents": "TableName", "WriteThrottleEvents": "TableName"},
    "AWS/Kinesis": {"IncomingRecords": "StreamName", "WriteProvisionedThroughputExceeded": "StreamName"},
    "AWS/Lambda": dict.fromkeys(
        ("DestinationDeliveryFailures", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"), "FunctionName"
    ),
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible": "QueueName", "NumberOfMessagesSent": "QueueName"},
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
    """Return the alarms by the part of their name after the installation's."""
    return {
        address.split('"')[1]: values
        for address, values in made.resources.items()
        if address.startswith("aws_cloudwatch_metric_alarm.alarms[")
    }


class Watched(NamedTuple):
    """One metric of an alarm."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: str
    threshold: float


STOPPED = "FILL(IF(MAX([records, calls]) > 0, MAX([calls, 0 * records]) < 1), REPEAT)"


def metrics_of(alarm: dict[str, Any]) -> list[Watched]:
    """List the metrics of an alarm; check that metric math uses the largest share of a threshold.

    Metrics of the only other expression have the threshold 0.
    """
    if not alarm["metric_query"]:
        assert alarm["period"] == 300
        return [Watched(*(alarm[key] for key in ("namespace", "metric_name", "dimensions", "statistic", "threshold")))]
    assert (alarm["threshold"], alarm["metric_name"]) == (1, None)
    expressions = {query["id"]: query["expression"] for query in alarm["metric_query"] if query["expression"]}
    (returned,) = [query["id"] for query in alarm["metric_query"] if query["return_data"]]
    if expressions[returned] == STOPPED:
        metrics = {query["id"]: query["metric"][0] for query in alarm["metric_query"] if query["metric"]}
        assert set(metrics) == {"records", "calls"}
        return [
            Watched(metric["namespace"], metric["metric_name"], metric["dimensions"], metric["stat"], 0)
            for metric in metrics.values()
        ]
    shares = re.fullmatch(r"MAX\(\[(\w+(?:, \w+)+)\]\)", expressions.pop(returned))
    assert shares
    assert sorted(shares[1].split(", ")) == sorted(expressions)
    matches = [re.fullmatch(r"(?:FILL\()?(\w+)(?:, 0\))? / ([\d.]+)", text) for text in expressions.values()]
    thresholds = {match[1]: float(match[2]) for match in matches if match}
    found = []
    for query in alarm["metric_query"]:
        for metric in query["metric"]:
            assert metric["period"] == 300
            threshold = thresholds.pop(query["id"])
            found.append(
                Watched(metric["namespace"], metric["metric_name"], metric["dimensions"], metric["stat"], threshold)
            )
    assert not thresholds
    return found


@pytest.fixture(name="body", scope="module")
def _body(known: Planned) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(known.resources["aws_cloudwatch_dashboard.overview[0]"]["dashboard_body"])
    return found


def widgets(body: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [widget["properties"] for widget in body["widgets"] if widget["type"] == kind]


def shown(body: dict[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    """List namespace, name and dimensions of each metric that a graph names."""
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
    """List the metrics that a graph shows by plug-in."""
    lines = [line for graph in widgets(body, "metric") for line in graph["metrics"]]
    matches = [SEARCH.fullmatch(line[0]["expression"]) for line in lines if len(line) == 1]
    return [match[1] if match else "no search" for match in matches]


def watched(known: Planned) -> list[tuple[str, str, dict[str, str]]]:
    return [metric[:3] for alarm in alarms(known).values() for metric in metrics_of(alarm)]


def test_alarms_and_dashboard_use_metrics_that_exist(known: Planned, body: dict[str, Any]) -> None:
    for namespace, name, dimensions in [*watched(known), *shown(body)]:
        if namespace == OURS:
            assert name in UNITS
            assert dimensions == {"installation": state.NAME}
        else:
            assert set(dimensions) == {OF_AWS[namespace][name]}, name
    assert {name for namespace, name, _ in shown(body) if namespace == OURS} == set(UNITS)
    assert set(searched(body)) == {"DeliveriesFailed", "InspectionsFailed", "InspectionsThrottled"}


def test_alarms_and_dashboard_are_limited_to_this_installation(known: Planned, body: dict[str, Any]) -> None:
    names = {
        "FunctionName": {f"{state.NAME}-{key}" for key in state.FUNCTIONS},
        "QueueName": {f"{state.NAME}-dead-letters"},
        "RuleName": {f"{state.NAME}-dead-round", f"{state.NAME}-sweep"},
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


def test_exactly_the_used_metrics_are_documented(known: Planned, body: dict[str, Any]) -> None:
    section = OPERATIONS.split("## Metrics\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE)

    assert {name for name, _ in rows} == {name for _, name, _ in [*watched(known), *shown(body)]}
    assert len(rows) == len({name for name, _ in rows})
    units = {name: unit for name, unit in rows if name in UNITS}
    assert units == {name: {"Count": "count", "Milliseconds": "ms"}[unit.value] for name, unit in UNITS.items()}


def runbooks(heading: str) -> dict[str, str]:
    section = OPERATIONS.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = re.split(r"^### ([\w-]+)$", section, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_every_alarm_has_a_runbook_and_every_runbook_an_alarm_or_a_graph(known: Planned, body: dict[str, Any]) -> None:
    for_alarms, for_signs = runbooks("Runbooks"), runbooks("Signs without an alarm")
    assert list(for_alarms) == sorted(alarms(known))
    assert list(for_signs) == sorted(for_signs)
    for key, text in (for_alarms | for_signs).items():
        for part in ("**Means:**", "**Look:**", "**Do:**"):
            assert part in text, key
    rows = re.findall(r"^\| \*(.+?)\* \| (.+) \|$", OPERATIONS, re.MULTILINE)
    assert sorted(key for _, links in rows for key in re.findall(r"\(#([\w-]+)\)", links)) == list(for_signs)
    titles = [graph["title"].partition(" (")[0].partition(",")[0] for graph in widgets(body, "metric")]
    assert {graph for graph, _ in rows} <= set(titles)


def test_alarms_are_few(defaults: Planned) -> None:
    assert len(alarms(defaults)) <= 8, "An alarm is for what somebody must act on; show the rest on the dashboard."


def test_the_verified_stream_is_watched_as_the_alert_stream_is(defaults: Planned, options: Planned) -> None:
    streams: dict[str, set[str]] = {}
    for made in (defaults, options):
        for alarm in alarms(made).values():
            for metric in metrics_of(alarm):
                if metric.namespace == "AWS/Kinesis":
                    streams.setdefault(metric.dimensions["StreamName"], set()).add(metric.name)
    assert streams.pop(state.NAME) == streams["secops"] == {"IncomingRecords", "WriteProvisionedThroughputExceeded"}
    # Calls of the receptor are not counted by stream.
    assert streams["secops.verified"] == streams["secops"] | {"GetRecords.Records"}
    stopped = alarms(options)["intake-stopped-verified"]
    assert stopped["alarm_description"].endswith("#intake-stopped")


def test_an_alarms_description_links_its_runbook(known: Planned) -> None:
    for key, alarm in alarms(known).items():
        assert alarm["alarm_name"] == f"{state.NAME}-{key}"
        assert alarm["alarm_description"].endswith(f"/docs/operations.md#{key}")
        assert 60 < len(alarm["alarm_description"]) <= 1024, "the limit of CloudWatch"


def test_outputs_name_alarms_and_dashboard(defaults: Planned) -> None:
    assert defaults.outputs["alarm_names"] == sorted(f"{state.NAME}-{key}" for key in alarms(defaults))
    assert defaults.outputs["dashboard_name"] == f"{state.NAME}-{REGION}"
    assert all(not alarm["alarm_actions"] and not alarm["ok_actions"] for alarm in alarms(defaults).values())


def test_one_input_removes_alarms_and_dashboard(plan: tftest.TerraformPlanOutput) -> None:
    unwatched = planned(plan, "unwatched")

    assert not [address for address in unwatched.resources if address.startswith("aws_cloudwatch_metric_alarm")]
    assert not [address for address in unwatched.resources if address.startswith("aws_cloudwatch_dashboard")]
    assert unwatched.outputs == {"alarm_names": [], "dashboard_name": None}


def test_dashboard_can_be_left_out(options: Planned) -> None:
    assert not options.of_type("aws_cloudwatch_dashboard")
    assert len(options.of_type("aws_cloudwatch_metric_alarm")) == costs.ALARMS + 1, "one for the verified stream"


def test_thresholds_of_the_defaults(defaults: Planned) -> None:
    found = {metric.name: metric.threshold for alarm in alarms(defaults).values() for metric in metrics_of(alarm)}

    assert {name: threshold for name, threshold in found.items() if threshold not in {0, 1}} == {
        "IteratorAge": 15 * 60 * 1000
    }
    periods = {key: alarm["evaluation_periods"] for key, alarm in alarms(defaults).items()}
    assert {key: count for key, count in periods.items() if count != 1} == {
        "function-failures": 4,
        "inspections-failed": 8,
        "intake-stopped": 6,
    }
    assert (
        f"{['no', 'one', 'two', 'three'][MAX_DEAD_ROUNDS]} rounds of a report failed"
        in (alarms(defaults)["reviews-failed"]["alarm_description"])
    )


def test_metrics_and_thresholds_reach_their_alarms(options: Planned) -> None:
    wanted = OPTIONS["monitoring"]
    assert isinstance(wanted, dict)
    found = {
        key: sorted((metric.name, metric.threshold) for metric in metrics_of(alarm))
        for key, alarm in alarms(options).items()
    }
    assert found == {
        "alerts-at-risk": [
            ("DestinationDeliveryFailures", 1),
            *[("WriteProvisionedThroughputExceeded", wanted["stream_throttles"])] * 2,
        ],
        "deliveries-failed": [("DeliveriesFailed", wanted["deliveries_failed"])],
        "function-failures": [
            *[("Errors", wanted["function_errors"])] * 3,
            *[("InvocationsFailedToBeSentToDlq", 1)] * 2,
            ("NumberOfMessagesSent", 1),
            *[("Throttles", wanted["function_throttles"])] * 3,
        ],
        "inspections-failed": [
            ("InspectionsFailed", wanted["inspections_failed"]),
            ("InspectionsThrottled", wanted["inspections_throttled"]),
        ],
        "intake-stopped": [("IncomingRecords", 0), ("Invocations", 0)],
        "intake-stopped-verified": [("GetRecords.Records", 0), ("IncomingRecords", 0)],
        "iterator-age": [("IteratorAge", wanted["iterator_age_seconds"] * 1000)],
        "rejected-alerts": [("InternalErrors", 1), ("RejectedAlerts", wanted["rejected_alerts"])],
        "reviews-failed": [("ReportsFailed", 1), ("ReviewsFailed", wanted["reviews_failed"])],
    }


def test_statistics(known: Planned) -> None:
    found = {metric.name: metric.statistic for alarm in alarms(known).values() for metric in metrics_of(alarm)}

    assert {name: statistic for name, statistic in found.items() if statistic != "Sum"} == {"IteratorAge": "Maximum"}


def test_dashboard_shows_every_alarm_and_where_it_is_raised(known: Planned, body: dict[str, Any]) -> None:
    (status,) = widgets(body, "alarm")
    assert sorted(status["alarms"]) == [arn("cloudwatch", f"alarm:{state.NAME}-{key}") for key in sorted(alarms(known))]
    limits = {
        graph["metrics"][0][1]: graph["annotations"]["horizontal"]
        for graph in widgets(body, "metric")
        if "annotations" in graph
    }
    assert limits == {
        "IteratorAge": [{"label": "alarm", "value": alarms(known)["iterator-age"]["threshold"]}],
        # A delay of 10, 60 for each of three depths, and five minutes.
        "TimeToReview": [{"label": "expected", "value": (10 + 3 * 60 + 300) * 1000}],
    }


def test_widgets_do_not_overlap(body: dict[str, Any]) -> None:
    for one, other in combinations(body["widgets"], 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or below, (one["properties"], other["properties"])
    assert all(widget["x"] + widget["width"] <= 24 for widget in body["widgets"])


def test_a_query_shows_the_history_of_the_entered_report(body: dict[str, Any]) -> None:
    (variable,) = body["variables"]
    queries = {log["title"]: log["query"] for log in widgets(body, "log")}
    life = queries[f"History of report {variable['pattern']}"]

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
    assert len(watched(known)) == costs.ALARM_METRICS
