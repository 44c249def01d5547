"""Runner: calls the inspectors of a chunk, or one emitter."""

from collections.abc import Mapping
from typing import Any

from alert_responder.bootstrap import runner as bootstrap
from alert_responder.domain.plugin_answers import UNANSWERED
from alert_responder.errors import SupersededError
from alert_responder.handlers.observability import logger, measure, note_delivery, observed


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Run one step: `inspect` returns the number of lookups with new attributes, `emit` the outcome of the delivery."""
    with observed(event):
        try:
            return _inspect(event) if event["step"] == "inspect" else _emit(event)
        except SupersededError:
            logger().info("round superseded")
            return {"status": "superseded", "found": 0}


def _inspect(event: Mapping[str, Any]) -> dict[str, Any]:
    inspected = bootstrap.inspection().inspect(
        event["report_id"], event["round"], event["tasks"], event["deadline"], event.get("planned_at")
    )
    for inspector, outcomes in sorted(inspected.ended.items()):
        throttled = outcomes["throttled"]
        failed = sum(outcomes[outcome] for outcome in UNANSWERED) - throttled
        say = logger().warning if failed or throttled else logger().info
        say("lookups completed", extra={"plugin": inspector, "outcomes": dict(outcomes)})
        measure({"InspectionsFailed": failed, "InspectionsThrottled": throttled}, inspector)
    for inspector, ignored in sorted(inspected.ignored.items()):
        logger().warning("answers to unknown tasks ignored", extra={"plugin": inspector, "answers": ignored})
    return {"status": "inspected", "found": inspected.found}


def _emit(event: Mapping[str, Any]) -> dict[str, Any]:
    outcome = bootstrap.deliverer().deliver(event["report_id"], event["round"], event["emitter"])
    note_delivery(event["emitter"], outcome)
    return {"status": "emitted", "outcome": outcome}
