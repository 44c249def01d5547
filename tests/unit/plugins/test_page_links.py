"""Emitters link to the report's page, if there is one."""

import json

import pytest

from alert_responder_plugins.common.summary import page_link
from alert_responder_plugins.github.issue import body
from alert_responder_plugins.pagerduty.message import trigger_event
from alert_responder_plugins.slack.message import message_of
from tests.fakes.reports import a_report, an_emission

CONSOLE = (
    "https://eu-west-1.console.aws.amazon.com/s3/object/alert-responder-2026?region=eu-west-1&bucketType=general"
    "&prefix=reports/01KG9Z9Q7R2D4B6C8E0FGHJKMN/000001.html"
)
PRESIGNED = (
    "https://bucket.s3.eu-west-1.amazonaws.com/reports/01KG9Z9Q7R2D4B6C8E0FGHJKMN/000001.html"
    "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA%2F20260201%2Feu-west-1%2Fs3%2Faws4_request"
    f"&X-Amz-Security-Token={'a%2B' * 700}&X-Amz-Signature=0a"
)


@pytest.mark.parametrize("link", [CONSOLE, PRESIGNED])
def test_every_emitter_links_to_the_page(link: str) -> None:
    request = an_emission(a_report(), "any").model_copy(update={"report_url": link})
    page = page_link(request)

    assert page == link
    assert trigger_event(request.report, "critical", "here", page)["links"][0] == {
        "href": link,
        "text": "Open the report",
    }
    assert f"[Open the report]({link})" in body(request.report, page)
    blocks = message_of(request.report, page=page).content["attachments"][0]["blocks"]
    (rich,) = [block for block in blocks if block["type"] == "rich_text"]
    assert rich["elements"][0]["elements"] == [{"type": "link", "url": link, "text": "Open the report"}]


def test_without_a_page_every_emitter_shows_only_the_command() -> None:
    report = a_report()
    messages = json.dumps([trigger_event(report, "critical", "here"), body(report), message_of(report).content])

    assert messages.count(f"alert-responder open {report.id}") == 3
    assert "Open the report" not in messages
    assert page_link(an_emission(report, "any")) is None


@pytest.mark.parametrize(
    "link", ["http://example.com/", "javascript:alert(1)", "https://a.example/\u202e", "https://a b"]
)
def test_invalid_address_is_not_linked(link: str) -> None:
    assert page_link(an_emission(a_report(), "any").model_copy(update={"report_url": link})) is None
