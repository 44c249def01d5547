"""Runner: calls plug-ins, a chunk of inspectors or one emitter at a time."""

import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from alert_responder.bootstrap import runner as bootstrap
from alert_responder.errors import SupersededError
from alert_responder.handlers.observability import logger, metrics


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Do one step: `inspect` answers how many tasks have brought up attributes, `emit` how the delivery ended."""
    logger().append_keys(report_id=event["report_id"], round=event["round"], step=event["step"])
    try:
        return _inspect(event) if event["step"] == "inspect" else _emit(event)
    except SupersededError:
        logger().info("superseded")
        return {"status": "superseded", "found": 0}


def _inspect(event: Mapping[str, Any]) -> dict[str, Any]:
    ended = bootstrap.inspection().inspect(event["report_id"], event["round"], event["tasks"], event["deadline"])
    if ended.unanswered:
        _count("InspectionsFailed", ended.unanswered)
    return {"status": "inspected", "found": ended.found}


def _emit(event: Mapping[str, Any]) -> dict[str, Any]:
    outcome = bootstrap.delivering().deliver(event["report_id"], event["round"], event["emitter"])
    if outcome in {"failed", "unknown"}:
        _count("DeliveriesFailed", 1)
        logger().warning("a delivery did not succeed", extra={"emitter": event["emitter"], "outcome": outcome})
    return {"status": "emitted", "outcome": outcome}


def _count(name: str, count: int) -> None:
    measured = metrics(os.environ["INSTALLATION"])
    measured.add_metric(name, MetricUnit.Count, count)
    measured.flush_metrics()
