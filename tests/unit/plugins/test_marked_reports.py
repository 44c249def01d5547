"""Emitters show a test report as a test; PagerDuty and the quarantine leave it alone."""

from typing import Any

from moto import mock_aws

from alert_responder.contracts.report import Report
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.github.issue import body, title
from alert_responder_plugins.pagerduty.client import PagerDutyClient
from alert_responder_plugins.pagerduty.deliver import PagerDutyEmitter
from alert_responder_plugins.pagerduty.settings import PagerDutySettings
from alert_responder_plugins.slack.message import message_of
from tests.fakes.delivery_log import MemoryDeliveryLog
from tests.fakes.quarantine import World
from tests.fakes.reports import a_report, an_emission

TEST = a_report(test=True, notes=["This is a test report."])


def test_slack_shows_a_test_in_header_and_notification() -> None:
    message = message_of(TEST)
    assert message.text.startswith("[TEST] urgent")
    assert " [TEST] urgent: " in message.content["blocks"][0]["text"]["text"]
    assert "[TEST]" not in message_of(a_report()).text


def test_github_shows_a_test_in_title_and_notes() -> None:
    assert title(TEST).startswith("[TEST] urgent: ")
    assert "This is a test report." in body(TEST)
    assert title(a_report(test=True, title="x" * 300)).startswith("[TEST] ")
    assert len(title(a_report("unclassified", test=True, title="x" * 300))) <= 256


class Pager(PagerDutyClient):
    """Records the actions that would be sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, action: str, dedup_key: str, event: Any) -> None:
        self.sent.append(action)


def test_pagerduty_is_notified_only_when_a_report_is_no_longer_a_test() -> None:
    client = Pager()
    texts = dict.fromkeys(("SECRET_ARN", "TABLE_NAME", "EMITTER", "PAGERDUTY_SOURCE"), "x")
    lists = {"PAGERDUTY_SEVERITIES": '{"urgent": "critical"}', "PAGERDUTY_TRIGGERS": '["urgent"]'}
    settings = PagerDutySettings.model_validate({**texts, **lists})
    emitter = PagerDutyEmitter(MemoryDeliveryLog(), client, settings, lambda: None, Deadline(24))

    answer = emitter.deliver(an_emission(TEST, "pagerduty"))
    assert client.sent == []
    assert answer.note == "This is a test report: PagerDuty was not notified."

    real = a_report(round=2)
    emitter.deliver(an_emission(real, "pagerduty", answer.state))
    assert client.sent == ["trigger"]


def test_quarantine_records_and_contains_nothing_of_a_test() -> None:
    with mock_aws():
        world = World()
        before, report = world.described(), world.everything()
        test: Report = report.model_copy(update={"test": True})
        proposed = world.quarantine().containment.propose(test)
        assert proposed.note() == "This is a test report: no target is contained."
        assert (proposed.entries, world.states(), world.described()) == ((), {}, before)
        # A report that is no longer a test is handled as any other.
        assert world.quarantine(DRY_RUN="true").containment.propose(report).entries
