"""The PagerDuty emitter with PagerDuty's own client, against a simulated Events API."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from alert_responder.contracts.report import EmissionAnswer, Report
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.errors import ReceiverFailedError, ReceiverRefusedError, SettingsFaultError
from alert_responder_plugins.pagerduty.client import PagerDutyClient
from alert_responder_plugins.pagerduty.deliver import PagerDutyEmitter
from alert_responder_plugins.pagerduty.settings import PagerDutySettings
from tests.fakes.delivery_log import MemoryDeliveryLog
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.reports import REPORT_ID, a_report, an_emission
from tools.receivers.pagerduty import ROUTING_KEY, Incident, PagerDuty
from tools.receivers.server import Fault, Serving

SEVERITIES = {"urgent": "critical", "unclassified": "warning", "safe": "info"}


class Pager:
    """PagerDuty, the emitter, and its state."""

    def __init__(
        self, serving: Serving, receiver: PagerDuty, triggers: tuple[str, ...] = ("urgent",), seconds: float = 24
    ) -> None:
        self.serving, self.receiver, self.log = serving, receiver, MemoryDeliveryLog()
        self.secret = ROUTING_KEY
        self.forgotten = 0
        self.state: Any = None
        deadline = Deadline(seconds, clock=lambda: 0.0)
        settings = PagerDutySettings.model_validate(
            {
                "SECRET_ARN": "arn",
                "TABLE_NAME": "table",
                "EMITTER": "pagerduty",
                "PAGERDUTY_SOURCE": "secops",
                "PAGERDUTY_SEVERITIES": json.dumps(SEVERITIES),
                "PAGERDUTY_TRIGGERS": json.dumps(triggers),
                "PAGERDUTY_API_URL": serving.url,
            }
        )
        client = PagerDutyClient(lambda: self.secret, settings.api_url, deadline, pause=0.001)
        self.emitter = PagerDutyEmitter(self.log, client, settings, self.forget, deadline)

    def forget(self) -> None:
        self.forgotten += 1

    def deliver(self, report: Report) -> EmissionAnswer:
        answer = self.emitter.deliver(an_emission(report, "pagerduty", self.state))
        self.state = answer.state
        return answer

    @property
    def incident(self) -> Incident:
        (incident,) = self.receiver.incidents
        return incident


@pytest.fixture
def pager() -> Iterator[Pager]:
    receiver = PagerDuty()
    with Serving(receiver) as serving:
        yield Pager(serving, receiver)


def test_three_rounds_are_one_incident_that_is_resolved(pager: Pager) -> None:
    pager.deliver(a_report())
    pager.deliver(a_report(severity="unclassified", reason="Perhaps.", round=2))
    assert pager.incident.status == "triggered"
    pager.deliver(a_report(severity="safe", round=3))

    assert pager.incident.status == "resolved"
    assert pager.incident.dedup_key == REPORT_ID
    assert [event["payload"]["severity"] for event in pager.incident.events] == ["critical", "warning"]
    assert pager.incident.events[1]["payload"]["custom_details"]["reason"] == "Perhaps."
    assert not any("images" in event for event in pager.incident.events)


def test_resolved_incident_is_reopened_only_by_a_worse_round(pager: Pager) -> None:
    pager.deliver(a_report())
    pager.deliver(a_report(severity="safe", round=2))
    pager.deliver(a_report(severity="unclassified", round=3))
    assert len(pager.receiver.incidents) == 1
    pager.deliver(a_report(severity="urgent", round=4))

    assert [incident.status for incident in pager.receiver.incidents] == ["resolved", "triggered"]


def test_resolved_report_resolves_the_incident_of_the_report_before(pager: Pager) -> None:
    pager.deliver(a_report())
    pager.deliver(a_report(status="resolved", id="1" * 26, previous_report_id=REPORT_ID))
    assert (pager.incident.status, pager.incident.dedup_key) == ("resolved", REPORT_ID)
    pager.deliver(a_report(id="2" * 26, previous_report_id="1" * 26))

    assert [incident.status for incident in pager.receiver.incidents] == ["resolved", "triggered"]
    assert {incident.dedup_key for incident in pager.receiver.incidents} == {REPORT_ID}


def test_report_that_was_never_urgent_sends_no_event(pager: Pager) -> None:
    pager.deliver(a_report(severity="unclassified"))
    pager.deliver(a_report(severity="safe", round=2))

    assert pager.serving.asked == []


def test_safe_round_resolves_an_incident_with_an_unknown_outcome(pager: Pager) -> None:
    pager.deliver(a_report())
    pager.state = None
    emission = {"emitter": "pagerduty", "round": 1, "outcome": "unknown", "reason": "No answer.", "url": None}
    pager.deliver(a_report(severity="safe", round=2, emissions=[emission]))

    assert pager.incident.status == "resolved"


def test_repeated_delivery_has_no_effect(pager: Pager) -> None:
    first, second = pager.deliver(a_report()), pager.deliver(a_report())

    assert first == second
    assert len(pager.serving.asked) == 1


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(0, acted=True)],
        [Fault(0), Fault(0)],
        [Fault(500), Fault(502)],
        [Fault(503, acted=True)],
        [Fault(429), Fault(429), Fault(429)],
    ],
)
def test_lost_event_is_sent_again_for_the_same_incident(pager: Pager, faults: list[Fault]) -> None:
    pager.serving.strike(*faults)
    pager.deliver(a_report())

    assert pager.incident.status == "triggered"


@pytest.mark.parametrize(
    ("fault", "words"),
    [(Fault(0), "could not be reached"), (Fault(500), "failed with status 500"), (Fault(429), "throttled")],
)
def test_delivery_that_keeps_failing_can_be_repeated(pager: Pager, fault: Fault, words: str) -> None:
    pager.serving.strike(*[fault] * 20)
    with pytest.raises(ReceiverFailedError, match=words):
        pager.deliver(a_report())
    assert len(pager.serving.asked) <= 5
    pager.serving.strike()
    pager.serving._faults.clear()
    pager.deliver(a_report())

    assert pager.incident.status == "triggered"


def test_delivery_is_not_retried_when_there_is_no_time() -> None:
    with Serving(receiver := PagerDuty()) as serving:
        pager = Pager(serving, receiver, seconds=4)
        serving.strike(*[Fault(503)] * 4)
        with pytest.raises(ReceiverFailedError, match="503"):
            pager.deliver(a_report())

    assert len(serving.asked) == 1


@pytest.mark.parametrize("secret", ["0" * 32, "short", "0123456789abcdef0123456789abcde<"])
def test_invalid_routing_key_is_rejected(pager: Pager, secret: str) -> None:
    pager.secret = secret
    with pytest.raises(SettingsFaultError, match="routing key") as refused:
        pager.deliver(a_report())
    assert secret not in str(refused.value)
    assert pager.forgotten == 1
    pager.secret = ROUTING_KEY
    pager.deliver(a_report())

    assert pager.incident.status == "triggered"


def test_rejected_event_is_not_retried(pager: Pager) -> None:
    pager.serving.strike(Fault(400, '{"errors": ["<script> ' + ROUTING_KEY + '"]}'))
    with pytest.raises(ReceiverRefusedError, match="status 400") as refused:
        pager.deliver(a_report())

    assert "script" not in str(refused.value)
    assert len(pager.serving.asked) == 1
    assert pager.log.answers == {}


def test_operators_choose_the_severities_that_open_an_incident() -> None:
    receiver = PagerDuty()
    with Serving(receiver) as serving:
        pager = Pager(serving, receiver, triggers=("unclassified", "urgent"))
        pager.deliver(a_report(severity="unclassified"))

    assert pager.incident.events[0]["payload"]["severity"] == "warning"


def test_every_hostile_report_is_accepted(pager: Pager) -> None:
    for number, text in enumerate(HOSTILE.values()):
        pager.state = None
        pager.deliver(report_of(text, id=f"{number:026}"))

    assert len(pager.receiver.incidents) == len(HOSTILE)


def test_secret_is_not_logged(pager: Pager, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pager.serving.strike(Fault(429), Fault(0), Fault(500))
    pager.deliver(a_report())

    assert ROUTING_KEY not in caplog.text
    assert ROUTING_KEY[-4:] not in caplog.text.replace(REPORT_ID, "")
