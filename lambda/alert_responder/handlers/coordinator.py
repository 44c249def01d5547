"""Coordinator: the steps of a round that decide (plan, review, close), and the sweeper."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from alert_responder.bootstrap import coordinator as bootstrap
from alert_responder.errors import SupersededError
from alert_responder.handlers.observability import logger, metrics
from alert_responder.usecases.review import Round


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Do one step; `status` `superseded` tells the execution that its round is over."""
    logger().append_keys(report_id=event.get("report_id"), round=event.get("round"), step=event["step"])
    try:
        return _STEPS[event["step"]](event)
    except SupersededError:
        logger().info("superseded")
        return {"status": "superseded"}


def _plan(event: Mapping[str, Any]) -> dict[str, Any]:
    if event.get("as_it_stands", False):
        # Asked all the same: a state that only decides whether to ask would be paid for in every round.
        return {"status": "planned", "chunks": []}
    answer = bootstrap.planner().plan(event["report_id"], event["round"], event["iteration"], event.get("deadline"))
    return {"status": "planned", **answer}


def _review(event: Mapping[str, Any]) -> dict[str, Any]:
    answer = bootstrap.reviewer().review(
        Round(
            report_id=event["report_id"],
            number=event["round"],
            revision=event["revision"],
            replans=event["replans"],
            planned_at=event.get("planned_at"),
            as_it_stands=event.get("as_it_stands", False),
        )
    )
    fault = answer.pop("page_fault", None)
    if fault:
        logger().error("the report has no page", extra={"cause": fault})
    return answer


def _close(event: Mapping[str, Any]) -> dict[str, Any]:
    bootstrap.closer().close(event["report_id"], event["round"], event["revision"], event.get("unsettled", 0))
    return {"status": "closed"}


def _sweep(event: Mapping[str, Any]) -> dict[str, Any]:
    sweeper = bootstrap.sweeper()
    execution = event.get("execution")
    swept = sweeper.sweep_execution(execution) if execution else sweeper.sweep(sweeper.open_reports())
    measured = metrics(os.environ["INSTALLATION"])
    measured.add_metric("ReportsRevived", MetricUnit.Count, len(swept.revived))
    measured.add_metric("ReportsFailed", MetricUnit.Count, len(swept.failed))
    measured.flush_metrics()
    for report_id in swept.failed:
        logger().error("the report goes out as it stands", extra={"report_id": report_id})
    return {"status": "swept", "revived": len(swept.revived), "failed": len(swept.failed)}


_STEPS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "plan": _plan,
    "review": _review,
    "close": _close,
    "sweep": _sweep,
}
