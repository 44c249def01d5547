"""Tell PagerDuty of a report once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alert_responder.contracts.report import EmissionAnswer, EmissionRequest
from alert_responder_plugins.common.delivery_log import Memory
from alert_responder_plugins.common.errors import ReceiverRefusedError, SettingsFaultError
from alert_responder_plugins.common.summary import page_link
from alert_responder_plugins.pagerduty.client import Sender
from alert_responder_plugins.pagerduty.decision import Incident, action_of, read_state, write_state
from alert_responder_plugins.pagerduty.message import trigger_of
from alert_responder_plugins.pagerduty.settings import PagerDutySettings


@dataclass(frozen=True, slots=True)
class Delivering:
    """Deliveries to one integration.

    Attributes
    ----------
    forget_secret
        Called when PagerDuty does not take the routing key.
    """

    memory: Memory
    sender: Sender
    settings: PagerDutySettings
    forget_secret: Callable[[], None]

    def deliver(self, request: EmissionRequest) -> EmissionAnswer:
        """Open, update or resolve the report's incident, or do nothing.

        With the same `emission_id` it may be called any number of times: what is done is not sent again, and what
        nobody saw the end of is sent again under the same `dedup_key`, which PagerDuty takes for the same incident.

        Raises
        ------
        PluginFaultError
            As `Sender.send` does.
        """
        before = self.memory.begin(request.emission_id)
        if before is not None and before.answer is not None:
            return EmissionAnswer.model_validate(before.answer)
        try:
            answer = self._told(request)
        except SettingsFaultError:
            self.forget_secret()
            self.memory.forget(request.emission_id)
            raise
        except ReceiverRefusedError:
            self.memory.forget(request.emission_id)
            raise
        self.memory.done(request.emission_id, answer.model_dump(mode="json"))
        return answer

    def _told(self, request: EmissionRequest) -> EmissionAnswer:
        report, incident = request.report, read_state(request.state)
        told_before = any(emission.emitter == request.emitter for emission in report.emissions)
        severity = report.result.severity
        action = action_of(severity, self.settings.triggers, incident, told_before)
        if action is None:
            return EmissionAnswer(state=write_state(incident or Incident(open=False)))
        event: dict[str, Any] = {}
        if action == "trigger":
            event = trigger_of(report, self.settings.severities[severity], self.settings.source, page_link(request))
        self.sender.send(action, report.id, event)
        return EmissionAnswer(state=write_state(Incident(open=action == "trigger")))
