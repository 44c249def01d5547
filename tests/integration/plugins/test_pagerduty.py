"""The PagerDuty emitter with PagerDuty's own client, against an imitation of its Events API."""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from alert_responder.contracts.report import EmissionAnswer, Report
from alert_responder_plugins.common.deadline import Patience
from alert_responder_plugins.common.errors import ReceiverFailedError, ReceiverRefusedError, SettingsFaultError
from alert_responder_plugins.pagerduty.client import Sender
from alert_responder_plugins.pagerduty.deliver import Delivering
from alert_responder_plugins.pagerduty.settings import PagerDutySettings
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.once import MemoryOnce
from tests.fakes.reports import REPORT_ID, a_report, an_emission
from tools.receivers.pagerduty import ROUTING_KEY, Incident, PagerDuty
from tools.receivers.server import Fault, Serving

SEVERITIES = {"urgent": "critical", "unclassified": "warning", "safe": "info"}


class Pager:
    """PagerDuty, the emitter, and what AlertResponder keeps of it."""

    def __init__(self, serving: Serving, receiver: PagerDuty, triggers: tuple[str, ...] = ("urgent",)) -> None:
        self.serving, self.receiver, self.once = serving, receiver, MemoryOnce()
        self.secret = ROUTING_KEY
        self.forgotten = 0
        self.state: Any = None
        self.now = 0.0
        self.patience = Patience(24, clock=lambda: self.now)
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
        sender = Sender(lambda: self.secret, settings.api_url, self.patience, pause=0.001)
        self.delivering = Delivering(self.once, sender, settings, self.forget)

    def forget(self) -> None:
        self.forgotten += 1

    def tell(self, report: Report) -> EmissionAnswer:
        answer = self.delivering.deliver(an_emission(report, "pagerduty", self.state))
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
    pager.tell(a_report())
    pager.tell(a_report(severity="unclassified", reason="Perhaps.", round=2))
    assert pager.incident.status == "triggered"
    pager.tell(a_report(severity="safe", round=3))

    assert pager.incident.status == "resolved"
    assert pager.incident.dedup_key == REPORT_ID
    assert [event["payload"]["severity"] for event in pager.incident.events] == ["critical", "warning"]
    assert pager.incident.events[1]["payload"]["custom_details"]["reason"] == "Perhaps."
    assert not any("images" in event for event in pager.incident.events)


def test_incident_that_is_resolved_is_opened_again_by_a_worse_round_alone(pager: Pager) -> None:
    pager.tell(a_report())
    pager.tell(a_report(severity="safe", round=2))
    pager.tell(a_report(severity="unclassified", round=3))
    assert len(pager.receiver.incidents) == 1
    pager.tell(a_report(severity="urgent", round=4))

    assert [incident.status for incident in pager.receiver.incidents] == ["resolved", "triggered"]


def test_report_that_never_was_urgent_is_not_told(pager: Pager) -> None:
    pager.tell(a_report(severity="unclassified"))
    pager.tell(a_report(severity="safe", round=2))

    assert pager.serving.asked == []


def test_all_clear_after_a_delivery_whose_end_nobody_saw(pager: Pager) -> None:
    pager.tell(a_report())
    pager.state = None
    emission = {"emitter": "pagerduty", "round": 1, "outcome": "unknown", "reason": "No answer.", "url": None}
    pager.tell(a_report(severity="safe", round=2, emissions=[emission]))

    assert pager.incident.status == "resolved"


def test_same_delivery_again_is_not_sent_again(pager: Pager) -> None:
    first, second = pager.tell(a_report()), pager.tell(a_report())

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
def test_what_is_lost_is_sent_again_and_is_one_incident(pager: Pager, faults: list[Fault]) -> None:
    pager.serving.strike(*faults)
    pager.tell(a_report())

    assert pager.incident.status == "triggered"


@pytest.mark.parametrize(
    ("fault", "words"),
    [(Fault(0), "could not be reached"), (Fault(500), "failed with status 500"), (Fault(429), "rate limit")],
)
def test_what_goes_on_failing_is_given_up_and_can_be_tried_again(pager: Pager, fault: Fault, words: str) -> None:
    pager.serving.strike(*[fault] * 20)
    with pytest.raises(ReceiverFailedError, match=words):
        pager.tell(a_report())
    assert len(pager.serving.asked) <= 5
    pager.serving.strike()
    pager.serving._faults.clear()
    pager.tell(a_report())

    assert pager.incident.status == "triggered"


def test_pagerduty_that_hangs_is_not_waited_for_too_long(pager: Pager) -> None:
    started = time.monotonic()
    pager.now = 20.0
    pager.serving.strike(*[Fault(503)] * 4)
    with pytest.raises(ReceiverFailedError, match="503"):
        pager.tell(a_report())

    assert len(pager.serving.asked) == 1
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("secret", ["0" * 32, "short", "0123456789abcdef0123456789abcde<"])
def test_routing_key_that_is_wrong(pager: Pager, secret: str) -> None:
    pager.secret = secret
    with pytest.raises(SettingsFaultError, match="routing key") as refused:
        pager.tell(a_report())
    assert secret not in str(refused.value)
    assert pager.forgotten == 1
    pager.secret = ROUTING_KEY
    pager.tell(a_report())

    assert pager.incident.status == "triggered"


def test_event_that_is_refused_is_not_tried_again(pager: Pager) -> None:
    pager.serving.strike(Fault(400, '{"errors": ["<script> ' + ROUTING_KEY + '"]}'))
    with pytest.raises(ReceiverRefusedError, match="status 400") as refused:
        pager.tell(a_report())

    assert "script" not in str(refused.value)
    assert len(pager.serving.asked) == 1
    assert pager.once.ends == {}


def test_severities_that_open_an_incident_are_the_operators_choice() -> None:
    receiver = PagerDuty()
    with Serving(receiver) as serving:
        pager = Pager(serving, receiver, triggers=("unclassified", "urgent"))
        pager.tell(a_report(severity="unclassified"))

    assert pager.incident.events[0]["payload"]["severity"] == "warning"


def test_every_hostile_report_is_taken(pager: Pager) -> None:
    for number, text in enumerate(HOSTILE.values()):
        pager.state = None
        pager.tell(report_of(text, id=f"{number:026}"))

    assert len(pager.receiver.incidents) == len(HOSTILE)


def test_secret_is_not_logged(pager: Pager, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pager.serving.strike(Fault(429), Fault(0), Fault(500))
    pager.tell(a_report())

    assert ROUTING_KEY not in caplog.text
    assert ROUTING_KEY[-4:] not in caplog.text.replace(REPORT_ID, "")
