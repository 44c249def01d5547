"""The local example on an emulated AWS, without delays and with exactly the plug-ins that a benchmark needs."""

import re
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from alert_responder.domain.identifiers import parse_execution_name
from alert_responder.store import items, keys
from tests.integration.conftest import VARIABLES
from tests.integration.pipeline import Pipeline, only
from tools import saved_installations
from tools.emulator import Emulator
from tools.errors import ToolError
from tools.saved_installations import Recipe

TYPE = "x-bench"
"""Type of the attributes that the benchmark's inspectors look up."""

_INSPECTOR = "def handler(task, context):\n    return {'contents': [{'type': 'note', 'title': 'seen'}]}"
_EMITTER = "import time\n\ndef handler(emission, context):\n    return {'state': time.time()}"
_REGISTRY_SECONDS = 31
_WAIT_SCALE = 0.1
"""The emulator ignores `MaxDelaySeconds` and jitter: all refused calls would wait for a minute at once. With a smaller
value, a step would fail before a slow machine has finished 500 reports."""
_REPORT = re.compile(r"^REPORT RequestId: \S+\s+Duration: ([0-9.]+) ms")


@contextmanager
def deployed(concurrency: int | None = None) -> Generator[tuple[Pipeline, Emulator]]:
    """Apply the local example, detach its plug-ins, and remove everything afterwards.

    Parameters
    ----------
    concurrency : int
        Reserved concurrency of coordinator and runner; None: none. Each concurrent call is a separate process here.
    """
    recipe = Recipe({**VARIABLES, "inspection_timeout_seconds": 60})
    # `benchmarks.cpu` tells the functions' processes apart by their environment, and their start counts as on AWS.
    settings = {"SFN_WAIT_SCALE": str(_WAIT_SCALE), "FORK_FUNCTIONS": "0"}
    with saved_installations.started(recipe, settings=settings) as (
        emulator,
        example,
        installation,
    ):
        reserve(installation.client("lambda"), installation.name, concurrency)
        _detach_all(installation.client("dynamodb"), installation.table)
        # No destroy: everything is removed with the emulator.
        yield Pipeline(installation, example), emulator


def reserve(functions: Any, name: str, concurrency: int | None) -> None:
    """Set or remove the reserved concurrency of coordinator and runner."""
    for function in (f"{name}-coordinator", f"{name}-runner"):
        if concurrency is None:
            functions.delete_function_concurrency(FunctionName=function)
        else:
            functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=concurrency)


@contextmanager
def plugins(pipeline: Pipeline, inspectors: int = 1) -> Generator[str]:
    """Attach inspectors of `TYPE` and one emitter that stores when it was called; yield the emitter's name."""
    with ExitStack() as stack:
        for _ in range(inspectors):
            stack.enter_context(pipeline.attached("inspector", _INSPECTOR, **only([TYPE])))
        emitter = stack.enter_context(pipeline.attached("emitter", _EMITTER))
        time.sleep(_REGISTRY_SECONDS)
        yield emitter


@contextmanager
def slow_inspector(pipeline: Pipeline) -> Generator[None]:
    """Attach an inspector of `TYPE` that takes two seconds."""
    source = f"import time\n\n{_INSPECTOR}".replace(":\n    return", ":\n    time.sleep(2)\n    return")
    with pipeline.attached("inspector", source, **only([TYPE])):
        time.sleep(_REGISTRY_SECONDS)
        yield


def notified_at(pipeline: Pipeline, report_id: str, emitter: str) -> float:
    """Return when the benchmark's emitter was last called with a report [seconds since the epoch]."""
    key = keys.emitter_state(report_id, emitter)
    answer = pipeline.installation.client("dynamodb").get_item(
        TableName=pipeline.installation.table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
    )
    return float(items.unpack(answer["Item"]["state"]["B"]))


def settled_count(pipeline: Pipeline) -> int:
    """Count the settled reports. The emulator reads each item of the table for it."""
    pages = (
        pipeline.installation.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=pipeline.installation.table,
            Select="COUNT",
            FilterExpression="sk = :head AND #state = :settled",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":head": {"S": keys.HEAD}, ":settled": {"S": "settled"}},
        )
    )
    return sum(int(page["Count"]) for page in pages)


def first_rounds_over(pipeline: Pipeline) -> int:
    """Count the reports whose first round is over."""
    over = [execution["name"] for execution in pipeline.all_executions() if execution["status"] != "RUNNING"]
    return sum(round_ == 1 for _, round_ in filter(None, map(parse_execution_name, over)))


def wait_for_settled(pipeline: Pipeline, count: int, every: float, seconds: float = 300) -> None:
    """Wait until `count` reports are settled.

    Polling must cost the emulator little: counting settled reports every 1.5 s took more than a quarter of its time
    with 400 reports. So they are counted only when enough first rounds are over.
    """
    until = time.monotonic() + seconds
    while first_rounds_over(pipeline) < count or settled_count(pipeline) < count:
        if time.monotonic() > until:
            raise ToolError(f"{count} reports were not settled within {seconds:.0f} s.")
        time.sleep(every)


def calls_of(pipeline: Pipeline, function: str) -> list[tuple[float, float]]:
    """List the calls of one of our functions, oldest first: begin and end [seconds since the epoch]."""
    logs = pipeline.installation.client("logs")
    group = f"/aws/lambda/{pipeline.installation.name}-{function}"
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="REPORT")
    events = [
        (event["timestamp"] / 1000, _REPORT.match(event["message"])) for page in pages for event in page["events"]
    ]
    return sorted((end - float(match[1]) / 1000, end) for end, match in events if match)


def _detach_all(dynamodb: Any, table: str) -> None:
    for kind in (keys.INSPECTORS, keys.EMITTERS, keys.REVIEWERS):
        found = dynamodb.query(
            TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": kind}}
        )
        for item in found["Items"]:
            dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
