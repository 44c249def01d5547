"""Emitters end what they began for a resolved report, begin nothing for it, and begin again when it is active again."""

import json
from typing import Any

import pytest
from moto import mock_aws

from alert_responder.contracts.report import Report
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.pagerduty.client import PagerDutyClient
from alert_responder_plugins.pagerduty.deliver import PagerDutyEmitter
from alert_responder_plugins.pagerduty.settings import PagerDutySettings
from alert_responder_plugins.slack.change import Change, change_of
from alert_responder_plugins.slack.state import PostedMessage
from tests.fakes.delivery_log import MemoryDeliveryLog
from tests.fakes.quarantine import World
from tests.fakes.reports import a_report, an_emission

FIRST, SECOND, THIRD = (f"0{number}KG9Z9Q7R2D4B6C8E0FGHJKM" for number in "123")


def resolved(**fields: Any) -> Report:
    return a_report(status="resolved", **fields)


class Pager(PagerDutyClient):
    """Records the actions that would be sent, with their keys."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, action: str, dedup_key: str, event: Any) -> None:
        self.sent.append((action, dedup_key))


class Delivering:
    """The emitter `pagerduty` and what it sends."""

    def __init__(self) -> None:
        self.client = Pager()
        settings = PagerDutySettings.model_validate(
            {
                "SECRET_ARN": "arn",
                "TABLE_NAME": "table",
                "EMITTER": "pagerduty",
                "PAGERDUTY_SOURCE": "secops",
                "PAGERDUTY_SEVERITIES": json.dumps({"urgent": "critical", "unclassified": "warning", "safe": "info"}),
                "PAGERDUTY_TRIGGERS": json.dumps(["urgent"]),
            }
        )
        deadline = Deadline(9, clock=lambda: 0.0)
        self.emitter = PagerDutyEmitter(MemoryDeliveryLog(), self.client, settings, lambda: None, deadline)

    def __call__(self, report: Report, state: Any = None) -> Any:
        return self.emitter.deliver(an_emission(report, "pagerduty", state)).state


def test_pagerduty_resolves_the_incident_of_the_report_before_and_triggers_it_again() -> None:
    deliver = Delivering()
    state = deliver(a_report(id=FIRST))
    state = deliver(resolved(id=SECOND, previous_report_id=FIRST), state)
    state = deliver(a_report(id=THIRD, previous_report_id=SECOND), state)
    deliver(resolved(id=THIRD, previous_report_id=SECOND, round=2), state)

    assert deliver.client.sent == [("trigger", FIRST), ("resolve", FIRST), ("trigger", FIRST), ("resolve", FIRST)]


@pytest.mark.parametrize("severity", ["safe", "unclassified", "urgent"])
def test_pagerduty_resolves_whatever_the_severity(severity: str) -> None:
    deliver = Delivering()
    deliver(resolved(severity=severity, round=2), deliver(a_report()))

    assert [action for action, _ in deliver.client.sent] == ["trigger", "resolve"]


def test_pagerduty_resolves_an_incident_of_an_earlier_version() -> None:
    deliver = Delivering()
    delivered = {"emitter": "pagerduty", "round": 1, "outcome": "ok", "reason": None, "url": None}
    old = {"version": 1, "open": True}
    deliver(resolved(id=SECOND, previous_report_id=FIRST), old)
    deliver(resolved(id=THIRD, previous_report_id=FIRST, emissions=[delivered], round=2), old)

    assert deliver.client.sent == [("resolve", FIRST), ("resolve", THIRD)]


def test_pagerduty_sends_nothing_for_a_resolved_report_without_an_incident() -> None:
    deliver = Delivering()
    assert deliver(resolved()) == {"version": 1, "open": False, "dedup_key": None}
    deliver(resolved(id=SECOND), {"version": 1, "open": False})

    assert deliver.client.sent == []


@pytest.mark.parametrize(
    ("fields", "before", "is_inherited", "change"),
    [
        ({"status": "resolved"}, {"severity": "urgent"}, False, ("resolved, according to the detector", False)),
        ({"status": "resolved", "severity": "safe"}, {}, True, ("resolved, according to the detector", False)),
        ({"status": "resolved"}, {"status": "resolved"}, True, None),
        ({}, {"status": "resolved", "severity": "urgent"}, True, ("active again, urgent", True)),
        ({}, {"severity": "urgent"}, True, ("reported again, urgent", True)),
        ({}, {"severity": "safe"}, False, ("severity changed from safe to urgent", True)),
        ({"severity": "safe"}, {"severity": "urgent"}, False, ("severity changed from urgent to safe", False)),
        ({}, {"severity": "urgent"}, False, None),
        ({}, {}, False, None),
    ],
)
def test_slack_announces_changes(
    fields: dict[str, Any], before: dict[str, Any], is_inherited: bool, change: tuple[str, bool] | None
) -> None:
    message = PostedMessage.model_validate({"channel": "C1", "ts": "1.1", **before})
    assert change_of(a_report(**fields), message, is_inherited=is_inherited) == (change and Change(*change))


def test_quarantine_proposes_nothing_for_a_resolved_report() -> None:
    with mock_aws():
        world = World()
        before, report = world.described(), world.everything()
        proposed = world.quarantine().containment.propose(report.model_copy(update={"status": "resolved"}))
        assert proposed.note() == "The detector reports this as resolved: no further target is contained."
        assert (proposed.entries, world.states(), world.described()) == ((), {}, before)
