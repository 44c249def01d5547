"""Emitters and the page show at a glance what the detector reports, and defang only what clients link."""

import json
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.report import Report
from alert_responder.formats import parse_record
from alert_responder_plugins.github import issue
from alert_responder_plugins.pagerduty.message import trigger_event
from alert_responder_plugins.slack.message import message_of
from tests.fakes.reports import a_report, an_attribute
from tests.unit.page.builders import read

SAMPLES = Path(__file__).parents[2] / "events" / "samples"


def report_of(sample: str, **fields: Any) -> Report:
    parsed, _ = parse_record((SAMPLES / f"{sample}.json").read_bytes())
    alerts: list[dict[str, Any]] = [
        {**each.alert.model_dump(mode="json"), "event_id": "e", "arrived_at": "2026-03-02T10:00:01.000Z"}
        for each in parsed
    ]
    return a_report(
        title=alerts[0]["rule_name"],
        alerts=alerts,
        attributes=[an_attribute(**each) for alert in alerts for each in alert["attributes"]],
        sources=[alert["source"] for alert in alerts if alert["source"]],
        findings=[],
        **fields,
    )


def slack(report: Report) -> str:
    return json.dumps(message_of(report).content["blocks"])


def pagerduty_summary(report: Report) -> str:
    return str(trigger_event(report, "critical", "secops")["payload"]["summary"])


def pagerduty(report: Report) -> str:
    return json.dumps(trigger_event(report, "critical", "secops"))


def github(report: Report) -> str:
    return issue.title(report) + issue.body(report).partition("### Reason")[0]


def page(report: Report) -> str:
    return " ".join(read(report).text.partition("Opened")[0].split())


@pytest.mark.parametrize("shows", [slack, pagerduty, github, page])
def test_emitters_show_what_the_detector_reports(shows: Any) -> None:
    shown = shows(report_of("guardduty_credential_exfiltration"))

    for text in (
        "Credentials of an instance were used outside.",
        "Keys made for an instance role were used from another network; 4 calls listed buckets.",
        "High (8)",
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "111122223333",
        "eu-west-1",
    ):
        assert text in shown, text


@pytest.mark.parametrize("shows", [slack, pagerduty, github, page])
def test_emitters_show_the_words_of_the_directory_about_an_account(shows: Any) -> None:
    account = {"id": "111122223333", "name": "Online shop", "in_directory": True, "unit": "Root/Workloads/Prod"}
    account |= {"owner": "web team", "environment": "production"}
    shown = shows(a_report(overview={"accounts": [account]}))

    for text in ("Online shop", "Root/Workloads/Prod", "web team", "production"):
        assert text in shown, text


def test_summary_of_pagerduty_says_what_where_and_how_bad() -> None:
    assert pagerduty_summary(report_of("guardduty_credential_exfiltration")) == (
        "urgent: Credentials of an instance were used outside. | High (8) | 111122223333 eu-west-1 | "
        "Keys made for an instance role were used from another network; 4 calls listed buckets."
    )


@pytest.mark.parametrize(
    "shows",
    [
        lambda report: json.dumps(message_of(report).content),
        pagerduty,
        lambda report: issue.title(report) + issue.body(report),
    ],
)
def test_emitters_defang_only_links(shows: Any) -> None:
    shown = shows(report_of("native_names_with_dots"))

    assert "[.]" not in shown
    for text in (
        "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
        "EC2.19 after an update to agent 2.6.5",
        "jane.doe",
        "table/prod.orders",
    ):
        assert text in shown, text


@pytest.mark.parametrize("shows", [slack, pagerduty_summary, github, page])
def test_emitters_say_that_a_report_is_resolved(shows: Any) -> None:
    assert "Resolved: " in shows(report_of("guardduty_credential_exfiltration", status="resolved"))
