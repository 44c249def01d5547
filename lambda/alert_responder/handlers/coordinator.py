"""Coordinator: the steps Plan, Review and Close of a round, and the sweeper."""

from collections.abc import Callable, Mapping
from typing import Any

from alert_responder.bootstrap import coordinator as bootstrap
from alert_responder.domain.records import Head
from alert_responder.errors import SupersededError
from alert_responder.handlers.observability import logger, measure, note_delivery, observed
from alert_responder.usecases.publication import Published
from alert_responder.usecases.review import Measured, Round


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Run one step; the status `superseded` ends the execution."""
    with observed(event):
        try:
            return _STEPS[event["step"]](event)
        except SupersededError:
            logger().info("round superseded")
            return {"status": "superseded"}


def _plan(event: Mapping[str, Any]) -> dict[str, Any]:
    if event.get("as_it_stands", False):
        # Called in every case, because a state that skips this step would be charged in every round.
        return {"status": "planned", "chunks": []}
    planned = bootstrap.planner().plan(
        event["report_id"], event["round"], event["iteration"], event.get("deadline"), event.get("planned_at")
    )
    lookups = sum(map(len, planned.chunks))
    logger().info("lookups planned", extra={"iteration": event["iteration"], "lookups": lookups})
    return planned.payload()


def _review(event: Mapping[str, Any]) -> dict[str, Any]:
    reviewed = bootstrap.reviewer().review(
        Round(
            report_id=event["report_id"],
            number=event["round"],
            revision=event["revision"],
            replans=event["replans"],
            planned_at=event.get("planned_at"),
            as_it_stands=event.get("as_it_stands", False),
        )
    )
    published, measured = reviewed
    if published is None:
        logger().info("round sent back to planning")
    elif measured is None:
        logger().info("round already published", extra={"deliveries": published.deliveries})
    else:
        _note_review(published, measured)
    return reviewed.payload()


def _note_review(published: Published, measured: Measured) -> None:
    if published.page_fault:
        logger().error("page not rendered", extra={"cause": published.page_fault})
    for emitter, outcome in published.given_up.items():
        note_delivery(emitter, outcome)
    if measured.unrated:
        logger().warning("reviewer returned no usable answer", extra={"plugin": "reviewer"})
    if measured.directory_fault:
        logger().warning("directory of accounts not read", extra={"cause": measured.directory_fault})
    if measured.left_out:
        logger().warning("parts of the review left out", extra={"plugin": "reviewer"})
    about: dict[str, Any] = {
        "severity": measured.severity,
        "alerts": measured.alerts,
        "milliseconds": measured.milliseconds,
        **({"suppressed": measured.suppressed} if measured.suppressed else {}),
    }
    logger().info("report reviewed", extra={**about, "deliveries": published.deliveries})
    measure(
        {
            "AlertsPerReport": measured.alerts,
            "ReviewsFailed": int(measured.unrated),
            "TimeToReview": measured.milliseconds or 0,
        }
    )


def _close(event: Mapping[str, Any]) -> dict[str, Any]:
    closed = bootstrap.closer().close(
        event["report_id"],
        event["round"],
        event["revision"],
        event.get("unsettled", 0),
        lookups_left=event.get("lookups_left", False),
    )
    for emitter, outcome in closed.given_up.items():
        note_delivery(emitter, outcome)
    logger().info("round closed", extra={"goes_on": closed.goes_on})
    return {"status": "closed"}


def _sweep(event: Mapping[str, Any]) -> dict[str, Any]:
    sweeper = bootstrap.sweeper()
    execution = event.get("execution")
    swept = sweeper.sweep_execution(execution) if execution else sweeper.sweep_open_reports()
    for head in swept.revived:
        logger().warning("dead round, next round started", extra=_about(head))
    for head in swept.failed:
        logger().error("dead round, report failed", extra=_about(head))
    if swept.not_reached:
        logger().warning("sweep ended early", extra={"not_reached": swept.not_reached})
    measure({"ReportsRevived": len(swept.revived), "ReportsFailed": len(swept.failed)})
    return {"status": "swept", "revived": len(swept.revived), "failed": len(swept.failed)}


def _about(head: Head) -> dict[str, Any]:
    return {"report_id": head.report_id, "alert_id": head.alert_id, "round": head.round}


_STEPS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "plan": _plan,
    "review": _review,
    "close": _close,
    "sweep": _sweep,
}
