"""Page and emitters show rule, labels, a suppression, and what breaks through it; texts stay harmless."""

from typing import Any

import pytest

from alert_responder.contracts.report import Report
from alert_responder.domain.review_facts import review_facts
from alert_responder_plugins.github.comment import comment
from alert_responder_plugins.github.issue import body
from alert_responder_plugins.pagerduty.message import trigger_event
from alert_responder_plugins.slack.message import message_of, reply_of
from tests.fakes.reports import a_report
from tests.unit.page.builders import read

SUPPRESSION = {"name": "scanner", "owner": "net-team", "reason": "Ticket SEC-123", "expires": "2027-03-01"}
BROKEN = "The report is not complete."
WHICH = "scanner, until 2027-03-01, owner net-team: Ticket SEC-123"


def reviewed(**result: Any) -> Report:
    return a_report(result={"severity": "urgent", "reason": "Because.", "reviewer": "arn", **result})


RATED = reviewed(rule="crown-jewels", labels=["network", "identity"])
THROUGH = reviewed(suppressed=SUPPRESSION, breakthrough=BROKEN)


def test_facts_of_a_review() -> None:
    assert review_facts(reviewed().result) == ()
    assert review_facts(RATED.result) == (("Rated by rule", "crown-jewels"), ("Labels", "network, identity"))
    assert review_facts(reviewed(suppressed=SUPPRESSION).result) == (("Suppressed", WHICH),)
    assert review_facts(THROUGH.result) == (("Suppression does not apply", f"{BROKEN} {WHICH}"),)


def test_the_page_names_rule_labels_and_suppression() -> None:
    page = read(RATED).text
    assert "Rated by rule crown-jewels" in page
    assert "Labels network, identity" in page
    assert "suppressed" not in page
    hidden = read(reviewed(severity="safe", suppressed=SUPPRESSION)).text
    assert "safe, suppressed" in hidden
    assert f"Suppressed {WHICH}" in hidden
    through = read(THROUGH).text
    assert f"Suppression does not apply {BROKEN} {WHICH}" in through
    assert "urgent, suppressed" not in through


def test_slack_shows_them_as_fields() -> None:
    fields = str(message_of(RATED).content["attachments"][0]["blocks"][1]["fields"])
    assert "Rated by rule\\ncrown-jewels" in fields
    assert "Labels\\nnetwork, identity" in fields
    full = reviewed(rule="r", labels=["a"], suppressed=SUPPRESSION, breakthrough=BROKEN)
    shown = message_of(full.model_copy(update={"complete": False}))
    assert len(shown.content["attachments"][0]["blocks"][1]["fields"]) == 10, "Slack accepts 10"
    assert BROKEN in shown.text
    assert BROKEN in str(reply_of(full, "urgent, was safe").content)


def test_pagerduty_shows_them_as_details() -> None:
    payload = trigger_event(RATED, "critical", "source")["payload"]
    assert payload["custom_details"]["rated_by_rule"] == "crown-jewels"
    assert payload["custom_details"]["labels"] == "network, identity"
    payload = trigger_event(THROUGH, "critical", "source")["payload"]
    assert payload["custom_details"]["suppression_does_not_apply"].startswith(BROKEN)
    assert f"| Not suppressed: {BROKEN} |" in payload["summary"]


def test_github_shows_them_in_the_overview_and_the_comment() -> None:
    assert "| Rated by rule | `crown-jewels` |" in body(RATED)
    assert "| Labels | `network, identity` |" in body(RATED)
    assert f"| Suppression does not apply | `{BROKEN} {WHICH}` |" in body(THROUGH)
    assert f"Suppression does not apply: `{BROKEN} {WHICH}`" in comment(THROUGH, "e/1", "urgent", frozenset())
    assert "uppress" not in comment(RATED, "e/1", "urgent", frozenset())


@pytest.mark.parametrize("field", ["name", "owner", "reason"])
def test_texts_of_a_suppression_stay_harmless(field: str) -> None:
    hostile = "<!channel> https://evil.example.com/ @here"
    report = reviewed(rule=hostile, suppressed=SUPPRESSION | {field: hostile}, breakthrough=hostile)
    for text in (str(message_of(report)), str(reply_of(report, "x")), str(trigger_event(report, "critical", "s"))):
        assert "https://evil" not in text
        assert "<!channel>" not in text
    assert read(report).links == []
    assert "https://evil" not in body(report) + comment(report, "e/1", "urgent", frozenset())
