"""Deliver a round to PagerDuty once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alert_responder.contracts.report import EmissionAnswer, EmissionRequest
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.delivery_log import DeliveryLog
from alert_responder_plugins.common.summary import page_link
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
        delivered_before = any(emission.emitter == request.emitter for emission in report.emissions)
        severity = report.result.severity
        action = action_of(severity, self.settings.triggers, incident, delivered_before)
        if action is None:
            return EmissionAnswer(state=write_state(incident or Incident(open=False)))
        event: dict[str, Any] = {}
        if action == "trigger":
            event = trigger_event(report, self.settings.severities[severity], self.settings.source, page_link(request))
        self.client.send(action, report.id, event)
        return EmissionAnswer(state=write_state(Incident(open=action == "trigger")))
