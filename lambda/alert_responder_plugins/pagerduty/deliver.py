"""Deliver a round to PagerDuty once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alert_responder.contracts.report import EmissionAnswer, EmissionRequest
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.delivery_log import DeliveryLog
from alert_responder_plugins.common.summary import delivered_before, inherits_state, page_link
from alert_responder_plugins.pagerduty.client import PagerDutyClient
from alert_responder_plugins.pagerduty.message import trigger_event
from alert_responder_plugins.pagerduty.settings import PagerDutySettings
from alert_responder_plugins.pagerduty.state import Incident, action_of, read_state, write_state


@dataclass(frozen=True, slots=True)
class PagerDutyEmitter:
    """Delivers to one integration.

    Attributes
    ----------
    forget_secret
        Called when PagerDuty rejects the routing key.
    """

    log: DeliveryLog
    client: PagerDutyClient
    settings: PagerDutySettings
    forget_secret: Callable[[], None]
    deadline: Deadline

    def deliver(self, request: EmissionRequest) -> EmissionAnswer:
        """Trigger, update or resolve the report's incident, or do nothing.

        Repeating a delivery with the same `emission_id` has no further effect: an event whose outcome is unknown is
        sent again with the same `dedup_key`, by which PagerDuty assigns it to the same incident.

        Raises
        ------
        PluginFaultError
            See `PagerDutyClient.send`.
        """
        self.deadline.restart()
        return self.log.deliver_once(request.emission_id, lambda _: self._send(request), self.forget_secret)

    def _send(self, request: EmissionRequest) -> EmissionAnswer:
        report, incident = request.report, read_state(request.state)
        if report.test:
            state = write_state(incident or Incident(open=False))
            return EmissionAnswer(state=state, note="This is a test report: PagerDuty was not notified.")
        severity = report.result.severity
        action = action_of(severity, self.settings.triggers, incident, delivered_before(request), report.status)
        if action is None:
            return EmissionAnswer(state=write_state(incident or Incident(open=False)))
        event: dict[str, Any] = {}
        if action == "trigger":
            event = trigger_event(report, self.settings.severities[severity], self.settings.source, page_link(request))
        dedup_key = _dedup_key(request, incident)
        self.client.send(action, dedup_key, event)
        return EmissionAnswer(state=write_state(Incident(open=action == "trigger", dedup_key=dedup_key)))


def _dedup_key(request: EmissionRequest, incident: Incident | None) -> str:
    """Return the key of the report's incident, which may be that of an earlier report."""
    report = request.report
    if incident is None:
        return report.id
    if incident.dedup_key:
        return incident.dedup_key
    return (inherits_state(request) and report.previous_report_id) or report.id
